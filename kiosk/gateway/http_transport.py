"""The way to the gateway over HTTP: httpx over a lane's one connection, bounded in time and in size.

Rules
1. Sent once; what the network does comes out as ``LineError``, by the table in failures.py.
2. A body that may hold a payment code is built at the moment of sending, and no error carries it: the exception that
   ended a call is dropped here, its context with it.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from kiosk.core.messages import Answer
from kiosk.gateway.failures import answer_of
from kiosk.gateway.line import Trip
from kiosk.gateway.received import MAX_BODY_BYTES, LineError, Received
from kiosk.gateway.signing import OutgoingValueError
from kiosk.gateway.transport import LaneTransport

#: How many pieces a body may come in; a body of one-byte chunks would cost seconds to put together.
MAX_BODY_PIECES = 10_000
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "kiosk",
}
_log = logging.getLogger(__name__)


class HttpTransport:
    """One lane over HTTP; used by one thread at a time. Its connection is made at the first call.

    ``clock`` is monotonic seconds.
    """

    def __init__(self, url: httpx.URL, tls: ssl.SSLContext | None, clock: Callable[[], float]) -> None:
        self._url, self._clock = url, clock
        self.lane = LaneTransport(url, tls, clock)
        self._client: httpx.Client | None = None

    def exchange(
        self, path: str, build: Callable[[], bytes], timeout_s: float, fresh_s: float | None = None
    ) -> Received:
        """See :class:`~kiosk.gateway.received.Transport`."""
        trip = Trip(timeout_s, self._clock)
        done = self._tried(path, build, trip, fresh_s)
        if isinstance(done, Received):
            return done
        self.lane.close()
        raise LineError(done)

    def open_ahead(self, timeout_s: float) -> bool:
        """Have a fresh connection ready; False where that fails, harmlessly."""
        try:
            self.lane.open_ahead(Trip(timeout_s, self._clock))
        except Exception as error:
            _log.info("no connection ahead: %s", type(error).__name__)
            return False
        return True

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self.lane.close()

    def _tried(self, path: str, build: Callable[[], bytes], trip: Trip, fresh_s: float | None) -> Received | Answer:
        try:
            self.lane.begin(trip, fresh_s)
            request = self._http_client().build_request("POST", f"{self._url}{path}", content=build(), headers=_HEADERS)
            return self._sent(request)
        except OutgoingValueError:
            raise
        except Exception as error:
            return answer_of(error, trip)

    def _sent(self, request: httpx.Request) -> Received:
        response = self._http_client().send(request, stream=True)
        try:
            head = Received(response.status_code, dict(response.headers))
            if head.unreadable_because:
                return head
            body = _bounded_body(response)
            if body is not None:
                self.lane.ended()
            return Received(head.status, head.headers, body)
        finally:
            response.close()

    def _http_client(self) -> httpx.Client:
        if self._client is None:
            logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes a line for each call otherwise
            no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
            self._client = httpx.Client(
                transport=self.lane, trust_env=False, follow_redirects=False, cookies=no_cookies, timeout=None
            )
        return self._client


def _bounded_body(response: httpx.Response) -> bytes | None:
    """The body as it came; None where it is longer, or in more pieces, than a reply may be."""
    body = bytearray()
    for number, piece in enumerate(response.iter_raw()):
        body += piece
        if len(body) > MAX_BODY_BYTES or number >= MAX_BODY_PIECES:
            return None
    return bytes(body)
