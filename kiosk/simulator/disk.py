"""A disk whose power can be cut and whose writes can fail, under the real SQLite and the real text copy.

The files are real ones (best in memory, /dev/shm) and hold what the running program sees. Beside them stands what a
power cut would leave for certain, and the list of what no sync has covered yet.

1. An *operation* is a write, a truncation, a sync or a deletion, of the database, its -wal, its -journal, or the text
   copy; they are numbered from 1 on. Faults and cuts are named by these numbers, so a run can be repeated exactly.
2. Power off: every call raises, and nothing more reaches the files. The operation that was cut may still be found to
   have happened, in whole or in part, like every other that no sync had covered.
3. :meth:`SimulatedDisk.restore` makes each unsynced write, by a seed: dropped, kept, kept up to some sector, torn
   (sectors of it at random), or with one sector of rubbish in its own bytes. Bytes that were not written do not
   change. A name that was never synced may be gone again, a deletion undone.
4. A failed sync may write or forget what it should have written, and the next one says nothing of it: what is
   forgotten is still read, as from a page cache, but a power cut loses it.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw

from kiosk.journal.copy_file import CopyFile

SECTOR = 512
NEVER = 1 << 62
_TRACKED = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
_FILE_MODE = 0o600

#: An unsynced change: (offset, bytes), or (length, None) for a truncation.
Change = tuple[int, bytes | None]


#: A deletion's, which changes no bytes.
_NO_CHANGE: Change = (0, b"")


class DiskFault(StrEnum):
    """What an operation may be answered with."""

    FULL = "full"  # writes find no room
    WRITE_ERROR = "write_error"  # writes fail, nothing of them happens
    SYNC_ERROR = "sync_error"  # syncs fail (rule 4 above)
    READ_ONLY = "read_only"  # nothing may be changed: the system mounted the disk again, read-only


#: The error by which a kind of operation answers a fault; None: the fault does not concern it.
Answering = Callable[[DiskFault], BaseException | None]


class FileOnDisk:
    """One name on the disk: what a power cut would leave of it for certain, and what it may."""

    def __init__(self, path: str) -> None:
        self.path = path
        #: What is safe under this name; None: the name itself is not.
        self.safe: bytearray | None = None
        #: Changes that no sync has covered, oldest first. Never another list: its ``append`` is kept.
        self.unsynced: list[Change] = []
        #: The name's new file is not safe yet; ``safe`` is what was under it before (None: nothing).
        self.is_new = False
        self.is_deleted = False
        self.inode = 0

    def opened(self) -> None:
        """Begin with what lies there; what is found at the first look counts as safe."""
        found = os.stat(self.path).st_ino if os.path.exists(self.path) else 0
        if self.is_deleted or not found:
            self.is_new, self.is_deleted = True, False
            self.unsynced.clear()
        elif found != self.inode:
            # Another file was put under this name, which who does so makes durable himself.
            self.safe, self.is_new = bytearray(Path(self.path).read_bytes()), False
            self.unsynced.clear()
        self.inode = found

    def was_made(self) -> None:
        """The file exists now; remember which one it is."""
        self.inode = self.inode or os.stat(self.path).st_ino

    def name_is_safe(self) -> None:
        """The directory was synced: what stands or does not stand in it does so for certain."""
        if self.is_deleted:
            self.safe = None
        elif self.is_new:
            self.safe, self.is_new = bytearray(), False

    def synced(self) -> None:
        """All that was written is safe."""
        safe = self.safe
        if safe is None:
            raise RuntimeError(f"{self.path} was synced before its name was safe")
        for change in self.unsynced:
            _apply(safe, change)
        self.unsynced.clear()

    def sync_failed(self, chance: random.Random) -> None:
        """Some of it was written all the same, some waits on, some is forgotten though a reader still sees it."""
        waiting = []
        for change in self.unsynced:
            fate = chance.random()
            if fate < 0.4 and not self.is_new and self.safe is not None:
                _apply(self.safe, change)
            elif fate < 0.6:
                waiting.append(change)
        self.unsynced[:] = waiting

    def deleted(self) -> None:
        """The name is gone, and may come back until the directory is synced."""
        self.unsynced.clear()
        self.is_deleted, self.is_new = True, False

    def after_power_cut(self, chance: random.Random) -> bytes | None:
        """What a start after the power cut finds under this name; None: nothing."""
        if self.is_deleted:
            return None if self.safe is None or chance.random() < 0.5 else bytes(self.safe)
        if self.is_new and chance.random() < 0.3:
            return None if self.safe is None else bytes(self.safe)
        image = bytearray() if self.is_new or self.safe is None else self.safe
        for change in self.unsynced:
            _perhaps(image, change, chance)
        return bytes(image)

    def restored(self, content: bytes | None) -> None:
        """Put this content there and begin anew."""
        self.unsynced.clear()
        self.is_new = self.is_deleted = False
        if content is None:
            self.safe, self.inode = None, 0
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            return
        self.safe = bytearray(content)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.inode = os.stat(self.path).st_ino


_NO_FILE = FileOnDisk("")


class SimulatedDisk(apsw.VFS):
    """The disk; its name is what ``Journal.open`` takes as ``vfs``, :meth:`open_copy` what it takes as ``open_copy``.

    ``seed`` decides what a failed sync does; a power cut's outcome is decided by what :meth:`restore` is given.
    Each disk needs a name of its own in the process; :meth:`unregister` frees it.
    """

    def __init__(self, name: str, seed: int = 0) -> None:
        self.name = name
        self.writes = self.syncs = self.operations = 0
        self.is_off = False
        #: The operation from which something is to happen; before it no write costs more than this look.
        self.trap = NEVER
        #: Called once when the power goes off, from within the cut operation.
        self.on_cut: Callable[[], object] | None = None
        self._cut_at = NEVER
        self._fault: DiskFault | None = None
        self._fault_from, self._fault_to = NEVER, NEVER
        self._chance = random.Random(seed)
        self._files: dict[str, FileOnDisk] = {}
        super().__init__(name, "")

    # --- faults and power -----------------------------------------------------------------------------------------

    def cut_at(self, operation: int) -> None:
        """Cut the power while the operation with this number is made (or at the next one, where it is over)."""
        self._cut_at = operation
        self._set_trap()

    def cut(self) -> None:
        """Cut the power now."""
        self.is_off = True
        self.trap = 0
        if self.on_cut is not None:
            told, self.on_cut = self.on_cut, None
            told()

    def fail(self, fault: DiskFault, first: int | None = None, count: int | None = None) -> None:
        """Answer the operations it concerns with ``fault``, from ``first`` on (default: the next), ``count`` of the
        numbers (default: all until :meth:`heal`)."""
        self._fault, self._fault_from = fault, self.operations + 1 if first is None else first
        self._fault_to = NEVER if count is None else self._fault_from + count
        self._set_trap()

    def heal(self) -> None:
        """No more faults."""
        self._fault, self._fault_from = None, NEVER
        self._set_trap()

    def restore(self, chance: random.Random) -> None:
        """The power is back: put what ``chance`` makes of the unsynced into the files. Close everything first.

        Cuts and faults are forgotten; the operations go on counting.
        """
        for path in sorted(self._files):
            file = self._files[path]
            if not file.is_deleted and not os.path.exists(path):
                # Renamed by somebody, who makes that durable himself.
                file.restored(None)
            file.restored(file.after_power_cut(chance))
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{path}-shm")
        # What lies there now is all safe, as at a first look.
        self._files.clear()
        self.is_off, self.on_cut, self._cut_at = False, None, NEVER
        self.heal()

    def _set_trap(self) -> None:
        self.trap = 0 if self.is_off else min(self._cut_at, self._fault_from)

    def operate(self, file: FileOnDisk, answer_for: Answering, change: Change | None) -> BaseException | None:
        """Count an operation; what it is answered with, None where it may be made."""
        self.operations = number = self.operations + 1
        return None if number < self.trap else self.answer(number, file, answer_for, change)

    def answer(
        self, number: int, file: FileOnDisk, answer_for: Answering, change: Change | None
    ) -> BaseException | None:
        """What this operation is answered with, at or behind the trap. ``change`` is None for a sync."""
        if self.is_off:
            return power_is_off()
        if number >= self._cut_at:
            if change is not None:
                file.unsynced.append(change)
            self.cut()
            return power_is_off()
        if self._fault is None or not self._fault_from <= number < self._fault_to:
            return None
        error = answer_for(self._fault)
        if error is not None and change is None:
            file.sync_failed(self._chance)
        return error

    # --- files ----------------------------------------------------------------------------------------------------

    def file(self, path: str) -> FileOnDisk:
        """The name's record."""
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = FileOnDisk(path)
        return found

    def synced(self, file: FileOnDisk) -> None:
        """A sync that went well. The first one of a new file syncs its directory too, as SQLite's does."""
        if file.is_new:
            self._names_are_safe()
        file.synced()

    def _names_are_safe(self) -> None:
        for file in self._files.values():
            file.name_is_safe()

    def open_copy(self, path: Path) -> CopyFile:
        """The text copy on this disk."""
        return _SimulatedCopy(self, path)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        """SQLite opens a file."""
        if self.is_off:
            raise apsw.CantOpenError("the power is off")
        if self._fault is DiskFault.READ_ONLY and self._fault_from <= self.operations + 1 < self._fault_to:
            flags[0] &= ~(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            flags[0] |= apsw.SQLITE_OPEN_READONLY
        if not flags[0] & _TRACKED:
            return apsw.VFSFile("", name, flags)
        return _SimulatedFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        """SQLite deletes a file."""
        error = self.operate(_NO_FILE, _delete_fault, _NO_CHANGE)
        if error is not None:
            raise error
        super().xDelete(filename, syncdir)
        if filename in self._files:
            self._files[filename].deleted()
        if syncdir:
            self._names_are_safe()


_base_write = apsw.VFSFile.xWrite
_base_read = apsw.VFSFile.xRead


class _SimulatedFile(apsw.VFSFile):
    """A file of the database. ``xWrite`` is called some fifteen times a commit: it does the least that it can."""

    def __init__(self, disk: SimulatedDisk, name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._disk = disk
        self._file = disk.file(path)
        self._file.opened()
        super().__init__("", name, flags)
        self._file.was_made()
        self._keep = self._file.unsynced.append

    def xWrite(self, data: Any, offset: int) -> None:
        disk = self._disk
        disk.writes += 1
        disk.operations = number = disk.operations + 1
        change = (offset, data)
        if number >= disk.trap:
            error = disk.answer(number, self._file, _write_fault, change)
            if error is not None:
                raise error
        self._keep(change)
        _base_write(self, data, offset)

    def xRead(self, amount: int, offset: int) -> bytes:
        if self._disk.is_off:
            raise power_is_off()
        return _base_read(self, amount, offset)

    def xTruncate(self, newsize: int) -> None:
        self._operate(_write_fault, (newsize, None))
        self._keep((newsize, None))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._disk.syncs += 1
        self._operate(_sync_fault, None)
        self._disk.synced(self._file)

    def xFileSize(self) -> int:
        if self._disk.is_off:
            raise power_is_off()
        return super().xFileSize()

    def excepthook(self, *_: Any) -> bool:
        """What cannot be told to SQLite (a close while the power is off) needs no telling."""
        return True

    def _operate(self, answer_for: Answering, change: Change | None) -> None:
        error = self._disk.operate(self._file, answer_for, change)
        if error is not None:
            raise error


class _SimulatedCopy(CopyFile):
    """The text copy, under the same power and the same faults."""

    def __init__(self, disk: SimulatedDisk, path: Path) -> None:
        if disk.is_off:
            raise OSError("the power is off")
        self._disk = disk
        self._file = disk.file(str(path))
        self._file.opened()
        super().__init__(path)
        self._file.was_made()

    def read(self, start: int, end: int) -> bytes:
        if self._disk.is_off:
            raise OSError("the power is off")
        return super().read(start, end)

    def write(self, data: bytes, offset: int) -> None:
        self._disk.writes += 1
        self._operate(_write_fault, (offset, data))
        self._file.unsynced.append((offset, data))
        super().write(data, offset)

    def cut(self, length: int) -> None:
        self._operate(_write_fault, (length, None))
        self._file.unsynced.append((length, None))
        super().cut(length)

    def sync(self) -> None:
        self._disk.syncs += 1
        self._operate(_sync_fault, None)
        self._disk.synced(self._file)

    def _operate(self, answer_for: Answering, change: Change | None) -> None:
        error = self._disk.operate(self._file, answer_for, change)
        if error is not None:
            raise OSError(str(error)) from error


# --- outcomes -----------------------------------------------------------------------------------------------------


def power_is_off() -> apsw.IOError:
    """What every call raises while the power is off."""
    return _io_error(apsw.SQLITE_IOERR)


def _stops(fault: DiskFault) -> bool:
    return fault in (DiskFault.WRITE_ERROR, DiskFault.READ_ONLY)


def _write_fault(fault: DiskFault) -> BaseException | None:
    if fault is DiskFault.FULL:
        return apsw.FullError("no room on the simulated disk")
    return _io_error(apsw.SQLITE_IOERR_WRITE) if _stops(fault) else None


def _delete_fault(fault: DiskFault) -> BaseException | None:
    return _io_error(apsw.SQLITE_IOERR_DELETE) if _stops(fault) else None


def _sync_fault(fault: DiskFault) -> BaseException | None:
    return _io_error(apsw.SQLITE_IOERR_FSYNC) if fault in (DiskFault.SYNC_ERROR, DiskFault.READ_ONLY) else None


def _io_error(extended: int) -> apsw.IOError:
    error: Any = apsw.IOError("the simulated disk fails")
    error.extendedresult = extended
    told: apsw.IOError = error
    return told


def _apply(image: bytearray, change: Change) -> None:
    at, data = change
    length = len(image)
    if data is None:
        if at < length:
            del image[at:]
        else:
            image.extend(bytes(at - length))
        return
    if at > length:
        image.extend(bytes(at - length))
    image[at : at + len(data)] = data


def _perhaps(image: bytearray, change: Change, chance: random.Random) -> None:
    """One unsynced change after a power cut."""
    at, data = change
    fate = chance.randrange(5)
    if fate == 0:
        return
    if data is None or fate == 1:
        _apply(image, change)
        return
    # The disk's sectors, not the write's own: the first and the last may be partly its.
    edges = [at, *range((at // SECTOR + 1) * SECTOR, at + len(data), SECTOR), at + len(data)]
    pieces = list(pairwise(edges))
    if fate == 2:
        pieces = pieces[: chance.randint(0, len(pieces))]
    elif fate == 3:
        pieces = [piece for piece in pieces if chance.random() < 0.5]
    # A sector that is overwritten with what it holds already does not change.
    changed = [(start, end) for start, end in pieces if image[start:end] != data[start - at : end - at]]
    rubbish = chance.choice(changed) if fate == 4 and changed else None
    for piece in pieces:
        start, end = piece
        _apply(image, (start, chance.randbytes(end - start) if piece == rubbish else data[start - at : end - at]))
