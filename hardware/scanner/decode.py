"""From a code's bytes to its text, and to what of it may be shown in a log.

1. Pure. The bytes are kept by the caller; a text is a reading of them.
2. A QR code with Chinese in it arrives as UTF-8 or as GBK, by the scanner's setting; bytes that are neither
   are read as Latin-1, which never fails, and say so in `encoding`.
3. A payment code is money until it is spent: logs get `mask(text)`, never the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_STX, _ETX = b"\x02", b"\x03"
_MASK_LIMIT = 12
# End of transmission and the four separators may stand inside a GS1 or AAMVA code; tabs and line ends inside a
# code are left to a limited suffix.
_SEPARATORS = frozenset("\t\r\n\x04\x1c\x1d\x1e\x1f")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A code's text and the encoding it was read by (`utf-8`, `gb18030` or `latin-1`)."""

    text: str = field(repr=False)
    encoding: str


def decode(raw: bytes) -> Decoded:
    """Read a code's bytes as text; an STX/ETX envelope and a byte-order mark are no part of it. Never raises."""
    body = raw.removeprefix(_STX).removesuffix(_ETX)
    for encoding in ("utf-8", "gb18030"):
        try:
            return Decoded(body.decode(encoding).removeprefix("\ufeff"), encoding)
        except UnicodeDecodeError:
            continue
    return Decoded(body.decode("latin-1"), "latin-1")


def is_plausible(text: str) -> bool:
    """True when every character is one that a code can mean.

    Garbage from a wrong speed often happens to be valid GB18030, but then holds characters that nobody
    assigned or that are for private use.
    """
    return bool(text) and all(character.isprintable() or character in _SEPARATORS for character in text)


def mask(text: str) -> str:
    """What a log may hold of a code: at most its first two and last four characters, never half of it."""
    head, tail = min(2, len(text) // 8), min(4, len(text) // 4)
    stars = "*" * min(_MASK_LIMIT, len(text) - head - tail)
    shown = text[:head] + stars + text[len(text) - tail :]
    return "".join(character if character.isprintable() else "?" for character in shown)
