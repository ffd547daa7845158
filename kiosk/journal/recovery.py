"""A broken database is put aside and a new one is built from the text copy (payment.md part 5, last row).

1. Nothing is deleted. The broken files keep their bytes under new names, ``journal.db.broken-TIME`` with its ``-wal``
   beside it, so that SQLite can still open the pair.
2. The copy is read whole before anything is moved: its chain must hold from the first line to the last whole one. A
   torn tail is what a power cut leaves; a damaged line with whole ones behind it is not, and then nothing is done.
3. The new database lies ready and synced under another name before the old one is moved; a file tells how far it
   came, so that a power cut anywhere leaves what the next start finishes.
4. What the copy does not hold is taken from the broken database where that can still be read: events that follow the
   copy's last one by their hashes, and the tables outside the chain (used codes, masked names, prints, the PIN) row
   by row. The chain's event ``recovered`` tells what was kept; a table that is not named there is unknown: payment
   codes used before are then not refused a second time.
5. What is built so takes no payment until a supervisor accepts it (``Journal.accept_copy``).
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from kiosk.core.messages import EventKind
from kiosk.core.order import Instant, Kind
from kiosk.journal import queries
from kiosk.journal.append import OF_NO_ORDER, Appending, CounterEvent, insert_event
from kiosk.journal.chain import GENESIS, Told, line_in
from kiosk.journal.errors import JournalLostError
from kiosk.journal.rights import DATABASE, FILE_MODE, STAGE, TEXT_COPY, sync_directory
from kiosk.journal.rows import COLUMNS, NOTICE_HASH
from kiosk.journal.schema import connect_reading, connect_writing

_log = logging.getLogger(__name__)
AWAITING = "awaiting_acceptance"
#: The stage file's words: look closely at the next open | the new database lies ready, move the broken one aside.
CHECK, BUILT = "check", "built"
_NEW = f"{DATABASE}.new"
#: The log first: the database without it may look whole, the log without the database is taken for nothing.
_SUFFIXES = ("-wal", "-shm", "")
#: What stands beside the chain: a name for the event, and what is copied.
_SIDE_TABLES = (
    ("codes", "codes", "digest, order_no, at_ms"),
    ("names", "names", "order_no, name_masked, at_ms"),
    ("prints", "prints", "number, receipt, copy, result, at_ms"),
    ("pin", "pins", "who, hash, failures, failed_mono_s"),
)
_INSERT = f"""INSERT INTO orders({", ".join(COLUMNS)}, bill, last_event, changed_ms)
    VALUES ({", ".join("?" * (len(COLUMNS) + 3))})"""


@dataclass(frozen=True, slots=True)
class _Disk:
    """Where the journal lies and through what the database is opened."""

    directory: Path
    vfs: str | None

    def path(self, name: str) -> Path:
        return self.directory / name


def stage(directory: Path) -> str:
    """How far a recovery came, or :data:`CHECK`; empty where nothing is the matter."""
    try:
        return (directory / STAGE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        return CHECK


def set_stage(directory: Path, text: str) -> None:
    """Keep the stage, durably. Raises :class:`OSError`."""
    handle = os.open(directory / STAGE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        os.write(handle, text.encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(directory)


def clear_stage(directory: Path) -> None:
    """Nothing is the matter any longer."""
    with contextlib.suppress(FileNotFoundError):
        (directory / STAGE).unlink()
    sync_directory(directory)


def recover(directory: Path, at: Instant, vfs: str | None = None) -> None:
    """Put the broken database aside and build it anew; the caller holds the lock.

    Raises :class:`JournalLostError` where the copy cannot replace it; :class:`OSError` and :class:`apsw.Error` where
    the disk fails. Whatever was raised, nothing is lost, and the next call goes on.
    """
    disk = _Disk(directory, vfs)
    word, _, time = stage(directory).partition(" ")
    if word != BUILT or not disk.path(_NEW).exists():
        if word == BUILT and disk.path(DATABASE).exists():
            clear_stage(directory)
            return
        time = _free_time(disk, at)
        _build(disk, at, f"{DATABASE}.broken-{time}")
        set_stage(directory, f"{BUILT} {time}")
    _move(disk, time)
    clear_stage(directory)
    _log.warning("the journal was broken; it was put aside as %s and built anew from its copy", time)


def _free_time(disk: _Disk, at: Instant) -> str:
    """The moment as a part of a name that nothing has yet."""
    told = datetime.fromtimestamp(at.wall_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    free, count = told, 1
    while any(disk.path(f"{DATABASE}.broken-{free}{suffix}").exists() for suffix in _SUFFIXES):
        count += 1
        free = f"{told}-{count}"
    return free


def _move(disk: _Disk, time: str) -> None:
    for suffix in _SUFFIXES:
        broken = disk.path(f"{DATABASE}{suffix}")
        if broken.exists():
            os.rename(broken, _free(disk.path(f"{DATABASE}.broken-{time}{suffix}")))
            sync_directory(disk.directory)
    os.rename(disk.path(_NEW), disk.path(DATABASE))
    sync_directory(disk.directory)


def _free(path: Path) -> Path:
    """A name that nothing has: a start between two of these steps makes an empty database, which goes aside too."""
    count, free = 1, path
    while free.exists():
        count += 1
        free = path.with_name(f"{path.name}-{count}")
    return free


# --- building -----------------------------------------------------------------------------------------------------


def _build(disk: _Disk, at: Instant, broken_name: str) -> None:
    new = disk.path(_NEW)
    for suffix in _SUFFIXES:
        # Left by a recovery that was cut short: all of it is in the copy.
        disk.path(f"{_NEW}{suffix}").unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    connection = connect_writing(new, disk.vfs)
    try:
        connection.execute("BEGIN IMMEDIATE")
        building = _Building(connection)
        for told in _copied(disk.path(TEXT_COPY)):
            building.take(told)
        if building.number == 0:
            raise JournalLostError(disk.path(TEXT_COPY), "it holds no event")
        copied = building.number
        kept = _from_broken(disk, connection, building)
        facts = (
            ("put_aside", broken_name),
            ("events_in_copy", str(copied)),
            ("events_from_broken", str(building.number - copied)),
            ("kept", " ".join(kept)),
        )
        work = Appending(connection, building.number, building.head, at.wall_ms)
        work.note(CounterEvent.RECOVERED, facts)
        connection.execute("INSERT INTO meta(key, value) VALUES (?, ?)", (AWAITING, work.number))
        connection.execute("COMMIT")
    finally:
        connection.close(True)


class _Building:
    """The new database as the events make it; ``number`` and ``head`` are those of the last one taken."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._db = connection
        self.number, self.head = 0, GENESIS

    def follows(self, told: Told) -> bool:
        """Whether this is the very next event."""
        event, _ = told
        return event.number == self.number + 1 and event.previous == self.head and event.own_hash() == event.hash

    def take(self, told: Told) -> None:
        """Write the event and what it changes."""
        event, notice = told
        insert_event(self._db, event)
        if event.order_no != OF_NO_ORDER:
            self._change(event.order_no, event.fields_changed(), event.number, event.at_ms)
        if notice is not None:
            row = (event.order_no, notice)
            self._db.execute("INSERT INTO notices(order_no, body) VALUES (?, ?) ON CONFLICT DO NOTHING", row)
        if event.kind == EventKind.LEARNED:
            for key, value in event.facts_told().items():
                row_known = (key, value, event.number)
                self._db.execute("REPLACE INTO knowledge(key, value, event) VALUES (?, ?, ?)", row_known)
        self.number, self.head = event.number, event.hash

    def _change(self, order_no: str, change: dict[str, Any], number: int, at_ms: int) -> None:
        change.pop(NOTICE_HASH, None)
        if "order_no" in change:
            bill = change["cost_id"] if change["kind"] == Kind.ARREARS else "*prepayment"
            self._db.execute(_INSERT, (*(change[name] for name in COLUMNS), bill, number, at_ms))
            return
        known = [name for name in change if name in COLUMNS]
        sets = ", ".join((*(f"{name} = ?" for name in known), "last_event = ?, changed_ms = ?"))
        row = (*(change[name] for name in known), number, at_ms, order_no)
        self._db.execute(f"UPDATE orders SET {sets} WHERE order_no = ?", row)


def _copied(path: Path) -> Iterator[Told]:
    """The copy's events. Raises :class:`JournalLostError` where it is no unbroken chain up to a torn tail."""
    number, head, torn = 0, GENESIS, 0
    if not path.exists():
        raise JournalLostError(path, "there is none")
    with path.open("rb") as copy:
        for place, line in enumerate(copy, 1):
            told = line_in(line)
            if told is None:
                torn = torn or place
                continue
            event, _ = told
            if torn or event.number != number + 1 or event.previous != head:
                raise JournalLostError(path, f"it is damaged at line {torn or place}")
            number, head = event.number, event.hash
            yield told


# --- what can still be read of the broken one ---------------------------------------------------------------------


def _from_broken(disk: _Disk, new: apsw.Connection, building: _Building) -> list[str]:
    """Take what the copy lacks from the broken database; the names of the tables that were read to their end."""
    path = disk.path(DATABASE)
    # SQLite deletes the log of an empty database.
    if not path.exists() or path.stat().st_size == 0:
        return []
    try:
        broken = connect_reading(disk.directory, disk.vfs, any_version=True)
    except Exception as error:
        _log.warning("nothing can be read of the broken journal: %s", error)
        return []
    try:
        with contextlib.suppress(apsw.Error, ValueError, TypeError, KeyError):
            for told in queries.told_after(broken, building.number):
                if not building.follows(told):
                    break
                with new:
                    building.take(_vouched(told))
        kept = [name for name, table, columns in _SIDE_TABLES if _keep(broken, new, table, columns)]
        if "codes" in kept and not _keep(broken, new, "meta", "key, value", "key = 'code_key'"):
            kept.remove("codes")
        return kept
    finally:
        with contextlib.suppress(apsw.Error):
            broken.close(True)


def _vouched(told: Told) -> Told:
    """The event with its notice only where that has the hash that the event names."""
    event, notice = told
    expected = event.fields_changed().get(NOTICE_HASH)
    is_the_one = notice is not None and hashlib.sha256(notice).hexdigest() == expected
    return event, notice if is_the_one else None


def _keep(broken: apsw.Connection, new: apsw.Connection, table: str, columns: str, where: str = "1") -> bool:
    """Copy a table's rows; False where not all of it can be read."""
    places = ", ".join("?" * len(columns.split(",")))
    insert = f"INSERT OR REPLACE INTO {table}({columns}) VALUES ({places})"
    try:
        rows: Any = broken.execute(f"SELECT {columns} FROM {table} WHERE {where}")
        for row in rows:
            new.execute(insert, row)
    except apsw.Error as error:
        _log.warning("the broken journal's %s cannot be read: %s", table, error)
        return False
    return where == "1" or new.changes() == 1
