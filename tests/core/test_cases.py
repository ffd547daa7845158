"""The Pending page: what it lists, what is legal there, and what may be printed of a case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core.cases import Cases, prints, settlements, wallet_number
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.policy import PaymentPolicy

AT = Instant(1000.0, 1_790_000_000_000)


def order(number: str = "K1A1", state: State = State.IN_DOUBT, **changes: object) -> Order:
    made = Order(
        order_no=number, customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SCAN, principal_fen=1000,
        total_fen=1000, cost_id="7", created_ms=AT.wall_ms, state=state,
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture
def cases() -> Cases:
    made = Cases(PaymentPolicy(), lambda order, at: "hold_off")
    made.opened()
    return made


def test_a_supervisors_cases_stand_first_then_the_oldest(cases: Cases) -> None:
    young, old = order("K1A1", created_ms=2), order("K1A2", created_ms=1)
    manual = order("K1A3", State.MANUAL, created_ms=3)
    listed = cases.listed({each.order_no: each for each in (young, old, manual)})
    assert [each.order_no for each in listed] == ["K1A3", "K1A2", "K1A1"]


def test_what_is_over_and_what_a_customer_waits_for_is_not_listed(cases: Cases) -> None:
    orders = [order(str(state), state) for state in State]
    here = order("HERE").asking_now(attended=True)
    listed = cases.listed({each.order_no: each for each in (*orders, here)})
    assert {each.order_no for each in listed} == {"intent", "in_doubt", "shown", "paid", "manual"}


@pytest.mark.parametrize(
    ("state", "legal"),
    [
        (State.IN_DOUBT, {"AskAbout", "NoteWallet", "PrintCase"}),
        (State.PAID, {"SeekEvidence", "NoteWallet"}),
        (State.MANUAL, {"AskAbout", "SeekEvidence", "NoteWallet", "PrintCase", "Settle"}),
        (State.CREDITED, set()),
    ],
)
def test_what_may_be_done_about_a_case(cases: Cases, state: State, legal: set[str]) -> None:
    one = order(state=state)
    cases.open("K1A1", {"K1A1": one})
    assert {command.__name__ for command in cases.legal({"K1A1": one}, AT)} == legal | {"OpenCase", "CloseCase"}


def test_no_case_is_looked_at_once_the_page_was_left(cases: Cases) -> None:
    orders = {"K1A1": order()}
    cases.open("K1A1", orders)
    cases.left()
    assert cases.case(orders) is None
    cases.opened()
    assert cases.case(orders) is None


@pytest.mark.parametrize(
    ("reason", "printed"),
    [("paid_twice", "refund"), ("late_success", "refund"), ("notice_1003", "slip"), ("exists_elsewhere", "slip")],
)
def test_a_refund_is_asked_for_only_where_the_money_is_not_to_be_credited(reason: str, printed: str) -> None:
    assert prints(order(state=State.MANUAL, success_seen=True, reason=reason)) == printed


def test_only_what_the_evidence_allows_is_offered() -> None:
    doubtful = order(state=State.MANUAL)
    assert settlements(doubtful, twin_paid=False) == ("credited", "failed", "refunded")
    confirmed = replace(doubtful, success_seen=True)
    assert settlements(confirmed, twin_paid=False) == ("credited", "refunded", "release")
    assert settlements(confirmed, twin_paid=True) == ("credited", "refunded")
    assert settlements(order(), twin_paid=False) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [(" 4200 0012 3420 2611 ", "4200001234202611"), ("2026112422001abc", "2026112422001ABC"), ("12345", ""),
     ("no number!", ""), ("１２３４５６７", ""), ("9" * 65, "")],
)  # fmt: skip
def test_a_wallets_number_is_letters_and_digits(text: str, number: str) -> None:
    assert wallet_number(text) == number
