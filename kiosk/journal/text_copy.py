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
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import apsw

from kiosk.journal.chain import Event, Told, event_in, line_of
from kiosk.journal.copy_file import CopyFile
from kiosk.journal.errors import JournalBrokenError

_log = logging.getLogger(__name__)
#: The copy is synced at once where more than this has not been.
UNSYNCED_BYTES = 1 << 16
#: How much of the end is looked through for torn lines at the open; more only where that is all damaged.
TAIL_BYTES = 4 * UNSYNCED_BYTES
_PIECE = 100

#: The database's events after a number, oldest first, with their notices.
ToldAfter = Callable[[int], Iterable[Told]]


class TextCopy:
    """The copy, open for appending."""

    def __init__(self, file: CopyFile, path: Path, after: ToldAfter) -> None:
        """Take the open file over, cut off a torn tail, and add what it lacks.

        ``path`` is for the sentences. Raises :class:`JournalBrokenError` where it holds what the database does not.
        """
        self._path = path
        self._after = after
        self._file = file
        self._behind = True
        try:
            newest, whole, self._size = _tail(file)
            self._require_agreement(newest)
        except BaseException:
            file.close()
            raise
        self._number = whole.number if whole else 0
        self._synced = self._number, self._size
        if self._size:
            # What a killed process wrote is there to be read, and perhaps nowhere else yet.
            with contextlib.suppress(OSError):
                file.sync()
        self.write(())

    def write(self, events: Sequence[Told]) -> None:
        """Append the events; never raises for what the disk does."""
        try:
            if self._behind:
                self._cut()
                following = iter(self._after(self._number))
                while piece := tuple(islice(following, _PIECE)):
                    self._put(piece)
                self._behind = False
            elif events:
                self._put(events)
        except (OSError, apsw.Error) as error:
            self._behind = True
            _log.warning("the journal's text copy could not be written: %s", error)
        if self._size - self._synced[1] > UNSYNCED_BYTES:
            self.sync()

    def catch_up(self) -> None:
        """Add whatever the database holds and the copy does not, as :meth:`write` does."""
        self._behind = True
        self.write(())

    def sync(self) -> None:
        """Make what was written durable; never raises for what the disk does."""
        if self._synced == (self._number, self._size):
            return
        try:
            self._file.sync()
            self._synced = self._number, self._size
        except OSError as error:
            # What the system could not write it may have forgotten: write it once more.
            self._number, self._size = self._synced
            self._behind = True
            _log.warning("the journal's text copy could not be synced: %s", error)

    def close(self) -> None:
        """Sync and close."""
        self.write(())
        self.sync()
        self._file.close()

    def abandon(self) -> None:
        """Close it as it is."""
        self._file.close()

    def _put(self, events: Sequence[Told]) -> None:
        text = b"".join(line_of(event, notice) for event, notice in events)
        self._file.write(text, self._size)
        self._size += len(text)
        self._number = events[-1][0].number

    def _cut(self) -> None:
        """Back to the last whole line, wherever a failed write left the file."""
        if self._file.length() != self._size:
            self._file.cut(self._size)

    def _require_agreement(self, last: Event | None) -> None:
        if last is None:
            return
        ours, _ = next(iter(self._after(last.number - 1)), (None, None))
        if ours is None:
            raise JournalBrokenError(self._path, f"it holds event {last.number}, which the database does not")
        if ours.hash != last.hash:
            raise JournalBrokenError(self._path, f"its event {last.number} is another than the database's")


def _tail(file: CopyFile) -> tuple[Event | None, Event | None, int]:
    """The newest whole event anywhere in the file; the last event up to which the tail has no gap, and the length of
    the file up to its end.

    A power cut may leave a hole between lines that were never synced; these lie within the last
    :data:`UNSYNCED_BYTES` and the writes that followed.
    """
    size = file.length()
    for start in (max(0, size - TAIL_BYTES), 0):
        newest, whole, end = _unbroken(file.read(start, size), at_start=start == 0)
        if whole is not None:
            return newest, whole, start + end
    return newest, None, 0


def _unbroken(chunk: bytes, at_start: bool) -> tuple[Event | None, Event | None, int]:
    """As :func:`_tail`, of a piece of the file; the first line of a piece from its middle is not whole."""
    newest = whole = None
    end = start = 0 if at_start else chunk.find(b"\n") + 1
    is_unbroken = True
    while (stop := chunk.find(b"\n", start) + 1) > 0:
        event = event_in(chunk[start:stop])
        start = stop
        if event is None or (whole is not None and event.previous != whole.hash):
            is_unbroken = False
        if event is not None:
            newest = event
            if is_unbroken:
                whole, end = event, stop
    return newest, whole, end
