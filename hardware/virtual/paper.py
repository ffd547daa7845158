"""Decoded jobs as pictures of paper, dot for dot as a thermal head would burn them.

The picture is the printable width with a white margin on both sides and a thin edge, so that it shows on a
white page. Text is drawn by the font file at hand: the shapes are ours, the places are the printer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.printer.raster import RowPainter
from hardware.virtual.decoder import CELL_DOTS, Cut, Decoded, Element, Feed, Picture, Span, TextLine

if TYPE_CHECKING:
    from PIL.Image import Image

MARGIN_DOTS = 24
CHARACTER_DOTS = 24
_PAPER, _INK, _EDGE = 252, 24, 200
_CUT_DOTS = 16
_TALLEST_DOTS = 30_000  # nearly four metres; what comes after is not drawn


def draw_paper(decoded: Decoded, columns: int, painter: RowPainter) -> Image:
    """The paper that the job leaves, as a greyscale image. Raises `FontUnavailable`."""
    from PIL import Image

    dots = columns * CELL_DOTS
    heights = [_height(element) for element in decoded.elements]
    height = min(sum(heights), _TALLEST_DOTS)
    ink = Image.new("1", (dots, max(1, height)))
    top = 0
    for element, tall in zip(decoded.elements, heights, strict=True):
        _draw(element, ink, top, painter)
        top += tall
    return _on_paper(ink)


def _on_paper(ink: Image) -> Image:
    from PIL import Image, ImageDraw

    size = (ink.width + 2 * MARGIN_DOTS, ink.height + 2 * MARGIN_DOTS)
    paper = Image.new("L", size, _PAPER)
    paper.paste(_INK, (MARGIN_DOTS, MARGIN_DOTS), ink)
    ImageDraw.Draw(paper).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=_EDGE)
    return paper


def _height(element: Element) -> int:
    if isinstance(element, TextLine):
        return max(element.spacing, CHARACTER_DOTS * max(span.style.high for span in element.spans))
    if isinstance(element, Picture):
        return len(element.rows)
    if isinstance(element, Feed):
        return element.dots
    return _CUT_DOTS if isinstance(element, Cut) else 0


def _draw(element: Element, ink: Image, top: int, painter: RowPainter) -> None:
    if isinstance(element, TextLine):
        _draw_text(element, ink, top, painter)
    elif isinstance(element, Picture):
        _draw_picture(element, ink, top)
    elif isinstance(element, Cut):
        for left in range(0, ink.width, 16):
            ink.paste(1, (left, top + _CUT_DOTS // 2, left + 8, top + _CUT_DOTS // 2 + 1))


def _draw_text(line: TextLine, ink: Image, top: int, painter: RowPainter) -> None:
    tallest = max(span.style.high for span in line.spans)
    left = _left(line.align, ink.width - line.columns * CELL_DOTS)
    for span in line.spans:
        # characters of different height stand on one line
        _draw_span(span, ink, (left, top + (tallest - span.style.high) * CHARACTER_DOTS), painter)
        left += span.columns * CELL_DOTS


def _draw_span(span: Span, ink: Image, at: tuple[int, int], painter: RowPainter) -> None:
    style = span.style
    left, top = at
    for character in span.text:
        cell = painter.cell(character, span.cells, style.wide if style.wide == style.high else 1)
        if style.wide != style.high:
            cell = cell.resize((cell.width * style.wide, cell.height * style.high))
        for shift in (0, 1) if style.bold else (0,):
            ink.paste(1, (left + shift, top), cell)
        left += cell.width


def _draw_picture(picture: Picture, ink: Image, top: int) -> None:
    from PIL import Image

    image = Image.frombytes("1", (picture.width, len(picture.rows)), b"".join(picture.rows))
    ink.paste(1, (_left(picture.align, max(0, ink.width - picture.width)), top), image)


def _left(align: str, spare: int) -> int:
    return {"left": 0, "center": spare // 2, "right": spare}[align]
