"""One connection to the gateway under one total deadline (design.md part 4, proof.md Z19).

Rules
1. Resolving, connecting, the TLS handshake, each read and each write take what is left of the call's deadline;
   a server that drips bytes gains nothing.
2. A :class:`Trip` remembers whether a byte of the request was handed to the socket after the handshake: that alone
   decides between "not sent" and "perhaps sent" (payment.md rule 11 a). The mark is set before the first try to
   write, so that an error in doubt stays a doubt.
3. What is read is bounded for a whole call, headers and endless interim replies included.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import httpcore

from kiosk.gateway.pay_url import is_loopback

#: All bytes of one reply on the line: 1 MiB of body, headers, and as much again for the marks of chunks.
MAX_RECEIVED_BYTES = 2 * 1024 * 1024

_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


class TooMuchError(httpcore.RemoteProtocolError):
    """The reply is longer than any reply may be."""


class Trip:
    """One call's way over the line: its deadline, and what happened on the way."""

    def __init__(self, timeout_s: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._deadline_s = clock() + timeout_s
        #: A byte of the request may have left this machine.
        self.wrote = False
        #: A write failed; httpcore goes on to read, in case the gateway answered before it closed.
        self.write_failed = False
        #: The gateway closed the connection while we were reading.
        self.saw_end = False
        self.received_bytes = 0

    def left_s(self, late: type[Exception]) -> float:
        """Seconds that are left; raises ``late`` where none are."""
        left_s = self._deadline_s - self._clock()
        if left_s <= 0:
            raise late("the call's total deadline has passed")
        return left_s


class Line(httpcore.NetworkStream):
    """An open connection, after its handshake where it is a protected one; ``trip`` is the call that uses it now."""

    def __init__(self, sock: socket.socket, trip: Trip) -> None:
        self._sock = sock
        self.trip = trip

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes from the gateway; the time-out that httpcore passes is ignored for the trip's deadline."""
        self._sock.settimeout(self.trip.left_s(httpcore.ReadTimeout))
        try:
            data = self._sock.recv(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout("no byte within the deadline") from None
        except OSError as error:
            raise httpcore.ReadError(type(error).__name__) from None
        self.trip.saw_end = self.trip.saw_end or not data
        self.trip.received_bytes += len(data)
        if self.trip.received_bytes > MAX_RECEIVED_BYTES:
            raise TooMuchError("more bytes than a reply may have")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Bytes to the gateway; from the first try on the trip counts as begun."""
        while buffer:
            self._sock.settimeout(self.trip.left_s(httpcore.WriteTimeout))
            self.trip.wrote = True
            try:
                buffer = buffer[self._sock.send(buffer) :]
            except TimeoutError:
                raise httpcore.WriteTimeout("not written within the deadline") from None
            except OSError as error:
                self.trip.write_failed = True
                raise httpcore.WriteError(type(error).__name__) from None

    def close(self) -> None:
        """Close the socket; never waits."""
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:
        """httpcore asks for ``is_readable`` to learn whether an idle connection has ended."""
        return not self.is_open() if info == "is_readable" else None

    def is_open(self) -> bool:
        """Whether an idle connection is still good: open, and without a byte that nobody asked for.

        A protected one is asked by a read that does not wait: the tickets of TLS 1.3 make a socket readable after
        the handshake, which is no sign of an end.
        """
        try:
            if not isinstance(self._sock, ssl.SSLSocket):
                return not _is_readable(self._sock)
            self._sock.settimeout(0)
            self._sock.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):
            return True
        except (OSError, ValueError):
            return False
        return False


def _is_readable(sock: socket.socket) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def open_line(host: str, port: int, tls: ssl.SSLContext | None, resolver: Resolver, trip: Trip) -> Line:
    """Connect, and shake hands where ``tls`` is given. Raises ``ConnectError`` or ``ConnectTimeout``."""
    addresses = resolver.addresses(host, port, trip)
    sock = _connect(addresses, trip)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is None:
            return Line(sock, trip)
        sock.settimeout(trip.left_s(httpcore.ConnectTimeout))
        return Line(tls.wrap_socket(sock, server_hostname=host), trip)
    except TimeoutError:
        sock.close()
        raise httpcore.ConnectTimeout("the handshake did not end within the deadline") from None
    except (OSError, ValueError) as error:
        sock.close()
        raise httpcore.ConnectError(_tls_reason(error)) from None
    except BaseException:
        sock.close()
        raise


def _tls_reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return f"handshake failed: {getattr(error, 'reason', None) or type(error).__name__}"


def _connect(addresses: list[_Address], trip: Trip) -> socket.socket:
    """The first address that answers; each may take its share of what is left, so that a dead one hides none."""
    failure: Exception = httpcore.ConnectError("the name has no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        left_s = trip.left_s(httpcore.ConnectTimeout)
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left_s / (len(addresses) - index))
            sock.connect(address)
            return sock
        except TimeoutError:
            failure = httpcore.ConnectTimeout("no connection within the deadline")
        except OSError as error:
            failure = httpcore.ConnectError(type(error).__name__)
        sock.close()
    raise failure


class Resolver:
    """Names to addresses within a deadline.

    ``getaddrinfo`` cannot be interrupted: it runs on a daemon thread, one for a name at a time, and a later call
    waits for the same one, so that a dead name server costs one thread and no call its deadline.
    """

    def __init__(self, look_up: Callable[[str, int], list[_Address]] | None = None) -> None:
        self._look_up = look_up or _look_up
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], _LookUp] = {}

    def addresses(self, host: str, port: int, trip: Trip) -> list[_Address]:
        """The host's addresses; raises ``ConnectError`` or ``ConnectTimeout``."""
        if is_loopback(host) or _is_address(host):
            return _LookUp(_look_up, host, port).run().result()
        with self._lock:
            running = self._running.get((host, port))
            if running is None or running.done.is_set():
                running = self._running[host, port] = _LookUp(self._look_up, host, port)
                threading.Thread(target=running.run, name="resolve", daemon=True).start()
        if not running.done.wait(trip.left_s(httpcore.ConnectTimeout)):
            raise httpcore.ConnectTimeout("the name was not resolved within the deadline")
        return running.result()


class _LookUp:
    def __init__(self, look_up: Callable[[str, int], list[_Address]], host: str, port: int) -> None:
        self._look_up, self._host, self._port = look_up, host, port
        self.done = threading.Event()
        self._found: list[_Address] = []

    def run(self) -> _LookUp:
        try:
            self._found = self._look_up(self._host, self._port)
        except (OSError, UnicodeError):
            self._found = []
        finally:
            self.done.set()
        return self

    def result(self) -> list[_Address]:
        if not self._found:
            raise httpcore.ConnectError("the name was not resolved")
        return self._found


def _look_up(host: str, port: int) -> list[_Address]:
    return [*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
