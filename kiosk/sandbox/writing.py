"""A reply, written: from its fields to the bytes of its body and to its headers, sound or as dialled.

Rules
1. Fields are put in and left out before the digest is taken: such a reply is signed rightly, whatever it says.
2. A shape that breaks the envelope keeps as much of the truth in it as it can, so that a client that reads on where
   it should stop is seen to believe it.
3. Pure: nothing here knows a socket; the moment for the Date header is handed in.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from kiosk.sandbox.dials import Answer, Charset, Delivery, Shape, Sign, Travel, Writing
from kiosk.sandbox.digest import compact, digest

#: Where ``redirect = "own"`` sends a client; whoever comes there is noted.
ELSEWHERE = "/elsewhere"
_DEPTH = 100_000
_CONTENT_TYPES = {
    Charset.UTF8: "application/json; charset=utf-8",
    Charset.GB18030: "application/json; charset=GB18030",
    Charset.GB18030_UNNAMED: "application/json",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply as it is to be delivered: status, headers, body, and what becomes of them on their way.

    ``at_byte`` and ``gap_s`` are the numbers of ``delivery``. ``headers`` are all but Content-Length.
    """

    body: bytes
    delivery: Delivery = Delivery.REPLY
    delay_s: float = 0.0
    http_status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    at_byte: int = 0
    gap_s: float = 0.0


def outcome(fields: Mapping[str, object], answer: Answer, *, signed: bool, at: datetime, base_url: str) -> Outcome:
    """The reply with these fields as ``answer`` dials it."""
    travel = answer.travel
    body = bomb(travel.bomb_mib) if travel.bomb_mib else written(fields, answer.writing, signed=signed)
    return Outcome(
        body,
        answer.delivery,
        answer.delay_s,
        travel.http_status,
        tuple(_headers(travel, answer.writing.charset, at, base_url)),
        travel.at_byte,
        travel.gap_s,
    )


def written(fields: Mapping[str, object], writing: Writing, *, signed: bool = True) -> bytes:
    """The body's bytes."""
    fields = _dialled(fields, writing)
    text = _SHAPES[writing.shape](fields, _sign(fields, writing.sign, signed=signed))
    if writing.shape is Shape.UTF16:
        return text.encode("utf-16")
    return text.encode("utf-8" if writing.charset is Charset.UTF8 else "gb18030")


@functools.lru_cache(maxsize=4)
def bomb(mib: int) -> bytes:
    """A gzip body of about a kilobyte a MiB, which inflates to ``mib`` MiB."""
    return gzip.compress(b" " * (mib << 20), mtime=0)


def _dialled(fields: Mapping[str, object], writing: Writing) -> dict[str, object]:
    changed = dict(fields)
    if writing.words:
        changed["sub_msg" if "sub_code" in changed else "msg"] = writing.words
    changed |= writing.fields
    for name in writing.leave_out:
        changed.pop(name, None)
    if "data" in changed:
        changed = {writing.data_key if key == "data" else key: value for key, value in changed.items()}
    if writing.shape is Shape.WRONG_TYPES:
        changed = {key: _as_number(value) for key, value in changed.items()}
    if writing.blank_keys:
        changed = {key.replace("_", " "): value for key, value in changed.items()}
    return changed


def _as_number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _sign(fields: Mapping[str, object], sign: Sign, *, signed: bool) -> str:
    if sign is Sign.WRONG:
        return digest({**fields, "changed": "on the way"})
    return digest(fields) if sign is Sign.AS_CONDUCTED and signed else ""


def _sound(fields: Mapping[str, object], sign: str) -> str:
    return compact({"response": fields, "sign": sign})


def _doubled_key(fields: Mapping[str, object], sign: str) -> str:
    """The field that decides stands twice: first with another value, then with its own."""
    doubled = next((name for name in ("status", "sub_code", "code") if name in fields), "")
    return _sound(fields, sign).replace('{"response":{', f'{{"response":{{{compact(doubled)}:"OTHER",', 1)


def _too_deep(fields: Mapping[str, object], sign: str) -> str:
    text = _sound(fields, sign)
    return text[:-1] + ',"more":' + "[" * _DEPTH + "]" * _DEPTH + "}"


def _lone_surrogate(fields: Mapping[str, object], sign: str) -> str:
    text = _sound(fields, sign)
    return text[:-1] + ',"more":"\\ud800"}'


_SHAPES: Mapping[Shape, Callable[[Mapping[str, object], str], str]] = {
    Shape.SOUND: _sound,
    Shape.NOT_JSON: lambda fields, sign: f"<html><body>{_sound(fields, sign)}</body></html>",
    Shape.EMPTY: lambda fields, sign: "",
    Shape.ARRAY: lambda fields, sign: f"[{_sound(fields, sign)}]",
    Shape.NO_RESPONSE: lambda fields, sign: compact({"reply": fields, "sign": sign}),
    Shape.DOUBLED_KEY: _doubled_key,
    Shape.WRONG_TYPES: _sound,
    Shape.TOO_DEEP: _too_deep,
    Shape.LONE_SURROGATE: _lone_surrogate,
    Shape.BOM: lambda fields, sign: "\ufeff" + _sound(fields, sign),
    Shape.UTF16: _sound,
}


def _headers(travel: Travel, charset: Charset, at: datetime, base_url: str) -> list[tuple[str, str]]:
    date = at.astimezone(UTC) + timedelta(seconds=travel.clock_skew_s)
    headers = [("date", format_datetime(date, usegmt=True)), ("content-type", _CONTENT_TYPES[charset])]
    if travel.redirect:
        where = base_url + ELSEWHERE if travel.redirect == "own" else travel.redirect
        headers.append(("location", where))
    if travel.retry_after:
        headers.append(("retry-after", travel.retry_after))
    if travel.bomb_mib:
        headers.append(("content-encoding", "gzip"))
    return headers + [(f"x-more-{number}", "and more") for number in range(travel.more_headers)]
