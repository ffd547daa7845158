"""A picture of black dots, in the very layout that `GS v 0` sends. Pure, and immutable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bitmap:
    """`width` and `height` in dots; `data` row by row, the leftmost dot the highest bit, 1 = black.

    Every row begins on a byte, so a row is `stride` bytes; dots beyond `width` are white.
    """

    width: int
    height: int
    data: bytes

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 0 or len(self.data) != self.stride * self.height:
            raise ValueError(f"{len(self.data)} bytes are no bitmap of {self.width} x {self.height} dots")

    @property
    def stride(self) -> int:
        """Bytes a row."""
        return (self.width + 7) // 8

    def row(self, y: int) -> bytes:
        """The bytes of row `y`."""
        return self.data[y * self.stride : (y + 1) * self.stride]

    def dot(self, x: int, y: int) -> bool:
        """True where the dot is black."""
        return bool(self.data[y * self.stride + x // 8] & (0x80 >> x % 8))


def stacked(parts: Sequence[Bitmap]) -> Bitmap:
    """`parts`, all of one width, one below the other."""
    return Bitmap(parts[0].width, sum(part.height for part in parts), b"".join(part.data for part in parts))


def from_rows(rows: Sequence[Sequence[bool]], dots: int, left: int, width: int) -> Bitmap:
    """A grid of modules drawn `dots` by `dots` each, `left` dots from the edge of a picture `width` wide."""
    packed = b"".join(_packed(row, dots, left, width) * dots for row in rows)
    return Bitmap(width, len(rows) * dots, packed)


def _packed(row: Sequence[bool], dots: int, left: int, width: int) -> bytes:
    stride = (width + 7) // 8
    value = 0
    for index, black in enumerate(row):
        if black:
            first = left + index * dots
            value |= ((1 << dots) - 1) << (stride * 8 - first - dots)
    return value.to_bytes(stride, "big")
