"""The bodies of the seven calls, field by field."""

import json
from dataclasses import replace

import pytest

from kiosk.core.order import Kind, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.signing import OutgoingValueError, sign
from kiosk.gateway.wire import Requests

COMMON = {"version": "3.0", "channel": "APP", "acq_code": "283499"}


def _requests(**profile: object) -> Requests:
    return Requests(Endpoint(url="https://gateway.example", acq_code="283499"), WireProfile(**profile))


def _fields(body: bytes) -> dict[str, str]:
    sent = json.loads(body)
    assert sent["sign"] == sign(sent["request"])
    assert all(type(value) is str for value in sent["request"].values())
    common = {key: sent["request"].pop(key) for key in COMMON}
    assert common == COMMON
    return sent["request"]


@pytest.fixture
def prepayment(order: Order) -> Order:
    return replace(order, kind=Kind.PREPAYMENT, cost_id="", principal_fen=5000, late_fee_fen=0, total_fen=5000)


def test_a_look_up_names_the_customer() -> None:
    assert _fields(_requests().lookup("6100000213")) == {"usr_id": "6100000213"}


def test_a_query_names_the_order() -> None:
    assert _fields(_requests().query("G1")) == {"pre_order_no": "G1"}


def test_pay_for_arrears(order: Order, code: PaymentCode) -> None:
    expected = {
        "usr_id": "6100000213",
        "order_no": "K01ABCDEFGHIJ000001",
        "fee_mod": "0",
        "ow_amt": "100.00",
        "cost_id": "23424",
        "dflt_pny": "1.00",
        "auth_code": code.digits,
    }
    assert _fields(_requests().pay(order, code)) == expected
    del expected["auth_code"]
    assert _fields(_requests().unified(order)) == expected, "unified never carries a payment code"


def test_pay_for_a_prepayment(prepayment: Order, code: PaymentCode) -> None:
    fields = _fields(_requests().pay(prepayment, code))
    assert fields.pop("auth_code") == code.digits
    assert fields == {
        "usr_id": "6100000213",
        "order_no": "K01ABCDEFGHIJ000001",
        "fee_mod": "1",
        "rchg_amt": "50.00",
    }


def test_a_notice_names_the_gateways_number_else_ours(order: Order, prepayment: Order) -> None:
    assert _fields(_requests().notice(order)) == {
        "usr_id": "6100000213",
        "order_no": "K01ABCDEFGHIJ000001",
        "ow_amt": "100.00",
        "cost_id": "23424",
        "dflt_pny": "1.00",
    }
    named = replace(prepayment, gateway_order_no="G1")
    assert _fields(_requests().notice(named)) == {"usr_id": "6100000213", "order_no": "G1", "rchg_amt": "50.00"}


def test_a_notices_bytes_are_the_same_each_time(order: Order) -> None:
    assert _requests().notice(order) == _requests().notice(replace(order, paid_ms=5))


def test_a_late_fee_of_nothing_is_a_value(order: Order) -> None:
    free = replace(order, late_fee_fen=0, total_fen=10000)
    assert _fields(_requests().unified(free))["dflt_pny"] == "0.00"


def test_the_profile_renames_and_plainly_writes(order: Order) -> None:
    fields = _fields(_requests(late_fee_key="dflt_pnyt", plain_amounts=True).unified(order))
    assert (fields["ow_amt"], fields["dflt_pnyt"]) == ("100", "1")
    assert "dflt_pny" not in fields
    odd = replace(order, late_fee_fen=150, total_fen=10150)
    assert _fields(_requests(plain_amounts=True).unified(odd))["dflt_pny"] == "1.50"


@pytest.mark.parametrize("total_fen", [0, 10000, 10099, -10100])
def test_a_sum_that_is_not_its_parts_is_not_sent(order: Order, total_fen: int) -> None:
    with pytest.raises(OutgoingValueError, match="sum"):
        _requests().unified(replace(order, total_fen=total_fen))


def test_where_the_amount_holds_the_fee_the_amount_is_charged(order: Order) -> None:
    held = replace(order, total_fen=10000)
    assert _fields(_requests(amount_holds_late_fee=True).unified(held))["ow_amt"] == "100.00"
    with pytest.raises(OutgoingValueError, match="sum"):
        _requests(amount_holds_late_fee=True).unified(order)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"customer_no": "1&a=b"}, "usr_id", "characters"),
        ({"customer_no": ""}, "usr_id", "empty"),
        ({"cost_id": ""}, "cost_id", "empty"),
        ({"cost_id": "1\n2"}, "cost_id", "characters"),
        ({"order_no": "K" * 33}, "order_no", "too_long"),
        ({"principal_fen": -1, "total_fen": 99}, "ow_amt", "amount"),
        ({"principal_fen": 10**19, "total_fen": 10**19 + 100}, "ow_amt", "amount"),
    ],
)
def test_z9_an_unfit_value_is_refused_before_sending(
    order: Order, changes: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(OutgoingValueError) as refused:
        _requests().unified(replace(order, **changes))
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_the_largest_amount_fits(order: Order) -> None:
    largest = replace(order, principal_fen=10**19 - 1, late_fee_fen=0, total_fen=10**19 - 1)
    assert _fields(_requests().unified(largest))["ow_amt"] == "99999999999999999.99"
