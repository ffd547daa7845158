"""Texts that two readers could read differently, and texts that would cost too much."""

import time
import tracemalloc

import pytest

from kiosk.gateway.strict_json import NumberText, UnreadableError, compact, decode_text, parse, parse_members


def test_numbers_stay_the_text_that_stood_there() -> None:
    value = parse(' {"a": 1.50, "b": -0, "c": 1E400, "d": 99999999999999999999} ')
    assert value == {"a": "1.50", "b": "-0", "c": "1E400", "d": "99999999999999999999"}
    assert all(type(item) is NumberText for item in value.values())


def test_fields_come_with_their_own_characters() -> None:
    outer, inner = parse_members('{ "sign" : "x", "response" : {"a":"1" , "b": [ 1,\n2 ],"c":"\\u7535"} }', "response")
    assert [(item.key, item.raw) for item in inner or []] == [("a", '"1"'), ("b", "[ 1,\n2 ]"), ("c", '"\\u7535"')]
    assert outer[0].value == "x"
    assert (inner or [])[2].value == "电"


@pytest.mark.parametrize("inner", ["[]", '"{}"', "null", "1"])
def test_what_is_no_object_has_no_fields(inner: str) -> None:
    assert parse_members(f'{{"response":{inner}}}', "response")[1] is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"response":{}',
        '{"response":{}} x',
        '{"response":{"a":1,}}',
        '{"response":{"a" 1}}',
        '{"response":{1:2}}',
        '{"response":{[]:2}}',
        '{"response":{"a":NaN}}',
        '{"response":{"a":[-Infinity]}}',
        '{"response":{"status":"PAYERROR","status":"SUCCESS"}}',
        '{"response":{"a":{"b":1,"b":2}}}',
        '{"response":{},"response":{}}',
        '{"response":{"a":"\\ud800"}}',
        '{"response":{"a":["\\udc00\\ud800"]}}',
        '{"response":{"\\ud800":"a"}}',
        '\ufeff{"response":{}}',
        '{"response":{"a":"\n"}}',
        '{"response":{"a":"',
        "{" * 100_000,
        '{"response":' * 5_000,
    ],
)
def test_z18_a_text_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        parse_members(text, "response")


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse('["\\ud83d\\ude00"]') == ["😀"]


def test_brackets_inside_texts_are_no_depth() -> None:
    text = "[" * 1000 + '\\"' + "{" * 1000
    assert parse(f'{{"a":"{text}"}}') == {"a": text.replace('\\"', '"')}


@pytest.mark.parametrize("part", ["[", "[],", "1,", '"\\"', '{"a":', "\\", '"'])
def test_z18_a_bomb_costs_neither_time_nor_memory(part: str) -> None:
    text = '{"response":{"a":[' + part * (1024 * 1024 // len(part))
    tracemalloc.start()
    began_s = time.process_time()
    with pytest.raises(UnreadableError):
        parse_members(text, "response")
    spent_s = time.process_time() - began_s
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024
    assert spent_s < 10, "the bound of proof.md Z18 is 2 s; tracing slows it down"


def test_compact_keeps_numbers_and_order() -> None:
    assert compact(parse('{ "b" : 1.50, "a" : [ true , null, "x\\/y" ] }')) == '{"b":1.50,"a":[true,null,"x/y"]}'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("电".encode(), "application/json"),
        ("电".encode(), 'application/json; charset="UTF-8"'),
        ("电".encode("gb18030"), "application/json"),
        ("电".encode("gbk"), "application/json;charset=GBK"),
        ("电".encode("gb2312"), "text/plain; charset=gb2312"),
        ("电".encode("gb18030"), "application/json; charset=GB18030"),
    ],
)
def test_the_charset_is_the_headers_else_utf8_else_gb18030(body: bytes, content_type: str) -> None:
    assert decode_text(body, content_type) == "电"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("电".encode("utf-16"), "application/json; charset=utf-16"),
        ("电".encode("gbk"), "application/json; charset=utf-8"),
        (b"\xff\xff", "application/json"),
        (b"{}", "application/json; charset=rot13"),
        (b"{}", "application/json; charset=no-such"),
    ],
)
def test_z18_other_charsets_are_no_reply(body: bytes, content_type: str) -> None:
    with pytest.raises(UnreadableError):
        decode_text(body, content_type)
