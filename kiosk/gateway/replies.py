"""What came back: from the bytes of a reply to an ``Answer`` (interface.md parts 1, 3, 5).

Rules
1. The order of trust: bytes, text, strict JSON, shape of the envelope, signature, and only then a field.
2. A reply that contradicts the interface's types is unreadable, whatever else it says.
3. Keys may carry a blank for the underscore; the digest is taken over the keys as received.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from kiosk.core.messages import Answer, Call, Heard
from kiosk.core.payment_code import looks_like_payment_code, mask_code
from kiosk.gateway.pay_url import Fitness, fitness
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.signing import OutgoingValueError, outgoing, verify
from kiosk.gateway.strict_json import Member, UnreadableError, decode_text, parse_members

MAX_WORDS = 200
_MAX_NUMBER_LENGTH = 32
_MAX_SUB_CODE_LENGTH = 16
_MAX_STATUS_LENGTH = 32


class Counters:
    """What was seen of the gateway's habits, for the diagnostics page; shared by all lanes, safe across threads.

    Names: ``replies``, ``unsigned``, ``wrong_sign``, ``unreadable``, ``verified_text``, ``verified_raw``,
    ``verified_compact``, ``verified_left_out``, ``unreadable_data``, ``bare_pay_url``, ``unfit_pay_url``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        #: The gateway's Date minus this machine's clock at the newest reply, in seconds; None: not yet known.
        self.last_date_skew_s: float | None = None

    def add(self, name: str) -> None:
        """One more of it."""
        with self._lock:
            self._counts[name] += 1

    def seen(self) -> dict[str, int]:
        """All counts so far."""
        with self._lock:
            return dict(self._counts)


class Reply(msgspec.Struct, frozen=True):
    """A reply that was read: the answer in the core's words, and its data as it came (verified only)."""

    answer: Answer
    data: Any = None
    #: The customer that the reply names, empty where it names none.
    customer_no: str = ""

    def __repr__(self) -> str:
        """Without the customer and what the gateway said of them."""
        return f"Reply({self.answer!r})"


@dataclass(frozen=True, slots=True)
class Replies:
    """Reads the replies of one gateway."""

    endpoint: Endpoint
    profile: WireProfile
    counters: Counters

    def read(self, call: Call, http_status: int, content_type: str, body: bytes) -> Reply:
        """The reply's meaning; never raises for what a reply may hold."""
        self.counters.add("replies")
        try:
            return self._read(call, http_status, content_type, body)
        except UnreadableError as error:
            return Reply(self.unreadable(http_status, str(error)))

    def unreadable(self, http_status: int, detail: str) -> Answer:
        """An answer that is none, counted."""
        self.counters.add("unreadable")
        return Answer(heard=Heard.UNREADABLE, http_status=http_status, detail=detail)

    def _read(self, call: Call, http_status: int, content_type: str, body: bytes) -> Reply:
        outer, inner = parse_members(decode_text(body, content_type), "response")
        if inner is None:
            raise UnreadableError("there is no response in the reply")
        received = _text(_named(outer), "sign")
        if not self._is_trusted(call, inner, received):
            detail = "the signature is wrong" if received else "the signature is missing"
            return Reply(Answer(heard=Heard.BAD_SIGN, http_status=http_status, detail=detail))
        named = _named(inner)
        answer = self._answer(call, named, http_status)
        return Reply(answer, self._data(inner), _text(named, "usr_id")) if call in _LOOKUPS else Reply(answer)

    def _is_trusted(self, call: Call, inner: list[Member], received: str) -> bool:
        if not received:
            self.counters.add("unsigned")
            return self.endpoint.verify_replies != "required"
        match = verify(inner, received, self._data_keys if call in _MAY_LEAVE_OUT else ())
        self.counters.add(f"verified_{match}" if match else "wrong_sign")
        return match is not None

    def _answer(self, call: Call, inner: _Named, http_status: int) -> Answer:
        code = _text(inner, "code")
        if code not in ("SUCCESS", "FAIL"):
            raise UnreadableError("code is neither SUCCESS nor FAIL")
        msg, sub_msg = _text(inner, "msg"), _text(inner, "sub_msg")
        words = clean(sub_msg or msg)
        if code == "FAIL":
            return Answer(heard=Heard.CALL_FAILED, http_status=http_status, words=words)
        answer = Answer(
            heard=Heard.ANSWERED,
            sub_code=_short(inner, "sub_code", _MAX_SUB_CODE_LENGTH),
            status=_short(inner, "status", _MAX_STATUS_LENGTH).upper(),
            order_no=_order_number(inner),
            http_status=http_status,
            words=words,
        )
        return self._with_pay_url(answer, _text(inner, "pay_url")) if call is Call.UNIFIED else answer

    def _with_pay_url(self, answer: Answer, pay_url: str) -> Answer:
        if answer.sub_code != "0000" or not pay_url:
            return answer
        found = fitness(pay_url, self.profile, self.endpoint.url)
        if found is Fitness.UNFIT:
            self.counters.add("unfit_pay_url")
            return replace(answer, detail="the pay_url is not fit to be shown")
        if found is Fitness.BARE:
            self.counters.add("bare_pay_url")
        return replace(answer, pay_url=pay_url)

    @property
    def _data_keys(self) -> tuple[str, ...]:
        return (self.profile.data_key, "data", "date")

    def _data(self, inner: list[Member]) -> Any:
        values = {member.key: member.value for member in inner}
        present = (values[key] for key in self._data_keys if values.get(key) not in (None, ""))
        return next(present, None)


_LOOKUPS = frozenset({Call.CUSTOMER, Call.ARREARS})
_MAY_LEAVE_OUT = _LOOKUPS | {Call.NOTICE}


def clean(words: str) -> str:
    """The gateway's own words, fit for one line on a screen or a receipt; a payment code in them is hidden (rule 3)."""
    if not words.isprintable():
        words = "".join([char if char.isprintable() else " " for char in words])
    line = words.strip()[:MAX_WORDS]
    return _LONG_NUMBER.sub(_hidden_code, line)


_LONG_NUMBER = re.compile(r"\d{16,32}", re.ASCII)


def _hidden_code(number: re.Match[str]) -> str:
    return mask_code(number[0]) if looks_like_payment_code(number[0]) else number[0]


#: An object's values by their names, a blank in a name for the underscore.
_Named = dict[str, Any]
#: The value of a name that stands twice, with and without the blank, and not with the same text.
_CONTRADICTION = object()


def _named(members: list[Member]) -> _Named:
    named: _Named = {}
    for member in members:
        name, value = member.key.replace(" ", "_"), member.value
        if name in named and not _same_text(named[name], value):
            value = _CONTRADICTION
        named[name] = value
    return named


def _same_text(first: Any, second: Any) -> bool:
    return all(value is None or type(value) is str for value in (first, second)) and (first or "") == (second or "")


def _text(named: _Named, name: str) -> str:
    """A field that must be text; absent and null are empty. A blank may stand for the underscore."""
    value = named.get(name)
    if type(value) is str:
        return value
    if value is _CONTRADICTION:
        raise UnreadableError(f"{name} stands twice with different values")
    if value is not None:
        raise UnreadableError(f"{name} is no text")
    return ""


def _short(named: _Named, name: str, max_length: int) -> str:
    value = _text(named, name).strip()
    if len(value) > max_length or not value.isprintable():
        raise UnreadableError(f"{name} is too long or holds control characters")
    return value


def _order_number(named: _Named) -> str:
    """The order number in the reply; one that could not be sent back in a query or a notice is none."""
    number = _text(named, "order_no")
    try:
        return outgoing("order_no", number, _MAX_NUMBER_LENGTH) if number else ""
    except OutgoingValueError as error:
        raise UnreadableError(str(error)) from None
