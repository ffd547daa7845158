"""Events and the hash chain that binds them (rule 14).

1. An event's hash covers its number, order, kind, time, facts, what it changed of the order, and the hash before it:
   SHA-256 over the JSON array of these in this order, UTF-8, no spaces; facts and change enter as the texts stored.
2. ``facts`` are the machine's own words about the event; ``change`` holds the order's fields that differ from what
   the journal had, all of them at the first event. So the events alone, and their text copy, tell every order.
3. Neither holds a person's name, an address or a payment code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

#: What the first event names as the hash before it.
GENESIS = "0" * 64

_encode = msgspec.json.Encoder().encode


class Event(msgspec.Struct, frozen=True):
    """One event as it stands on the disk; ``facts`` and ``change`` are JSON objects as text."""

    number: int
    order_no: str
    kind: str
    at_ms: int
    facts: str
    change: str
    previous: str
    hash: str

    def facts_told(self) -> dict[str, str]:
        """The facts, decoded."""
        return _FACTS.decode(self.facts)

    def fields_changed(self) -> dict[str, Any]:
        """The order's changed columns and their new values, decoded."""
        return _CHANGE.decode(self.change)

    def own_hash(self) -> str:
        """What the hash must be, were nothing touched."""
        return digest(self.number, self.order_no, self.kind, self.at_ms, self.facts, self.change, self.previous)


#: An event and, where one was stored with it, the notice: what a line of the text copy holds.
Told = tuple[Event, bytes | None]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event in the text copy: the two JSON texts stand in it as they are. The notice is bound by its hash, which
    stands in ``change``."""

    number: int
    order_no: str
    kind: str
    at_ms: int
    facts: msgspec.Raw
    change: msgspec.Raw
    previous: str
    hash: str
    notice: str = ""
    #: For a notice that is no text.
    notice_base64: bytes = b""


#: A change's entry beside the columns: the SHA-256 of the notice stored in the same commit.
NOTICE_HASH = "notice_sha256"
_FACTS = msgspec.json.Decoder(dict[str, str])
_CHANGE = msgspec.json.Decoder(dict[str, Any])
_LINE = msgspec.json.Decoder(_Line)


def digest(number: int, order_no: str, kind: str, at_ms: int, facts: str, change: str, previous: str) -> str:
    """The hash of an event with these contents, 64 hexadecimal digits."""
    return hashlib.sha256(_encode((number, order_no, kind, at_ms, facts, change, previous))).hexdigest()


def facts_text(facts: Sequence[tuple[str, str]]) -> str:
    """The facts as a JSON object. A word that is no Unicode text is mended: a verified fact must never fail by it."""
    told = {storable(key): storable(value) for key, value in facts}
    return _encode(told).decode()


def change_text(change: dict[str, Any]) -> str:
    """The changed columns as a JSON object."""
    return _encode(change).decode()


def storable(text: str) -> str:
    """The text with what UTF-8 cannot carry (lone surrogates) replaced by a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def line_of(event: Event, notice: bytes | None = None) -> bytes:
    """The event's line in the text copy, its line feed included."""
    text = _text(notice)
    line = _Line(
        event.number,
        event.order_no,
        event.kind,
        event.at_ms,
        msgspec.Raw(event.facts.encode()),
        msgspec.Raw(event.change.encode()),
        event.previous,
        event.hash,
        text or "",
        notice if notice is not None and text is None else b"",
    )
    return _encode(line) + b"\n"


def _text(notice: bytes | None) -> str | None:
    try:
        return None if notice is None else notice.decode()
    except UnicodeDecodeError:
        return None


def event_in(line: bytes) -> Event | None:
    """As :func:`line_in`, without the notice."""
    told = line_in(line)
    return told[0] if told is not None else None


def line_in(line: bytes) -> Told | None:
    """What a line of the text copy holds; None where it is torn, foreign, or a hash is not what it should be."""
    try:
        read = _LINE.decode(line)
        event = Event(
            read.number,
            read.order_no,
            read.kind,
            read.at_ms,
            bytes(read.facts).decode(),
            bytes(read.change).decode(),
            read.previous,
            read.hash,
        )
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if event.own_hash() != event.hash:
        return None
    notice = read.notice.encode() or read.notice_base64 or None
    if notice is not None and event.fields_changed().get(NOTICE_HASH) != hashlib.sha256(notice).hexdigest():
        return None
    return event, notice
