"""A delivery as a wire carries it out: pieces of bytes, pauses, and how the connection ends.

Rules
1. Pure: :func:`steps` reads an :class:`~kiosk.sandbox.writing.Outcome` and says what to write when; ``server`` does
   it on a socket, a simulated network may do it on its own.
2. The reply is the one that would have come whole: a cut, doubled or dripped reply differs in nothing but that.
"""

from __future__ import annotations

import http
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kiosk.sandbox.dials import Delivery
from kiosk.sandbox.writing import Outcome

#: A piece of an endless body: large, so that a client meets its own limit and not its patience.
_CHUNK = b"%x\r\n%s\r\n" % (1 << 16, b" " * (1 << 16))


class End(StrEnum):
    """What becomes of the connection after the last piece."""

    OPEN = "open"
    """It stays open, and nothing more comes, until the client goes."""
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Step:
    """Bytes to write, and how long to wait before them."""

    data: bytes
    wait_s: float = 0.0


def end(delivery: Delivery) -> End:
    """How a connection ends under this delivery."""
    if delivery in (Delivery.CLOSE, Delivery.CUT_HEADERS, Delivery.CUT_BODY):
        return End.CLOSE
    return End.RESET if delivery is Delivery.RESET else End.OPEN


def steps(outcome: Outcome) -> Iterator[Step]:
    """What is written, piece by piece; without an end for an endless body."""
    whole = head(outcome, len(outcome.body)) + outcome.body
    match outcome.delivery:
        case Delivery.REPLY:
            yield Step(whole)
        case Delivery.SILENCE | Delivery.CLOSE:
            return
        case Delivery.TWICE:
            # Without a gap in one piece, so that a client reads both at once.
            yield from [Step(whole), Step(whole, outcome.gap_s)] if outcome.gap_s else [Step(whole * 2)]
        case Delivery.RESET:
            yield Step(whole[: outcome.at_byte])
        case Delivery.CUT_HEADERS:
            yield Step(whole[: min(outcome.at_byte, len(whole) - len(outcome.body) - 1)])
        case Delivery.CUT_BODY:
            # At least one byte is missing: a reply that came whole was not cut.
            missing = max(len(outcome.body) - outcome.at_byte, 1)
            yield Step(whole[:-missing])
        case Delivery.DRIP:
            for place in range(len(whole)):
                yield Step(whole[place : place + 1], outcome.gap_s if place else 0.0)
        case Delivery.ANNOUNCED:
            yield Step(head(outcome, max(outcome.at_byte, len(outcome.body) + 1)) + outcome.body)
        case Delivery.ENDLESS:
            yield Step(head(outcome, None))
            while True:
                yield Step(_CHUNK, outcome.gap_s)


def head(outcome: Outcome, length: int | None) -> bytes:
    """Status line and headers as they stand on the wire; without a length the body comes in chunks."""
    measure = ("transfer-encoding", "chunked") if length is None else ("content-length", str(length))
    try:
        phrase = http.HTTPStatus(outcome.http_status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {outcome.http_status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in (*outcome.headers, measure)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
