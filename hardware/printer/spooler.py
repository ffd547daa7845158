"""A print queue of Windows, raw: the spooler takes the bytes, and what becomes of them it does not say.

1. A job that the spooler took is never confirmed: the queue may be paused, the printer switched off.
2. Our jobs that wait longer than `OLDEST_S` are taken out of the queue before the next: yesterday's receipts must
   not come out when the printer is switched on.
3. Windows is asked through :class:`Spooler`, so that this file is tested where there is no Windows. The calls
   themselves (winspool.drv by ctypes) have not been run on one.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from hardware.health import Reason
from hardware.printer.transport import Interrupted, NotSent

DOCUMENT = "kiosk receipt"
OLDEST_S = 600.0
_ACCESS_DENIED, _INVALID_NAME = 5, 1801


class SpoolerError(OSError):
    """Windows refused; `errno` is its number."""


class Spooler(Protocol):
    """What is asked of Windows. Everything raises `SpoolerError`."""

    def open(self, queue: str) -> int: ...

    def waiting(self, handle: int) -> list[tuple[int, str, float]]:
        """Jobs in the queue: number, document, age in seconds."""
        ...

    def cancel(self, handle: int, job: int) -> None: ...

    def begin(self, handle: int, document: str) -> None: ...

    def write(self, handle: int, data: bytes) -> int: ...

    def end(self, handle: int) -> None: ...

    def abort(self, handle: int) -> None: ...

    def close(self, handle: int) -> None: ...


class SpoolerTransport:
    """A queue by its name."""

    def __init__(self, queue: str, spooler: Spooler | None = None) -> None:
        self._queue = queue
        self._spooler: Spooler = spooler if spooler is not None else WindowsSpooler()

    def open(self) -> SpoolerLink:
        spooler = self._spooler
        try:
            handle = spooler.open(self._queue)
        except SpoolerError as error:
            raise NotSent(_reason(error), f"{self._queue}: {error}") from error
        with contextlib.suppress(SpoolerError):  # a queue that does not tell its jobs still prints
            for job, document, age_s in spooler.waiting(handle):
                if document == DOCUMENT and age_s > OLDEST_S:
                    spooler.cancel(handle, job)
        return SpoolerLink(spooler, handle)


class SpoolerLink:
    """One job in the queue."""

    hears = False

    def __init__(self, spooler: Spooler, handle: int) -> None:
        self._spooler, self._handle = spooler, handle
        self._has_begun = False

    def send(self, data: bytes, cancelled: threading.Event) -> None:
        if cancelled.is_set():
            raise NotSent(Reason.STOPPED, "cancelled before the first byte")
        sent = 0
        try:
            self._spooler.begin(self._handle, DOCUMENT)
            self._has_begun = True
            while sent < len(data):
                taken = self._spooler.write(self._handle, data[sent:])
                if taken <= 0:
                    raise SpoolerError(0, "took nothing")
                sent += taken
        except SpoolerError as error:
            # Nothing is printed before the document is ended: an aborted one leaves no paper.
            raise NotSent(_reason(error), str(error)) from error

    def hear(self, timeout_s: float) -> bytes:
        return b""

    def waiting(self) -> int:
        return 0

    def finish(self, cancelled: threading.Event) -> bool:
        try:
            self._spooler.end(self._handle)
        except SpoolerError as error:
            raise Interrupted(_reason(error), str(error), 0) from error
        self._has_begun = False
        return False

    def abort(self) -> None:
        if self._has_begun:
            with contextlib.suppress(SpoolerError):
                self._spooler.abort(self._handle)
            self._has_begun = False

    def close(self) -> None:
        with contextlib.suppress(SpoolerError):
            self._spooler.close(self._handle)


def _reason(error: SpoolerError) -> Reason:
    return {_ACCESS_DENIED: Reason.DENIED, _INVALID_NAME: Reason.NOT_FOUND}.get(error.errno or 0, Reason.DEVICE_FAULT)


class _DocInfo(ctypes.Structure):
    """DOC_INFO_1W."""

    _fields_ = (("document", ctypes.c_wchar_p), ("output", ctypes.c_wchar_p), ("datatype", ctypes.c_wchar_p))


class _SystemTime(ctypes.Structure):
    """SYSTEMTIME."""

    _fields_ = tuple(
        (name, ctypes.c_uint16)
        for name in ("year", "month", "weekday", "day", "hour", "minute", "second", "millisecond")
    )


class _JobInfo(ctypes.Structure):
    """JOB_INFO_1W."""

    _fields_ = (
        ("id", ctypes.c_uint32), ("printer", ctypes.c_wchar_p), ("machine", ctypes.c_wchar_p),
        ("user", ctypes.c_wchar_p), ("document", ctypes.c_wchar_p), ("datatype", ctypes.c_wchar_p),
        ("status_text", ctypes.c_wchar_p), ("status", ctypes.c_uint32), ("priority", ctypes.c_uint32),
        ("position", ctypes.c_uint32), ("pages", ctypes.c_uint32), ("printed", ctypes.c_uint32),
        ("submitted", _SystemTime),
    )  # fmt: skip


class WindowsSpooler:
    """winspool.drv. Raises `SpoolerError` at once where this is no Windows."""

    _DELETE_JOB = 5
    _MOST_JOBS = 200

    def __init__(self) -> None:
        library: Any = getattr(ctypes, "WinDLL", None)
        if library is None:
            raise SpoolerError(0, "print queues of this kind are Windows'")
        self._drv: Any = library("winspool.drv", use_last_error=True)

    def open(self, queue: str) -> int:
        handle = ctypes.c_void_p()
        self._do(self._drv.OpenPrinterW(queue, ctypes.byref(handle), None))
        return int(handle.value or 0)

    def waiting(self, handle: int) -> list[tuple[int, str, float]]:
        return [(info.id, info.document or "", _age_s(info.submitted)) for info in self._jobs(handle)]

    def _jobs(self, handle: int) -> Iterator[_JobInfo]:
        needed, count = ctypes.c_uint32(), ctypes.c_uint32()
        given = (ctypes.c_void_p(handle), 0, self._MOST_JOBS, 1)
        self._drv.EnumJobsW(*given, None, 0, ctypes.byref(needed), ctypes.byref(count))
        room = ctypes.create_string_buffer(max(1, needed.value))
        self._do(self._drv.EnumJobsW(*given, room, needed, ctypes.byref(needed), ctypes.byref(count)))
        yield from (_JobInfo * count.value).from_buffer(room)

    def cancel(self, handle: int, job: int) -> None:
        self._do(self._drv.SetJobW(ctypes.c_void_p(handle), job, 0, None, self._DELETE_JOB))

    def begin(self, handle: int, document: str) -> None:
        info = _DocInfo(document, None, "RAW")
        self._do(self._drv.StartDocPrinterW(ctypes.c_void_p(handle), 1, ctypes.byref(info)))
        self._do(self._drv.StartPagePrinter(ctypes.c_void_p(handle)))

    def write(self, handle: int, data: bytes) -> int:
        taken = ctypes.c_uint32()
        self._do(self._drv.WritePrinter(ctypes.c_void_p(handle), data, len(data), ctypes.byref(taken)))
        return taken.value

    def end(self, handle: int) -> None:
        self._do(self._drv.EndPagePrinter(ctypes.c_void_p(handle)))
        self._do(self._drv.EndDocPrinter(ctypes.c_void_p(handle)))

    def abort(self, handle: int) -> None:
        self._do(self._drv.AbortPrinter(ctypes.c_void_p(handle)))

    def close(self, handle: int) -> None:
        self._do(self._drv.ClosePrinter(ctypes.c_void_p(handle)))

    def _do(self, result: int) -> None:
        if not result:
            last_error: Any = getattr(ctypes, "get_last_error", int)
            number = int(last_error())
            raise SpoolerError(number, f"Windows error {number}")


def _age_s(submitted: _SystemTime) -> float:
    """Seconds since a job was put into the queue; SYSTEMTIME is UTC."""
    from datetime import UTC, datetime

    fields: Any = submitted
    try:
        began = datetime(fields.year, fields.month, fields.day, fields.hour, fields.minute, fields.second, tzinfo=UTC)
    except ValueError:
        return 0.0
    return (datetime.now(UTC) - began).total_seconds()
