"""What a strict gateway refuses is refused, and noted as a breach by its rule's name."""

import json

import pytest

from kiosk.sandbox.run import SandboxServer

COMMON = {"version": "3.0", "channel": "APP", "acq_code": "283499"}
REQUEST = {**COMMON, "usr_id": "6100000101"}
ARREARS = {"ow_amt": "128.50", "dflt_pny": "0.00", "cost_id": "2610000101"}
PAY = {"order_no": "N1", "fee_mod": "0", "auth_code": "130000000000010000", "usr_id": "6100000101", **ARREARS}


@pytest.fixture(scope="module")
def strict():
    """One sandbox for all calls that are refused before they could change anything but the list of breaches."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def stranger(strict, client_of):
    strict.ledger.breaches.clear()
    return client_of(strict)


def refused(client, path="/trade/owInfoQuery", **changed):
    fields = {key: value for key, value in {**REQUEST, **changed}.items() if value is not None}
    reply = client.post(path, {"request": fields, "sign": client.signed(fields)})
    assert reply["code"] == "FAIL"
    assert "sub_code" not in reply
    return client.rules()


def raw(client, body, content_type="application/json; charset=utf-8"):
    _, _, reply = client.exchange("POST", "/trade/owInfoQuery", body, content_type)
    assert json.loads(reply)["response"]["code"] == "FAIL"
    return client.rules()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        ('{"request":{},"sign":"号"}'.encode("gb18030"), "not_json"),
        (b'{"request":{"version":NaN},"sign":""}', "not_json"),
        (b"[" * 50_000, "not_json"),
        (b'{"request":{"a":"1","a":"1"},"sign":""}', "doubled_key"),
        (b'{"request":{}}', "envelope"),
        (b'{"request":[],"sign":""}', "envelope"),
        (b'{"request":{},"sign":"","more":1}', "envelope"),
        (b'{"request":{"version":3},"sign":""}', "not_text"),
        (b'{"request":{"version":null},"sign":""}', "not_text"),
        (b'{"request":{"version":"3.0"},"sign":"00"}', "signature"),
        (b'{"request":{"usr_id":"1&sign=2"},"sign":""}', "ambiguous"),
        (b" " * 70_000, "too_large"),
    ],
)
def test_a_body_that_is_no_envelope_is_refused(stranger, body, rule):
    assert raw(stranger, body) == [rule]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/json; charset=gbk", ""])
def test_another_content_type_is_refused(stranger, content_type):
    assert raw(stranger, b"{}", content_type) == ["content_type"]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"version": None}, "missing_field"),
        ({"acq_code": None}, "missing_field"),
        ({"usr_id": None}, "missing_field"),
        ({"fee_mod": "0"}, "unknown_field"),
        ({"usr_id": ""}, "empty_field"),
        ({"usr_id": "1" * 33}, "length"),
        ({"version": "3.0.00.00"}, "length"),
        ({"channel": "A" * 17}, "length"),
        ({"usr_id": "61\n0"}, "length"),
    ],
)
def test_a_field_that_is_wrong_is_refused(stranger, changed, rule):
    assert refused(stranger, **changed) == [rule]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"ow_amt": "128.5"}, "amount"),
        ({"ow_amt": "128"}, "amount"),
        ({"ow_amt": "1,128.50"}, "amount"),
        ({"ow_amt": "-1.00"}, "amount"),
        ({"ow_amt": "1" * 18 + ".00"}, "amount"),
        ({"ow_amt": "１.00"}, "amount"),
        ({"fee_mod": "2"}, "value"),
        ({"fee_mod": "1"}, "missing_field"),
        ({"rchg_amt": "1.00"}, "unknown_field"),
        ({"auth_code": "13" * 7}, "value"),
        ({"auth_code": "13" * 17}, "value"),
        ({"auth_code": None}, "missing_field"),
        ({"dflt_pny": None}, "missing_field"),
        ({"order_no": "N" * 33}, "length"),
    ],
)
def test_a_payment_that_is_not_well_formed_is_refused(stranger, changed, rule):
    assert refused(stranger, "/trade/pay", **{**COMMON, **PAY, **changed}) == [rule]
    assert stranger.ledger()["orders"] == []


def test_unified_takes_no_payment_code(client):
    assert refused(client, "/trade/unified", **COMMON, **PAY) == ["unknown_field"]


def test_a_second_payment_with_the_same_number_is_1002(client):
    client.pay(order_no="SAME")
    assert client.pay(order_no="SAME", usr_id="6100000103")["sub_code"] == "1002"
    assert client.show(order_no="SAME", usr_id="6100000103")["sub_code"] == "1002"
    assert client.rules() == ["order_number_twice"] * 2
    assert len(client.ledger()["orders"]) == 1


def test_a_number_is_spent_even_where_no_order_came_to_be(client):
    client.pay("5003", order_no="SAME")
    assert client.pay(order_no="SAME")["sub_code"] == "1002"


def test_a_payment_code_is_good_for_one_payment(client):
    code = client.code("2000")
    client.pay(auth_code=code)
    assert client.pay(auth_code=code, order_no="SECOND")["sub_code"] == "0009"
    assert client.query("SECOND") == ("0000", "PAYERROR")
    assert client.rules() == ["payment_code_twice"]


@pytest.mark.parametrize("changed", [{"ow_amt": "128.51"}, {"dflt_pny": "0.01"}])
def test_another_amount_than_the_bills_own_is_refused(client, changed):
    assert client.pay(order_no="OTHER", **changed)["sub_code"] == "0009"
    assert client.query("OTHER") == ("0000", "PAYERROR")
    assert client.rules() == ["amount_differs"]


def test_a_bill_that_is_not_owed_is_refused(client):
    assert client.pay(cost_id="nothing")["sub_code"] == "0009"
    assert client.show(cost_id="nothing")["sub_code"] == "0009"
    assert client.rules() == ["bill_not_owed"] * 2


def test_a_prepayment_of_nothing_is_refused(client):
    fields = {"usr_id": "6100000104", "order_no": "ZERO", "fee_mod": "1", "rchg_amt": "0.00"}
    assert client.call("/trade/unified", **fields)["sub_code"] == "0009"
    assert client.rules() == ["amount_zero"]


def test_a_payment_for_an_unknown_customer_is_1003(client):
    reply = client.call("/trade/pay", **{**PAY, "usr_id": "6100000199"})
    assert reply["sub_code"] == "1003"
    assert client.ledger()["orders"] == []


@pytest.mark.parametrize("ending", ["2000", "4000", "1005"])
def test_a_notice_for_an_order_that_is_not_paid_is_0001_and_a_breach(client, ending):
    client.pay(ending, order_no="UNPAID")
    reply = client.call("/trade/owPayNotice", usr_id="6100000101", order_no="UNPAID", **ARREARS)
    assert reply["sub_code"] == "0001"
    assert client.rules() == ["notice_unpaid"]
    assert client.ledger()["credits"] == []


def test_a_notice_for_no_order_is_1003_and_a_breach(client):
    reply = client.call("/trade/owPayNotice", usr_id="6100000101", order_no="NONE", **ARREARS)
    assert reply["sub_code"] == "1003"
    assert client.rules() == ["notice_without_order"]


@pytest.mark.parametrize(
    "changed", [{"ow_amt": "1.00"}, {"cost_id": "1"}, {"usr_id": "6100000102"}, {"dflt_pny": "1.00"}]
)
def test_a_notice_that_differs_from_its_order_credits_nothing(client, changed):
    client.pay(order_no="PAID")
    notice = {"usr_id": "6100000101", "order_no": "PAID", **ARREARS, **changed}
    assert client.call("/trade/owPayNotice", **notice)["sub_code"] == "0009"
    assert client.rules() == ["notice_differs"]
    assert client.ledger()["credits"] == []


def test_a_prepayments_notice_for_an_arrears_order_credits_nothing(client):
    client.pay(order_no="PAID")
    reply = client.call("/trade/rechargePayNotice", usr_id="6100000101", order_no="PAID", rchg_amt="128.50")
    assert reply["sub_code"] == "0009"
    assert client.rules() == ["notice_differs"]


def test_a_notice_repeated_with_other_bytes_is_a_breach(client):
    theirs = client.pay(order_no="PAID")["order_no"]
    notice = {"usr_id": "6100000101", **ARREARS}
    assert client.call("/trade/owPayNotice", order_no=theirs, **notice)["sub_code"] == "0000"
    assert client.call("/trade/owPayNotice", order_no="PAID", **notice)["sub_code"] == "0009"
    assert client.rules() == ["notice_changed"]


def test_a_bill_paid_twice_is_credited_once(client):
    for number in ("FIRST", "SECOND"):
        assert client.pay(order_no=number, **ARREARS)["sub_code"] == "0000"
    answers = [
        client.call("/trade/owPayNotice", usr_id="6100000101", order_no=number, **ARREARS)["sub_code"]
        for number in ("FIRST", "SECOND")
    ]
    assert answers == ["0000", "0009"]
    assert client.rules() == ["bill_credited_twice"]
    assert client.ledger()["totals"] == {"paid_fen": 25700, "credited_fen": 12850}


def test_a_payment_code_stands_nowhere_whole(client, caplog):
    code = client.code("0000")
    client.pay(auth_code=code)
    client.pay(auth_code=code)
    client.pay(auth_code=code + "x")
    text = json.dumps(client.ledger()) + caplog.text
    assert code not in text
    assert f"13{'*' * 12}0000" in text


def test_other_paths_and_methods_are_not_found(client):
    assert client.exchange("GET", "/trade/pay")[0] == 405
    assert client.exchange("POST", "/trade/cancel")[0] == 404
    assert client.exchange("POST", "/trade/pay/")[0] == 404
