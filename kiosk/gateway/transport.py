"""A lane's one connection, under httpx: when it is kept, when it is opened anew, and never a second sending.

Rules
1. One connection, one request at a time. A request is written once; nothing here tries again.
2. A call that moves money goes only on a connection used a moment ago, or on one opened ahead and never used: a
   close by the gateway that crosses our request would be a doubt for nothing (payment.md part 4).
3. Of a reply's headers only those pass that this client acts on: no Location, no cookie.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import httpcore
import httpx

from kiosk.gateway.line import Line, Resolver, Trip, open_line

#: A kept connection that lay idle longer is not tried; servers commonly close after 15 s and more.
KEPT_MAX_S = 12.0
#: A connection that was opened ahead and never used; servers commonly wait a minute for a first request.
AHEAD_MAX_S = 25.0
_PASSED_HEADERS = frozenset(
    {b"content-type", b"content-encoding", b"content-length", b"transfer-encoding", b"retry-after", b"date"}
)


class LaneTransport(httpx.BaseTransport):
    """An httpx transport over one connection; used by one thread at a time."""

    def __init__(self, url: httpx.URL, tls: ssl.SSLContext | None, clock: Callable[[], float]) -> None:
        self._host, self._port = url.raw_host.decode("ascii"), url.port or (443 if tls else 80)
        self._tls, self._clock = tls, clock
        self._origin = httpcore.Origin(url.raw_scheme, url.raw_host, self._port)
        self._resolver = Resolver()
        self._line: Line | None = None
        self._connection: httpcore.HTTP11Connection | None = None
        self._used_s: float | None = None  # None: opened ahead, not used yet
        self._opened_s = 0.0
        self._trip = Trip(0.0, clock)

    def begin(self, trip: Trip, fresh_s: float | None) -> None:
        """The next request travels on this trip; ``fresh_s``: on no connection used longer ago than this."""
        self._trip = trip
        if not self._is_fit(KEPT_MAX_S if fresh_s is None else min(fresh_s, KEPT_MAX_S)):
            self.close()

    def open_ahead(self, trip: Trip) -> None:
        """Have an unused connection ready; raises httpcore's connect errors."""
        self._trip = trip
        if self._used_s is not None or not self._is_fit(0.0):
            self.close()
            self._open()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request once. Raises httpcore's errors as they are: the caller's table knows them."""
        if self._connection is None or self._line is None:
            self._open()
        assert self._connection is not None
        assert self._line is not None
        self._line.trip = self._trip
        self._used_s = self._clock()
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
        )
        reply = self._connection.handle_request(sent)
        headers = [(name, value) for name, value in reply.headers if name.lower() in _PASSED_HEADERS]
        return httpx.Response(reply.status, headers=headers, stream=_ReplyStream(reply))

    def ended(self) -> None:
        """The call is over: its connection was used until now."""
        if self._connection is not None:
            self._used_s = self._clock()

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection, self._line = self._connection, None, None
        if connection is not None:
            connection.close()

    def _open(self) -> None:
        self._line = open_line(self._host, self._port, self._tls, self._resolver, self._trip)
        self._connection = httpcore.HTTP11Connection(self._origin, self._line)
        self._opened_s, self._used_s = self._clock(), None

    def _is_fit(self, idle_max_s: float) -> bool:
        if self._connection is None or self._line is None:
            return False
        if self._used_s is None:
            return self._clock() - self._opened_s <= AHEAD_MAX_S and self._line.is_open()
        idle_s = self._clock() - self._used_s
        is_fit = self._connection.is_available() and idle_s <= idle_max_s and self._line.is_open()
        return is_fit and not self._has_unasked_bytes()

    def _has_unasked_bytes(self) -> bool:
        """Bytes behind the last reply that were read with it: a doubled reply would answer the next call.

        WORKAROUND httpcore keeps them for the next reply and has no public way to ask for them.
        """
        assert self._connection is not None
        return bool(self._connection._h11_state.trailing_data[0])


class _ReplyStream(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        yield from self._reply.iter_stream()

    def close(self) -> None:
        self._reply.close()
