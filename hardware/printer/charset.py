"""Which characters a printer carries as text, how wide they are, and what never reaches it.

1. `clean` comes first, always: no control character, no direction mark and no half of a character of any
   text becomes a byte, so a customer's name can hold no printer command.
2. Only ASCII and the two-byte codes that printers' fonts hold are text. Whatever else Unicode has is
   `None` here and is drawn as an image instead: never '?', never the stray digits of a four-byte code.
3. Width is counted from the bytes that are sent, because the printer counts those: '—' or '×' are narrow to
   Unicode and two columns on paper.
4. A cluster is one character with its combining marks: the smallest piece a line may be cut into.

Python's 'gb18030' is used and not 'gbk', which lacks '€' (A2E3).
"""

from __future__ import annotations

import unicodedata

GETA = "〓"  # printers' own sign for "a character that is not in the case"; two bytes, in every font

_SAME = str.maketrans(
    {
        "¥": "￥",  # U+00A5 would be four bytes; FFE5 is A3A4 in every font
        "²": "2",
        "³": "3",
        "✓": "√",
        "•": "·",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "〜": "～",
    }
)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SPACES = frozenset("\t\n\v\f\r\x85\u2028\u2029")
_MARKS = frozenset({"Mn", "Me"})


def clean(text: str) -> str:
    """`text` with commands, direction marks and lone surrogates gone, look-alikes made printable, and NFC.

    White space of any kind becomes one plain space, but for the ideographic space, which is a character.
    """
    kept = "".join(_keep(character) for character in text)
    return unicodedata.normalize("NFC", kept).translate(_SAME)


def _keep(character: str) -> str:
    if character in _SPACES:
        return " "
    category = unicodedata.category(character)
    if category in _DROPPED or _is_variation_selector(character):
        return ""
    if category == "Zs" and character != "\u3000":
        return " "
    return character


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def encode_character(character: str) -> bytes | None:
    """The one or two bytes that print this character, or None where text cannot carry it."""
    if " " <= character <= "~":
        return character.encode("ascii")
    if unicodedata.category(character) in ("Co", "Cn", "Cc", "Cs"):
        return None  # gb18030 gives private-use characters two bytes, with nothing in the font behind them
    encoded = character.encode("gb18030")
    # Lead byte FE is the part of the standard that came late: two bytes, and missing from most fonts.
    return encoded if len(encoded) == 2 and encoded[0] < 0xFE else None


def is_carried(text: str) -> bool:
    """True where every character of (clean) `text` can be sent as text."""
    return all(encode_character(character) is not None for character in text)


def without_rare(text: str) -> str:
    """`text` with '〓' for what text cannot carry: only for a printer with no font to draw from."""
    return "".join(cluster if is_carried(cluster) else GETA for cluster in clusters(text))


def clusters(text: str) -> list[str]:
    """`text` cut into characters, combining marks kept with the one they stand on."""
    pieces: list[str] = []
    for character in text:
        if pieces and unicodedata.category(character) in _MARKS and encode_character(character) is None:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def columns_of(text: str) -> int:
    """Columns that (clean) `text` takes at size 1."""
    return sum(_cluster_columns(cluster) for cluster in clusters(text))


def _cluster_columns(cluster: str) -> int:
    encoded = encode_character(cluster[0])
    if encoded is not None:
        return len(encoded)
    wide = unicodedata.east_asian_width(cluster[0]) in "WFA" or cluster[0] > "\uffff"
    return 2 if wide else 1
