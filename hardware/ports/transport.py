"""The way to a device's bytes: what a driver asks of a port, and what can be wrong with one.

1. A transport maps every foreign error to the tree below; nothing else escapes from it.
2. One thread opens, reads, writes and closes. `cancel` alone may be called by another thread.

    TransportError
    ├── TransportNotFound   no such port or host: not plugged in
    ├── TransportDenied     there, and this user may not open it
    ├── TransportBusy       another program holds it
    ├── TransportNotAPort   there, and no serial port
    ├── TransportGone       was open and vanished
    └── TransportStalled    open, and takes no more bytes
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from hardware.health import Reason


class TransportError(Exception):
    """Something is wrong with a port; `reason` is how health says it, the text is for the log."""

    reason: ClassVar[Reason]


class TransportNotFound(TransportError):
    reason = Reason.NOT_FOUND


class TransportDenied(TransportError):
    reason = Reason.DENIED


class TransportBusy(TransportError):
    reason = Reason.BUSY


class TransportNotAPort(TransportError):
    reason = Reason.MISCONFIG


class TransportGone(TransportError):
    reason = Reason.GONE


class TransportStalled(TransportError):
    reason = Reason.STALLED


class Transport(Protocol):
    """A port that may not be there."""

    def open(self) -> None:
        """Open it and drop what waited in it. Raises a `TransportError`."""

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """Return what is there, at most `max_bytes`, as soon as one byte is; b"" after `timeout_s` or `cancel`.

        Raises `TransportGone`.
        """

    def write(self, data: bytes) -> None:
        """Send all of `data`. Raises `TransportStalled` when it is not taken in time, or `TransportGone`."""

    def cancel(self) -> None:
        """Make the read that is running, or the next one, return now. Never raises; any thread may call it."""

    def close(self) -> None:
        """Give the port back. Never raises; closing twice is closing once."""
