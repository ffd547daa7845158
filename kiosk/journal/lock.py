"""One writing process per journal (rule 19): an operating-system lock on ``journal.lock``.

1. The lock belongs to the open file, so the system frees it however its holder ends, ``kill -9`` included.
2. The file itself is never removed: a second process that had it open would lock a name which is gone.
3. The holder's process id stands in the file, for the sentence that a second process shows; it proves nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from kiosk.journal.errors import JournalHeldError
from kiosk.journal.rights import FILE_MODE, LOCK

#: Windows locks bytes and keeps others from reading them, so the locked one lies far behind the process id.
_WINDOWS_LOCKED_BYTE = 1 << 30
_PID_LENGTH = 20


class JournalLock:
    """The lock, held from its making until :meth:`release`."""

    def __init__(self, directory: Path) -> None:
        """Take the lock, never waiting; raises :class:`JournalHeldError` where another open file has it."""
        path = directory / LOCK
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            _lock(self._handle)
        except OSError:
            pid = _pid_in(self._handle)
            os.close(self._handle)
            raise JournalHeldError(path, pid) from None
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.truncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the lock go; a second call does nothing."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            with contextlib.suppress(OSError):
                os.truncate(handle, 0)
            os.close(handle)


def _pid_in(handle: int) -> int | None:
    os.lseek(handle, 0, os.SEEK_SET)
    text = os.read(handle, _PID_LENGTH).strip()
    return int(text) if text.isdigit() else None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, _WINDOWS_LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
