"""Rows drawn as black dots, cell by cell, with a font file: for what a printer's own font does not hold.

1. Every character keeps to its columns, so a drawn row lines up with the printed rows around it.
2. Two tones only. Nothing is dithered: `convert("1")` of Pillow would, and grey text is unreadable on paper.
3. A character that the font lacks is drawn as a box with its number: a clerk can look it up; an empty box
   tells nobody anything.

Pillow is imported when the first row is drawn, not when a counter starts.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.printer.bitmap import Bitmap
from hardware.printer.charset import clusters, columns_of
from hardware.printer.layout import Row
from hardware.printer.profile import CELL_DOTS, CHARACTER_DOTS, DOUBLE_LINE_DOTS, LINE_DOTS, PrinterProfile

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw as Pen
    from PIL.ImageFont import FreeTypeFont

_BASELINE_DOTS = 20  # from the top of a cell 24 dots high
_LATIN_DOTS = 22  # digits of this em are one column wide
_SMALL_DOTS = 10  # the number in the box of a missing character
_MOST_MARKS = 8  # characters of a cluster that are drawn; more combining marks than that is mischief
_KEPT_CELLS = 2000  # a receipt has some hundred different characters
_NOWHERE = "\U0010fffe"  # a noncharacter: what a font draws for it, it draws for everything it lacks


class FontUnavailable(Exception):
    """The font file or the library that draws it is missing or broken."""


class RowPainter:
    """Draws characters into cells of `CELL_DOTS` columns with the font at `font_path`."""

    def __init__(self, font_path: Path | str) -> None:
        self._path = str(font_path)
        self._fonts: dict[int, FreeTypeFont] = {}
        self._cells: dict[tuple[str, int, int], Image] = {}

    def require(self) -> None:
        """Raise `FontUnavailable` now, rather than in the middle of a job."""
        self._font(CHARACTER_DOTS)

    def bitmap(self, row: Row, profile: PrinterProfile) -> Bitmap:
        """The row as a strip as wide as the paper, with the white of its line spacing."""
        strip = self._blank(profile.dots, DOUBLE_LINE_DOTS if row.size == 2 else LINE_DOTS)
        spare = profile.columns - columns_of(row.text) * row.size
        first = {"left": 0, "center": spare * CELL_DOTS // 2, "right": spare * CELL_DOTS}[row.align]
        for cluster in clusters(row.text):
            cell = self.cell(cluster, columns_of(cluster), row.size)
            for shift in (0, 1) if row.bold else (0,):
                strip.paste(1, (first + shift, 0), cell)
            first += cell.width
        return Bitmap(strip.width, strip.height, strip.tobytes())

    def cell(self, cluster: str, columns: int, scale: int = 1) -> Image:
        """One character in its cell of one or two columns, `scale` times the ordinary size; ink is 1.

        The image is shared: paste it, do not draw on it. Raises `FontUnavailable`.
        """
        key = (cluster[:_MOST_MARKS], columns, scale)
        if key not in self._cells:
            if len(self._cells) >= _KEPT_CELLS:
                self._cells.clear()
            self._cells[key] = self._drawn_cell(*key)
        return self._cells[key]

    def _drawn_cell(self, cluster: str, columns: int, scale: int) -> Image:
        if cluster[0] not in (" ", "\u3000") and self._is_missing(cluster[0]):
            return self._numbered_box(cluster[0], columns, scale)
        size = (columns * CELL_DOTS * scale, CHARACTER_DOTS * scale)
        font = self._font((CHARACTER_DOTS if columns == 2 else _LATIN_DOTS) * scale)
        if round(font.getlength(cluster)) > size[0]:
            return self._squeezed(cluster, font, size, scale)
        cell = self._blank(*size)
        self._drawing(cell).text((size[0] / 2, _BASELINE_DOTS * scale), cluster, 1, font, anchor="ms")
        return cell

    def _squeezed(self, cluster: str, font: FreeTypeFont, size: tuple[int, int], scale: int) -> Image:
        """A letter that is wider than its cell ('W', '@'), narrowed in grey and made two-toned afterwards."""
        from PIL import Image

        room = round(font.getlength(cluster))
        grey = Image.new("L", (room, size[1]))
        self._drawing(grey).text((room / 2, _BASELINE_DOTS * scale), cluster, 255, font, anchor="ms")
        narrow = grey.resize(size, Image.Resampling.LANCZOS)
        return narrow.point([0] * 110 + [255] * 146, "1")

    def _numbered_box(self, character: str, columns: int, scale: int) -> Image:
        width, height = columns * CELL_DOTS * scale, CHARACTER_DOTS * scale
        cell = self._blank(width, height)
        pen = self._drawing(cell)
        pen.rectangle((1, 1, width - 3, height - 2), outline=1)
        number = f"{ord(character):06X}" if ord(character) > 0xFFFF else f"{ord(character):04X}"
        if columns == 2:
            half = len(number) // 2
            font = self._font(_SMALL_DOTS * scale)
            pen.text((width / 2 - 1, 10 * scale), number[:half], 1, font, anchor="ms")
            pen.text((width / 2 - 1, 20 * scale), number[half:], 1, font, anchor="ms")
        return cell

    def _is_missing(self, character: str) -> bool:
        if unicodedata.category(character) == "Cn":
            return True
        mask = self._font(CHARACTER_DOTS).getmask(character, "1")
        return (mask.size, bytes(mask)) == self._missing_shape

    @cached_property
    def _missing_shape(self) -> tuple[tuple[int, int], bytes]:
        mask = self._font(CHARACTER_DOTS).getmask(_NOWHERE, "1")
        return mask.size, bytes(mask)

    def _font(self, dots: int) -> FreeTypeFont:
        if dots not in self._fonts:
            try:
                from PIL import ImageFont

                self._fonts[dots] = ImageFont.truetype(self._path, dots, layout_engine=ImageFont.Layout.BASIC)
            except (ImportError, OSError) as error:
                raise FontUnavailable(f"{self._path}: {error}") from error
        return self._fonts[dots]

    @staticmethod
    def _blank(width: int, height: int) -> Image:
        from PIL import Image

        return Image.new("1", (width, height))

    @staticmethod
    def _drawing(image: Image) -> Pen:
        from PIL import ImageDraw

        return ImageDraw.Draw(image)
