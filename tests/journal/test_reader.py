"""Reading beside a running counter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.order import State
from kiosk.journal import Journal, JournalReader
from kiosk.journal.errors import JournalBrokenError
from kiosk.journal.queries import ORDERS
from kiosk.journal.schema import DONE_BILL, OPEN_STATES, WATCHED, connect_reading


def test_a_reader_sees_each_commit_and_keeps_the_writer_from_none(till: Any, directory: Path) -> None:
    with JournalReader(directory) as reader:
        assert reader.orders() == []
        order = till.intent()
        assert reader.order(order.order_no) == order
        order = till.to(order, State.PAID)
        assert reader.orders() == [order]
        assert reader.notice(order.order_no) == till.journal.notice(order.order_no)
        assert reader.attempts("1001") == till.journal.attempts("1001")


def test_another_process_reads_beside_the_writer(till: Any, directory: Path) -> None:
    order = till.intent()
    program = """
import sys
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


QUESTIONS = {
    "open orders": f"{ORDERS} WHERE {OPEN_STATES} ORDER BY o.seq",
    "watched by event": f"SELECT seq FROM orders WHERE {WATCHED} AND last_event > 5",
    "watched by time": f"SELECT seq FROM orders WHERE {WATCHED} AND changed_ms >= 5",
    "twins": f"""SELECT 1 FROM orders WHERE {DONE_BILL} AND customer_no = 'a' AND cost_id = 'b' AND period = 'c'
        AND principal_fen = 1""",
    "a day": "SELECT seq FROM orders WHERE created_ms >= 1 AND created_ms < 2",
    "a gateway number": "SELECT seq FROM orders WHERE gateway_order_no >= 'a' AND gateway_order_no < 'b'",
    "an order's events": "SELECT * FROM events WHERE order_no = 'a' ORDER BY number",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reads_the_whole_table(journal: Journal, directory: Path, question: str) -> None:
    connection = connect_reading(directory)
    plan: list[Any] = connection.execute(f"EXPLAIN QUERY PLAN {QUESTIONS[question]}").fetchall()
    connection.close()
    for row in plan:
        if " orders" in row[3] or " o " in f"{row[3]} " or "events" in row[3]:
            assert "INDEX" in row[3], row[3]


def test_a_reader_can_write_nothing(journal: Journal, directory: Path) -> None:
    connection = connect_reading(directory)
    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("DELETE FROM orders")
    connection.close()
