"""Papers: what each says, of which orders it may be made, and what stands on none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core.order import Kind, Mode, Order, State
from kiosk.core.receipt import CHAIN_DIGITS, CLOCK_SET_MS, Letterhead, ReceiptLine, receipt, refund_request, slip
from kiosk.wording import Wording

HEAD = Letterhead(branch="城东厅", counter_id="K1", cashier="0012", note="谢谢", service_line="95598")
SAY = Wording("zh_CN").say
NOON_MS = 1_790_000_000_000
CHAIN = "0123456789abcdef" * 4
PAPER = {"printed_ms": NOON_MS, "copy": 1, "chain_head": CHAIN}


def order(state: State = State.CREDITED, **changes: object) -> Order:
    made = Order(
        order_no="K1ABCDEFGHIJ0001", customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SCAN, principal_fen=12345,
        late_fee_fen=55, total_fen=12400, cost_id="7", period="2026-10", created_ms=NOON_MS, paid_ms=NOON_MS,
        name_masked="张*", wallet="wechat", state=state, gateway_order_no="G1",
    )  # fmt: skip
    return replace(made, **changes)


def words(lines: tuple[ReceiptLine, ...]) -> str:
    return "\n".join(f"{line.left} {line.right}".strip() for line in lines)


def test_a_receipt_says_what_was_paid_and_that_it_is_credited() -> None:
    text = words(receipt([order()], HEAD, SAY, **PAPER))
    for part in ("张*", "6100000101", "2026-10", "¥124.00", "壹佰贰拾肆元整", "K1ABCDEFGHIJ0001", "G1", "城东厅"):
        assert part in text
    assert SAY("receipt.credited") in text
    assert CHAIN[:CHAIN_DIGITS] in text


def test_a_receipt_of_a_paid_order_does_not_say_credited() -> None:
    text = words(receipt([order(State.PAID)], HEAD, SAY, **PAPER))
    assert SAY("receipt.paid") in text
    assert SAY("receipt.credited") not in text


@pytest.mark.parametrize("state", [state for state in State if state not in (State.PAID, State.CREDITED)])
def test_there_is_no_receipt_of_what_is_not_paid(state: State) -> None:
    with pytest.raises(ValueError, match="paid or credited"):
        receipt([order(), order(state)], HEAD, SAY, **PAPER)


def test_several_bills_stand_on_one_receipt_with_one_sum() -> None:
    text = words(receipt([order(), order(order_no="K1ABCDEFGHIJ0002", period="2026-11")], HEAD, SAY, **PAPER))
    assert "¥248.00" in text
    assert "K1ABCDEFGHIJ0002" in text


def test_a_second_print_is_marked() -> None:
    mark = SAY("receipt.copy", count=2)
    assert mark in words(receipt([order()], HEAD, SAY, **(PAPER | {"copy": 3})))
    assert mark not in words(receipt([order()], HEAD, SAY, **PAPER))


def test_x5_a_receipt_of_a_clock_that_was_never_set_says_so() -> None:
    wrong = words(receipt([order()], HEAD, SAY, printed_ms=86_400_000, copy=1, chain_head="0" * 64))
    right = words(receipt([order()], HEAD, SAY, printed_ms=CLOCK_SET_MS, copy=1, chain_head="0" * 64))
    assert "时间不准" in wrong
    assert "时间不准" not in right


def test_training_says_so_on_paper() -> None:
    assert SAY("receipt.training") in words(receipt([order()], replace(HEAD, training=True), SAY, **PAPER))


@pytest.mark.parametrize("state", [State.INTENT, State.IN_DOUBT, State.SHOWN, State.MANUAL])
def test_a_slip_says_neither_paid_nor_credited_and_bears_the_wallets_number(state: State) -> None:
    text = words(slip(order(state), HEAD, SAY, wallet_no="4200001234", **PAPER))
    assert SAY("receipt.unconfirmed") in text
    assert "4200001234" in text
    assert SAY("receipt.paid") not in text
    assert SAY("receipt.credited") not in text


@pytest.mark.parametrize("state", [State.PAID, State.CREDITED, State.FAILED, State.REFUNDED, State.UNSEEN])
def test_there_is_no_slip_of_what_is_known(state: State) -> None:
    with pytest.raises(ValueError, match="is known"):
        slip(order(state), HEAD, SAY, **PAPER)


def test_a_refund_request_names_the_order_the_amount_and_who_signs() -> None:
    text = words(refund_request(order(State.MANUAL, success_seen=True), HEAD, SAY, wallet_no="4200001234", **PAPER))
    for part in ("¥124.00", "K1ABCDEFGHIJ0001", "G1", "4200001234", SAY("receipt.signed_by_supervisor")):
        assert part in text


@pytest.mark.parametrize("known", [order(), order(State.MANUAL), order(State.FAILED, success_seen=True)])
def test_a_refund_is_asked_for_only_of_a_case_whose_payment_is_confirmed(known: Order) -> None:
    with pytest.raises(ValueError, match="refunded"):
        refund_request(known, HEAD, SAY, **PAPER)
