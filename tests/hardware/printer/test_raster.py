"""Drawn rows: in their columns, two tones, and honest about what the font lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.printer.bitmap import Bitmap, from_rows, stacked
from hardware.printer.layout import Row
from hardware.printer.profile import PROFILES
from hardware.printer.raster import FontUnavailable, RowPainter

NARROW = PROFILES["generic-58"]


def inked_columns(image: Bitmap) -> list[int]:
    return [x for x in range(image.width) if any(image.dot(x, y) for y in range(image.height))]


def test_a_drawn_row_is_as_wide_as_the_paper_and_as_high_as_a_printed_line(painter: RowPainter) -> None:
    single, double = painter.bitmap(Row("电费"), NARROW), painter.bitmap(Row("电费", size=2), NARROW)
    assert (single.width, single.height, double.width, double.height) == (384, 30, 384, 58)


@pytest.mark.parametrize(
    ("align", "first", "last"), [("left", 0, 48), ("center", 168, 216), ("right", 336, 384)]
)
@pytest.mark.parametrize("text", ["电费", "1234", "WWWW", "@M电"])
def test_every_character_keeps_to_its_columns(
    painter: RowPainter, align: str, first: int, last: int, text: str
) -> None:
    inked = inked_columns(painter.bitmap(Row(text, align), NARROW))
    assert first <= min(inked) < first + 6
    assert last - 6 <= max(inked) < last


def test_bold_is_heavier_and_double_is_larger(painter: RowPainter) -> None:
    plain, bold, double = (
        sum(byte.bit_count() for byte in painter.bitmap(row, NARROW).data)
        for row in (Row("电费"), Row("电费", bold=True), Row("电费", size=2))
    )
    assert plain < bold < 2 * plain
    assert double > 2 * plain


def test_characters_that_the_font_lacks_are_told_apart(painter: RowPainter) -> None:
    """One empty box for every rare surname would print two customers alike."""
    one, other = painter.bitmap(Row("\U00020bb7"), NARROW), painter.bitmap(Row("\U00020bb8"), NARROW)
    assert one != other
    assert inked_columns(one)


@pytest.mark.parametrize("content", [None, b"no font at all"])
def test_r28_a_missing_or_broken_font_is_one_error_of_ours(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "font.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FontUnavailable, match=r"font\.ttf"):
        RowPainter(path).require()


def test_a_bitmap_of_the_wrong_length_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        Bitmap(9, 2, b"\x00\x00\x00")


def test_modules_are_drawn_in_whole_dots() -> None:
    image = from_rows([[True, False], [False, True]], 3, 2, 9)
    assert [bin(image.row(y)[0] << 8 | image.row(y)[1])[2:].zfill(16) for y in (0, 2, 3, 5)] == [
        "0011100000000000",
        "0011100000000000",
        "0000011100000000",
        "0000011100000000",
    ]
    assert stacked([image, image]).height == 12
