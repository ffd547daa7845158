"""Shifts: ranges of events that lie end to end, told by the chain alone; what is open at an end must have been seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.core.messages import EventKind
from kiosk.core.order import Kind, State
from kiosk.core.report import Apart, Report
from kiosk.core.shift import Left, ShiftTurn, closed_facts, opened_facts
from kiosk.journal import Journal, JournalReader, verify
from kiosk.journal.append import Appending
from kiosk.ports import ShiftRefusedError


def turn(till: Any, how: ShiftTurn, by: str = "李", to: str = "李", seen: tuple[str, ...] = ()) -> None:
    till.journal.turn_shift(how, till.later(), by=by, to=to, seen=seen)


def report(directory: Path, number: int | None = None) -> Report:
    with JournalReader(directory) as reader:
        found = reader.shift_report(number)
    assert found is not None
    return found


def test_a_counter_that_never_opened_one_has_no_shift(directory: Path, till: Any) -> None:
    till.credited()
    assert till.journal.shift() is None
    with JournalReader(directory) as reader:
        assert reader.shift_report() is None
        assert reader.shift_report(1) is None
        assert reader.shifts(5) == []


def test_a_shift_is_open_from_its_opening_and_closed_once(till: Any) -> None:
    turn(till, ShiftTurn.OPEN, to="张三")
    shift = till.journal.shift()
    assert (shift.number, shift.cashier, shift.is_open) == (1, "张三", True)
    with pytest.raises(ShiftRefusedError) as refused:
        turn(till, ShiftTurn.OPEN)
    assert refused.value.code == "open_already"
    turn(till, ShiftTurn.CLOSE, by="张三")
    shift = till.journal.shift()
    assert (shift.number, shift.closed_by, shift.is_open, shift.head) == (1, "张三", False, till.journal.chain_head())
    for how in (ShiftTurn.CLOSE, ShiftTurn.HAND_OVER):
        with pytest.raises(ShiftRefusedError) as refused:
            turn(till, how)
        assert refused.value.code == "not_open"


def test_a_refused_turn_writes_nothing(till: Any) -> None:
    head = till.journal.chain_head()
    with pytest.raises(ShiftRefusedError):
        turn(till, ShiftTurn.CLOSE)
    assert till.journal.chain_head() == head


def test_what_is_open_at_an_end_must_have_been_seen_and_is_named(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    doubtful = till.to(till.intent(cost_id="B1"), State.IN_DOUBT)
    paid = till.paid(cost_id="B2")
    with pytest.raises(ShiftRefusedError) as refused:
        turn(till, ShiftTurn.HAND_OVER, seen=(doubtful.order_no,))
    assert refused.value.code == "not_seen"
    turn(till, ShiftTurn.HAND_OVER, to="王", seen=(paid.order_no, doubtful.order_no))
    z = report(directory, 1)
    assert z.shift is not None
    assert z.shift.left == (Left(doubtful.order_no, State.IN_DOUBT), Left(paid.order_no, State.PAID))
    assert z.shift.handed_over
    now = till.journal.shift()
    assert (now.number, now.cashier, now.is_open) == (2, "王", True)


def test_an_order_belongs_to_the_shift_in_which_it_was_confirmed_paid(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    first = till.credited(cost_id="B1")
    begun = till.intent(cost_id="B2")
    turn(till, ShiftTurn.HAND_OVER, seen=(begun.order_no,))
    till.to(begun, State.PAID)
    assert report(directory, 1).total.count == 1
    assert report(directory, 1).total.total_fen == first.total_fen
    assert report(directory, 2).total.count == 1


def test_a_payment_between_two_shifts_is_in_the_next_one_and_told(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    begun = till.intent(cost_id="B1")
    turn(till, ShiftTurn.CLOSE, seen=(begun.order_no,))
    till.to(begun, State.PAID)
    turn(till, ShiftTurn.OPEN, seen=(begun.order_no,))
    till.credited(cost_id="B2")
    assert report(directory, 1).total.count == 0
    second = report(directory, 2)
    assert (second.total.count, second.before_opening.count) == (2, 1)


def test_what_was_taken_before_the_first_shift_is_in_none(directory: Path, till: Any) -> None:
    till.credited(cost_id="B1")
    turn(till, ShiftTurn.OPEN)
    till.credited(cost_id="B2")
    assert report(directory).total.count == 1


@pytest.mark.parametrize("drift_s", [-86400.0 * 3650, 86400.0 * 3650])
def test_no_clock_moves_a_payment_into_another_shift(directory: Path, till: Any, drift_s: float) -> None:
    turn(till, ShiftTurn.OPEN)
    till.credited(cost_id="B1")
    till.later(drift_s)
    till.credited(cost_id="B2")
    turn(till, ShiftTurn.CLOSE)
    till.later(-drift_s)
    assert report(directory, 1).total.count == 2


def test_the_shifts_together_are_what_the_days_together_are(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    for number in range(12):
        till.credited(cost_id=f"B{number}", wallet="wechat" if number % 2 else "alipay")
        if number % 4 == 3:
            turn(till, ShiftTurn.HAND_OVER)
            till.later(40_000.0)
    shifts = [report(directory, number).total for number in range(1, 5)]
    with JournalReader(directory) as reader:
        days = [reader.day_report(day).total for day in ("2026-11-23", "2026-11-24")]
    assert [one.count for one in shifts] == [4, 4, 4, 0]
    assert sum(one.total_fen for one in shifts) == sum(one.total_fen for one in days)


def test_a_z_report_never_changes_after_the_closing(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    paid = till.paid(cost_id="B1")
    doubtful = till.to(till.intent(cost_id="B2", kind=Kind.PREPAYMENT), State.IN_DOUBT)
    case = till.to(till.paid(cost_id="B3"), State.MANUAL)
    turn(till, ShiftTurn.CLOSE, seen=tuple(order.order_no for order in (paid, doubtful, case)))
    before = report(directory, 1)
    till.to(paid, State.CREDITED)
    till.to(doubtful, State.PAID)
    till.to(case, State.PAID, paid_ms=case.paid_ms)
    till.journal.printed((paid.order_no,), 2, "printing", till.later())
    after = report(directory, 1)
    assert after == before
    assert [entry.order_no for entry in after.apart[Apart.UNCREDITED]] == [paid.order_no]
    assert [entry.order_no for entry in after.apart[Apart.DOUBTFUL]] == [doubtful.order_no]
    assert [entry.order_no for entry in after.apart[Apart.MANUAL]] == [case.order_no]
    assert after.total.count == 2


def test_a_release_does_not_count_a_second_time(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    case = till.to(till.paid(), State.MANUAL)
    turn(till, ShiftTurn.HAND_OVER, seen=(case.order_no,))
    till.to(case, State.PAID, paid_ms=case.paid_ms)
    assert report(directory, 1).total.count == 1
    assert report(directory, 2).total.count == 0


def test_what_is_left_from_before_stands_apart_from_what_the_shift_left(directory: Path, till: Any) -> None:
    old, owed = till.to(till.intent(cost_id="B1"), State.IN_DOUBT), till.paid(cost_id="B2")
    turn(till, ShiftTurn.OPEN, seen=(old.order_no, owed.order_no))
    new = till.to(till.intent(cost_id="B3"), State.IN_DOUBT)
    apart = report(directory).apart
    assert [entry.order_no for entry in apart[Apart.DOUBTFUL_BEFORE]] == [old.order_no]
    assert [entry.order_no for entry in apart[Apart.UNCREDITED_BEFORE]] == [owed.order_no]
    assert [entry.order_no for entry in apart[Apart.DOUBTFUL]] == [new.order_no]
    assert apart[Apart.UNCREDITED] == ()


def test_reprints_belong_to_the_shift_in_which_they_were_begun(directory: Path, till: Any) -> None:
    order = till.credited()
    journal = till.journal
    journal.printed((order.order_no,), 2, "printing", till.later())
    turn(till, ShiftTurn.OPEN)
    for copy, result in ((3, "printing"), (3, "confirmed"), (4, "printing")):
        journal.printed((order.order_no,), copy, result, till.later())
    turn(till, ShiftTurn.HAND_OVER)
    journal.printed((order.order_no,), 5, "printing", till.later())
    assert [one.copy for one in report(directory, 1).reprints] == [3, 4]
    assert [one.copy for one in report(directory, 2).reprints] == [5]


def test_the_newest_shifts_are_listed_newest_first(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    for _ in range(6):
        turn(till, ShiftTurn.HAND_OVER)
    turn(till, ShiftTurn.CLOSE)
    turn(till, ShiftTurn.OPEN)
    with JournalReader(directory) as reader:
        assert [(one.number, one.is_open) for one in reader.shifts(3)] == [(8, True), (7, False), (6, False)]
        assert [one.number for one in reader.shifts(99)] == [8, 7, 6, 5, 4, 3, 2, 1]
        for shift in reader.shifts(99):
            found = reader.shift_report(shift.number)
            assert found is not None
            assert found.shift == shift
        assert reader.shift_report(9) is None
        assert reader.shift_report(10**12) is None


def test_shifts_survive_a_reopening_and_a_journal_built_anew(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        turn(till, ShiftTurn.OPEN, to="王")
        till.credited()
        turn(till, ShiftTurn.CLOSE, by="王")
    before = report(directory, 1)
    (directory / "journal.db").write_bytes(b"not a database at all" * 400)
    with Journal.open(directory, recover_at=till.later()) as journal:
        assert journal.shift() == before.shift
    assert report(directory, 1).total == before.total
    assert verify(directory) == (1, [])


def test_an_ordinary_payment_costs_the_reports_indices_one_entry(till: Any) -> None:
    till.credited()
    counts = till.journal._db.execute(
        "SELECT (SELECT count(*) FROM orders INDEXED BY orders_paid WHERE paid_ms IS NOT NULL),"
        " (SELECT count(*) FROM events INDEXED BY events_shift WHERE kind IN ('shift_opened','shift_closed'))"
    ).fetchone()
    assert counts == (1, 0)


# --- verify ---------------------------------------------------------------------------------------------------------


def _written(journal: Journal, at: Any, *events: tuple[EventKind, tuple[tuple[str, str], ...]]) -> None:
    """Events as somebody who can make hashes would write them."""
    with journal._commit():
        work = Appending(journal._db, journal._number, journal._head, at.wall_ms)
        for kind, facts in events:
            work.note(kind, facts)
    journal._sealed(work)


def test_verify_follows_the_shifts_over_all_that_may_happen_to_an_order(directory: Path, till: Any) -> None:
    turn(till, ShiftTurn.OPEN)
    case = till.to(till.intent(cost_id="B1"), State.MANUAL)
    till.credited(cost_id="B2")
    till.to(till.intent(cost_id="B3"), State.FAILED)
    turn(till, ShiftTurn.HAND_OVER, seen=(case.order_no,))
    case = till.to(case, State.PAID)
    turn(till, ShiftTurn.HAND_OVER, seen=(case.order_no,))
    till.to(case, State.CREDITED)
    turn(till, ShiftTurn.CLOSE)
    assert verify(directory) == (3, [])


OPENED = (EventKind.SHIFT_OPENED, opened_facts(1, "", (), 0))
CLOSED = (EventKind.SHIFT_CLOSED, closed_facts(1, "", (), 0, handed_over=False))


@pytest.mark.parametrize(
    ("events", "where"),
    [
        ((CLOSED,), "event 1"),
        ((OPENED, OPENED), "event 2"),
        ((OPENED, (EventKind.SHIFT_CLOSED, closed_facts(2, "", (), 0, handed_over=False))), "event 2"),
        ((OPENED, CLOSED, OPENED), "event 3"),
        (((EventKind.SHIFT_OPENED, (("shift", "one"),)),), "event 1"),
    ],
)
def test_a_shift_out_of_turn_is_named_though_every_hash_is_right(
    directory: Path, till: Any, events: Any, where: str
) -> None:
    _written(till.journal, till.later(), *events)
    assert [(one.code, one.where) for one in verify(directory)[1]] == [("shift_out_of_turn", where)]


@pytest.mark.parametrize("left", ["", "7AB3KQ9XW2M00001:paid", "7AB3KQ9XW2M00001:in_doubt X:paid"])
def test_a_closing_that_names_other_orders_than_were_open_is_named(directory: Path, till: Any, left: str) -> None:
    turn(till, ShiftTurn.OPEN)
    till.to(till.intent(), State.IN_DOUBT)
    facts = (("shift", "1"), ("by", ""), ("prints", "0"), ("left", left))
    _written(till.journal, till.later(), (EventKind.SHIFT_CLOSED, facts))
    assert [(one.code, one.where) for one in verify(directory)[1]] == [("shift_left_differs", "event 4")]
