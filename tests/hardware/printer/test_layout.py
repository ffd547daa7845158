"""Rows: wrapping, pairs, and that nothing is lost or too wide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printer.charset import clean, columns_of
from hardware.printer.document import DocumentError, check
from hardware.printer.layout import Code, Gap, Row, laid_out, pair, wrap

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=120).map(clean)


@given(ANY_TEXT, st.sampled_from([16, 24, 32, 48]))
def test_r19_no_line_is_wider_than_the_paper_and_no_character_is_lost(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(columns_of(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(ANY_TEXT, ANY_TEXT, st.sampled_from([16, 24, 32, 48]))
def test_r19_a_pair_keeps_both_sides_and_fits(left: str, right: str, columns: int) -> None:
    lines = pair(left, right, columns)
    assert all(columns_of(line) <= columns for line in lines)
    kept = sorted("".join(lines).replace(" ", ""))
    assert kept == sorted((left + right).replace(" ", ""))


def test_a_pair_that_fits_is_one_line_with_its_value_at_the_edge() -> None:
    assert pair("本金", "128.40", 32) == ["本金" + " " * 22 + "128.40"]


def test_a_value_as_wide_as_the_paper_stands_whole_below_its_label() -> None:
    number = "20261122093015A03000000000000127"
    assert pair("订单号", number, 32) == ["订单号", number]


def test_a_long_chinese_value_wraps_beside_its_label_and_stays_right() -> None:
    lines = pair("户名", "国网某某省电力有限公司某某市供电分公司", 32)
    assert lines[0].startswith("户名 ")
    assert [columns_of(line) for line in lines] == [32, 32]
    assert lines[1].startswith(" ")


def test_a_value_goes_beside_the_last_line_of_a_long_label() -> None:
    lines = pair("这是一个很长很长很长很长很长很长的项目名称", "12.00", 32)
    assert lines[-1].endswith(" 12.00")
    assert len(lines) == 2


def test_a_word_is_broken_only_where_a_whole_line_is_too_short() -> None:
    assert wrap("call 0571-95598-000000 now", 16) == ["call", "0571-95598-00000", "0 now"]
    assert wrap("热线 95598 咨询", 10) == ["热线 95598", "咨询"]


def test_no_line_begins_with_closing_or_ends_with_opening_punctuation() -> None:
    assert wrap("一二三四五六七八。九", 16) == ["一二三四五六七", "八。九"]
    assert wrap("一二三四五六七（八）", 16) == ["一二三四五六七", "（八）"]


def test_every_kind_of_line_has_its_row(line: Any) -> None:
    document = [
        line("rule"),
        line("blank"),
        line("qr", "X1"),
        line(left="甲", align="right", size=2, bold=True),
    ]
    assert laid_out(document, 32) == [Row("-" * 32), Gap(), Code("X1", "left"), Row("甲", "right", 2, True)]


def test_double_size_has_half_the_columns(line: Any) -> None:
    rows = laid_out([line("pair", "合计", "￥1,225.73", size=2)], 32)
    assert [columns_of(row.text) for row in rows if isinstance(row, Row)] == [16]


@pytest.mark.parametrize("wrong", [{"kind": "image"}, {"align": "middle"}, {"size": 3}, {"left": "x" * 5000}])
def test_what_is_no_document_is_refused_by_name(line: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(DocumentError, match="line 2"):
        check([line(), line(**wrong)])


def test_a_document_without_end_is_refused(line: Any) -> None:
    with pytest.raises(DocumentError, match="1001 lines"):
        check([line()] * 1001)
