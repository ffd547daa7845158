"""One value of the file against one setting's type: strict, and in words where it does not fit.

Rules
1. A boolean is no number; a whole number may stand for a number; neither NaN nor infinity is one.
2. A :class:`WrongValue` carries the sentence's code and fields beside ``file``, ``key`` and ``found``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

FOUND_LIMIT = 60


class WrongValue(Exception):
    """A value that a setting cannot have; ``code`` is ``settings.*``."""

    def __init__(self, code: str, **fields: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


def shown(value: object) -> str:
    """The value about as it stands in the file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= FOUND_LIMIT else text[: FOUND_LIMIT - 1] + "…"


def as_text(value: object) -> str:
    """A text without control characters, trimmed."""
    if not isinstance(value, str):
        raise WrongValue("settings.not_text")
    if not value.isprintable():
        raise WrongValue("settings.text_characters")
    return value.strip()


def as_bool(value: object) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise WrongValue("settings.not_bool")
    return value


def as_integer(value: object) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue("settings.not_integer")
    return value


def as_number(value: object) -> float:
    """A finite number; a whole one is taken too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValue("settings.not_number")
    try:
        number = float(value)
    except OverflowError:
        raise WrongValue("settings.not_number") from None
    if not math.isfinite(number):
        raise WrongValue("settings.not_number")
    return number


def as_numbers(value: object) -> tuple[float, ...]:
    """A list of numbers above 0, one at least."""
    if not isinstance(value, list) or not value:
        raise WrongValue("settings.numbers")
    try:
        numbers = tuple(as_number(item) for item in value)
    except WrongValue:
        raise WrongValue("settings.numbers") from None
    if min(numbers) <= 0:
        raise WrongValue("settings.numbers")
    return numbers


def as_texts(value: object) -> tuple[str, ...]:
    """A list of texts, none of them empty; it may be empty itself."""
    if not isinstance(value, list):
        raise WrongValue("settings.list")
    try:
        texts = tuple(as_text(item) for item in value)
    except WrongValue:
        raise WrongValue("settings.list") from None
    if not all(texts):
        raise WrongValue("settings.list")
    return texts


def as_names(value: object) -> tuple[str, ...]:
    """One text, or a list of texts with one at least: the names under which something comes."""
    names = as_texts([value] if isinstance(value, str) else value)
    if not names:
        raise WrongValue("settings.list")
    return names


#: How a setting's type, as its annotation says it, is read.
READERS: dict[Any, Callable[[object], object]] = {
    str: as_text,
    bool: as_bool,
    int: as_integer,
    float: as_number,
    tuple[float, ...]: as_numbers,
    tuple[str, ...]: as_texts,
    # the two kinds of tables within a table: each of their values
    Mapping[str, str]: as_text,
    Mapping[str, tuple[str, ...]]: as_names,
}
#: The types of READERS in words, for the list of settings.
TYPE_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    tuple[float, ...]: "list of numbers",
    tuple[str, ...]: "list of texts",
    Mapping[str, str]: "table of texts",
    Mapping[str, tuple[str, ...]]: "table of lists of texts",
}


def is_table(hint: Any) -> bool:
    """Whether a setting of this type is a table of its own."""
    return hint in (Mapping[str, str], Mapping[str, tuple[str, ...]])
