"""A keyboard scanner's own event device under Linux, taken away from the desktop: the `Transport` of such a scanner.

1. The device is grabbed (EVIOCGRAB): what it types reaches this program alone, whatever window, input method or
   CapsLock there is. A device that another program has grabbed is busy.
2. What is read is handed on as the bytes of a line, so that framing, bounces, health and reconnecting are those of
   every other scanner (`driver`).
3. The name is one that stays: a link under /dev/input/by-id that ends in `-event-kbd`.

Facts: `struct input_event` is two longs, two u16 and an s32; EVIOCGRAB is _IOW('E', 0x90, int) (linux/input.h). No
device of the kind is in a test's reach: the tests feed the same bytes through a FIFO, and inject the grab.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import struct
import sys
from collections.abc import Callable

from hardware.ports.transport import (
    TransportBusy,
    TransportDenied,
    TransportError,
    TransportGone,
    TransportNotAPort,
    TransportNotFound,
    TransportStalled,
)
from hardware.scanner.keys import KeyTranslator

EVENT = struct.Struct("llHHi")
_EVIOCGRAB = 0x40044590
_EVENTS = 64
_ERRORS: dict[int, type[TransportError]] = {
    errno.EACCES: TransportDenied,
    errno.EPERM: TransportDenied,
    errno.EBUSY: TransportBusy,
    errno.ENOTTY: TransportNotAPort,
    errno.EINVAL: TransportNotAPort,
    errno.EISDIR: TransportNotAPort,
}


def grab(handle: int) -> None:
    """Take the device for this program alone. Raises OSError."""
    if sys.platform == "win32":
        raise OSError(errno.ENOTTY, "event devices are Linux's")
    import fcntl

    fcntl.ioctl(handle, _EVIOCGRAB, 1)


class EvdevPort:
    """The `Transport` of an event device."""

    def __init__(self, path: str, *, grab: Callable[[int], None] = grab) -> None:
        self._path, self._grab = path, grab
        self._handle = -1
        self._wake, self._woken = os.pipe()
        self._keys = KeyTranslator()
        self._rest = b""

    def open(self) -> None:
        self._close_device()
        try:
            self._handle = os.open(self._path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            self._grab(self._handle)
        except OSError as error:
            self._close_device()
            raise _ERRORS.get(error.errno or 0, TransportNotFound)(f"{self._path}: {error.strerror}") from error
        self._keys, self._rest = KeyTranslator(), b""

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        if self._handle < 0:
            raise TransportGone(f"{self._path} is not open")
        try:
            able, _, _ = select.select([self._handle, self._wake], [], [], timeout_s)
            if self._wake in able:
                os.read(self._wake, 64)
            data = os.read(self._handle, EVENT.size * _EVENTS) if self._handle in able else None
        except BlockingIOError:
            return b""
        except (OSError, ValueError) as error:
            raise TransportGone(f"{self._path}: {error}") from error
        if data == b"":
            raise TransportGone(f"{self._path}: nothing is at its other end")
        return self._typed(data or b"")

    def _typed(self, data: bytes) -> bytes:
        data = self._rest + data
        whole = len(data) // EVENT.size * EVENT.size
        self._rest = data[whole:]
        events = EVENT.iter_unpack(data[:whole])
        return b"".join(self._keys.feed(kind, code, value) for _, _, kind, code, value in events)

    def write(self, data: bytes) -> None:
        """A keyboard takes nothing."""
        raise TransportStalled(f"{self._path} takes no bytes")

    def cancel(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._woken, b"!")

    def close(self) -> None:
        self._close_device()
        for end in (self._wake, self._woken):
            with contextlib.suppress(OSError):
                os.close(end)

    def _close_device(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            with contextlib.suppress(OSError):
                os.close(handle)  # the grab goes with it
