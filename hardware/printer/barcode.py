"""A Code 128 as dots, for scanners that read no QR: whole dots a module, ten modules of white on either side.

Sent as an image, as the QR is, because printers differ in which barcodes they know. ASCII alone; digits in pairs where
that is shorter. Source of the patterns: ISO/IEC 15417, table of bar and space widths.
"""

from __future__ import annotations

from collections.abc import Iterator

from hardware.printer.bitmap import Bitmap, from_rows

QUIET_MODULES = 10
HEIGHT_DOTS = 72  # 9 mm
LARGEST_MODULE_DOTS = 3
SMALLEST_MODULE_DOTS = 2  # 0.25 mm: below this hand scanners begin to fail on thermal paper
_START_B, _START_C, _TO_B, _TO_C, _STOP = 104, 105, 100, 99, 106
_PAIRS_WORTH_IT = 4  # digits in a row from which on set C is shorter

#: Widths of bars and spaces in modules, by the symbol's value.
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_WIDTHS = tuple(_TABLE.split(" "))


class BarcodeUnfit(ValueError):
    """No barcode of readable modules fits the paper with this in it, or it holds what none can."""


def barcode_bitmap(content: str, width: int, align: str = "center") -> Bitmap:
    """The Code 128 of `content` on a strip `width` dots wide. Raises `BarcodeUnfit`."""
    modules = [black for value in _values(content) for black in _modules(value)]
    quiet = [False] * QUIET_MODULES
    row = [*quiet, *modules, *quiet]
    dots = min(LARGEST_MODULE_DOTS, width // len(row))
    if dots < SMALLEST_MODULE_DOTS:
        raise BarcodeUnfit(f"a barcode of {len(row)} modules does not fit {width} dots")
    spare = width - dots * len(row)
    left = {"left": 0, "center": spare // 2, "right": spare}[align]
    line = from_rows([row], dots, left, width)
    return Bitmap(width, HEIGHT_DOTS, line.row(0) * HEIGHT_DOTS)


def _values(content: str) -> list[int]:
    """Start, the content's symbols, the check symbol, stop."""
    if not content or any(not " " <= letter <= "~" for letter in content):
        raise BarcodeUnfit("a barcode holds printable ASCII alone")
    symbols = list(_symbols(content))
    check = (symbols[0] + sum(at * value for at, value in enumerate(symbols))) % 103
    return [*symbols, check, _STOP]


def _symbols(content: str) -> Iterator[int]:
    """The start symbol and the content, digits in pairs where there are enough of them."""
    at, in_pairs = 0, False
    while at < len(content):
        digits = _digits_from(content, at)
        pairs = digits >= _PAIRS_WORTH_IT or (in_pairs and digits >= 2)
        if at == 0:
            yield _START_C if pairs else _START_B
        elif pairs != in_pairs:
            yield _TO_C if pairs else _TO_B
        in_pairs = pairs
        if pairs:
            yield int(content[at : at + 2])
            at += 2
        else:
            yield ord(content[at]) - 32
            at += 1


def _digits_from(content: str, at: int) -> int:
    end = at
    while end < len(content) and content[end].isascii() and content[end].isdigit():
        end += 1
    return end - at


def _modules(value: int) -> Iterator[bool]:
    for at, wide in enumerate(_WIDTHS[value]):
        yield from [at % 2 == 0] * int(wide)
