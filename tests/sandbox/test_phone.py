"""The customer's phone over plain HTTP: what opening, confirming and refusing does to the order."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from kiosk.sandbox.customers import DEFAULT, Bill, Customer


@pytest.fixture
def shown(client):
    reply = client.show("6100000103", order_no="OURS")
    assert reply["sub_code"] == "0000"
    return reply["pay_url"]


def test_the_page_tells_payee_masked_name_what_for_and_the_amount(client, shown):
    status, page = client.phone(shown)
    assert status == 200
    for text in ("城东供电营业厅", "欧***", "2026年9月电费", "¥209.24", "违约金", "¥6.09", "确认支付", "拒绝支付"):
        assert text in page
    assert "欧阳" not in page


def test_the_page_loads_nothing_and_allows_nothing(client, shown):
    _, headers, body = client.exchange("GET", urlsplit(shown).path)
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert (headers["referrer-policy"], headers["x-frame-options"]) == ("no-referrer", "DENY")
    page = body.decode()
    assert '<meta name="viewport"' in page
    assert "<script" not in page
    assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) == {"data:,"}


def test_an_order_is_unpaid_until_the_page_is_opened_and_then_the_customer_is_paying(client, shown):
    assert client.query("OURS") == ("0001", None)
    client.phone(shown)
    assert client.query("OURS") == ("0000", "USERPAYING")


def test_posting_the_form_pays_whatever_stands_in_it(client, shown):
    _, page = client.phone(shown)
    action = re.search(r'<form method="post" action="([^"]*)"', page)[1]
    assert client.exchange("POST", action, b"", "application/x-www-form-urlencoded")[0] == 200
    assert client.query("OURS") == ("0000", "SUCCESS")


def test_paying_twice_is_refused_politely_and_charges_nothing(client, shown):
    client.phone(shown, method="POST")
    status, page = client.phone(shown, method="POST")
    assert status == 409
    assert "请勿重复付款" in page
    assert "支付成功" in client.phone(shown)[1]
    assert client.ledger()["totals"]["paid_fen"] == 20924


def test_a_refusal_is_payerror_and_the_qr_lives_on(client, shown):
    client.phone(shown)
    assert "已拒绝支付" in client.phone(shown, method="POST", more="/refuse")[1]
    assert client.query("OURS") == ("0000", "PAYERROR")
    assert "确认支付" in client.phone(shown)[1]
    assert client.query("OURS") == ("0000", "USERPAYING")
    client.phone(shown, method="POST")
    assert client.query("OURS") == ("0000", "SUCCESS")


def test_refusing_after_paying_changes_nothing(client, shown):
    client.phone(shown, method="POST")
    assert "支付成功" in client.phone(shown, method="POST", more="/refuse")[1]
    assert client.query("OURS") == ("0000", "SUCCESS")


def test_a_refusal_can_close_the_order(client):
    url = client.show("6100000205", order_no="CLOSES")["pay_url"]
    client.phone(url, method="POST", more="/refuse")
    assert client.query("CLOSES") == ("0003", None)
    assert client.phone(url)[0] == 410
    assert client.phone(url, method="POST")[0] == 410


def test_a_qr_is_over_after_its_life_and_an_unknown_one_was_never(client, clock, shown):
    clock.now_s += 7200
    for method in ("GET", "POST"):
        status, page = client.phone(shown, method=method)
        assert (status, "二维码已失效" in page) == (410, True)
    assert client.query("OURS") == ("0003", None)
    assert client.phone("/phone/nothing")[0] == 404
    assert client.phone("/phone/nothing", method="POST")[0] == 404


def test_a_slow_wallet_pays_after_its_seconds_and_says_so_meanwhile(client, clock):
    url = client.show("6100000203", order_no="SLOW")["pay_url"]
    assert "支付处理中" in client.phone(url, method="POST")[1]
    assert client.query("SLOW") == ("0000", "USERPAYING")
    clock.now_s += 5
    assert client.query("SLOW") == ("0000", "SUCCESS")
    assert "支付成功" in client.phone(url)[1]


def test_a_wallet_in_doubt_stays_so(client, clock):
    url = client.show("6100000204", order_no="DOUBT")["pay_url"]
    assert "待确认" in client.phone(url, method="POST")[1]
    clock.now_s += 1_000_000
    assert client.query("DOUBT") == ("0000", "UNKNOW")


def test_a_prepayments_page_says_so(client):
    fields = {"usr_id": "6100000104", "order_no": "PRE", "fee_mod": "1", "rchg_amt": "1000.00"}
    _, page = client.phone(client.call("/trade/unified", **fields)["pay_url"])
    assert "预存电费" in page
    assert "¥1,000.00" in page


def test_names_and_periods_are_escaped(start, client_of):
    bill = Bill("1", "<i>x</i>", 100)
    data = replace(DEFAULT, customers=(Customer("1", "<b>", (bill,)),), payee='"<script>')
    client = client_of(start(data))
    _, page = client.phone(client.show("1")["pay_url"])
    assert not {"<b>", "<i>", "<script>"} & set(re.findall(r"<\w+>", page))
    assert "&lt;script&gt;" in page


def test_pay_url_names_the_host_that_a_phone_reaches(start, client_of):
    server = start(public_host="localhost")
    url = client_of(server).show()["pay_url"]
    assert url.startswith(f"http://localhost:{server.port}/phone/")
