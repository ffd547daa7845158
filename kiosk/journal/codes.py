"""Used payment codes (rules 2 and 3): remembered as a keyed hash, refused for a while.

Rules
1. The key is drawn once for a journal and lies in it: it keeps a list of hashes that is copied by itself from being
   tried out against all codes. The codes themselves are worth nothing after a minute.
2. A code is forgotten only where both clocks say that its time is over: a wall clock set ahead makes none fresh
   (rule 15). The monotonic one counts from the use, or, for a code of an earlier process, from this one's first look.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import apsw

from kiosk.core.order import Instant
from kiosk.core.payment_code import PaymentCode

KEY_LENGTH = 32
#: However long they are refused: more than these are never kept.
MOST_KEPT = 100_000
#: A code's keyed hash and when it was used.
Remembered = tuple[bytes, Instant]


class UsedCodes:
    """The codes in the table, and those that wait for their order's ``intent``."""

    def __init__(self, key: bytes, memory_s: float) -> None:
        self._key = key
        self._memory_s = memory_s
        self._waiting: dict[str, Remembered] = {}
        self._first_look_s: float | None = None
        #: Codes used by this process and not over yet: hash to when, oldest first.
        self._fresh: dict[bytes, float] = {}

    def used(self, connection: apsw.Connection, code: PaymentCode, at: Instant) -> bool:
        """Whether the code was used, or is about to be. A use that seems to lie ahead (the clock was set back)
        counts."""
        self._look(at)
        digest = self._hash(code)
        if digest in self._fresh or any(waiting == digest for waiting, _ in self._waiting.values()):
            return True
        row: Any = connection.execute("SELECT at_ms FROM codes WHERE digest = ?", (digest,)).fetchone()
        return row is not None and not self._is_over(row[0], at)

    def remember(self, code: PaymentCode, order_no: str, at: Instant) -> None:
        """Let the code wait for the commit of this order's ``intent``."""
        self._waiting[order_no] = self._hash(code), at

    def take(self, order_no: str) -> Remembered | None:
        """What waits for this order, which then waits no longer."""
        return self._waiting.pop(order_no, None)

    def drop(self, connection: apsw.Connection, order_no: str) -> None:
        """Not one byte of it left: it may be used again. Within a transaction."""
        self.take(order_no)
        row: Any = connection.execute("SELECT digest FROM codes WHERE order_no = ?", (order_no,)).fetchone()
        if row is not None:
            self._fresh.pop(row[0], None)
            connection.execute("DELETE FROM codes WHERE order_no = ?", (order_no,))

    def store(self, connection: apsw.Connection, code: Remembered, order_no: str) -> None:
        """Write it, within the intent's transaction; those whose time is over go. A code that is there already is
        refused by its key (:class:`apsw.ConstraintError`)."""
        digest, at = code
        self._look(at)
        for old in self._over(connection, at):
            connection.execute("DELETE FROM codes WHERE digest = ?", (old,))
        row = (digest, order_no, at.wall_ms)
        connection.execute("INSERT INTO codes(digest, order_no, at_ms) VALUES (?, ?, ?)", row)
        connection.execute("DELETE FROM codes WHERE rowid <= ?", (connection.last_insert_rowid() - MOST_KEPT,))

    def stored(self, code: Remembered) -> None:
        """The intent's commit succeeded."""
        digest, at = code
        self._fresh[digest] = at.mono_s

    def _look(self, at: Instant) -> None:
        """Note the first look, and let go what this process used and is over by the monotonic clock."""
        if self._first_look_s is None:
            self._first_look_s = at.mono_s
        while self._fresh and at.mono_s - next(iter(self._fresh.values())) >= self._memory_s:
            del self._fresh[next(iter(self._fresh))]

    def _is_over(self, used_ms: int, at: Instant) -> bool:
        """Both clocks say so, for a code that is not among the fresh ones."""
        begun_s = at.mono_s if self._first_look_s is None else self._first_look_s
        by_mono = at.mono_s - begun_s >= self._memory_s
        return by_mono and used_ms <= at.wall_ms - round(self._memory_s * 1000)

    def _over(self, connection: apsw.Connection, at: Instant) -> list[bytes]:
        """What may be forgotten; nothing while this process is younger than the memory."""
        if self._first_look_s is None or at.mono_s - self._first_look_s < self._memory_s:
            return []
        query = "SELECT digest FROM codes WHERE at_ms <= ? LIMIT 100"
        rows: Any = connection.execute(query, (at.wall_ms - round(self._memory_s * 1000),)).fetchall()
        return [row[0] for row in rows if row[0] not in self._fresh]

    def _hash(self, code: PaymentCode) -> bytes:
        return hmac.digest(self._key, code.digits.encode(), hashlib.sha256)
