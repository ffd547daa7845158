"""What is to be told to a person, before it has a language: codes of wording.py with named fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Sentence(msgspec.Struct, frozen=True):
    """A sentence to be said: its code in wording.py and the values of its named fields, sentences among them. A struct:
    each snapshot holds some, and a frozen dataclass takes seven times as long to make."""

    code: str
    fields: tuple[tuple[str, str | int | Sentence], ...] = ()

    @classmethod
    def of(cls, code: str, /, **fields: str | int | Sentence) -> Sentence:
        """The sentence ``code`` with these named fields."""
        return cls(code, tuple(sorted(fields.items())) if fields else ())  # a name stands once: no value is compared


class Level(StrEnum):
    """How much a pill or a banner asks for attention."""

    OFF = "off"  # not configured, on purpose
    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Banner:
    """What happened, what to do, and a reference to quote on the telephone."""

    level: Level
    what: Sentence
    todo: Sentence | None = None
    reference: str = ""


class Face(StrEnum):
    """The four faces of *Collect* (screens.md part 2)."""

    FIND = "find"
    ACCOUNT = "account"
    PAY = "pay"
    RESULT = "result"


class Page(StrEnum):
    """The parts of the program that the rail leads to."""

    COLLECT = "collect"
    PENDING = "pending"
    DEVICES = "devices"
