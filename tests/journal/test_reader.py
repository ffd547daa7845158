"""Reading beside a running counter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.order import State
from kiosk.core.payment_code import payment_code
from kiosk.journal import Journal, JournalReader
from kiosk.journal.errors import JournalBrokenError
from kiosk.journal.schema import connect_reading


def test_a_reader_sees_each_commit_and_keeps_the_writer_from_none(till: Any, directory: Path) -> None:
    with JournalReader(directory) as reader:
        assert reader.orders() == []
        order = till.intent()
        assert reader.order(order.order_no) == order
        order = till.to(order, State.PAID)
        assert reader.orders() == [order]
        assert reader.notice(order.order_no) == till.journal.notice(order.order_no)
        assert reader.attempts("1001", ["B1", "B2", "B3"]) == till.journal.attempts("1001", ["B1", "B2", "B3"])


def test_another_process_reads_beside_the_writer(till: Any, directory: Path) -> None:
    order = till.intent()
    program = """
import sys
from collections.abc import Callable
from pathlib import Path
from kiosk.journal import JournalReader
with JournalReader(Path(sys.argv[1])) as reader:
    print(*[order.order_no for order in reader.orders(pending=True)])
"""
    ran = subprocess.run([sys.executable, "-c", program, str(directory)], stdout=subprocess.PIPE, text=True, check=True)
    assert ran.stdout.split() == [order.order_no]
    till.to(order, State.PAID)


def test_a_reader_reads_a_journal_that_nobody_has_open(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        order = till_of(journal).paid()
    with JournalReader(directory) as reader:
        assert reader.orders() == [order]


def test_orders_come_newest_first_and_as_many_as_asked_for(till: Any, directory: Path) -> None:
    made = [till.intent(cost_id=str(number)) for number in range(7)]
    with JournalReader(directory) as reader:
        assert reader.orders() == made[::-1]
        assert reader.orders(limit=3) == made[:3:-1]
        assert reader.orders(pending=True, limit=2) == made[:4:-1]


def test_pending_are_exactly_those_that_recovery_takes_up(till: Any, directory: Path) -> None:
    kept = [till.intent(cost_id="1"), till.to(till.intent(cost_id="2"), State.IN_DOUBT)]
    kept += [till.to(till.intent(cost_id="3"), State.SHOWN, pay_url="u"), till.paid(cost_id="4")]
    kept += [till.to(till.intent(cost_id="5"), State.MANUAL)]
    till.credited(cost_id="6")
    for number, state in enumerate((State.FAILED, State.UNSEEN, State.REFUNDED), 7):
        till.to(till.intent(cost_id=str(number)), state)
    with JournalReader(directory) as reader:
        assert reader.orders(pending=True) == kept[::-1]
        assert len(reader.orders()) == 9


def test_a_day_is_the_counters_calendar_day(till: Any, directory: Path) -> None:
    midnight_ms = 1_795_363_200_000  # 2026-11-23 00:00 in China
    before = till.intent(cost_id="1", created_ms=midnight_ms - 1)
    first = till.intent(cost_id="2", created_ms=midnight_ms)
    last = till.intent(cost_id="3", created_ms=midnight_ms + 86_400_000 - 1)
    till.intent(cost_id="4", created_ms=midnight_ms + 86_400_000)
    with JournalReader(directory) as reader:
        assert reader.orders(day="2026-11-23") == [last, first]
        assert reader.orders(day="2026-11-22") == [before]
        assert reader.orders(day="2026-11-23", find="nobody") == []
        with pytest.raises(ValueError, match="2026-13-01"):
            reader.orders(day="2026-13-01")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7AB3KQ9XW2M00002", [1]),
        ("7AB3", [2, 1, 0]),
        ("00003", [2]),
        ("w2m00003", [2]),
        ("GW-x7", [0]),
        ("-X7", [0]),
        ("33", [1]),
        (" 3300 ", [1]),
        ("300", [1]),
        ("%", []),
        ("'; DROP TABLE orders; --", []),
        ("", [2, 1, 0]),
    ],
)
def test_find_goes_by_the_beginning_of_a_number_or_else_by_a_part_of_it(
    till: Any, directory: Path, text: str, found: list[int]
) -> None:
    made = [
        till.intent(gateway_order_no="GW-x7"),
        till.intent(customer_no="3300"),
        till.intent(cost_id="B2"),
    ]
    with JournalReader(directory) as reader:
        assert reader.orders(find=text) == [made[number] for number in found]


def test_many_orders_are_read_in_pieces(till: Any, directory: Path) -> None:
    till.journal._db.execute("PRAGMA synchronous = OFF")
    for number in range(1005):
        till.intent(cost_id=str(number))
    with JournalReader(directory) as reader:
        assert [order.cost_id for order in reader.orders()] == [str(number) for number in range(1004, -1, -1)]
        assert len(reader.orders(limit=1003)) == 1003


def test_a_page_that_cannot_be_read_is_told_as_a_broken_journal(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till_of(journal).credited()
    path = directory / "journal.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with JournalReader(directory) as reader, pytest.raises(JournalBrokenError):
        reader.orders()


def _asked(connection: apsw.Connection, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements that this work runs, with their bindings."""
    statements: list[tuple[str, Any]] = []

    def note(_cursor: object, statement: str, bindings: object) -> bool:
        statements.append((statement, bindings))
        return True

    connection.exec_trace = note
    work()
    connection.exec_trace = None
    return statements


def _walks(step: str, text: str) -> bool:
    """False for an index, and for the first rows in the table's own order."""
    first_rows = ("LIMIT" in text and "seq DESC" in text) or "number DESC LIMIT 1" in text
    return "INDEX" not in step and not first_rows


def _scans(connection: apsw.Connection, statements: list[tuple[str, Any]]) -> list[str]:
    """Steps of their plans that walk a whole table."""
    found = []
    for text, bindings in statements:
        if text.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            plan: list[Any] = connection.execute(f"EXPLAIN QUERY PLAN {text}", bindings).fetchall()
            found += [f"{row[3]}: {text}" for row in plan if row[3].startswith("SCAN") and _walks(row[3], text)]
    assert len(statements) > 5
    return found


def test_no_question_of_the_engine_walks_a_whole_table(till: Any) -> None:
    journal, order = till.journal, till.paid()
    code = payment_code("134567890123456789")

    def work() -> None:
        journal.open_orders()
        journal.order(order.order_no)
        journal.notice(order.order_no)
        journal.live_attempt(order)
        journal.number_taken("GW1", order.order_no)
        journal.twin_paid(order)
        journal.attempts("1001", ["B1", "B2", "B3"])
        journal.open_prepayment("1001")
        journal.code_used(code, till.at)
        journal.remember_code(code, "7AB3KQ9XW2M00002", till.at)
        till.credited(cost_id="B2")
        journal.forget_code(order.order_no)
        journal.forget_names(0)
        journal.printed(["A"], 1, "printing", till.at)
        journal.copies(["A"])

    assert _scans(journal._db, _asked(journal._db, work)) == []


def test_no_question_of_a_reader_walks_a_whole_table(till: Any, directory: Path) -> None:
    till.credited(gateway_order_no="GW1")
    with JournalReader(directory) as reader:

        def work() -> None:
            assert not reader.orders(pending=True)
            assert reader.orders(day="2026-11-23")
            assert reader.orders(find="GW")
            assert reader.orders(limit=10)
            reader.events("7AB3KQ9XW2M00001")
            reader.attempts("1001", ["B1", "B2", "B3"])

        connection = reader._connection
        assert _scans(connection, _asked(connection, work)) == []


def test_a_reader_can_write_nothing(journal: Journal, directory: Path) -> None:
    connection = connect_reading(directory)
    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("DELETE FROM orders")
    connection.close()
