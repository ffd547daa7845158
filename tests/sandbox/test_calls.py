"""The seven calls over real HTTP: what a well-behaved client gets."""

import http.client
import json
from dataclasses import replace

import msgspec
import pytest

from kiosk.sandbox.customers import DEFAULT

QUERY_ROWS = {
    "0000": ("0000", "SUCCESS"),
    "2000": ("0000", "PAYERROR"),
    "2001": ("0000", "PAYERROR"),
    "2003": ("0003", None),
    "2008": ("0008", None),
    "4000": ("0000", "UNKNOW"),
    "4001": ("0001", None),
    "5001": ("0000", "SUCCESS"),
    "5003": ("1003", None),
    "5006": ("1003", None),
}
PAY_CODES = {"2001": "0009", "2008": "0008", "5001": "1001", "5003": "1001", "5006": "1006"}
TIMED_ROWS = {
    "1006": (("0000", "USERPAYING"), ("0000", "SUCCESS")),
    "1106": (("0000", "USERPAYING"), ("0000", "PAYERROR")),
    "1306": (("0000", "USERPAYING"), ("0003", None)),
    "1406": (("0000", "USERPAYING"), ("0004", None)),
    "1506": (("0001", None), ("0000", "SUCCESS")),
    "1606": (("0000", "SUCCESS"), ("0002", None)),
}


def conduct(**changed):
    return replace(DEFAULT, conduct=msgspec.structs.replace(DEFAULT.conduct, **changed))


def test_a_customer_has_details_and_a_balance(client):
    reply = client.call("/trade/userInfoQuery", usr_id="6100000104")
    assert (reply["code"], reply["sub_code"]) == ("SUCCESS", "0000")
    assert (reply["data"]["usr_name"], reply["data"]["balance"]) == ("李静", "56.20")


def test_several_bills_come_with_late_fees_periods_and_unlike_cost_ids(client):
    bills = client.call("/trade/owInfoQuery", usr_id="6100000102")["data"]
    assert [bill["period"] for bill in bills] == ["2026-08", "2026-09", "2026-10"]
    assert [bill["dflt_pny"] for bill in bills] == ["5.87", "3.41", "0.00"]
    assert len({bill["cost_id"] for bill in bills}) == 3


def test_a_rare_character_of_a_name_arrives_whole_and_signed(client):
    # Client.post holds every signed reply to its digest.
    assert client.call("/trade/userInfoQuery", usr_id="6100000106")["data"]["usr_name"] == "𠮷田一郎"


def test_nothing_owed_is_an_empty_list_and_an_unknown_customer_is_1003(client):
    assert client.call("/trade/owInfoQuery", usr_id="6100000104")["data"] == []
    for path in ("/trade/owInfoQuery", "/trade/userInfoQuery"):
        assert client.call(path, usr_id="6100000199")["sub_code"] == "1003"
    assert client.rules() == []


def test_an_ordinary_scan_is_paid_noticed_credited_and_leaves_the_arrears(client):
    bill = client.arrears("6100000102", 1)
    paid = client.pay(usr_id="6100000102", order_no="OURS1", **bill)
    assert paid["order_no"].startswith("G")
    assert client.query(paid["order_no"]) == ("0000", "SUCCESS")
    notice = {"usr_id": "6100000102", "order_no": paid["order_no"], **bill}
    assert client.call("/trade/owPayNotice", **notice)["sub_code"] == "0000"
    left = client.call("/trade/owInfoQuery", usr_id="6100000102")["data"]
    assert bill["cost_id"] not in [each["cost_id"] for each in left]
    book = client.ledger()
    order, credit = book["orders"][0], book["credits"][0]
    assert (order["order_no"], order["state"], order["credited"]) == ("OURS1", "paid", True)
    assert (order["principal_fen"], order["late_fee_fen"], credit["total_fen"]) == (11008, 341, 11349)
    assert book["totals"] == {"paid_fen": 11349, "credited_fen": 11349}
    assert book["breaches"] == []


def test_a_prepayment_adds_to_the_balance_once_however_often_the_notice_comes(client):
    code, number = client.code("0000"), client.number()
    fields = {"usr_id": "6100000104", "rchg_amt": "100.00"}
    client.call("/trade/pay", order_no=number, fee_mod="1", auth_code=code, **fields)
    answers = [client.call("/trade/rechargePayNotice", order_no=number, **fields)["sub_code"] for _ in range(3)]
    assert answers == ["0000"] * 3
    assert client.call("/trade/userInfoQuery", usr_id="6100000104")["data"]["balance"] == "156.20"
    assert client.ledger()["orders"][0]["notices"] == 3
    assert client.rules() == []


def test_both_numbers_find_the_order_and_the_reply_names_the_one_asked(client):
    theirs = client.pay(order_no="OURS2")["order_no"]
    assert theirs != "OURS2"
    for asked in ("OURS2", theirs):
        assert client.call("/trade/query", pre_order_no=asked)["order_no"] == asked


def test_conduct_can_name_the_gateways_number_to_a_query_by_ours(start, client_of):
    client = client_of(start(conduct(query_names="gateway")))
    theirs = client.pay(order_no="OURS3")["order_no"]
    assert client.call("/trade/query", pre_order_no="OURS3")["order_no"] == theirs


def test_conduct_can_take_over_the_clients_numbers_and_sign_nothing(start, client_of):
    client = client_of(start(conduct(own_numbers=False, signed=False)))
    assert client.pay(order_no="OURS4")["order_no"] == "OURS4"
    body = client.exchange("POST", "/trade/query", b"{}")[2]
    assert json.loads(body)["sign"] == ""


def test_conduct_can_answer_a_repeated_notice_with_1002(start, client_of):
    client = client_of(start(conduct(repeated_notice="exists")))
    bill = client.arrears("6100000101")
    number = client.pay()["order_no"]
    notice = {"usr_id": "6100000101", "order_no": number, **bill}
    assert [client.call("/trade/owPayNotice", **notice)["sub_code"] for _ in range(2)] == ["0000", "1002"]
    assert len(client.ledger()["credits"]) == 1


def test_where_notices_are_not_idempotent_each_copy_credits_and_the_book_shows_it(start, client_of):
    client = client_of(start(conduct(notices_idempotent=False)))
    bill = client.arrears("6100000101")
    number = client.pay(order_no="OURS9")["order_no"]
    notice = {"usr_id": "6100000101", "order_no": number, **bill}
    assert [client.call("/trade/owPayNotice", **notice)["sub_code"] for _ in range(2)] == ["0000", "0000"]
    book = client.ledger()
    assert (len(book["credits"]), book["double_credits"]) == (2, ["OURS9"])
    assert book["totals"] == {"paid_fen": 12850, "credited_fen": 25700}


def test_two_charges_for_one_bill_stand_in_the_book(client):
    for number in ("FIRST", "SECOND"):
        client.pay(order_no=number)
    assert client.ledger()["double_charges"] == [["FIRST", "SECOND"]]


def test_an_order_can_be_hidden_from_queries_by_the_clients_number(start, client_of):
    client = client_of(start(conduct(finds_by_our_number=False)))
    theirs = client.pay(order_no="OURS10")["order_no"]
    assert client.query("OURS10") == ("1003", None)
    assert client.query(theirs) == ("0000", "SUCCESS")


def test_a_bills_id_can_be_a_new_one_at_each_query_and_the_older_ones_still_pay_it(start, client_of):
    client = client_of(start(conduct(cost_ids="fresh")))
    first, second = client.arrears("6100000101"), client.arrears("6100000101")
    assert first["cost_id"] != second["cost_id"]
    number = client.pay(**first)["order_no"]
    assert client.call("/trade/owPayNotice", usr_id="6100000101", order_no=number, **first)["sub_code"] == "0000"
    assert client.call("/trade/owInfoQuery", usr_id="6100000101")["data"] == []
    assert client.rules() == []


def test_a_bills_id_can_be_a_kind_of_fee_that_is_owed_again_for_the_next_month(start, client_of):
    client = client_of(start(conduct(cost_ids="recurring")))
    [before] = client.call("/trade/owInfoQuery", usr_id="6100000101")["data"]
    bill = client.arrears("6100000101")
    number = client.pay()["order_no"]
    client.call("/trade/owPayNotice", usr_id="6100000101", order_no=number, **bill)
    [after] = client.call("/trade/owInfoQuery", usr_id="6100000101")["data"]
    assert (before["period"], after["period"]) == ("2026-10", "2026-11")
    assert before["cost_id"] == after["cost_id"]


@pytest.mark.parametrize("ending", QUERY_ROWS)
def test_a_code_decides_what_pay_and_a_query_answer(client, ending):
    reply = client.pay(ending, order_no="OURS5")
    assert reply["sub_code"] == PAY_CODES.get(ending, "0000")
    assert ("order_no" in reply) == (reply["sub_code"] == "0000")
    assert client.query("OURS5") == QUERY_ROWS[ending]
    assert client.rules() == []


@pytest.mark.parametrize("ending", TIMED_ROWS)
def test_a_code_decides_what_becomes_of_a_payment_after_its_seconds(client, clock, ending):
    before, after = TIMED_ROWS[ending]
    client.pay(ending, order_no="OURS6")
    clock.now_s += 5.9
    assert client.query("OURS6") == before
    clock.now_s += 0.1
    assert client.query("OURS6") == after


@pytest.mark.parametrize(("ending", "found"), [("3000", ("1003", None)), ("3001", ("0000", "SUCCESS"))])
def test_silence_on_pay_lasts_until_the_client_goes(client, ending, found):
    client.timeout_s = 0.3
    with pytest.raises(TimeoutError):
        client.pay(ending, order_no="OURS7")
    assert client.query("OURS7") == found


@pytest.mark.parametrize(("ending", "found"), [("3003", ("1003", None)), ("3002", ("0000", "SUCCESS"))])
def test_a_lost_reply_closes_the_connection_without_a_byte(client, ending, found):
    with pytest.raises(http.client.RemoteDisconnected):
        client.pay(ending, order_no="OURS8")
    assert client.query("OURS8") == found


def test_a_notice_can_be_refused_twice_before_it_credits(client):
    bill = client.arrears("6100000101")
    number = client.pay("7002")["order_no"]
    notice = {"usr_id": "6100000101", "order_no": number, **bill}
    answers = [client.call("/trade/owPayNotice", **notice)["sub_code"] for _ in range(3)]
    assert answers == ["1001", "1001", "0000"]
    assert len(client.ledger()["credits"]) == 1


def test_a_notice_whose_reply_is_lost_has_credited_and_is_acknowledged_again(client):
    bill = client.arrears("6100000101")
    notice = {"usr_id": "6100000101", "order_no": client.pay("7001")["order_no"], **bill}
    with pytest.raises(http.client.RemoteDisconnected):
        client.call("/trade/owPayNotice", **notice)
    assert len(client.ledger()["credits"]) == 1
    assert client.call("/trade/owPayNotice", **notice)["sub_code"] == "0000"
    assert client.rules() == []


def test_a_customer_decides_how_look_ups_go_wrong(client):
    assert client.call("/trade/userInfoQuery", usr_id="6100000208")["sub_code"] == "1001"
    assert isinstance(client.call("/trade/owInfoQuery", usr_id="6100000209")["data"], str)
    client.timeout_s = 0.3
    with pytest.raises(TimeoutError):
        client.call("/trade/owInfoQuery", usr_id="6100000207")


def test_a_customer_decides_how_unified_goes_wrong(client):
    with pytest.raises(http.client.RemoteDisconnected):
        client.show("6100000202", order_no="OURS9")
    assert client.query("OURS9") == ("0001", None)
    assert client.show("6100000206", order_no="OURS10")["sub_code"] == "1006"
    assert client.query("OURS10") == ("1003", None)
