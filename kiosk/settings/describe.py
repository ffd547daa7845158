"""Every setting in words: for the README, the diagnostics page and whoever edits the file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import get_type_hints

from kiosk.core.policy import ALLOWED, SENTENCE
from kiosk.settings.sections import REQUIRED, TABLES
from kiosk.settings.values import TYPE_NAMES, shown

#: Units that no name's end tells.
_UNITS = {
    "payment.prepay_min": "yuan",
    "payment.prepay_max": "yuan",
    "payment.confirm_above": "yuan",
    "scanner.baud": "bit/s",
    "display.pole_baud": "bit/s",
    "printer.baud": "bit/s",
    "printer.width": "mm",
}


@dataclass(frozen=True, slots=True)
class Description:
    """One setting: dotted name, type in words, default as in the file, unit, sentence, the words allowed."""

    name: str
    type: str
    default: str
    unit: str
    sentence: str
    allowed: tuple[str, ...] = ()
    required: bool = False


def describe() -> tuple[Description, ...]:
    """All settings, in the order of the tables."""
    return tuple(
        description
        for table, classes in TABLES.items()
        for kind in classes.values()
        for description in _of_class(table, kind)
    )


def _of_class(table: str, kind: type) -> list[Description]:
    hints = get_type_hints(kind)
    found = []
    for item in fields(kind):
        name = f"{table}.{item.name}"
        unit = _UNITS.get(name, "s" if name.endswith("_s") else "")
        found.append(
            Description(
                name,
                TYPE_NAMES[hints[item.name]],
                shown(item.default),
                unit,
                item.metadata[SENTENCE],
                item.metadata[ALLOWED],
                name in REQUIRED,
            )
        )
    return found
