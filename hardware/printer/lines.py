"""Printers at a cable of this machine: a serial line, or the USB printer class of Linux (`usblp`).

1. What was taken is counted byte by byte, also where it stops: a job of which nothing was taken may be tried again.
2. A serial line holds bytes back for as long as the printer says so (`flow`); a line that moves nothing for
   `stall_s` is stalled. Each job opens the port and closes it.
3. `usblp` allows one opener; who holds it is named where /proc tells. Bytes that the printer did not take yet are
   thrown away when a job breaks off.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import select
import sys
import threading
import time
from pathlib import Path
from typing import Protocol

from hardware.health import Reason
from hardware.ports import transport as ports
from hardware.ports.serial_port import SerialPort
from hardware.printer.transport import STALL_S, Interrupted, NotSent

CHUNK_BYTES = 256
ANY_USB = "/dev/usb/lp*"
JOB_S = 180.0
_LOOK_S = 0.1
_DRAIN_LOOK_S = 0.02


class _Wire(Protocol):
    """An open way of bytes."""

    def write_some(self, data: bytes, timeout_s: float) -> int: ...

    def read(self, max_bytes: int, timeout_s: float) -> bytes: ...

    def waiting(self) -> int: ...

    def drop_waiting(self) -> None: ...

    def close(self) -> None: ...


class WireLink:
    """The `Link` of a wire."""

    hears = True

    def __init__(self, wire: _Wire, *, stall_s: float = STALL_S, pause_s: float = 0.0) -> None:
        self._wire, self._stall_s, self._pause_s = wire, stall_s, pause_s
        self._end = time.monotonic() + JOB_S
        self._total = 0

    def send(self, data: bytes, cancelled: threading.Event) -> None:
        sent, moved_s = 0, time.monotonic()
        while sent < len(data):
            if cancelled.is_set():
                raise _stopped(Reason.STOPPED, "cancelled", sent)
            try:
                taken = self._wire.write_some(data[sent : sent + CHUNK_BYTES], _LOOK_S)
            except ports.TransportError as error:
                raise _stopped(error.reason, str(error), sent) from error
            now_s = time.monotonic()
            if taken:
                sent, moved_s = sent + taken, now_s
                if self._pause_s:
                    cancelled.wait(self._pause_s)
            elif now_s - moved_s > self._stall_s or now_s > self._end:
                raise _stopped(Reason.STALLED, "takes no more bytes", sent)
        self._total += sent

    def hear(self, timeout_s: float) -> bytes:
        try:
            return self._wire.read(256, timeout_s)
        except ports.TransportError as error:
            raise NotSent(error.reason, str(error)) from error

    def waiting(self) -> int:
        return self._wire.waiting()

    def finish(self, cancelled: threading.Event) -> bool:
        left, moved_s = self._wire.waiting(), time.monotonic()
        while left:
            if cancelled.wait(_DRAIN_LOOK_S):
                raise Interrupted(Reason.STOPPED, "cancelled", self._total - left)
            before, left = left, self._wire.waiting()
            if left < before:
                moved_s = time.monotonic()
            elif time.monotonic() - moved_s > self._stall_s:
                raise Interrupted(Reason.STALLED, "takes no more bytes", self._total - left)
        return False

    def abort(self) -> None:
        self._wire.drop_waiting()

    def close(self) -> None:
        self._wire.close()


def _stopped(reason: Reason, detail: str, sent: int) -> NotSent | Interrupted:
    return Interrupted(reason, detail, sent) if sent else NotSent(reason, detail)


class SerialTransport:
    """A printer at a serial line; `address` as `SerialPort` takes it."""

    def __init__(
        self, address: str, *, baud: int = 9600, flow: str = "none", pause_s: float = 0.0, stall_s: float = STALL_S
    ) -> None:
        self._address, self._baud, self._flow = address, baud, flow
        self._pause_s, self._stall_s = pause_s, stall_s

    def open(self) -> WireLink:
        port = SerialPort(self._address, baud=self._baud, flow=self._flow)
        try:
            port.open()
        except ports.TransportError as error:
            raise NotSent(error.reason, str(error)) from error
        return WireLink(port, pause_s=self._pause_s, stall_s=self._stall_s)


class UsbTransport:
    """A printer of the kernel's USB printer class: `/dev/usb/lp0`, better a link to it that stays its own; empty for
    the only one there is."""

    def __init__(self, address: str, *, pause_s: float = 0.0, stall_s: float = STALL_S) -> None:
        self._address, self._pause_s, self._stall_s = address, pause_s, stall_s

    def open(self) -> WireLink:
        path = self._address or ANY_USB
        if glob.has_magic(path):
            found = glob.glob(path)
            if len(found) > 1:
                raise NotSent(Reason.MISCONFIG, f"{len(found)} printers fit {path}; name one of them")
            path = found[0] if found else path
        try:
            wire = DeviceFile(path)
        except OSError as error:
            raise NotSent(_reason_of(error), f"{path}: {error.strerror}{_holder(path, error)}") from error
        return WireLink(wire, pause_s=self._pause_s, stall_s=self._stall_s)


class DeviceFile:
    """A character device, open for both ways and never waited in. Raises OSError when it cannot be opened."""

    def __init__(self, path: str) -> None:
        flags = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        self._path, self._handle = path, os.open(path, flags)
        if not _is_device(self._handle):
            os.close(self._handle)
            raise OSError(errno.ENODEV, "no device", path)

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """What was taken of `data`. Raises `TransportGone`."""
        try:
            _, able, _ = select.select([], [self._handle], [], timeout_s)
            return os.write(self._handle, data) if able else 0
        except BlockingIOError:
            return 0
        except OSError as error:
            raise ports.TransportGone(f"{self._path}: {error}") from error

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """What the device says; b"" where nothing. Raises `TransportGone`."""
        try:
            able, _, _ = select.select([self._handle], [], [], timeout_s)
            return os.read(self._handle, max_bytes) if able else b""
        except BlockingIOError:
            return b""
        except OSError as error:
            raise ports.TransportGone(f"{self._path}: {error}") from error

    def waiting(self) -> int:
        """Nobody can tell: the kernel hands each write to the device."""
        return 0

    def drop_waiting(self) -> None:
        """The kernel keeps at most one write, and gives it up when the device is closed."""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._handle)


def _is_device(handle: int) -> bool:
    import stat

    return stat.S_ISCHR(os.fstat(handle).st_mode)


def _reason_of(error: OSError) -> Reason:
    return {
        errno.ENOENT: Reason.NOT_FOUND,
        errno.ENXIO: Reason.NOT_FOUND,
        errno.ENODEV: Reason.MISCONFIG,
        errno.EISDIR: Reason.MISCONFIG,
        errno.EACCES: Reason.DENIED,
        errno.EPERM: Reason.DENIED,
        errno.EBUSY: Reason.BUSY,
    }.get(error.errno or 0, Reason.GONE)


def _holder(path: str, error: OSError) -> str:
    """Which process holds a busy device, where /proc tells."""
    if error.errno != errno.EBUSY or not sys.platform.startswith("linux"):
        return ""
    real = os.path.realpath(path)
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _holds(process, real):
            with contextlib.suppress(OSError):
                return f", held by {(process / 'comm').read_text().strip()} ({process.name})"
    return ""


def _holds(process: Path, real: str) -> bool:
    try:
        return any(os.path.realpath(handle) == real for handle in (process / "fd").iterdir())
    except OSError:
        return False
