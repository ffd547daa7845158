"""What an exception from below means for a call: one table, no text is searched.

Rules
1. ``NOT_SENT`` comes from the trip alone (no byte was handed to the socket), never from an exception's name.
2. Every class of httpx and of httpcore stands in the table, which a test holds; whatever else comes is a fault of
   this program and, once a byte may have left, as good as a broken line.
3. No text of an exception that this room did not write is passed on: it might hold what was sent.
"""

from __future__ import annotations

import httpcore
import httpx

from kiosk.core.messages import Answer, Heard
from kiosk.gateway.line import TooMuchError, Trip

#: From the particular to the general: the first class that fits decides.
HEARD_OF: dict[type[Exception], Heard] = {
    TooMuchError: Heard.UNREADABLE,
    httpcore.TimeoutException: Heard.SILENT,  # ConnectTimeout, ReadTimeout, WriteTimeout, PoolTimeout
    httpcore.RemoteProtocolError: Heard.UNREADABLE,  # a reply that is no HTTP; cut short: see heard_of
    httpcore.NetworkError: Heard.BROKEN,  # ConnectError, ReadError, WriteError
    httpcore.ProtocolError: Heard.BROKEN,  # LocalProtocolError
    httpcore.ProxyError: Heard.BROKEN,
    httpcore.UnsupportedProtocol: Heard.BROKEN,
    httpcore.ConnectionNotAvailable: Heard.BROKEN,
    httpx.TimeoutException: Heard.SILENT,
    httpx.RemoteProtocolError: Heard.UNREADABLE,
    httpx.DecodingError: Heard.UNREADABLE,
    httpx.TooManyRedirects: Heard.REDIRECT,
    httpx.RequestError: Heard.BROKEN,  # NetworkError, ProtocolError, ProxyError, UnsupportedProtocol
    httpx.HTTPError: Heard.BROKEN,  # HTTPStatusError
    httpx.StreamError: Heard.BROKEN,
    httpx.InvalidURL: Heard.BROKEN,
    httpx.CookieConflict: Heard.BROKEN,
}


def heard_of(error: Exception, trip: Trip) -> Heard:
    """What was heard, where this error ended the trip."""
    if not trip.wrote:
        return Heard.NOT_SENT
    if trip.write_failed:
        return Heard.BROKEN
    if trip.saw_end and isinstance(error, httpcore.RemoteProtocolError | httpx.RemoteProtocolError):
        return Heard.SILENT  # the gateway closed before its reply was whole
    return next((heard for kind, heard in HEARD_OF.items() if isinstance(error, kind)), Heard.BROKEN)


def answer_of(error: Exception, trip: Trip) -> Answer:
    """The answer that stands for this error."""
    ours = isinstance(error, httpcore.NetworkError | httpcore.TimeoutException)
    return Answer(
        heard=heard_of(error, trip), detail=f"{type(error).__name__}: {error}" if ours else type(error).__name__
    )
