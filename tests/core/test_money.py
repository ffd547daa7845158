"""Money: exact in fen, one text for one amount, capitals as banks write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.money import MAX_FEN, AmountError, chinese_capitals, parse_yuan, show_yuan, wire_yuan


@pytest.mark.parametrize(
    ("text", "amount_fen"),
    [
        ("1.15", 115),
        ("19.99", 1999),
        ("4.35", 435),
        ("0.29", 29),
        ("100", 10000),
        ("0.5", 50),
        ("１２．５", 1250),
        (" 7 ", 700),
        ("99999999999999999.99", MAX_FEN),
    ],
)
def test_yuan_become_exact_fen(text: str, amount_fen: int) -> None:
    assert parse_yuan(text) == amount_fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("1.005", "decimals"),
        ("-1", "not_a_number"),
        ("+1", "not_a_number"),
        ("1e3", "not_a_number"),
        ("1,000", "not_a_number"),
        ("1.", "not_a_number"),
        (".5", "not_a_number"),
        ("100000000000000000", "not_a_number"),
        ("NaN", "not_a_number"),
        ("١٢", "not_a_number"),
        ("1\n", None),
    ],
)
def test_what_is_no_exact_amount_is_refused_with_a_reason(text: str, reason: str | None) -> None:
    if reason is None:
        assert parse_yuan(text) == 100
        return
    with pytest.raises(AmountError) as caught:
        parse_yuan(text)
    assert caught.value.reason == reason


@given(st.integers(0, MAX_FEN))
def test_wire_text_reads_back_to_the_same_fen(amount_fen: int) -> None:
    assert parse_yuan(wire_yuan(amount_fen)) == amount_fen


def test_shown_money_has_marks_and_two_decimals() -> None:
    assert show_yuan(123450) == "¥1,234.50"
    assert show_yuan(0) == "¥0.00"


def test_a_float_is_refused_wherever_fen_are_expected() -> None:
    with pytest.raises(TypeError):
        wire_yuan(1.0)


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [
        (0, "零元整"),
        (30, "叁角整"),
        (5, "伍分"),
        (10000, "壹佰元整"),
        (100530, "壹仟零伍元叁角整"),
        (100003, "壹仟元零叁分"),
        (10000105, "壹拾万零壹元零伍分"),
        (1000000000, "壹仟万元整"),
        (1000000000000, "壹佰亿元整"),
        (10001000, "壹拾万零壹拾元整"),
        (123456789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        (2000, "贰拾元整"),
        (1000100, "壹万零壹元整"),
        (10100000, "壹拾万壹仟元整"),
    ],
)
def test_capitals_are_written_as_on_a_bank_slip(amount_fen: int, text: str) -> None:
    assert chinese_capitals(amount_fen) == text
