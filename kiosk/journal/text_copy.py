"""The second copy of the events: an append-only text file, a JSON object a line, with the same chain.

1. It is read when the database is broken; so nothing here may make a commit fail. What cannot be written now is
   written with the next event or at the next start.
2. It is written after the commit, so the database always holds at least as much. A copy that holds more, or other,
   tells that the database was put back or changed: the journal is then not opened for payments.
3. A line torn by a power cut is cut off and written again.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import apsw

from kiosk.journal.chain import Event, event_in, line_of
from kiosk.journal.errors import JournalBrokenError
from kiosk.journal.rights import FILE_MODE

_log = logging.getLogger(__name__)
#: How much of the end is read to find the last whole line; more only where that is all damaged.
_TAIL_BYTES = 1 << 16
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)

#: The database's events after a number, oldest first.
EventsAfter = Callable[[int], Iterable[Event]]


class TextCopy:
    """The copy, open for appending."""

    def __init__(self, path: Path, after: EventsAfter) -> None:
        """Open the copy, cut off a torn tail, and add what it lacks.

        Raises :class:`JournalBrokenError` where it holds what the database does not.
        """
        self._path = path
        self._after = after
        self._handle = os.open(path, _FLAGS, FILE_MODE)
        self._unsynced = False
        self._behind = True
        try:
            last, self._size = _last_whole(self._handle)
            self._number = last.number if last else 0
            self._require_agreement(last)
        except BaseException:
            os.close(self._handle)
            raise
        self.write(())

    def write(self, events: Sequence[Event]) -> None:
        """Append the events; never raises for what the disk does."""
        try:
            if self._behind:
                self._cut()
                for event in self._after(self._number):
                    self._put((event,))
                self._behind = False
            elif events:
                self._put(events)
        except (OSError, apsw.Error) as error:
            self._behind = True
            _log.warning("the journal's text copy could not be written: %s", error)

    def sync(self) -> None:
        """Make what was written durable; never raises for what the disk does."""
        if not self._unsynced:
            return
        try:
            os.fsync(self._handle)
            self._unsynced = False
        except OSError as error:
            _log.warning("the journal's text copy could not be synced: %s", error)

    def close(self) -> None:
        """Sync and close."""
        self.write(())
        self.sync()
        os.close(self._handle)

    def _put(self, events: Sequence[Event]) -> None:
        text = b"".join(map(line_of, events))
        self._unsynced = True
        written = 0
        while written < len(text):
            written += os.write(self._handle, text[written:])
        self._size += len(text)
        self._number = events[-1].number

    def _cut(self) -> None:
        """Back to the last whole line, wherever a failed write left the file."""
        if os.fstat(self._handle).st_size != self._size:
            os.truncate(self._handle, self._size)
            self._unsynced = True
        os.lseek(self._handle, self._size, os.SEEK_SET)

    def _require_agreement(self, last: Event | None) -> None:
        if last is None:
            return
        ours = next(iter(self._after(last.number - 1)), None)
        if ours is None:
            raise JournalBrokenError(self._path, f"it holds event {last.number}, which the database does not")
        if ours.hash != last.hash:
            raise JournalBrokenError(self._path, f"its event {last.number} is another than the database's")


def _last_whole(handle: int) -> tuple[Event | None, int]:
    """The last whole event in the file, and the file's length up to its end."""
    size = os.fstat(handle).st_size
    for start in (max(0, size - _TAIL_BYTES), 0):
        event, end = _last_in(_read(handle, start, size), at_start=start == 0)
        if event is not None:
            return event, start + end
    return None, 0


def _last_in(chunk: bytes, at_start: bool) -> tuple[Event | None, int]:
    end = chunk.rfind(b"\n") + 1
    while end > 0:
        start = chunk.rfind(b"\n", 0, end - 1) + 1
        if start > 0 or at_start:
            event = event_in(chunk[start:end])
            if event is not None:
                return event, end
        end = start
    return None, 0


def _read(handle: int, start: int, end: int) -> bytes:
    os.lseek(handle, start, os.SEEK_SET)
    parts = []
    with contextlib.suppress(OSError):
        while start < end and (part := os.read(handle, end - start)):
            parts.append(part)
            start += len(part)
    return b"".join(parts)
