"""What a printer would make of bytes: a strict ESC/POS decoder, the judge of our encoder.

1. It shares no code with the encoder. What it knows comes from Epson's command reference.
2. Strict: a byte that is no command, a parameter out of range, a text wider than the paper, an image wider
   than the paper or one that stops short is an error with its offset. It then goes on, as a printer does.
3. It looks for commands in real time (DLE EOT, DLE ENQ, DLE DC4) everywhere, inside images too, because
   printers do: their offsets are `real_time`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias

CELL_DOTS = 12
DEFAULT_SPACING_DOTS = 30


@dataclass(frozen=True, slots=True)
class Style:
    """How characters look. `wide` and `high` are the factors 1 to 8 (Chinese: 1 or 2)."""

    wide: int = 1
    high: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one style in a line; `cells` is what each takes at single size: 2 where Chinese."""

    text: str
    style: Style
    cells: int

    @property
    def columns(self) -> int:
        return len(self.text) * self.cells * self.style.wide


@dataclass(frozen=True, slots=True)
class TextLine:
    """A printed line; `spacing` is the feed in dots that ended it."""

    spans: tuple[Span, ...]
    align: str
    spacing: int

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    @property
    def columns(self) -> int:
        return sum(span.columns for span in self.spans)


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image: `rows` of whole bytes, leftmost dot in the highest bit, 1 = black."""

    stride: int
    rows: tuple[bytes, ...]
    align: str

    @property
    def width(self) -> int:
        return self.stride * 8


@dataclass(frozen=True, slots=True)
class Feed:
    """White paper, in dots."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The cutter works."""

    partial: bool


@dataclass(frozen=True, slots=True)
class Kick:
    """The cash drawer's solenoid is fired: connector pin 2 or 5, on and off times in ms."""

    pin: int
    on_ms: int
    off_ms: int


Element: TypeAlias = TextLine | Picture | Feed | Cut | Kick


@dataclass(frozen=True, slots=True)
class Problem:
    """What a real printer would have printed as rubbish, or worse."""

    offset: int
    what: str

    def __str__(self) -> str:
        return f"byte {self.offset}: {self.what}"


@dataclass(slots=True)
class Decoded:
    """One job, as paper."""

    elements: list[Element] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    real_time: list[int] = field(default_factory=list)
    #: Offsets of the questions after a sensor (GS r), which are answered in their turn.
    sensors: list[int] = field(default_factory=list)

    @property
    def lines(self) -> list[TextLine]:
        return [element for element in self.elements if isinstance(element, TextLine)]

    @property
    def pictures(self) -> list[Picture]:
        return [element for element in self.elements if isinstance(element, Picture)]

    @property
    def cuts(self) -> list[Cut]:
        return [element for element in self.elements if isinstance(element, Cut)]

    @property
    def kicks(self) -> list[Kick]:
        return [element for element in self.elements if isinstance(element, Kick)]

    @property
    def text(self) -> str:
        """All printed text, a line a line."""
        return "\n".join(line.text for line in self.lines)


def decode(data: bytes, columns: int) -> Decoded:
    """Decode one job for a printer of `columns` ASCII columns. Never raises."""
    decoder = _Decoder(data, columns)
    decoder.run()
    return decoder.result


_ALIGN = {0: "left", 1: "center", 2: "right", 48: "left", 49: "center", 50: "right"}


class _Decoder:
    """One pass over the bytes; `_at` is the next byte."""

    def __init__(self, data: bytes, columns: int) -> None:
        self.result = Decoded()
        self._data = data
        self._columns = columns
        self._at = 0
        self._reset()

    def _reset(self) -> None:
        self._align = "left"
        self._kanji = False
        self._latin_style = Style()
        self._kanji_style = Style()
        self._spacing = DEFAULT_SPACING_DOTS
        self._line: list[Span] = []

    def run(self) -> None:
        self._find_real_time()
        while self._at < len(self._data):
            byte = self._data[self._at]
            if byte == 0x0A:
                self._at += 1
                self._end_line()
            elif byte in (0x10, 0x1B, 0x1C, 0x1D):
                self._command()
            elif byte < 0x20 or byte == 0x7F:
                self._problem(f"{byte:02X} is no command", 1)
            else:
                self._character(byte)
        if self._line:
            self._problem("the last line was never printed: no line feed after it", 0)

    def _find_real_time(self) -> None:
        for offset in range(len(self._data) - 1):
            if self._data[offset] == 0x10 and self._data[offset + 1] in (0x04, 0x05, 0x14):
                self.result.real_time.append(offset)

    def _problem(self, what: str, skip: int) -> None:
        self.result.problems.append(Problem(self._at, what))
        self._at += skip

    # text

    def _character(self, byte: int) -> None:
        if not self._kanji or byte < 0x80:
            self._add(bytes([byte]).decode("cp437"), self._latin_style, 1)
            self._at += 1
            return
        code = self._data[self._at : self._at + 2]
        try:
            character = code.decode("gb18030")
        except UnicodeDecodeError:
            self._problem(f"{code.hex(' ').upper()} is no Chinese character", 1)
            return
        self._add(character, self._kanji_style, 2)
        self._at += 2

    def _add(self, character: str, style: Style, cells: int) -> None:
        span = Span(character, style, cells)
        if sum(before.columns for before in self._line) + span.columns > self._columns:
            self._problem("the line is wider than the paper", 0)
            self._end_line()
        if self._line and (self._line[-1].style, self._line[-1].cells) == (style, cells):
            self._line[-1] = replace(span, text=self._line[-1].text + character)
        else:
            self._line.append(span)

    def _end_line(self) -> None:
        if self._line:
            self.result.elements.append(TextLine(tuple(self._line), self._align, self._spacing))
            self._line = []
        else:
            self.result.elements.append(Feed(self._spacing))

    # commands

    def _command(self) -> None:
        name = self._data[self._at : self._at + 2]
        found = self._COMMANDS.get(name)
        if found is None:
            self._problem(f"{name.hex(' ').upper()} is no command", 1)
            return
        length, act = found
        parameters = self._data[self._at + 2 : self._at + 2 + length]
        if len(parameters) < length:
            self._problem(f"{name.hex(' ').upper()} stops short", len(self._data) - self._at)
            return
        start = self._at
        complaint = act(self, parameters)
        if complaint:
            self.result.problems.append(Problem(start, f"{name.hex(' ').upper()}: {complaint}"))
        self._at += 2 + length

    def _initialize(self, _: bytes) -> str:
        lost = "printed nothing of a line before it" if self._line else ""
        self._reset()
        return lost

    def _set_align(self, parameters: bytes) -> str:
        if self._line:
            return "counts at the beginning of a line only"
        if parameters[0] not in _ALIGN:
            return f"{parameters[0]} is no alignment"
        self._align = _ALIGN[parameters[0]]
        return ""

    def _set_bold(self, parameters: bytes) -> str:
        bold = bool(parameters[0] & 1)
        self._latin_style = replace(self._latin_style, bold=bold)
        self._kanji_style = replace(self._kanji_style, bold=bold)
        return ""

    def _set_latin_size(self, parameters: bytes) -> str:
        wide, high = (parameters[0] >> 4) + 1, (parameters[0] & 0x0F) + 1
        self._latin_style = replace(self._latin_style, wide=wide, high=high)
        return "sizes go to 8" if max(wide, high) > 8 else ""

    def _set_kanji_size(self, parameters: bytes) -> str:
        wide, high = 1 + (parameters[0] >> 2 & 1), 1 + (parameters[0] >> 3 & 1)
        self._kanji_style = replace(self._kanji_style, wide=wide, high=high)
        return "a bit that is not size or underline" if parameters[0] & ~0x8C else ""

    def _kanji_on(self, _: bytes) -> str:
        self._kanji = True
        return ""

    def _kanji_off(self, _: bytes) -> str:
        self._kanji = False
        return ""

    def _default_spacing(self, _: bytes) -> str:
        self._spacing = DEFAULT_SPACING_DOTS
        return ""

    def _set_spacing(self, parameters: bytes) -> str:
        self._spacing = parameters[0]
        return ""

    def _feed_lines(self, parameters: bytes) -> str:
        if self._line:
            self._end_line()
            return "a line was ended by a feed"
        self.result.elements.append(Feed(parameters[0] * self._spacing))
        return ""

    def _feed_dots(self, parameters: bytes) -> str:
        if self._line:
            self._end_line()
            return "a line was ended by a feed"
        self.result.elements.append(Feed(parameters[0]))
        return ""

    def _cut(self, parameters: bytes) -> str:
        if self._line:
            return "counts at the beginning of a line only"
        if parameters[0] in (0x41, 0x42):
            self._at += 1  # function B has one more parameter: the feed before the cut
            if self._at + 2 >= len(self._data):
                return "stops short"
        elif parameters[0] not in (0x00, 0x01, 0x30, 0x31):
            return f"{parameters[0]} is no way to cut"
        self.result.elements.append(Cut(partial=parameters[0] in (0x01, 0x31, 0x42)))
        return ""

    def _kick(self, parameters: bytes) -> str:
        pin, on, off = parameters
        if pin not in (0, 1, 48, 49):
            return f"{pin} is no drawer"
        self.result.elements.append(Kick(2 if pin in (0, 48) else 5, on * 2, off * 2))
        return ""

    def _raster(self, parameters: bytes) -> str:
        sub, mode, stride, rows = parameters[0], parameters[1], parameters[2:4], parameters[4:6]
        width, height = int.from_bytes(stride, "little"), int.from_bytes(rows, "little")
        if sub != 0x30 or mode not in (0, 48) or not width or not height:
            return "not a raster image of ordinary density"
        start = self._at + 2 + len(parameters)
        data = self._data[start : start + width * height]
        self._at += len(data)
        if len(data) < width * height:
            return f"{width * height} bytes of image promised, {len(data)} came"
        cut = tuple(data[y * width : (y + 1) * width] for y in range(height))
        self.result.elements.append(Picture(width, cut, self._align))
        if self._line:
            return "an image in the middle of a line"
        return "the image is wider than the paper" if width * 8 > self._columns * CELL_DOTS else ""

    def _status(self, parameters: bytes) -> str:
        return "" if 1 <= parameters[0] <= 4 else f"{parameters[0]} is no status"

    def _sensor(self, parameters: bytes) -> str:
        self.result.sensors.append(self._at)
        return "" if parameters[0] in (1, 2, 49, 50) else f"{parameters[0]} is no sensor"

    _COMMANDS: ClassVar[dict[bytes, tuple[int, Callable[[_Decoder, bytes], str]]]] = {
        b"\x1b@": (0, _initialize),
        b"\x1ba": (1, _set_align),
        b"\x1bE": (1, _set_bold),
        b"\x1b2": (0, _default_spacing),
        b"\x1b3": (1, _set_spacing),
        b"\x1bd": (1, _feed_lines),
        b"\x1bJ": (1, _feed_dots),
        b"\x1bp": (3, _kick),
        b"\x1d!": (1, _set_latin_size),
        b"\x1dV": (1, _cut),
        b"\x1dr": (1, _sensor),
        b"\x1dv": (6, _raster),
        b"\x1c!": (1, _set_kanji_size),
        b"\x1c&": (0, _kanji_on),
        b"\x1c.": (0, _kanji_off),
        b"\x10\x04": (1, _status),
    }
