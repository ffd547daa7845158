"""What a start looks at before it trusts the database: little where that is enough, all of it where damage was met.

The whole of a journal of years would keep a counter waiting; so it is read whole only while it is small, or where the
process before met damage in it. ``verify`` looks at everything, whenever it is asked.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from kiosk.journal import queries, recovery
from kiosk.journal.chain import Event
from kiosk.journal.errors import JournalBrokenError

#: A database up to this size is checked page by page at every open.
CHECKED_BYTES = 4 << 20


def require_recovered(database: Path) -> None:
    """A recovery that was cut short is finished before anything else: raises :class:`JournalBrokenError`."""
    if recovery.stage(database.parent).startswith(recovery.BUILT):
        raise JournalBrokenError(database, "its recovery was cut short")


def require_readable(connection: apsw.Connection, database: Path) -> Event | None:
    """Read what a start needs, so that damage there is known now; the newest event, where there is one.

    Raises :class:`JournalBrokenError`, or :class:`apsw.CorruptError` from where SQLite met the damage.
    """
    met_before = recovery.stage(database.parent) == recovery.CHECK
    if met_before or database.stat().st_size <= CHECKED_BYTES:
        found = connection.execute(f"PRAGMA {'integrity_check' if met_before else 'quick_check'}(1)").get
        if found != "ok":
            raise JournalBrokenError(database, str(found))
    queries.owed(connection)
    last = queries.last_event(connection)
    if last is not None and last.own_hash() != last.hash:
        raise JournalBrokenError(database, f"event {last.number} was changed")
    if met_before:
        recovery.clear_stage(database.parent)
    return last
