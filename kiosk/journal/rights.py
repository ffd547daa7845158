"""The data directory: 0700, and every file of the journal in it 0600, refused otherwise on POSIX.

What is missing is made with these rights, whatever the umask. Windows keeps its rights elsewhere (the installer sets
them); there nothing is checked.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from kiosk.journal.errors import JournalRightsError

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600

DATABASE = "journal.db"
LOCK = "journal.lock"
TEXT_COPY = "journal.events.txt"
#: Tells the next open that the journal is to be looked at closely, or how far a recovery came.
STAGE = "journal.recovery"
LOG = f"{DATABASE}-wal"
#: What SQLite puts beside the database while it is open or was left open.
_BESIDE = (LOG, f"{DATABASE}-shm", f"{DATABASE}-journal")
_OURS = frozenset({DATABASE, LOCK, TEXT_COPY, STAGE, *_BESIDE})


def prepare_directory(directory: Path) -> None:
    """Make the data directory where it is missing and the database's empty file in it; durable when it returns.

    Raises :class:`JournalRightsError` where others could read what is there already, :class:`OSError` where it
    cannot be made.
    """
    if not directory.exists():
        directory.mkdir(mode=DIRECTORY_MODE, parents=True)
    check_rights(directory)
    database = directory / DATABASE
    if not database.exists():
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
        sync_directory(directory)


def check_rights(directory: Path) -> None:
    """Raises :class:`JournalRightsError` for the directory or the first file of the journal that others may use."""
    if os.name != "posix":
        return
    _check(directory, directory.stat(), DIRECTORY_MODE)
    with os.scandir(directory) as found:
        for entry in found:
            if entry.name in _OURS:
                with contextlib.suppress(FileNotFoundError):
                    _check(directory / entry.name, entry.stat(), FILE_MODE)


def _check(path: Path, status: os.stat_result, mode: int) -> None:
    found = status.st_mode & 0o7777
    if found & 0o077 or status.st_uid != os.geteuid():
        raise JournalRightsError(path, found, mode)


def sync_directory(directory: Path) -> None:
    """Make the new name itself durable; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
