"""A document becomes rows for a paper of N columns. Pure; the same rows are sent as text or drawn as dots.

1. Wrapping is done on characters, before anything is encoded, so no two-byte code is ever cut.
2. No row is wider than the paper: a printer would break it where it likes.
3. A word of digits and Latin letters is not broken while it fits a line of its own: order numbers and
   amounts stay whole. No line begins with closing punctuation or ends with opening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hardware.printer import document as doc
from hardware.printer.charset import clean, clusters, columns_of
from hardware.printer.document import Document, DocumentLine

_CLOSING = frozenset("，。、：；！？）》」』】〕”’…·％℃,.:;!?)]}%")
_OPENING = frozenset("（《「『【〔“‘￥([{")


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line of clean text, at most as wide as the paper at its size."""

    text: str
    align: str = "left"
    size: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code, or a barcode where `is_barcode`."""

    content: str
    align: str = "center"
    size: int = 1
    is_barcode: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line."""


Item: TypeAlias = Row | Code | Gap


def laid_out(document: Document, columns: int, prepare: Callable[[str], str] = clean) -> list[Item]:
    """The rows of `document` on paper of `columns`; `prepare` makes any text clean (see `charset`)."""
    return [item for line in document for item in _items(line, columns, prepare)]


def _items(line: DocumentLine, columns: int, prepare: Callable[[str], str]) -> Iterator[Item]:
    if line.kind == doc.BLANK:
        yield Gap()
    elif line.kind == doc.RULE:
        yield Row("-" * columns)
    elif line.kind == doc.QR:
        yield Code(clean(line.left), line.align, line.size)
    elif line.kind == doc.BARCODE:
        yield Code(clean(line.left), line.align, line.size, is_barcode=True)
    elif line.kind == doc.PAIR:
        for text in pair(prepare(line.left), prepare(line.right), columns // line.size):
            yield Row(text, "left", line.size, line.bold)
    else:
        for text in wrap(prepare(line.left), columns // line.size):
            yield Row(text, line.align, line.size, line.bold)


def pair(left: str, right: str, columns: int) -> list[str]:
    """`left` and `right` at the two edges of one line, or of as few lines as read well."""
    room = columns - columns_of(left) - 1
    if columns_of(right) <= room:
        return [_joined(left, right, columns)]
    if room * 2 >= columns and all(columns_of(atom) <= room for atom in _atoms(right)):
        first, *rest = wrap(right, room)
        return [_joined(left, first, columns), *(_joined("", piece, columns) for piece in rest)]
    return _stacked(wrap(left, columns), wrap(right, columns), columns)


def _stacked(left: list[str], right: list[str], columns: int) -> list[str]:
    """The value below its label, or beside the label's last line where that leaves room."""
    if len(right) == 1 and columns_of(left[-1]) + 1 + columns_of(right[0]) <= columns:
        return [*left[:-1], _joined(left[-1], right[0], columns)]
    label = left if left != [""] else []
    return [*label, *(_joined("", piece, columns) for piece in right)]


def _joined(left: str, right: str, columns: int) -> str:
    return left + " " * (columns - columns_of(left) - columns_of(right)) + right


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`; always at least one line, and no spaces at a break."""
    lines: list[str] = []
    current = ""
    for atom in _atoms(text):
        if current and columns_of(current) + columns_of(atom) > columns:
            lines.append(current)
            current = ""
        if atom == " " and lines and not current:
            continue
        *full, current = _cut(current + atom, columns)
        lines.extend(full)
    stripped = [line.rstrip(" ") for line in [*lines, current]]
    return [line for line in stripped if line] or [""]


def _atoms(text: str) -> Iterator[str]:
    """The pieces that a line is broken between: spaces, words, single Chinese characters with punctuation."""
    atom = ""
    for cluster in clusters(text):
        if atom and _may_break(atom, cluster):
            yield atom
            atom = ""
        atom += cluster
    if atom:
        yield atom


def _may_break(before: str, cluster: str) -> bool:
    if before == " " or cluster == " ":
        return True
    if cluster in _CLOSING or before[-1] in _OPENING:
        return False
    return columns_of(cluster) == 2 or columns_of(clusters(before)[-1]) == 2


def _cut(text: str, columns: int) -> list[str]:
    """`text`, cut hard wherever `columns` are full; the last piece may still grow."""
    pieces = [""]
    width = 0
    for cluster in clusters(text):
        step = columns_of(cluster)
        if width + step > columns:
            pieces.append("")
            width = 0
        pieces[-1] += cluster
        width += step
    return pieces
