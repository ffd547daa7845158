"""Customers and bills in every shape that data may come in, through the whole client over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.core.bills import Bill, Customer
from kiosk.core.messages import ArrearsAnswer, CustomerAnswer, Found, Heard
from kiosk.gateway.client import Gateway
from kiosk.gateway.profile import WireProfile

ABSENT = object()
NO = "6100000213"


@pytest.fixture
def ask(serve: Callable[..., Any], gateway_at: Callable[..., Gateway]) -> Callable[..., Gateway]:
    """A gateway whose look-ups are answered with this data under this key."""

    def with_reply(data: object, key: str = "data", profile: dict[str, Any] | None = None, **fields: Any) -> Gateway:
        response = {"code": "SUCCESS", "msg": "OK", "sub_code": "0000", "sub_msg": "成功"} | fields
        if data is not ABSENT:
            response[key] = data
        body = json.dumps({"response": response, "sign": ""}, ensure_ascii=False).encode()
        server = serve(lambda visit: [visit.request() and visit.reply(body) for _ in range(3)])
        return gateway_at(server.url, profile=WireProfile(**profile or {}))

    return with_reply


Ask = Callable[..., Gateway]
DETAILS = {
    "usr_id": NO,
    "usr_name": "张三丰",
    "usr_addr": "南京路1号",
    "balance": "12.30",
    "phone": "139",
    "meter_no": "M1",
}
CUSTOMER = Customer(NO, name="张三丰", address="南京路1号", phone="139", meter_no="M1", balance_fen=1230)


@pytest.mark.parametrize(
    "data",
    [DETAILS, [DETAILS], json.dumps(DETAILS), json.dumps([DETAILS]), "&".join(f"{k}={v}" for k, v in DETAILS.items())],
)
@pytest.mark.parametrize("key", ["data", "date"])
def test_a_customer_is_read_in_every_shape(ask: Ask, data: object, key: str) -> None:
    found = ask(data, key).customer(NO)
    assert (found.found, found.customer) == (Found.FOUND, CUSTOMER)


@pytest.mark.parametrize("data", [ABSENT, None, "", {}, [], "{}", "[]", " "])
def test_a_customer_without_data_is_found_without_details(ask: Ask, data: object) -> None:
    found = ask(data).customer(NO)
    assert (found.found, found.customer) == (Found.FOUND, Customer(NO))


@pytest.mark.parametrize("data", ["张三丰", [DETAILS, DETAILS], "{", "a=1&a=2", 5, True, ["x"], {"usr_name": ["x"]}])
def test_a_customer_that_no_shape_fits_is_unreadable(ask: Ask, data: object) -> None:
    gateway = ask(data)
    found = gateway.customer(NO)
    assert (found.found, found.answer.heard) == (Found.UNREADABLE, Heard.ANSWERED)
    assert gateway.counters.seen()["unreadable_data"] == 1


def test_a_customers_other_fields_are_kept(ask: Ask) -> None:
    found = ask({"cust_name": "李四", "tariff": "居民\n一档", "n": 5, "list": [1], "balance": "-3.00"}).customer(NO)
    assert found.customer is not None
    assert found.customer.name == "李四"
    assert found.customer.balance_fen is None
    assert found.customer.other == (("tariff", "居民 一档"), ("n", "5"), ("list", "[1]"), ("balance", "-3.00"))


@pytest.mark.parametrize(
    ("sub_code", "found"),
    [("1003", Found.NOTHING), ("0009", Found.NOTHING), ("1001", Found.NO_ANSWER), ("7", Found.NO_ANSWER)],
)
def test_no_such_customer_is_told_by_its_codes_alone(ask: Ask, sub_code: str, found: Found) -> None:
    answer = ask(ABSENT, sub_code=sub_code, sub_msg="户号有误").customer(NO)
    assert (answer.found, answer.answer.sub_code, answer.answer.words) == (found, sub_code, "户号有误")


BILL = {"ow_amt": "100.00", "dflt_pny": "1.5", "cost_id": "23424", "period": "2026-10"}
READ = Bill("23424", 10000, 150, "2026-10")


@pytest.mark.parametrize(
    "data",
    [
        BILL,
        [BILL],
        {"bills": [BILL]},
        {"list": BILL},
        {"usr_name": "张", "items": json.dumps([BILL])},
        json.dumps([BILL]),
        json.dumps({"details": [BILL]}),
        "ow_amt=100.00&dflt_pny=1.5&cost_id=23424&period=2026-10",
        {"owe_amt": "100", "dflt_pnyt": "1.50", "costId": "23424", "month": "2026-10"},
        {"arrears": "100", "penalty": "1.50", "cost_id": "23424", "ym": "2026-10"},
    ],
)
def test_a_bill_is_read_in_every_shape(ask: Ask, data: object) -> None:
    found = ask(data).arrears(NO)
    assert (found.found, found.bills) == (Found.FOUND, (READ,))


def test_numbers_in_data_are_amounts_to_the_fen(ask: Ask) -> None:
    found = ask([{"ow_amt": 1.15, "dflt_pny": 0, "cost_id": 7}]).arrears(NO)
    assert found.bills == (Bill("7", 115),)


def test_several_bills_stay_in_order_and_equal_ids_are_left_to_the_core(ask: Ask) -> None:
    bills = [{"ow_amt": "3", "cost_id": "b"}, {"ow_amt": "1", "cost_id": "a"}, {"ow_amt": "2", "cost_id": "b"}]
    found = ask(bills).arrears(NO)
    assert [(bill.cost_id, bill.total_fen) for bill in found.bills] == [("b", 300), ("a", 100), ("b", 200)]


@pytest.mark.parametrize(
    "data",
    [
        ABSENT,
        None,
        "",
        [],
        {},
        "[]",
        {"bills": []},
        {"bills": None},
        {"list": ""},
        {"usr_id": NO, "usr_name": "张"},
        {"ow_amt": "0.00", "cost_id": ""},
    ],
)
def test_nothing_owed_is_told_in_these_shapes(ask: Ask, data: object) -> None:
    found = ask(data).arrears(NO)
    assert (found.found, found.bills) == (Found.NOTHING, ())


@pytest.mark.parametrize(
    "data",
    [
        "无欠费",
        "[",
        5,
        True,
        ["x"],
        [[BILL]],
        {"qianfei": "100.00"},
        {"bills": "没有"},
        {"bills": 5},
        [BILL | {"ow_amt": "100.001"}],
        [BILL | {"ow_amt": "-1"}],
        [BILL | {"ow_amt": "1e2"}],
        [BILL | {"ow_amt": ""}],
        [BILL | {"ow_amt": True}],
        [BILL | {"dflt_pny": "x"}],
        [BILL, {"cost_id": "2"}],
        [BILL | {"cost_id": ""}],
        [BILL | {"cost_id": "a&b"}],
        [BILL | {"cost_id": "a\nb"}],
        [BILL | {"cost_id": "1" * 33}],
        [BILL | {"cost_id": {"a": "b"}}],
        [BILL | {"ow_amt": "99999999999999999.99", "dflt_pny": "0.01"}],
        {"ow_amt": "100.00"},
        '[{"ow_amt":"1","ow_amt":"2","cost_id":"1"}]',
    ],
)
def test_a_shape_that_cannot_be_read_is_not_nothing_owed(ask: Ask, data: object) -> None:
    found = ask(data).arrears(NO)
    assert (found.found, found.bills) == (Found.UNREADABLE, ())
    assert found.received, "the cashier sees what came"
    assert found.received.isprintable()


@pytest.mark.parametrize(
    ("sub_code", "found"), [("1003", Found.NOTHING), ("0009", Found.NO_ANSWER), ("1001", Found.NO_ANSWER)]
)
def test_nothing_owed_is_told_by_its_code_alone(ask: Ask, sub_code: str, found: Found) -> None:
    assert ask(ABSENT, sub_code=sub_code).arrears(NO).found is found


@pytest.mark.parametrize("fields", [{"code": "FAIL"}, {"code": "x"}])
def test_a_reply_that_took_no_call_is_no_answer(ask: Ask, fields: dict[str, str]) -> None:
    gateway = ask([BILL], **fields)
    answers: list[ArrearsAnswer | CustomerAnswer] = [gateway.arrears(NO), gateway.customer(NO)]
    assert [answer.found for answer in answers] == [Found.NO_ANSWER, Found.NO_ANSWER]


def test_the_profile_names_keys_and_aliases(ask: Ask) -> None:
    profile = {
        "data_key": "info",
        "customer_aliases": {"name": ["xm"]},
        "bill_aliases": {"list": ["zd"], "amount": ["je"]},
        "late_fee_key": "wyj",
        "amount_holds_late_fee": True,
    }
    assert ask({"xm": "王五"}, "info", profile).customer(NO).customer == Customer(NO, name="王五")
    found = ask({"zd": [{"je": "10", "wyj": "1", "cost_id": "1"}]}, "info", profile).arrears(NO)
    assert found.bills == (Bill("1", 1000, 100, holds_late_fee=True),)
    assert found.bills[0].total_fen == 1000


@pytest.mark.parametrize("where", ["data", "response"])
def test_z20_a_reply_about_another_customer_is_no_reply(ask: Ask, where: str) -> None:
    foreign = {"usr_id": "6100000999", "usr_name": "别人"}
    gateway = ask(foreign) if where == "data" else ask({"usr_name": "别人"}, usr_id="6100000999")
    for answer in (gateway.customer(NO), gateway.arrears(NO)):
        assert (answer.found, answer.answer.heard) == (Found.NO_ANSWER, Heard.UNREADABLE)
        assert "别人" not in str(answer)
