"""Used payment codes (rules 2 and 3): remembered as a keyed hash, refused for a while.

The key is drawn once for a journal and lies in it: it keeps a list of hashes that is copied by itself from being
tried out against all codes. The codes themselves are worth nothing after a minute.
"""

from __future__ import annotations

import hashlib
import hmac

import apsw

from kiosk.core.payment_code import PaymentCode

KEY_LENGTH = 32
#: A code's keyed hash and when it was used, in milliseconds of the wall clock.
Remembered = tuple[bytes, int]


class UsedCodes:
    """The codes in the table, and those that wait for their order's ``intent``."""

    def __init__(self, key: bytes, memory_s: float) -> None:
        self._key = key
        self._memory_ms = round(memory_s * 1000)
        self._waiting: dict[str, Remembered] = {}

    def used(self, connection: apsw.Connection, code: PaymentCode, at_ms: int) -> bool:
        """Whether the code was used, or is about to be. A use that seems to lie ahead (the clock was set back)
        counts."""
        digest = self._hash(code)
        if any(waiting == digest for waiting, _ in self._waiting.values()):
            return True
        query = "SELECT 1 FROM codes WHERE digest = ? AND at_ms > ?"
        return connection.execute(query, (digest, at_ms - self._memory_ms)).fetchone() is not None

    def remember(self, code: PaymentCode, order_no: str, at_ms: int) -> None:
        """Let the code wait for the commit of this order's ``intent``."""
        self._waiting[order_no] = self._hash(code), at_ms

    def take(self, order_no: str) -> Remembered | None:
        """What waits for this order, which then waits no longer."""
        return self._waiting.pop(order_no, None)

    drop = take

    def store(self, connection: apsw.Connection, code: Remembered, order_no: str) -> None:
        """Write it, within the intent's transaction; old ones go. A code that is there already is refused by its
        key (:class:`apsw.ConstraintError`)."""
        digest, at_ms = code
        connection.execute("DELETE FROM codes WHERE at_ms <= ?", (at_ms - self._memory_ms,))
        connection.execute("INSERT INTO codes(digest, order_no, at_ms) VALUES (?, ?, ?)", (digest, order_no, at_ms))

    def _hash(self, code: PaymentCode) -> bytes:
        return hmac.digest(self._key, code.digits.encode(), hashlib.sha256)
