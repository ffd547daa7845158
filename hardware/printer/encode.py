"""ESC/POS bytes. Pure: nothing here knows a port, a font or a clock.

1. Every text is cleaned and every command is made here, so nothing that a person typed is a command.
2. Chinese is sent between `FS &` and `FS .`, always said, because ESC @ returns a printer to its maker's own
   choice; ASCII is sent outside, so that a printer left in the wrong mode shows it at once.
3. A row that text cannot carry goes as an image of the whole row. Never '?'.
4. An image is `GS v 0` in slices, exactly as many bytes as its header says, and holds no byte pair that a
   printer takes for a command in real time (DLE EOT, DLE ENQ, DLE DC4): those are heard even inside images.

Commands: Epson's ESC/POS reference; the Chinese sequences agree with what receiptline emits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from hardware.printer.barcode import BarcodeUnfit, barcode_bitmap
from hardware.printer.bitmap import Bitmap, stacked
from hardware.printer.charset import clean, clusters, columns_of, encode_character, is_carried, without_rare
from hardware.printer.document import Document, check
from hardware.printer.layout import Code, Gap, Item, Row, laid_out, wrap
from hardware.printer.profile import DOUBLE_LINE_DOTS, LINE_DOTS, PrinterProfile
from hardware.printer.qr import QrTooLong, qr_bitmap

_ALIGN = {"left": 0, "center": 1, "right": 2}
_REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")

DrawRow = Callable[[Row], Bitmap]


class EscPosBuilder:
    """Collects the bytes of one job. Each method is one thing a printer does."""

    def __init__(self, profile: PrinterProfile) -> None:
        self._profile = profile
        self._out = bytearray(b"\x1b@")

    def row(self, row: Row) -> None:
        """One line of text. Raises ValueError where text cannot carry it or it is wider than the paper."""
        text = clean(row.text)
        if columns_of(text) * row.size > self._profile.columns:
            raise ValueError(f"{columns_of(text)} columns at size {row.size} are wider than the paper")
        style = _style(row)
        self._out += b"\x1ba" + bytes([_ALIGN[row.align]]) + style + encode_text(text) + b"\n"
        if style:
            self._out += b"\x1bE\x00\x1d!\x00\x1c!\x00\x1b2"

    def feed(self, lines: int = 1) -> None:
        """Empty lines, at most 255."""
        self._out += b"\x1bd" + bytes([lines])

    def raster(self, image: Bitmap) -> None:
        """An image. Raises ValueError where it is wider than the paper, which would clip amounts away."""
        if image.width > self._profile.dots:
            raise ValueError(f"an image of {image.width} dots on paper of {self._profile.dots}")
        self._out += b"\x1ba\x00"
        for first in range(0, image.height, self._profile.slice_rows):
            self._slice(image, first, min(self._profile.slice_rows, image.height - first))

    def _slice(self, image: Bitmap, first: int, rows: int) -> None:
        data = image.data[first * image.stride : (first + rows) * image.stride]
        self._out += b"\x1dv0\x00" + image.stride.to_bytes(2, "little") + rows.to_bytes(2, "little")
        self._out += guarded(data)

    def finish(self) -> bytes:
        """Feed the paper clear of the head, cut where there is a cutter, and hand the job over."""
        self.feed(self._profile.feed_lines)
        if self._profile.cutter:
            self._out += b"\x1dVB\x00"
        return bytes(self._out)


def _style(row: Row) -> bytes:
    """Bold and size. `GS !` and `FS !` both: on many printers each reaches one of ASCII and Chinese only."""
    style = b"\x1bE\x01" if row.bold else b""
    if row.size == 2:
        style += b"\x1d!\x11\x1c!\x0c\x1b3" + bytes([DOUBLE_LINE_DOTS])
    return style


def encode_text(text: str) -> bytes:
    """Clean text as bytes, Chinese between `FS &` and `FS .`. Raises ValueError for what is no text."""
    out = bytearray()
    for is_double, characters in groupby(map(_encoded, text), key=lambda encoded: len(encoded) == 2):
        run = b"".join(characters)
        out += b"\x1c&" + run + b"\x1c." if is_double else run
    return bytes(out)


def _encoded(character: str) -> bytes:
    encoded = encode_character(character)
    if encoded is None:
        raise ValueError(f"U+{ord(character):04X} cannot be sent as text")
    return encoded


def guarded(data: bytes) -> bytes:
    """Image bytes in which one dot is turned wherever they would spell a command in real time."""
    if not any(pattern in data for pattern in _REAL_TIME):
        return data
    safe = bytearray(data)
    for index in range(1, len(safe)):
        if safe[index - 1] == 0x10 and safe[index] in (0x04, 0x05, 0x14):
            safe[index] ^= 0x02  # makes 06, 07 or 16: none of them a command, none of them a new 10
    return bytes(safe)


@dataclass(frozen=True, slots=True)
class EncodedJob:
    """A job's bytes. `substituted` is true where '〓' stands for a character, for want of a font."""

    data: bytes
    substituted: bool = False


def encode_document(document: Document, profile: PrinterProfile, draw: DrawRow | None) -> EncodedJob:
    """The whole job for one printer.

    `draw` makes the picture of a row, for rows that text cannot carry and for printers that print images
    only; None says that there is no font to draw with. Raises `DocumentError`, and ValueError where the
    profile prints images only and there is no `draw`.
    """
    check(document)
    if draw is None and profile.raster_only:
        raise ValueError(f"profile {profile.name} prints images only, and there is no font to draw with")
    items = laid_out(document, profile.columns, clean if draw else _text_only)
    builder = EscPosBuilder(profile)
    for as_image, group in groupby(_parts(items, profile, draw), key=lambda part: isinstance(part, Bitmap)):
        if as_image:
            builder.raster(stacked([part for part in group if isinstance(part, Bitmap)]))
        else:
            _add_text(builder, group)
    return EncodedJob(builder.finish(), draw is None and _has_rare(document))


def _add_text(builder: EscPosBuilder, parts: Iterator[Row | Gap | Bitmap]) -> None:
    for part in parts:
        if isinstance(part, Row):
            builder.row(part)
        else:
            builder.feed()


def _parts(items: list[Item], profile: PrinterProfile, draw: DrawRow | None) -> Iterator[Row | Gap | Bitmap]:
    """Each item as what is sent: text, an empty line, or an image as wide as the paper."""
    for item in items:
        if isinstance(item, Code):
            yield from _code(item, profile, draw)
        elif isinstance(item, Row):
            yield _text_or_image(item, profile, draw)
        elif profile.raster_only:
            yield Bitmap(profile.dots, LINE_DOTS, bytes(profile.dots // 8 * LINE_DOTS))
        else:
            yield item


def _text_or_image(row: Row, profile: PrinterProfile, draw: DrawRow | None) -> Row | Bitmap:
    if draw is not None and (profile.raster_only or not is_carried(row.text)):
        return draw(row)
    return row


def _code(code: Code, profile: PrinterProfile, draw: DrawRow | None) -> Iterator[Row | Bitmap]:
    """The code, and a barcode's content under it; its content alone in plain text where no readable code fits: the
    paper still says it."""
    content = code.content if draw else without_rare(code.content)
    try:
        if not code.is_barcode:
            yield qr_bitmap(code.content, profile.dots, code.align, code.size)
            return
        yield barcode_bitmap(code.content, profile.dots, code.align)
        align = code.align
    except (QrTooLong, BarcodeUnfit):
        align = "left"
    for text in wrap(content, profile.columns):
        yield _text_or_image(Row(text, align), profile, draw)


def _text_only(text: str) -> str:
    return without_rare(clean(text))


def _has_rare(document: Document) -> bool:
    texts = (text for line in document for text in (line.left, line.right))
    return any(not is_carried(cluster) for text in texts for cluster in clusters(clean(text)))
