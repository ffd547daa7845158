"""Tables for a terminal, where a Chinese character is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence


def shown(text: str) -> str:
    """The text with what would move the cursor or colour the terminal replaced."""
    return "".join(character if character.isprintable() else "?" for character in text)


def width(text: str) -> int:
    """How many columns a terminal needs for it."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """The rows as lines, each column as wide as its widest cell; the columns numbered in ``right`` end together."""
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(_filled(cell, widths[n], n in right) for n, cell in enumerate(row)).rstrip() for row in cells]


def _filled(cell: str, columns: int, to_the_right: bool) -> str:
    space = " " * (columns - width(cell))
    return space + cell if to_the_right else cell + space
