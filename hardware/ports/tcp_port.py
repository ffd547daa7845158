"""A scanner behind a TCP port: a serial device server, or the virtual scanner where there is no pty.

pyserial's own `socket://` is not used: it reads a byte at a time, cannot be cancelled, sleeps when closed, and
leaves the socket open when the other side went first.

1. The address is `socket://host:port`.
2. Closed by the other side is gone; kept alive by probes, so that a pulled network cable is noticed too.
"""

from __future__ import annotations

import contextlib
import select
import socket
from urllib.parse import urlsplit

from hardware.ports.transport import TransportGone, TransportNotAPort, TransportNotFound, TransportStalled

SCHEME = "socket://"
CONNECT_TIMEOUT_S = 0.8
WRITE_TIMEOUT_S = 0.5


class TcpPort:
    """The `Transport` of a TCP connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._socket: socket.socket | None = None
        self._wake: socket.socket | None = None
        self._woken: socket.socket | None = None

    def open(self) -> None:
        self.close()
        address = _address(self._url)
        try:
            connection = socket.create_connection(address, timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise TransportNotFound(f"{self._url}: {error}") from error
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.settimeout(WRITE_TIMEOUT_S)
        self._woken, self._wake = socket.socketpair()
        self._socket = connection

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        connection, woken = self._opened()
        try:
            ready, _, _ = select.select([connection, woken], [], [], timeout_s)
            if woken in ready:
                woken.recv(64)
                return b""
            data = connection.recv(max_bytes) if ready else None
        except (OSError, ValueError) as error:
            raise TransportGone(f"{self._url}: {error}") from error
        if data == b"":
            raise TransportGone(f"{self._url}: closed by the other side")
        return data or b""

    def write(self, data: bytes) -> None:
        connection, _ = self._opened()
        try:
            connection.sendall(data)
        except TimeoutError as error:
            raise TransportStalled(f"{self._url} takes no more bytes") from error
        except OSError as error:
            raise TransportGone(f"{self._url}: {error}") from error

    def cancel(self) -> None:
        with contextlib.suppress(OSError):
            if self._wake is not None:
                self._wake.send(b"x")

    def close(self) -> None:
        for opened in (self._socket, self._wake, self._woken):
            if opened is not None:
                with contextlib.suppress(OSError):
                    opened.close()
        self._socket = self._wake = self._woken = None

    def _opened(self) -> tuple[socket.socket, socket.socket]:
        if self._socket is None or self._woken is None:
            raise TransportGone(f"{self._url} is not open")
        return self._socket, self._woken


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise TransportNotAPort(f"{url}: {error}") from error
    if host is None or port is None:
        raise TransportNotAPort(f"{url}: socket://host:port is meant")
    return host, port
