"""Rule 1: one live attempt for a bill; and no verified fact is ever refused because of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.messages import BESIDE, Append, EventKind
from kiosk.core.order import Kind, State
from kiosk.journal import verify
from kiosk.journal.errors import JournalRefusedError
from kiosk.journal.rights import DATABASE

PREPAYMENT = {"kind": Kind.PREPAYMENT, "cost_id": "", "period": "", "late_fee_fen": 0, "total_fen": 12_345}


@pytest.mark.parametrize("state", [State.INTENT, State.IN_DOUBT, State.SHOWN, State.PAID, State.MANUAL])
def test_a_live_attempt_blocks_its_bill(till: Any, state: State) -> None:
    order = till.intent()
    if state is not State.INTENT:
        order = till.to(order, state, pay_url="https://pay.example/q")
    second = till.fresh()
    assert till.journal.live_attempt(second) == order.order_no
    with pytest.raises(JournalRefusedError) as refused:
        till.journal.append(second, [Append(EventKind.INTENT)], till.later())
    assert refused.value.by == order.order_no
    assert not refused.value.after_sync
    assert till.journal.order(second.order_no) is None


@pytest.mark.parametrize("state", [State.UNSEEN, State.FAILED, State.REFUNDED])
def test_an_attempt_that_ended_frees_its_bill(till: Any, state: State) -> None:
    till.to(till.intent(), state)
    assert till.journal.live_attempt(till.fresh()) is None
    assert till.intent().state is State.INTENT


def test_another_bill_and_another_customer_are_free(till: Any) -> None:
    till.intent()
    till.intent(cost_id="B2")
    till.intent(customer_no="1002")


def test_a_paid_prepayment_blocks_no_other_and_an_unpaid_one_does(till: Any) -> None:
    first = till.intent(**PREPAYMENT)
    assert till.journal.open_prepayment("1001") == first
    with pytest.raises(JournalRefusedError):
        till.intent(**PREPAYMENT)
    first = till.to(first, State.PAID)
    second = till.intent(**PREPAYMENT)
    assert till.journal.open_prepayment("1001") == second
    till.to(second, State.FAILED)
    assert till.journal.open_prepayment("1001") == first
    till.to(first, State.CREDITED)
    assert till.journal.open_prepayment("1001") is None


def test_a_prepayment_in_manual_blocks_until_its_success_is_verified(till: Any) -> None:
    first = till.to(till.intent(**PREPAYMENT), State.MANUAL)
    assert till.journal.live_attempt(till.fresh(**PREPAYMENT)) == first.order_no
    evidence = replace(first, success_seen=True)
    till.journal.append(evidence, [Append(EventKind.EVIDENCE)], till.later())
    assert till.journal.live_attempt(till.fresh(**PREPAYMENT)) is None


def test_the_index_alone_refuses_a_second_live_attempt(till: Any, directory: Path) -> None:
    till.intent()
    till.to(till.intent(cost_id="B2"), State.FAILED)
    till.journal.close()
    other = apsw.Connection(str(directory / DATABASE))
    with pytest.raises(apsw.ConstraintError):
        other.execute("UPDATE orders SET cost_id = 'B1', bill = 'B1', state = 'intent' WHERE cost_id = 'B2'")
    other.close()


def test_a_second_attempt_goes_beside_those_it_names_and_carries_its_events_number(till: Any, directory: Path) -> None:
    first = till.to(till.intent(), State.SHOWN, pay_url="https://pay.example/q")
    second = till.intent((BESIDE, first.order_no), ("allowed_by", "supervisor"))
    assert second.override == 3
    assert till.journal.order(second.order_no) == second
    # The first one ends; the second one still holds the bill though it has a key of its own.
    till.to(first, State.FAILED)
    assert till.journal.live_attempt(till.fresh()) == second.order_no
    with pytest.raises(JournalRefusedError):
        till.intent()
    till.intent((BESIDE, f"{first.order_no} {second.order_no}"))
    assert verify(directory) == (3, [])


def test_a_second_attempt_does_not_pass_one_that_it_does_not_name(till: Any) -> None:
    first = till.intent()
    second = till.intent((BESIDE, first.order_no))
    with pytest.raises(JournalRefusedError) as refused:
        till.intent((BESIDE, first.order_no))
    assert refused.value.by == second.order_no


def test_nothing_passes_an_order_that_waits_for_a_supervisor(till: Any) -> None:
    first = till.to(till.intent(), State.MANUAL)
    with pytest.raises(JournalRefusedError):
        till.intent((BESIDE, first.order_no))


def test_both_attempts_paid_are_both_written(till: Any, directory: Path) -> None:
    first = till.to(till.intent(), State.IN_DOUBT)
    second = till.intent((BESIDE, first.order_no))
    assert not till.journal.twin_paid(second)
    till.to(first, State.PAID)
    assert till.journal.twin_paid(second)
    till.to(second, State.PAID)
    assert verify(directory) == (2, [])


def test_a_release_beside_a_live_attempt_is_written_under_a_key_of_its_own(till: Any, directory: Path) -> None:
    late = till.to(till.to(till.intent(), State.FAILED), State.MANUAL, success_seen=True)
    # Put a live attempt beside it as only an older state of the rules could: manual blocks every new one.
    early = till.to(till.intent(cost_id="B2"), State.IN_DOUBT)
    till.journal._db.execute("UPDATE orders SET bill = 'B1' WHERE order_no = ?", (early.order_no,))
    released = till.to(late, State.PAID)
    assert released.override == 6
    assert till.journal.order(late.order_no) == released
    till.to(released, State.CREDITED)
    assert till.journal.order(late.order_no).override == 6
    till.journal._db.execute("UPDATE orders SET bill = 'B2' WHERE order_no = ?", (early.order_no,))
    assert verify(directory) == (2, [])


def test_twins_are_the_same_in_customer_id_period_and_principal(till: Any) -> None:
    done = till.credited()
    assert till.journal.twin_paid(till.fresh())
    assert not till.journal.twin_paid(done)
    for differing in ({"customer_no": "1002"}, {"cost_id": "B2"}, {"period": "202611"}, {"principal_fen": 12_346}):
        assert not till.journal.twin_paid(till.fresh(**differing))
    till.credited(**PREPAYMENT)
    assert not till.journal.twin_paid(till.fresh(**PREPAYMENT))


def test_a_customers_attempts_are_told_with_the_ids_the_list_showed(till: Any) -> None:
    till.credited(cost_id="B0")
    doubt = till.to(till.intent(known_ids=("B1", "B2")), State.IN_DOUBT)
    till.to(till.intent(cost_id="B3"), State.FAILED)
    till.intent(**PREPAYMENT)
    till.intent(customer_no="1002")
    owed, done = till.journal.attempts("1001", ["B0", "B1", "B2", "B3"])
    assert [(one.order_no, one.state, one.known_ids) for one in owed] == [
        (doubt.order_no, "in_doubt", frozenset({"B1", "B2"}))
    ]
    assert [(one.cost_id, one.period, one.principal_fen) for one in done] == [("B0", "202610", 12_345)]


def test_of_a_customer_of_many_years_only_the_listed_bills_are_told(till: Any) -> None:
    for number in range(5):
        till.credited(cost_id=f"B{number}")
    _, done = till.journal.attempts("1001", ["B3", "B9", "B3"])
    assert [one.cost_id for one in done] == ["B3"]


def test_a_bill_that_was_credited_is_not_begun_again_and_next_months_is(till: Any) -> None:
    till.credited()
    with pytest.raises(JournalRefusedError):
        till.intent()
    assert till.intent(period="202611").state is State.INTENT
