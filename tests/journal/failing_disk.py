"""A disk that fails on command, under the real SQLite: an apsw VFS above the machine's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw


def io_error(extended: int) -> apsw.IOError:
    error = apsw.IOError("the disk of the test fails")
    error.extendedresult = extended
    return error


class FailingDisk(apsw.VFS):
    """``at_write`` and ``at_sync``, where set, make the error that the next such calls raise."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at_write: Callable[[], Exception] | None = None
        self.at_sync: Callable[[], Exception] | None = None
        self.syncs = 0
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: Any) -> apsw.VFSFile:
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, name: Any, flags: Any) -> None:
        self._disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        if self._disk.at_write is not None:
            raise self._disk.at_write()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._disk.syncs += 1
        if self._disk.at_sync is not None:
            raise self._disk.at_sync()
        super().xSync(flags)
