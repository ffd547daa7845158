"""What a printer accepts: a sequence of lines, each saying what it is and none how it is sent.

1. Structural on purpose: any object with these attributes is a line, so whoever writes receipts need not
   know this package, and this package knows no receipt.
2. Text is whatever a person or a gateway wrote. Nobody need clean it first: the encoder does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

TEXT = "text"  # `left`, placed by `align`
PAIR = "pair"  # `left` at the left edge, `right` at the right edge; wraps where both do not fit
RULE = "rule"  # a line across the paper
QR = "qr"  # `left` as a QR code, placed by `align`
BARCODE = "barcode"  # `left` as a Code 128 with its text under it, placed by `align`
BLANK = "blank"  # an empty line

KINDS = frozenset({TEXT, PAIR, RULE, QR, BARCODE, BLANK})
ALIGNMENTS = ("left", "center", "right")
SIZES = (1, 2)

# A receipt of twenty bills has about 150 lines. More than this is a fault of the caller, not a receipt.
MAX_LINES = 1000
MAX_TEXT = 4096  # characters in one line, before wrapping


class DocumentLine(Protocol):
    """One line. `size` 2 is double width and height; `right` counts in a pair only."""

    @property
    def kind(self) -> str: ...
    @property
    def left(self) -> str: ...
    @property
    def right(self) -> str: ...
    @property
    def align(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def bold(self) -> bool: ...


Document: TypeAlias = Sequence[DocumentLine]


class DocumentError(ValueError):
    """The document cannot be printed as it is: an unknown kind, alignment or size, or far too much of it."""


def check(document: Document) -> None:
    """Refuse what is no document, before a byte of it is made. Raises `DocumentError`."""
    if len(document) > MAX_LINES:
        raise DocumentError(f"{len(document)} lines, at most {MAX_LINES} are printed")
    for number, line in enumerate(document, start=1):
        if line.kind not in KINDS:
            raise DocumentError(f"line {number}: kind {line.kind!r} is not one of {sorted(KINDS)}")
        if line.align not in ALIGNMENTS:
            raise DocumentError(f"line {number}: align {line.align!r} is not one of {ALIGNMENTS}")
        if line.size not in SIZES:
            raise DocumentError(f"line {number}: size {line.size!r} is not one of {SIZES}")
        if len(line.left) > MAX_TEXT or len(line.right) > MAX_TEXT:
            raise DocumentError(f"line {number}: a text is longer than {MAX_TEXT} characters")
