"""From a reply's bytes to an answer: trust first, then types, then fields."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.core.messages import Answer, Call, Heard
from kiosk.core.payment_code import mask_code
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.replies import Counters, Replies, clean
from kiosk.gateway.signing import digest, sign

Envelope = Callable[..., bytes]
JSON = "application/json; charset=utf-8"


def _replies(verify_replies: str = "when-signed", url: str = "https://gateway.example", **profile: Any) -> Replies:
    endpoint = Endpoint(url=url, acq_code="1", verify_replies=verify_replies)
    return Replies(endpoint, WireProfile(**profile), Counters())


def _answer(body: bytes, call: Call = Call.QUERY, content_type: str = JSON, **options: Any) -> Answer:
    return _replies(**options).read(call, 200, content_type, body).answer


def test_a_verified_query_is_told_whole(envelope: Envelope) -> None:
    answer = _answer(envelope(order_no="G1", status="SUCCESS"))
    assert answer == Answer(
        heard=Heard.ANSWERED, sub_code="0000", status="SUCCESS", order_no="G1", http_status=200, words="成功"
    )


SUB_CODES = [
    "0000",
    "0001",
    "0002",
    "0003",
    "0004",
    "0008",
    "0009",
    "1001",
    "1002",
    "1003",
    "1006",
    "1009",
    "1010",
    "9999",
    "00",
    "x",
]


@pytest.mark.parametrize("sub_code", SUB_CODES)
@pytest.mark.parametrize("call", [Call.PAY, Call.UNIFIED, Call.QUERY, Call.NOTICE])
def test_every_sub_code_is_passed_on_as_it_is(envelope: Envelope, call: Call, sub_code: str) -> None:
    answer = _answer(envelope(sub_code=sub_code, sub_msg=""), call)
    assert (answer.heard, answer.sub_code, answer.words) == (Heard.ANSWERED, sub_code, "OK")


@pytest.mark.parametrize("status", ["USERPAYING", "UNKNOW", "unknown", "PAYERROR", "Odd"])
def test_a_status_is_told_in_upper_case(envelope: Envelope, status: str) -> None:
    assert _answer(envelope(status=status)).status == status.upper()


def test_no_sub_code_is_an_answer_without_one(envelope: Envelope) -> None:
    assert _answer(envelope(sub_code="")).sub_code == ""


def test_fail_is_heard_only_from_a_trusted_reply(envelope: Envelope) -> None:
    fields = {"code": "FAIL", "msg": "系统忙", "sub_code": "", "sub_msg": ""}
    answer = _answer(envelope(**fields))
    assert (answer.heard, answer.words, answer.sub_code) == (Heard.CALL_FAILED, "系统忙", "")
    assert _answer(envelope("0" * 64, **fields)).heard is Heard.BAD_SIGN


@pytest.mark.parametrize("code", ["", "success", "OK", None, 1, True, ["SUCCESS"]])
def test_an_odd_code_is_unreadable(envelope: Envelope, code: object) -> None:
    assert _answer(envelope("", code=code, status="SUCCESS")).heard is Heard.UNREADABLE


def test_a_wrong_sign_gives_nothing_away(envelope: Envelope) -> None:
    replies = _replies()
    answer = replies.read(Call.QUERY, 200, JSON, envelope("f" * 64, order_no="G1", status="SUCCESS")).answer
    assert answer == Answer(heard=Heard.BAD_SIGN, http_status=200, detail="the signature is wrong")
    assert replies.counters.seen() == {"replies": 1, "wrong_sign": 1}


def test_a_changed_field_is_a_wrong_sign(envelope: Envelope) -> None:
    body = envelope(order_no="G1", status="PAYERROR").replace(b"PAYERROR", b"SUCCESS")
    assert _answer(body).heard is Heard.BAD_SIGN


def test_an_unsigned_reply_is_let_through_and_counted(envelope: Envelope) -> None:
    replies = _replies()
    assert replies.read(Call.QUERY, 200, JSON, envelope("")).answer.heard is Heard.ANSWERED
    assert replies.counters.seen() == {"replies": 1, "unsigned": 1}


@pytest.mark.parametrize("signature", ["", None])
def test_an_unsigned_reply_is_refused_where_signs_are_required(envelope: Envelope, signature: str | None) -> None:
    body = json.loads(envelope())
    body["sign"] = signature
    required = _answer(json.dumps(body).encode(), verify_replies="required")
    assert (required.heard, required.detail) == (Heard.BAD_SIGN, "the signature is missing")
    assert _answer(envelope(), verify_replies="required").heard is Heard.ANSWERED


def test_a_sign_in_capitals_is_the_same_sign() -> None:
    response = {"code": "SUCCESS", "sub_code": "0000"}
    body = json.dumps({"response": response, "sign": sign(response).upper()}).encode()
    assert _answer(body).heard is Heard.ANSWERED


def test_z7_the_number_in_a_rightly_signed_forgery_is_told(envelope: Envelope) -> None:
    """The digest has no key: whose order it is, the core finds by the number."""
    answer = _answer(envelope(order_no="SOMEBODY-ELSE", status="SUCCESS"))
    assert (answer.heard, answer.order_no) == (Heard.ANSWERED, "SOMEBODY-ELSE")


def test_keys_with_a_blank_are_read_and_signed_as_received() -> None:
    response = {"code": "SUCCESS", "sub code": "0000", "order no": "G1", "status": "SUCCESS"}
    body = json.dumps({"response": response, "sign": sign(response)}).encode()
    answer = _answer(body)
    assert (answer.heard, answer.sub_code, answer.order_no) == (Heard.ANSWERED, "0000", "G1")


def test_two_spellings_of_a_key_that_disagree_are_unreadable() -> None:
    for second, heard in (("G2", Heard.UNREADABLE), ("G1", Heard.ANSWERED)):
        body = json.dumps({"response": {"code": "SUCCESS", "order no": "G1", "order_no": second}, "sign": ""})
        assert _answer(body.encode()).heard is heard


@pytest.mark.parametrize("pair", [("1", "\"1\""), ("\"1\"", "1"), ("{}", "\"\""), ("null", "[]"), ("\"1\"", "null")])
def test_two_spellings_of_a_key_of_which_one_is_no_text_are_unreadable(pair: tuple[str, str]) -> None:
    fields = f'"code":"SUCCESS","order no":{pair[0]},"order_no":{pair[1]}'
    body = f'{{"response":{{{fields}}},"sign":""}}'
    assert _answer(body.encode()).heard is Heard.UNREADABLE


@pytest.mark.parametrize("key", ["msg", "sub_msg", "sub_code", "order_no", "status", "sub code"])
@pytest.mark.parametrize("value", [0, True, 1.5, [], {"a": "b"}])
def test_a_field_of_another_type_is_unreadable(envelope: Envelope, key: str, value: object) -> None:
    assert _answer(envelope("", **{key: value})).heard is Heard.UNREADABLE


@pytest.mark.parametrize("number", ["1" * 33, "a&b", "a=b", "a\nb", "\u202eb"])
def test_a_number_that_could_not_be_sent_back_is_unreadable(envelope: Envelope, number: str) -> None:
    assert _answer(envelope(order_no=number, status="SUCCESS")).heard is Heard.UNREADABLE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"[]",
        b"{}",
        b'{"response":null,"sign":""}',
        b'{"response":"{}","sign":""}',
        b'{"response":{},"sign":""}',
        b'{"response":{"code":"SUCCESS"},"sign":1}',
        b'{"response":{"code":"SUCCESS","status":"PAYERROR","status":"SUCCESS"},"sign":""}',
        b'\xef\xbb\xbf{"response":{"code":"SUCCESS"},"sign":""}',
        '{"response":{"code":"SUCCESS"},"sign":""}'.encode("utf-16"),
        b'{"response":{"code":"SUCCESS","msg":"\\ud800"},"sign":""}',
        b'{"response":{"code":"SUCCESS","data":' + b"[" * 100_000 + b"]" * 100_000 + b'},"sign":""}',
    ],
)
def test_z18_what_is_no_reply_is_unreadable_and_counted(body: bytes) -> None:
    replies = _replies()
    assert replies.read(Call.QUERY, 200, JSON, body).answer.heard is Heard.UNREADABLE
    seen = replies.counters.seen()
    assert (seen["replies"], seen["unreadable"]) == (1, 1)


def test_a_reply_in_gb18030_is_verified_as_utf8() -> None:
    response = {"code": "SUCCESS", "sub_code": "0000", "sub_msg": "交易成功"}
    body = json.dumps({"response": response, "sign": sign(response)}, ensure_ascii=False).encode("gb18030")
    for content_type in ("application/json", "application/json;charset=GBK"):
        answer = _answer(body, content_type=content_type)
        assert (answer.heard, answer.words) == (Heard.ANSWERED, "交易成功")


def test_how_values_that_are_no_texts_verified_is_counted() -> None:
    replies = _replies()
    signs = [
        digest([("code", "SUCCESS"), ("data", '{"a": 1}')]),
        digest([("code", "SUCCESS"), ("data", '{"a":1}')]),
        digest([("code", "SUCCESS")]),
    ]
    for signature in signs:
        body = f'{{"response":{{"code":"SUCCESS","data":{{"a": 1}}}},"sign":"{signature}"}}'.encode()
        assert replies.read(Call.NOTICE, 200, JSON, body).answer.heard is Heard.ANSWERED
    assert replies.counters.seen() == {
        "replies": 3,
        "verified_raw": 1,
        "verified_compact": 1,
        "verified_left_out": 1,
    }
    assert replies.read(Call.QUERY, 200, JSON, body).answer.heard is Heard.BAD_SIGN, "never on a call about money"


def test_words_are_cleaned_of_control_characters(envelope: Envelope) -> None:
    answer = _answer(envelope(sub_msg="坏\x1bp\u202e话" + "长" * 300))
    assert answer.words.startswith("坏 p 话长")
    assert len(answer.words) == 200
    assert answer.words.isprintable()


# --- pay_url ---


def _shown(pay_url: str, **options: Any) -> str:
    response = {"code": "SUCCESS", "sub_code": "0000", "order_no": "G1", "pay_url": pay_url}
    body = json.dumps({"response": response, "sign": sign(response)}).encode()
    return _answer(body, Call.UNIFIED, **options).pay_url


@pytest.mark.parametrize(
    "pay_url",
    [
        "https://pay.example/q?a=1&b=2",
        "HTTPS://pay.example:8443/q",
        "https://[2001:db8::1]/q",
        "weixin://wxpay/bizpayurl?pr=abc",
        "alipays://platformapi/startapp?x=1",
        "upwrp://a",
        "20191227000001",
        "https://pay.example/" + "a" * 492,
    ],
)
def test_z10_a_fit_pay_url_is_passed_on(pay_url: str) -> None:
    assert _shown(pay_url) == pay_url


@pytest.mark.parametrize(
    "pay_url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "http://pay.example/q",
        "http://127.0.0.1/q",
        "https://",
        "https:///q",
        "https://good.example@bad.example/",
        "https://bad_host!/",
        "https://pay.example:99999/",
        "https://pay.example\\@bad.example/",
        "weixin:",
        "tel:110",
        "电",
        "abc-def",
        " 123",
        "https://pay.example/a b",
        "https://pay.example/\n",
        "https://pay.example/\x00",
        "https://pay.example/\u202egpj",
        "https://pay.example/\u2066a",
        "https://pay.example/\u200f",
        "https://pay.example/א",
        "https://pay.example/\u2028",
        "https://pay.example/" + "a" * 493,
        "a" * 10_000,
    ],
)
def test_z10_an_unfit_pay_url_is_never_passed_on(pay_url: str) -> None:
    assert _shown(pay_url) == ""


def test_z10_hosts_that_the_profile_does_not_name_are_refused() -> None:
    hosts = {"pay_url_hosts": ("pay.example",)}
    assert _shown("https://PAY.example/q", **hosts)
    assert not _shown("https://pay.example.evil.example/q", **hosts)
    assert not _shown("https://evil.example/pay.example", **hosts)


@pytest.mark.parametrize(
    ("pay_url", "gateway", "hosts", "fit"),
    [
        ("http://192.0.2.1:80/phone", "http://192.0.2.1:8080", (), True),
        ("http://127.0.0.1:80/phone", "http://192.0.2.1:8080", (), True),
        ("http://192.0.2.2/phone", "http://192.0.2.1:8080", (), False),
        ("http://192.0.2.2/phone", "http://192.0.2.1:8080", ("192.0.2.2",), True),
        ("http://192.0.2.2/phone", "https://192.0.2.2", ("192.0.2.2",), False),
    ],
)
def test_plain_http_is_for_gateways_reached_so(pay_url: str, gateway: str, hosts: tuple[str, ...], fit: bool) -> None:
    assert bool(_shown(pay_url, url=gateway, pay_url_hosts=hosts)) is fit


def test_a_pay_url_counts_only_where_unified_was_accepted(envelope: Envelope) -> None:
    assert _answer(envelope(sub_code="1001", pay_url="https://pay.example"), Call.UNIFIED).pay_url == ""
    assert _answer(envelope(pay_url="https://pay.example"), Call.PAY).pay_url == ""


def test_odd_pay_urls_are_counted() -> None:
    replies = _replies()
    for pay_url in ("123", "javascript:x"):
        response = {"code": "SUCCESS", "sub_code": "0000", "pay_url": pay_url}
        body = json.dumps({"response": response, "sign": ""}).encode()
        answer = replies.read(Call.UNIFIED, 200, JSON, body).answer
    assert answer.detail
    assert replies.counters.seen() == {"replies": 2, "unsigned": 2, "bare_pay_url": 1, "unfit_pay_url": 1}


def test_a_payment_code_in_the_gateways_words_is_hidden_whatever_call_they_answer() -> None:
    assert clean("auth_code 134567890123456789 invalid") == f"auth_code {mask_code('134567890123456789')} invalid"
    assert clean("order 20261124141034000008 of 2026") == "order 20261124141034000008 of 2026"
