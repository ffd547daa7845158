"""The second copy of the events: an append-only text file, a JSON object a line, with the same chain.

1. It is read when the database is broken; so nothing here may make a commit fail. What cannot be written now is
   written with the next event or at the next start. A paid order's notice stands in its event's line, for its
   bytes must be the same in every retry (rule 7) and nothing that rebuilt them could promise that.
2. It is written after the commit, so the database always holds at least as much. A copy that holds more, or other,
   tells that the database was put back or changed: the journal is then not opened for payments.
3. A line torn by a power cut is cut off and written again. What is damaged otherwise is kept under another name,
   ``journal.events.txt.broken-N``, before it is written again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import apsw

from kiosk.journal.chain import Event, Told, event_in, line_of
from kiosk.journal.copy_file import CopyFile, OpenFile
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

    def __init__(self, open_file: OpenFile, path: Path, after: ToldAfter) -> None:
        """Open it, cut off a torn tail, and add what it lacks.

        Raises :class:`JournalBrokenError` where it holds what the database does not, :class:`OSError` where the disk
        fails.
        """
        self._path = path
        self._after = after
        self._file = file = open_file(path)
        self._behind = True
        try:
            tail = _tail(file)
            self._require_agreement(tail.newest)
            if tail.is_damaged:
                _put_aside(file, tail.end, path, open_file)
        except BaseException:
            file.close()
            raise
        self._number, self._size = tail.whole.number if tail.whole else 0, tail.end
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


@dataclass(frozen=True, slots=True)
class _Tail:
    """What the end of the copy holds: the newest whole event; the last one up to which there is no gap, and where
    its line ends; and whether what follows is more than a torn line."""

    newest: Event | None = None
    whole: Event | None = None
    end: int = 0
    is_damaged: bool = False


def _tail(file: CopyFile) -> _Tail:
    """The end of the copy. A power cut may leave a hole between lines that were never synced; these lie within the
    last :data:`UNSYNCED_BYTES` and the writes that followed."""
    size = file.length()
    for start in (max(0, size - TAIL_BYTES), 0):
        tail = _unbroken(file.read(start, size), is_start=start == 0)
        if tail.whole is not None:
            return replace(tail, end=start + tail.end)
    return tail


def _unbroken(chunk: bytes, is_start: bool) -> _Tail:
    """As :func:`_tail`, of a piece of the file; the first line of a piece from its middle is not whole."""
    newest = whole = None
    end = start = 0 if is_start else chunk.find(b"\n") + 1
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
    return _Tail(newest, whole, end, is_damaged=newest is not whole or (whole is None and b"\n" in chunk))


def _put_aside(file: CopyFile, start: int, path: Path, open_file: OpenFile) -> None:
    """Keep the file's bytes from here on under another name."""
    count = 1
    while (aside := path.with_name(f"{path.name}.broken-{count}")).exists():
        count += 1
    kept = open_file(aside)
    try:
        for at in range(start, size := file.length(), TAIL_BYTES):
            kept.write(file.read(at, min(size, at + TAIL_BYTES)), at - start)
        kept.sync()
    finally:
        kept.close()
    _log.warning("the journal's text copy was damaged; what was is kept in %s", aside.name)
