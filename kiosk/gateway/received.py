"""What a line brings back, before anybody reads it: status, headers, bytes; and what a line that broke means.

Rules
1. Which replies have a body that is worth reading is decided here, by status and headers alone: the line need not
   read what will not be used.
2. A line that failed says so by :class:`LineError` alone; it holds an answer and nothing of what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from kiosk.core.messages import Answer

MAX_BODY_BYTES = 1024 * 1024


class Received(msgspec.Struct, frozen=True):
    """A reply as it came. Header names are in lower case; ``body`` None: not read, or larger than a reply may be."""

    status: int
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes | None = None

    @property
    def unreadable_because(self) -> str:
        """Why its body is no reply's, for the log; empty where it is to be read. Statuses from 300 on are not asked."""
        if not 200 <= self.status < 300:
            return "a status that no reply has"
        if self.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return "the reply is compressed"
        if _announced_bytes(self.headers) > MAX_BODY_BYTES:
            return "the reply is announced too large"
        return ""


class LineError(Exception):
    """A call that brought no reply: ``answer`` is what that means."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.heard))
        self.answer = answer


class Transport(Protocol):
    """One lane's way to the gateway and back: one request at a time, each sent at most once."""

    def exchange(
        self, path: str, build: Callable[[], bytes], timeout_s: float, fresh_s: float | None = None
    ) -> Received:
        """POST the bytes that ``build`` makes at the moment of sending to ``path``; all of it within ``timeout_s``.

        ``fresh_s``: on no connection that was used longer ago than this. Raises :class:`LineError`, and whatever
        ``build`` raises, with nothing sent.
        """
        ...

    def open_ahead(self, timeout_s: float) -> bool:
        """Have a fresh connection ready for the payment that is about to come; False where that fails, harmlessly."""
        ...

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        ...


def _announced_bytes(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0
