"""A scanner that pretends to be a keyboard: Linux's key events as the bytes it would have sent on a line. Pure.

1. The layout is the United States', which scanners are set to when they leave the factory; shift and CapsLock count,
   also where the person at the counter left CapsLock on.
2. A key that is held repeats itself (value 2): that is nobody's second figure.
3. When the kernel lost events (SYN_DROPPED) nothing is known of the keys any more: a byte that no code holds goes into
   the code that was coming, so that it is never taken for one.

Numbers: linux/input-event-codes.h.
"""

from __future__ import annotations

EV_SYN, EV_KEY = 0x00, 0x01
SYN_DROPPED = 3
UP, DOWN = 0, 1
_LEFT_SHIFT, _RIGHT_SHIFT, _CAPS_LOCK = 42, 54, 58
_ENTER, _KEYPAD_ENTER, _TAB = 28, 96, 15
_ENDS = {_ENTER: b"\r", _KEYPAD_ENTER: b"\r", _TAB: b"\t"}
#: No code holds it (framing.IMPOSSIBLE_BYTES).
LOST = b"\xff"


def _rows(*rows: tuple[int, str, str]) -> dict[int, tuple[str, str]]:
    return {
        first + at: pair for first, lows, highs in rows for at, pair in enumerate(zip(lows, highs, strict=True))
    }  # fmt: skip


#: Plain and with shift, by the key's number.
_KEYS = _rows(
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (55, "*", "*"),
    (98, "/", "/"),
)


class KeyTranslator:
    """Turns events into bytes; one for each opening of a device, so that no key of the last one is still held."""

    def __init__(self) -> None:
        self._shifts: set[int] = set()
        self._caps = False

    def feed(self, kind: int, code: int, value: int) -> bytes:
        """The bytes that this event types; b"" for most."""
        if kind == EV_SYN and code == SYN_DROPPED:
            self._shifts.clear()
            return LOST
        if kind != EV_KEY:
            return b""
        if code in (_LEFT_SHIFT, _RIGHT_SHIFT):
            self._shift(code, value)
            return b""
        if value != DOWN:
            return b""
        if code == _CAPS_LOCK:
            self._caps = not self._caps
            return b""
        return _ENDS.get(code) or self._typed(code)

    def _shift(self, code: int, value: int) -> None:
        if value == UP:
            self._shifts.discard(code)
        else:
            self._shifts.add(code)

    def _typed(self, code: int) -> bytes:
        pair = _KEYS.get(code)
        if pair is None:
            return b""
        shifted = bool(self._shifts)
        if pair[0].isalpha():
            shifted = shifted != self._caps
        return pair[shifted].encode("ascii")
