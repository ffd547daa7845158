"""How a maker's scanners answer, among the codes that they read. Data and pure functions.

1. Nothing is sent to a scanner, but for SSI's own acknowledgements: on another maker's scanner the letters D, E and R
   are commands, and one of them makes it deaf. It answers all the same: to a set-up program, to a code of its manual.
2. An answer comes on the stream of the codes and is none. Newland's (STX SOH 0000 ... ETX) cannot be a code and is
   known without a brand; the others are looked for only where the brand is named, since a code may look so.

Sources: Newland manual (manualslib 3278488 p.35; older ones 1277647 p.216), Honeywell (2798764 p.166).
"""

from __future__ import annotations

from enum import Enum

STX, ETX, ENQ, ACK, NAK, SYN = 0x02, 0x03, 0x05, 0x06, 0x15, 0x16
REPLY_LIMIT = 512  # bytes; a longer answer is none

_NEWLAND_HEAD = b"\x02\x01"
_OLD_NEWLAND_HEAD = b"$$%"
_HONEYWELL_VERDICTS = frozenset({ENQ, ACK, NAK})
_HONEYWELL_ENDS = frozenset(b".!,;")
#: The bytes with which an answer can be told to have begun; every other byte needs no look.
TELLING_BYTES = frozenset({0x01, SYN, ENQ, ACK, NAK, ord("%")})


class Brand(Enum):
    """Who made the scanner, where the settings say so."""

    UNKNOWN = ""
    HONEYWELL = "honeywell"
    NEWLAND = "newland"


def is_reply_begun(brand: Brand, pending: bytes | bytearray) -> bool:
    """Whether what has come since the last code is the beginning of an answer."""
    if pending.startswith(_NEWLAND_HEAD):
        return True
    if brand is Brand.NEWLAND:
        return pending.startswith(_OLD_NEWLAND_HEAD)
    return brand is Brand.HONEYWELL and (pending[0] == SYN or pending[-1] in _HONEYWELL_VERDICTS)


def is_reply_over(reply: bytes | bytearray) -> bool:
    """Whether an answer that has begun ends with its newest byte."""
    if reply.startswith(_NEWLAND_HEAD):
        return reply[-1] == ETX
    if reply.startswith(_OLD_NEWLAND_HEAD):
        return reply[-1] in b"\r\n"
    return len(reply) >= 2 and reply[-2] in _HONEYWELL_VERDICTS and reply[-1] in _HONEYWELL_ENDS
