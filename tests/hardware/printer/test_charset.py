"""Characters: what is carried as text, how wide it is, what is taken out. The codes are GB18030's own."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printer.charset import clean, clusters, columns_of, encode_character, is_carried, without_rare

ANY_CHARACTER = st.characters(exclude_categories=())  # lone surrogates too
ANY_TEXT = st.text(alphabet=ANY_CHARACTER, max_size=60)


@pytest.mark.parametrize(
    ("character", "code"),
    [
        ("电", "b5e7"),
        ("费", "b7d1"),
        ("￥", "a3a4"),
        ("€", "a2e3"),
        ("·", "a1a4"),
        ("—", "a1aa"),
        ("–", "a843"),
        ("〇", "a996"),
        ("①", "a2d9"),
        ("℃", "a1e6"),
        ("㎡", "a94f"),
        ("■", "a1f6"),
        ("A", "41"),
        ("~", "7e"),
    ],
)
def test_r18_a_character_of_the_printers_font_is_one_or_two_bytes(character: str, code: str) -> None:
    assert encode_character(character) == bytes.fromhex(code)


@pytest.mark.parametrize("character", ["𠮷", "😀", "䶮", "ñ", "한", "\ue000", "\u0378", "¥"])
def test_r18_a_character_that_fonts_lack_is_not_text(character: str) -> None:
    assert encode_character(character) is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("¥12.50", "￥12.50"),
        ("a\u00a0b\u2003c", "a b c"),
        ("a\tb\r\nc", "a b  c"),
        ("\x1b@王\x1bp\x00\x19\x19", "@王p"),
        ("a\x7fb\x85c\x9bd", "ab cd"),
        ("a\u202eb\u2066c\u200fd\ufeffe", "abcde"),
        ("吉\ud842祥\udfb7", "吉祥"),
        ("葛\U000e0100城", "葛城"),
        ("e\u0301", "é"),
        ("100m²", "100m2"),
        ("　甲", "　甲"),
    ],
)
def test_clean_keeps_what_can_be_read_and_nothing_that_commands(written: str, kept: str) -> None:
    assert clean(written) == kept


@given(ANY_TEXT)
def test_r18_no_text_whatever_holds_a_command_after_cleaning(text: str) -> None:
    for character in clean(text):
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs")
        encoded = encode_character(character)
        assert encoded is None or all(byte >= 0x20 for byte in encoded)
        assert encoded is None or len(encoded) == 1 or (encoded[0] >= 0x81 and encoded[1] >= 0x40)


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "columns"), [("A1", 2), ("电费", 4), ("—×°“", 8), ("ñ", 1), ("𠮷", 2), ("", 0)]
)
def test_width_is_what_the_printer_counts(text: str, columns: int) -> None:
    assert columns_of(text) == columns


def test_a_combining_mark_stays_on_its_character_and_takes_no_column() -> None:
    assert clusters("x\u0304y") == ["x\u0304", "y"]
    assert columns_of("x\u0304y") == 2


@given(ANY_TEXT)
def test_without_a_font_a_rare_character_becomes_the_printers_own_sign(text: str) -> None:
    assert is_carried(without_rare(clean(text)))
    assert without_rare("王𠮷A") == "王〓A"
