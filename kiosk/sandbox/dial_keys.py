"""The keys of a scenario file: each once, with how its value is read, what is allowed, and a sentence.

Rules
1. What a file may say stands here and nowhere else: the reader, its messages and README's tables are made of it.
2. A reader raises :class:`WrongValue` where the value is not allowed; ``allowed`` is then told.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args, get_type_hints

from kiosk.sandbox.behaviours import Phase, State
from kiosk.sandbox.customers import Conduct
from kiosk.sandbox.dials import NOTICES, Call, Charset, Delivery, Names, Shape, Sign
from kiosk.sandbox.scenario import SCAN, SHOW, Copies

MAX_BYTES = 1 << 40
_MAX_SECONDS = 10.0**7
_SINCE = re.compile(r"from ([1-9]\d{0,5})", re.ASCII)

#: The calls by the names that a file uses.
CALLS: Mapping[str, frozenset[Call]] = {
    "customer": frozenset({Call.CUSTOMER}),
    "arrears": frozenset({Call.ARREARS}),
    "pay": frozenset({Call.PAY}),
    "unified": frozenset({Call.UNIFIED}),
    "query": frozenset({Call.QUERY}),
    "arrears_notice": frozenset({Call.ARREARS_NOTICE}),
    "prepayment_notice": frozenset({Call.PREPAYMENT_NOTICE}),
    "notice": NOTICES,
    "payment": frozenset({Call.PAY, Call.UNIFIED}),
    "all": frozenset(Call),
}


class WrongValue(ValueError):
    """A value that its key does not allow; ``nearest``: the right word that it may have meant."""

    def __init__(self, nearest: str = "") -> None:
        super().__init__(nearest)
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table."""

    name: str
    allowed: str
    says: str
    read: Callable[[object], Any]


def _words(*words: str) -> tuple[str, Callable[[object], str]]:
    def read(value: object) -> str:
        if value not in words:
            raise WrongValue(nearest(str(value), words))
        return str(value)

    return ", ".join(f'"{word}"' for word in words), read


def nearest(word: str, words: tuple[str, ...]) -> str:
    """The right word that is most like this one, if any is."""
    return next(iter(difflib.get_close_matches(word, words, 1)), "")


def _one_of(name: str, kind: type[StrEnum], says: str) -> Key:
    allowed, read = _words(*kind)
    return Key(name, allowed, says, lambda value: kind(read(value)))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MAX_SECONDS:
        raise WrongValue
    return float(value)


def _signed_seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -(10**10) <= value <= 10**10:
        raise WrongValue
    return float(value)


def _count(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise WrongValue
        return value

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValue
    return value


def _pattern(pattern: str) -> Callable[[object], str]:
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            raise WrongValue
        return value

    return read


def _calls(value: object) -> frozenset[Call]:
    names = value if isinstance(value, list) and value else [value]
    found: set[Call] = set()
    for name in names:
        if not isinstance(name, str) or name not in CALLS:
            raise WrongValue(nearest(str(name), tuple(CALLS)))
        found |= CALLS[name]
    return frozenset(found)


def _copies(value: object) -> Copies:
    if value == "every":
        return Copies()
    if isinstance(value, str) and (since := _SINCE.fullmatch(value)):
        return Copies(since=int(since[1]))
    read = _count(1, 10**6)
    numbers = value if isinstance(value, list) and value else [value]
    return Copies(frozenset(read(number) for number in numbers), None)


def _phases(value: object) -> tuple[Phase, ...]:
    """``[[0, "paying"], [0.5, "paid"]]``: from when on the payment stands how."""
    if not isinstance(value, list) or not value:
        raise WrongValue
    phases = tuple(_phase(row) for row in value)
    moments = [phase.from_s for phase in phases]
    if moments != sorted(set(moments)) or moments[0] != 0:
        raise WrongValue
    return phases


def _phase(row: object) -> Phase:
    if not isinstance(row, list) or len(row) != 2:
        raise WrongValue
    if row[1] not in tuple(State):
        raise WrongValue(nearest(str(row[1]), tuple(State)))
    return Phase(_seconds(row[0]), State(row[1]))


def _strings(*known: str) -> Callable[[object], tuple[str, ...]]:
    """One word of these or a list of them; without ``known`` any words."""

    def read(value: object) -> tuple[str, ...]:
        words = value if isinstance(value, list) and value else [value]
        for word in words:
            if not isinstance(word, str) or not word or (known and word not in known):
                raise WrongValue(nearest(str(word), known))
        return tuple(words)

    return read


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict) or not value:
        raise WrongValue
    return value


_YES_NO = "true or false"
_SECONDS = "seconds, 0 or more, fractions allowed"
_DIGITS = _pattern(r"\d{4}")
_TEXT = _pattern(r"[^\r\n]{1,512}")
_ADDRESS = _pattern(r"own|https?://[!-~]{1,500}")

#: For whom something is dialled.
WHOM_KEYS = (
    Key("customer", "a customer number", "Only for this customer.", _pattern(r"[!-~]{1,32}")),
    Key("ending", "four digits", "Only for payment codes with these last four digits.", _DIGITS),
    Key("mode", *(f'"{SCAN}", "{SHOW}"', "Only in this mode."), _words(SCAN, SHOW)[1]),
)

#: What a ``[[dial]]`` may say.
DIAL_KEYS = (
    Key("call", ", ".join(f'"{name}"' for name in CALLS), "The call, or a list of calls.", _calls),
    Key("copies", '"every", a number, a list of numbers, "from N"', "Which copies of the call, counted from 1 for "
        "one order or, of a look-up, for one customer.", _copies),
    *WHOM_KEYS,
    Key("delay_s", _SECONDS, "The reply comes so late.", _seconds),
    Key("work", _YES_NO, "Whether the gateway does what the call asks (makes the order, credits), whatever it then "
        "answers. Without it: where the answer says 0000.", _flag),
    _one_of("delivery", Delivery, "What becomes of the reply on its way."),
    Key("at_byte", "a whole number, 0 or more", "Where `delivery` cuts or resets, or the length that it announces.",
        _count(0, MAX_BYTES)),
    Key("gap_s", _SECONDS, "Between the bytes of a drip, the chunks of an endless body, or the two copies of a "
        "doubled reply.", _seconds),
    Key("http_status", "200 to 599", "The HTTP status.", _count(200, 599)),
    Key("retry_after", "text of one line", "A Retry-After header.", _TEXT),
    Key("redirect", '"own" or an address', "A Location header; `own`: to an address of the sandbox, which notes "
        "whoever comes as a breach.", _ADDRESS),
    Key("bomb_mib", "1 to 1024", "The body is gzip and inflates to so many MiB.", _count(1, 1024)),
    Key("more_headers", "1 to 200000", "So many headers more.", _count(1, 200_000)),
    Key("clock_skew_s", "seconds, also negative", "The Date header is so far off.", _signed_seconds),
    Key("code", '"FAIL"', "The reply's `code`.", _words("FAIL")[1]),
    Key("sub_code", "four digits", "The reply's `sub_code`.", _DIGITS),
    Key("status", "text of one line", "What a payment query says in the place of the truth.", _TEXT),
    _one_of("names", Names, "Whose order number the reply names."),
    _one_of("sign", Sign, "The reply's signature."),
    _one_of("shape", Shape, "A body that is not what the interface promises."),
    _one_of("charset", Charset, "How the body's characters are written."),
    Key("data", "any value", "The reply's data.", lambda value: value),
    Key("data_key", "text of one line", "The key that carries the data, such as `date`.", _TEXT),
    Key("blank_keys", _YES_NO, "Keys carry a blank for the underscore.", _flag),
    Key("words", "text of one line", "The gateway's own words.", _TEXT),
    Key("fields", "a table", "Fields put in or replaced before the reply is signed.", _table),
    Key("leave_out", "a name or a list of names", "Fields left out before the reply is signed.", _strings()),
)  # fmt: skip

#: What a ``[[course]]`` may say.
COURSE_KEYS = (
    *WHOM_KEYS,
    Key("phases", f"[[0, STATE], [seconds, STATE], ...], rising from 0; STATE: {', '.join(State)}",
        "How the payment stands from when on, counted from the pay call or the phone's confirmation.", _phases),
    Key("refusal", '"failed", "closed"', "What a refusal on the phone makes of the order.",
        lambda value: State(_words("failed", "closed")[1](value))),
    Key("found_after_s", _SECONDS, "Queries answer 1003 so long.", _seconds),
)  # fmt: skip

_CONDUCT_SAYS = {
    "own_numbers": "Replies name a number of the gateway's own; else it takes over the client's.",
    "query_names": "Which number the reply to a query by the client's number names.",
    "signed": "Replies are signed.",
    "finds_by_our_number": "A query by the client's own number finds its order.",
    "notices_idempotent": "The same notice again credits nothing more; else every copy credits.",
    "repeated_notice": "The answer to a notice that was credited before: 0000, or 1002.",
    "cost_ids": "A bill's id stays; or is new at each arrears query; or is owed again for the next month.",
    "qr_life_s": "How long a QR can be paid.",
}


def _conduct_key(name: str, hint: Any) -> Key:
    says = _CONDUCT_SAYS[name]
    if hint is bool:
        return Key(name, _YES_NO, says, _flag)
    if hint is float:
        return Key(name, _SECONDS, says, _seconds)
    allowed, read = _words(*get_args(hint))
    return Key(name, allowed, says, read)


#: What ``[conduct]`` may say: how the gateway is towards everyone.
CONDUCT_KEYS = tuple(_conduct_key(name, hint) for name, hint in get_type_hints(Conduct).items())

#: What ``[profile]`` may say: the counter's settings that this gateway calls for.
PROFILE_KEYS = (
    Key("notices_idempotent", _YES_NO, "The counter's own profile says so.", _flag),
    Key("exists_means_credited", _YES_NO, "The counter's own profile says so.", _flag),
    Key("finds_by_our_number", *_words("learn", "true", "false")[:1], "The counter's own profile says so.",
        _words("learn", "true", "false")[1]),
    Key("query_names", '"asked", "gateway"', "The counter's own profile says so.", _words("asked", "gateway")[1]),
    Key("verify_replies", '"when-signed", "required"', "The counter's own settings say so.",
        _words("when-signed", "required")[1]),
)  # fmt: skip

#: States that an order can end in; ``none``: no order is made.
END_STATES = (
    "none", "intent", "in_doubt", "shown", "unseen", "paid", "credited", "failed", "refunded", "manual",
)  # fmt: skip


def _expect_keys() -> tuple[Key, ...]:
    states = _strings(*END_STATES)
    allowed = ", ".join(END_STATES)
    keys = [Key(f"state_{mode}", f"one or a list of {allowed}", f"Where an order ends in {mode} mode.", states)
            for mode in (SCAN, SHOW)]  # fmt: skip
    for ending, of_mode in (("", ""), (f"_{SHOW}", f" (in {SHOW} mode, where that differs)")):
        keys += [
            Key(f"alarm{ending}", _YES_NO, f"Whether an alarm rings{of_mode}.", _flag),
            Key(f"bill_free{ending}", _YES_NO, f"Whether the bill can be paid again{of_mode}.", _flag),
            Key(f"charged{ending}", "0 to 9", f"How many orders the gateway charged{of_mode}.", _count(0, 9)),
            Key(f"credited{ending}", "0 to 9", f"How many credits the gateway made{of_mode}.", _count(0, 9)),
        ]
    phone, read = _words("confirms", "refuses", "refuses_then_confirms", "only_opens", "never")
    return (
        *keys,
        Key("phone", phone, "What the customer does with the QR.", read),
        Key("breaches", "a name or a list of names", "Breaches that the gateway itself brings about.", _strings()),
    )


#: What ``[expect]`` may say: what a counter must end in.
EXPECT_KEYS = _expect_keys()

TABLES: Mapping[str, tuple[Key, ...]] = {
    "conduct": CONDUCT_KEYS,
    "dial": DIAL_KEYS,
    "course": COURSE_KEYS,
    "profile": PROFILE_KEYS,
    "expect": EXPECT_KEYS,
}
LISTS = ("dial", "course")


def markdown(table: str) -> str:
    """One table of keys as README shows it."""
    rows = [f"| `{key.name}` | {key.allowed} | {key.says} |" for key in TABLES[table]]
    return "\n".join(["| key | allowed | |", "|---|---|---|", *rows])
