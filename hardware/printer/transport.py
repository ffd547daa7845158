"""Ways for a job's bytes to reach a printer. One job at a time; called from a worker thread, never a GUI's.

1. A transport opens a `Link` for a job. Sending says exactly one of: it was taken, `NotSent`, or `Interrupted`.
   Every operating-system error is one of the two; no other exception escapes.
2. Bytes that were taken are not bytes that were printed: a TCP peer that never read took 2.9 MB on loopback.
   A small send buffer makes such a stall visible; it can not make silence a confirmation.
3. Every wait has a limit, and all of them end soon after `cancelled` is set.

Facts about port 9100: one client at a time, idle connections get reset, some models stop accepting after a
connection was leaked until they are switched off. So each job connects and closes again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Protocol

from hardware.health import Reason

CONNECT_S = 3.0
STALL_S = 5.0  # for one chunk without a single byte taken
DRAIN_S = 1.0  # for the printer to close after we have
JOB_S = 180.0  # for a whole job, whatever its progress: 92 kB of images at 9600 baud take 96 s
SEND_BUFFER_BYTES = 8192
DEFAULT_PORT = 9100
_LOOK_S = 0.1  # how often a wait looks at `cancelled`
_BUFFER_LOOK_S = 0.02  # how often it is looked whether the send buffer is empty


class TransportError(Exception):
    """The job did not go through. `reason` is why, `detail` the operating system's words for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


class NotSent(TransportError):
    """No byte left: the paper is untouched and the job may be tried again."""


class SaysNoMore(NotSent):
    """The printer closed its own half of the connection: it says nothing any more, and may print all the same."""


class Interrupted(TransportError):
    """`sent` of the job's bytes were taken, then no more: the paper may hold none, some or all of it."""

    def __init__(self, reason: Reason, detail: str, sent: int) -> None:
        super().__init__(reason, detail)
        self.sent = sent


class Link(Protocol):
    """One conversation with a printer, open for one job."""

    #: Whether the printer can be heard here.
    hears: bool

    def send(self, data: bytes, cancelled: threading.Event) -> None:
        """Hand these bytes over, all of them. Raises `NotSent` where none of them was taken, or `Interrupted`."""
        ...

    def hear(self, timeout_s: float) -> bytes:
        """What the printer says; b"" where it says nothing in this time. Raises `NotSent` where it is gone."""
        ...

    def waiting(self) -> int:
        """Bytes that left us and that the printer has not taken yet; 0 where nobody can tell."""
        ...

    def finish(self, cancelled: threading.Event) -> bool:
        """The job was handed over: wait until it is out of this machine; True only where its arrival is certain.

        Raises `Interrupted`.
        """
        ...

    def abort(self) -> None:
        """What was not taken yet is never to arrive: a printer whose paper is back must not print the rest of a job
        that was called interrupted. Never raises."""
        ...

    def close(self) -> None:
        """End the conversation. Never raises."""
        ...


class Transport(Protocol):
    """A way to a printer."""

    def open(self) -> Link:
        """Begin a job. Raises `NotSent`."""
        ...


def send(transport: Transport, data: bytes, cancelled: threading.Event) -> bool:
    """Send one job and ask nothing; True only where its arrival is certain. Raises `NotSent`, `Interrupted`."""
    if cancelled.is_set():
        raise NotSent(Reason.STOPPED, "cancelled before the first byte")
    link = transport.open()
    try:
        link.send(data, cancelled)
        return link.finish(cancelled)
    except TransportError:
        link.abort()
        raise
    finally:
        link.close()


class FileTransport:
    """Appends jobs to an ordinary file, which it creates; a failed job leaves the file as it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> FileLink:
        try:
            return FileLink(self._open())
        except OSError as error:
            raise NotSent(_file_reason(error), str(error)) from error

    def _open(self) -> int:
        # Not to hang on a pipe that nobody reads; such names do not exist on Windows.
        flags = (
            os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        handle = os.open(self._path, flags, 0o600)  # receipts name people
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, "not an ordinary file", str(self._path))
        return handle


class FileLink:
    """An open file."""

    hears = False

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def send(self, data: bytes, cancelled: threading.Event) -> None:
        before = os.fstat(self._handle).st_size
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._handle, view) :]
            os.fsync(self._handle)
        except OSError as error:
            self._undo(self._handle, before, error)

    def hear(self, timeout_s: float) -> bytes:
        return b""

    def waiting(self) -> int:
        return 0

    def finish(self, cancelled: threading.Event) -> bool:
        return True

    def abort(self) -> None:
        """A file that could not be written whole was cut back already."""

    def close(self) -> None:
        os.close(self._handle)

    def _undo(self, handle: int, size: int, error: OSError) -> None:
        try:
            os.ftruncate(handle, size)
        except OSError as second:
            sent = max(0, os.fstat(handle).st_size - size)
            raise Interrupted(Reason.DEVICE_FAULT, f"{error}; then {second}", sent) from error
        raise NotSent(Reason.DEVICE_FAULT, str(error)) from error


def _file_reason(error: OSError) -> Reason:
    if isinstance(error, PermissionError):
        return Reason.DENIED
    if isinstance(error, FileNotFoundError):
        return Reason.NOT_FOUND
    if isinstance(error, IsADirectoryError) or error.errno in (errno.EINVAL, errno.ENXIO):
        return Reason.MISCONFIG
    return Reason.DEVICE_FAULT


class TcpTransport:
    """Raw TCP, as printers take on port 9100. `pause_s` is waited after each chunk of `chunk_bytes`."""

    def __init__(
        self,
        host: str,
        port: int = DEFAULT_PORT,
        *,
        chunk_bytes: int = 1024,
        pause_s: float = 0.0,
        connect_s: float = CONNECT_S,
        stall_s: float = STALL_S,
        drain_s: float = DRAIN_S,
        job_s: float = JOB_S,
    ) -> None:
        self._host, self._port = host, port
        self._chunk_bytes, self._pause_s = chunk_bytes, pause_s
        self._connect_s, self._stall_s, self._drain_s, self._job_s = connect_s, stall_s, drain_s, job_s

    def open(self) -> TcpLink:
        return TcpLink(self._connect(), self._chunk_bytes, self._pause_s, self._stall_s, self._drain_s, self._job_s)

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + self._connect_s
        last: OSError = TimeoutError("no answer in time")
        for family, address in self._resolve():
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                return _opened(family, address, left)
            except OSError as error:
                last = error
        raise NotSent(Reason.UNREACHABLE, f"{self._host}:{self._port}: {last}") from last

    def _resolve(self) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
        """The host's addresses. The resolver has no time-out of its own, so it is left behind when late."""
        found: list[tuple[socket.AddressFamily, tuple[str, int]]] = []
        failure: list[OSError] = []

        def look_up() -> None:
            try:
                for family, _, _, _, address in socket.getaddrinfo(
                    self._host, self._port, type=socket.SOCK_STREAM
                ):
                    found.append((family, (str(address[0]), int(address[1]))))
            except (OSError, UnicodeError) as error:
                failure.append(error if isinstance(error, OSError) else OSError(str(error)))

        looker = threading.Thread(target=look_up, name="printer-resolve", daemon=True)
        looker.start()
        looker.join(self._connect_s)
        if failure or not found:
            why = failure[0] if failure else "the name was not resolved in time"
            raise NotSent(Reason.NOT_FOUND, f"{self._host}: {why}")
        return list(found)


class TcpLink:
    """A connection of one job's life."""

    hears = True

    def __init__(
        self, link: socket.socket, chunk_bytes: int, pause_s: float, stall_s: float, drain_s: float, job_s: float
    ) -> None:
        self._link = link
        self._chunk_bytes, self._pause_s, self._stall_s, self._drain_s = chunk_bytes, pause_s, stall_s, drain_s
        self._end = time.monotonic() + job_s
        self._total = 0

    def send(self, data: bytes, cancelled: threading.Event) -> None:
        sent = 0
        while sent < len(data):
            sent += self._send_chunk(data[sent : sent + self._chunk_bytes], sent, cancelled)
            if self._pause_s and sent < len(data):
                cancelled.wait(self._pause_s)
        self._total += sent

    def hear(self, timeout_s: float) -> bytes:
        try:
            self._link.settimeout(max(timeout_s, 0.001))
            said = self._link.recv(256)
        except TimeoutError:
            return b""
        except OSError as error:
            raise NotSent(Reason.GONE, str(error)) from error
        if not said:
            raise SaysNoMore(Reason.GONE, "the printer ended its half of the connection")
        return said

    def waiting(self) -> int:
        return _unsent(self._link)

    def finish(self, cancelled: threading.Event) -> bool:
        self._await_taken(cancelled)
        self._drain()
        return False

    def abort(self) -> None:
        # Without this the system would go on sending what it holds, for minutes, behind a closed socket.
        with contextlib.suppress(OSError):
            self._link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        self._link.close()

    def _send_chunk(self, chunk: bytes, before: int, cancelled: threading.Event) -> int:
        """Bytes of `chunk` that were taken, at least one. Raises `NotSent`, `Interrupted`."""
        deadline = min(self._end, time.monotonic() + self._stall_s)
        self._link.settimeout(_LOOK_S)
        while True:
            if cancelled.is_set():
                raise _stopped(Reason.STOPPED, "cancelled", before)
            try:
                return self._link.send(chunk)
            except TimeoutError as error:
                if time.monotonic() >= deadline:
                    raise _stopped(Reason.STALLED, "takes no more bytes", before) from error
            except OSError as error:
                raise _stopped(Reason.GONE, str(error), before) from error

    def _await_taken(self, cancelled: threading.Event) -> None:
        """Wait while our own send buffer empties: a receipt in text is small enough to fit into it whole."""
        link, total = self._link, self._total
        left = _unsent(link)
        deadline = time.monotonic() + self._stall_s
        while left > 0:
            if cancelled.wait(_BUFFER_LOOK_S):
                raise Interrupted(Reason.STOPPED, "cancelled", total - left)
            # A reset leaves the count where it was, so it is asked for by itself.
            if error := link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise Interrupted(Reason.GONE, os.strerror(error), total - left)
            before, left = left, _unsent(link)
            if left < before:
                deadline = time.monotonic() + self._stall_s
            elif time.monotonic() >= min(deadline, self._end):
                raise Interrupted(Reason.STALLED, "takes no more bytes", total - left)

    def _drain(self) -> None:
        """Say that the job is over and read what the printer still says, until it closes or time is up.

        Data left unread would make our close a reset, which throws away what the printer has yet to take.
        """
        link = self._link
        deadline = time.monotonic() + self._drain_s
        try:
            link.shutdown(socket.SHUT_WR)
            while (left := deadline - time.monotonic()) > 0:
                link.settimeout(left)
                if not link.recv(4096):
                    return
        except TimeoutError:
            return
        except OSError as error:
            raise Interrupted(Reason.GONE, str(error), self._total) from error


def _unsent(link: socket.socket) -> int:
    """Bytes in the system's send buffer that the other side has not acknowledged; 0 where nobody can tell.

    Linux's tcp(7), SIOCOUTQ, which is the terminals' TIOCOUTQ.
    """
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    try:
        count = fcntl.ioctl(link.fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0  # the connection is gone; the next read says why
    return int.from_bytes(count, sys.byteorder)


def _stopped(reason: Reason, detail: str, sent: int) -> TransportError:
    return Interrupted(reason, detail, sent) if sent else NotSent(reason, detail)


def _opened(family: socket.AddressFamily, address: tuple[str, int], timeout_s: float) -> socket.socket:
    link = socket.socket(family, socket.SOCK_STREAM)
    try:
        link.settimeout(timeout_s)
        link.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES
        )  # before connect, or it is late
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.connect(address)
    except OSError:
        link.close()
        raise
    return link


def parse_address(address: str) -> tuple[str, int]:
    """`host`, `host:port` or `[v6]:port` as host and port. Raises ValueError."""
    host, separator, port = address.rpartition(":")
    if not separator or address.endswith("]"):
        host, port = address, str(DEFAULT_PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError(f"printer address {address!r} is not host:port")
    return host, int(port)
