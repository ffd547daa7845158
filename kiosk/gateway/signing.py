"""The wire's digest: made for what we send, checked for what we receive (interface.md part 3).

Rules
1. It has no key. It tells that a text arrived whole, not who sent it: that is TLS's part alone.
2. Nothing is escaped, so that different fields can have one digest (proof.md Z8): what we send may hold neither
   ``&`` nor ``=`` nor control characters (:func:`outgoing`), what we receive is checked over all its fields at once.
3. Which way a value that is not text entered the digest is told, so that a gateway's habit can be seen.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

from kiosk.gateway.strict_json import Member, compact

_SIGN = "sign"


class OutgoingValueError(ValueError):
    """A value that must not be sent: ``reason`` is ``empty``, ``too_long``, ``characters``, ``amount`` or ``sum``.

    Raised before anything is sent. Neither the message nor the error holds the value: it may be a payment code.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Match(StrEnum):
    """In which form a reply's values entered the digest that matched."""

    TEXT = "text"  # every value is text: there is one form only
    RAW = "raw"  # other values as the characters that stood in the reply
    COMPACT = "compact"  # other values as JSON without blanks
    LEFT_OUT = "left_out"  # the data took no part


def digest_text(fields: Iterable[tuple[str, str]]) -> str:
    """The text that is digested: fields with a value, in ASCII order of their keys, joined by ``&``."""
    present = sorted([(key, value) for key, value in fields if value and key != _SIGN])
    return "&".join([f"{key}={value}" for key, value in present])


def digest(fields: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of the digest text as UTF-8, in lower-case hex."""
    return hashlib.sha256(digest_text(fields).encode("utf-8")).hexdigest()


def sign(fields: Mapping[str, str]) -> str:
    """The signature of a request's inner object."""
    return digest(fields.items())


def outgoing(field: str, value: str, max_length: int) -> str:
    """The value, found fit to be signed and sent; raises :class:`OutgoingValueError`."""
    if not value:
        raise OutgoingValueError(field, "empty")
    if len(value) > max_length:
        raise OutgoingValueError(field, "too_long")
    if not value.isprintable() or "&" in value or "=" in value:
        raise OutgoingValueError(field, "characters")
    return value


def verify(members: Iterable[Member], received: str, may_leave_out: Iterable[str] = ()) -> Match | None:
    """Which form of the reply's fields has the received digest; None: none has, the reply is to be discarded.

    ``may_leave_out``: keys of data that a gateway may not have digested; empty for calls that move money.
    """
    fields = [member for member in members if member.value is not None]
    texts = [(member.key, member.value) for member in fields if type(member.value) is str]
    if len(texts) == len(fields):
        return Match.TEXT if _same(texts, received) else None
    others = frozenset([member.key for member in fields if type(member.value) is not str])
    if _same(_texts(fields), received):
        return Match.RAW
    if _same(_texts(fields, compacted=True), received):
        return Match.COMPACT
    left_out = others & frozenset(may_leave_out)
    kept = [member for member in fields if member.key not in left_out]
    return Match.LEFT_OUT if left_out and _same(_texts(kept), received) else None


def _texts(fields: Iterable[Member], *, compacted: bool = False) -> list[tuple[str, str]]:
    return [
        (item.key, item.value if type(item.value) is str else compact(item.value) if compacted else item.raw)
        for item in fields
    ]


def _same(fields: Iterable[tuple[str, str]], received: str) -> bool:
    return hmac.compare_digest(digest(fields).encode(), received.lower().encode("utf-8"))
