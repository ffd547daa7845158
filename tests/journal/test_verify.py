"""Whoever changes the journal behind its back is found, and told where (Z22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.order import State
from kiosk.journal import Journal, verify
from kiosk.journal.chain import GENESIS, Event
from kiosk.journal.errors import JournalBrokenError
from kiosk.journal.queries import order_events

#: The story that every test here tampers with: event number to what it is.
#: 1 intent A, 2 paid A, 3 credited A, 4 intent B, 5 in_doubt B.
A, B = "7AB3KQ9XW2M00001", "7AB3KQ9XW2M00002"


@pytest.fixture
def told(directory: Path, till_of: Any) -> Path:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        till.credited()
        till.to(till.intent(cost_id="B2"), State.IN_DOUBT)
    return directory


@contextmanager
def _tampering(directory: Path) -> Iterator[apsw.Connection]:
    """The database open for a stranger, its two guarding triggers taken away and put back."""
    connection = apsw.Connection(str(directory / "journal.db"))
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    for _, text in triggers:
        connection.execute(str(text))
    connection.close()


def _codes(directory: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in verify(directory)[1]]


def test_an_untouched_journal_is_sound_with_open_orders_too(told: Path) -> None:
    assert verify(told) == (2, [])


def test_events_cannot_be_changed_by_a_plain_statement(told: Path) -> None:
    connection = apsw.Connection(str(told / "journal.db"))
    for statement in ("UPDATE events SET at_ms = 0", "DELETE FROM events WHERE number = 5"):
        with pytest.raises(apsw.ConstraintError, match="never"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "edit",
    [
        "at_ms = at_ms + 1",
        "facts = '{}'",
        "change = replace(change, '12345', '2345')",
        "kind = 'refunded'",
        "order_no = 'X'",
    ],
)
def test_an_edited_event_is_named(told: Path, edit: str) -> None:
    number = 1 if "change" in edit else 2
    with _tampering(told) as connection:
        connection.execute(f"UPDATE events SET {edit} WHERE number = {number}")
    found = _codes(told)
    assert found[0] == ("event_edited", f"event {number}")
    assert ("copy_differs", f"event {number}") in found


def test_a_deleted_event_is_named(told: Path) -> None:
    with _tampering(told) as connection:
        connection.execute("DELETE FROM events WHERE number = 3")
    assert _codes(told)[0] == ("event_missing", "event 3")


def test_two_swapped_events_are_named_by_the_first(told: Path) -> None:
    with _tampering(told) as connection:
        for old, new in ((2, 99), (4, 2), (99, 4)):
            connection.execute("UPDATE events SET number = ? WHERE number = ?", (new, old))
    assert _codes(told)[0] == ("event_edited", "event 2")


def _hashed_again(connection: apsw.Connection, first: int) -> None:
    """What a forger who knows the chain would do: every hash from here on made anew."""
    head = GENESIS
    rows: list[Any] = connection.execute("SELECT * FROM events ORDER BY number").fetchall()
    for row in rows:
        event = Event(*row)
        if event.number >= first:
            event = Event(*row[:6], head, "")
            connection.execute(
                "UPDATE events SET previous = ?, hash = ? WHERE number = ?", (head, event.own_hash(), event.number)
            )
            head = event.own_hash()
        else:
            head = event.hash


def test_a_forger_who_makes_the_hashes_anew_is_found_by_the_copy_and_by_a_receipt(told: Path) -> None:
    with Journal.open(told) as journal:
        anchor = journal.chain_head()
    assert verify(told, anchor=anchor) == (2, [])
    with _tampering(told) as connection:
        connection.execute("UPDATE events SET facts = '{}' WHERE number = 2")
        _hashed_again(connection, 2)
    assert _codes(told) == [("copy_differs", "event 2")]
    (told / "journal.events.txt").unlink()
    codes = [finding.code for finding in verify(told, anchor=anchor)[1]]
    assert codes == ["anchor_missing", "copy_missing"]


def test_a_tail_cut_off_everywhere_is_found_by_a_receipt(told: Path) -> None:
    with Journal.open(told) as journal:
        anchor = journal.chain_head()
    with _tampering(told) as connection:
        connection.execute("DELETE FROM events WHERE order_no = ?", (B,))
        connection.execute("DELETE FROM orders WHERE order_no = ?", (B,))
    lines = (told / "journal.events.txt").read_bytes().splitlines(keepends=True)
    assert _codes(told) == [("copy_is_ahead", "event 4")]
    (told / "journal.events.txt").write_bytes(b"".join(lines[:3]))
    assert verify(told) == (1, [])
    assert [finding.code for finding in verify(told, anchor=anchor)[1]] == ["anchor_missing"]


ROW_EDITS: dict[str, str] = {
    "total_fen = 100": "order_differs",
    "principal_fen = 1": "order_differs",
    "customer_no = '1002'": "order_differs",
    "state = 'failed'": "order_differs",
    "gateway_order_no = 'GW9'": "order_differs",
    "last_event = 1": "order_differs",
}


@pytest.mark.parametrize("edit", ROW_EDITS)
def test_an_order_that_is_not_what_its_events_say_is_named(told: Path, edit: str) -> None:
    with _tampering(told) as connection:
        connection.execute(f"UPDATE orders SET {edit} WHERE order_no = ?", (A,))
    assert (ROW_EDITS[edit], A) in _codes(told)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM orders WHERE order_no = ?", "order_missing"),
        ("DELETE FROM notices WHERE order_no = ?", "notice_missing"),
        ("UPDATE notices SET body = x'00' WHERE order_no = ?", "notice_edited"),
    ],
)
def test_what_belongs_to_an_order_and_is_gone_or_other_is_named(told: Path, statement: str, finding: str) -> None:
    with _tampering(told) as connection:
        connection.execute(statement, (A,))
    assert _codes(told) == [(finding, A)]


def test_an_order_put_in_without_events_is_named(told: Path) -> None:
    with _tampering(told) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(orders)").fetchall()]
        others = ", ".join(column for column in columns if column not in ("seq", "order_no", "customer_no"))
        connection.execute(
            f"""INSERT INTO orders(order_no, customer_no, {others})
            SELECT 'FORGED', '1009', {others} FROM orders WHERE order_no = ?""",
            (A,),
        )
    assert _codes(told) == [("no_intent", "FORGED")]


def test_a_trigger_taken_away_is_named(told: Path) -> None:
    connection = apsw.Connection(str(told / "journal.db"))
    connection.execute("DROP TRIGGER events_never_go")
    connection.close()
    assert _codes(told) == [("schema", "events_never_go")]


Story = Callable[[Any], Any]
WRONG_STORIES: dict[str, tuple[Story, str]] = {
    "credited without paid": (lambda till: till.to(till.intent(), State.CREDITED), "illegal_move"),
    "refunded and then paid": (
        lambda till: till.to(till.to(till.intent(), State.REFUNDED), State.PAID),
        "illegal_move",
    ),
    "a sum that is none": (lambda till: till.intent(total_fen=99), "sum"),
    "paid at no time": (lambda till: till.to(till.intent(), State.PAID, paid_ms=None), "time_missing"),
    "credited at no time": (lambda till: till.to(till.paid(), State.CREDITED, credited_ms=None), "time_missing"),
    "shown without a text": (lambda till: till.to(till.intent(), State.SHOWN), "qr_missing"),
    "another principal later": (lambda till: till.to(till.intent(), State.FAILED, late_fee_fen=0), "fixed_changed"),
}


@pytest.mark.parametrize("name", WRONG_STORIES)
def test_a_story_that_breaks_a_rule_is_named_though_every_hash_is_right(
    directory: Path, till_of: Any, name: str
) -> None:
    story, code = WRONG_STORIES[name]
    with Journal.open(directory) as journal:
        order = story(till_of(journal))
    assert (code, order.order_no) in _codes(directory)


@pytest.mark.parametrize("settled", [State.PAID, State.CREDITED, State.FAILED, State.REFUNDED])
def test_a_supervisors_settlement_is_sound(directory: Path, till_of: Any, settled: State) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        till.to(till.to(till.intent(), State.MANUAL), settled)
    assert verify(directory) == (1, [])


def test_a_damaged_line_within_the_copy_is_named(told: Path) -> None:
    path = told / "journal.events.txt"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"paid"', b'"pald"', 1)
    path.write_bytes(b"".join(lines))
    assert _codes(told) == [("copy_edited", "event 2")]


def test_a_damaged_page_is_a_finding_and_a_file_that_is_no_database_cannot_be_opened(told: Path) -> None:
    path = told / "journal.db"
    whole = path.read_bytes()
    page = whole.index(b'{"order_no"') // 4096
    path.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
    assert verify(told)[1][0].code in ("integrity", "unreadable")
    path.write_bytes(b"hello, this is no database. " * 400)
    with pytest.raises(JournalBrokenError):
        verify(told)


def test_a_counter_that_writes_meanwhile_disturbs_no_look(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        for number in range(30):
            till.credited(cost_id=str(number))
            if number % 5 == 0:
                assert verify(directory) == (number + 1, [])


def test_the_story_is_the_one_these_tests_tell(told: Path) -> None:
    connection = apsw.Connection(str(told / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    assert [event.kind for event in order_events(connection, A)] == ["intent", "paid", "credited"]
    assert [event.number for event in order_events(connection, B)] == [4, 5]
    connection.close()
