"""A plain file beside the database, as the operating system has it; the simulator puts its own in this place.

The text copy is one. So is SQLite's log, for :func:`write_again`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from kiosk.journal.rights import FILE_MODE, sync_directory

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)


_PIECE_BYTES = 1 << 20


class CopyFile:
    """An open file. Every method raises :class:`OSError` for what the disk does."""

    def __init__(self, path: Path) -> None:
        """Open it; made where it is missing, its name durable."""
        is_new = not path.exists()
        self._handle = os.open(path, _FLAGS, FILE_MODE)
        if is_new:
            sync_directory(path.parent)

    def length(self) -> int:
        """How many bytes it has."""
        return os.fstat(self._handle).st_size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` to ``end``, fewer where it is shorter."""
        os.lseek(self._handle, start, os.SEEK_SET)
        parts = []
        while start < end and (part := os.read(self._handle, end - start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def write(self, data: bytes, offset: int) -> None:
        """Write all of it there."""
        os.lseek(self._handle, offset, os.SEEK_SET)
        written = 0
        while written < len(data):
            written += os.write(self._handle, data[written:])

    def cut(self, length: int) -> None:
        """Make it this long."""
        os.truncate(self._handle, length)

    def sync(self) -> None:
        """Make what was written durable."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Close it, without a sync."""
        os.close(self._handle)


#: Opens a plain file.
OpenFile = Callable[[Path], CopyFile]


def write_again(path: Path, open_file: OpenFile) -> None:
    """Write the file's bytes over themselves and sync them.

    After a failed sync, or after a process that ended with one, what is read may stand in the system's memory alone:
    it counts as written there, so that a later sync would not write it either. Raises :class:`OSError`.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    file = open_file(path)
    try:
        length = file.length()
        for start in range(0, length, _PIECE_BYTES):
            file.write(file.read(start, min(length, start + _PIECE_BYTES)), start)
        file.sync()
    finally:
        file.close()
