"""The supervisor's PIN as it is kept: argon2id's own text, and the wrong tries since the last right one.

Rules
1. A try is counted in a commit of its own, before the PIN is compared: a process that is killed in between has
   counted it.
2. The hash is in no event and in no text copy; that a PIN was set is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apsw

_WHO = "supervisor"


@dataclass(frozen=True, slots=True)
class KeptPin:
    """``lockout.PinRecord``: see there."""

    hash: str
    failures: int
    failed_mono_s: float


def kept(db: apsw.Connection) -> KeptPin | None:
    """The PIN, where one is set."""
    row: Any = db.execute("SELECT hash, failures, failed_mono_s FROM pins WHERE who = ?", (_WHO,)).fetchone()
    return KeptPin(*row) if row else None


def keep(db: apsw.Connection, hash: str) -> None:
    """Set it; nothing has failed yet."""
    db.execute("REPLACE INTO pins(who, hash, failures, failed_mono_s) VALUES (?, ?, 0, 0.0)", (_WHO, hash))


def count_try(db: apsw.Connection, mono_s: float) -> None:
    """One more try that was not right yet."""
    db.execute("UPDATE pins SET failures = failures + 1, failed_mono_s = ? WHERE who = ?", (mono_s, _WHO))


def forget_tries(db: apsw.Connection) -> None:
    """The last try was right."""
    db.execute("UPDATE pins SET failures = 0, failed_mono_s = 0.0 WHERE who = ?", (_WHO,))
