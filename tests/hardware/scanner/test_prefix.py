"""What stands before a code by setting, and answers of the scanner's among the codes."""

from __future__ import annotations

import pytest

from hardware.scanner.brands import Brand
from hardware.scanner.config import ScannerConfig
from hardware.scanner.prefix import Identifier, without_prefix
from hardware.scanner.reader import CodeReader

CODE = "134567890123450000"


@pytest.mark.parametrize(
    ("text", "identifier", "prefix", "code", "symbology"),
    [
        (f"]Q1{CODE}", Identifier.AIM, "", CODE, "]Q1"),
        (f"]C0{CODE}", Identifier.AIM, "", CODE, "]C0"),
        (CODE, Identifier.AIM, "", CODE, ""),
        (f"]Q1{CODE}", Identifier.NONE, "", f"]Q1{CODE}", ""),
        (f"s{CODE}", Identifier.CODE_ID, "", CODE, "s"),
        (CODE, Identifier.CODE_ID, "", CODE, ""),
        (f"#]Q1{CODE}", Identifier.AIM, "#", CODE, "]Q1"),
        (f"#{CODE}", Identifier.NONE, "#", CODE, ""),
        ("s", Identifier.CODE_ID, "", "s", ""),
    ],
)
def test_s23_what_stands_before_a_code_is_taken_off_by_setting_alone(text, identifier, prefix, code, symbology):
    assert without_prefix(text, identifier, prefix) == (code, symbology)


def test_s22_the_escape_of_an_encoding_is_no_part_of_a_code():
    assert without_prefix("\\000026户号1", Identifier.NONE, "") == ("户号1", "")
    assert without_prefix("]Q2\\000026a\\\\b", Identifier.AIM, "") == ("a\\b", "]Q2")
    assert without_prefix("c:\\000026", Identifier.NONE, "") == ("c:\\000026", "")


@pytest.mark.parametrize(
    ("brand", "reply"),
    [
        (Brand.UNKNOWN, b"\x02\x010000@SCNTRG1\x06;\x03"),
        (Brand.NEWLAND, b"\x02\x010000@SCNTRG1\x15;\x03"),
        (Brand.NEWLAND, b"$$%~OK\r\n"),
        (Brand.HONEYWELL, b"\x16M\r232BAD115200\x06."),
        (Brand.HONEYWELL, b"232BAD\x05!"),
    ],
)
def test_s25_an_answer_to_a_command_is_never_a_code(brand, reply):
    reader = CodeReader(ScannerConfig(port="x", brand=brand))
    scans = reader.feed(reply + CODE.encode() + b"\r", 0.0)
    assert [scan.text for scan in scans] == [CODE]
    assert reader.framing.replies == 1


def test_s25_an_answer_that_never_ends_is_given_up_and_the_next_code_is_read():
    reader = CodeReader(ScannerConfig(port="x", brand=Brand.NEWLAND))
    assert reader.feed(b"\x02\x01" + b"0" * 2000 + b"\r", 0.0) == []
    assert [scan.text for scan in reader.feed(CODE.encode() + b"\r", 1.0)] == [CODE]


def test_s25_codes_that_only_look_like_an_answer_are_codes_where_no_brand_is_named():
    reader = CodeReader(ScannerConfig(port="x"))
    assert [scan.text for scan in reader.feed(b"$$%~OK\r", 0.0)] == ["$$%~OK"]
