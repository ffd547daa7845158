"""From the tables of a TOML document to :class:`Settings`: every fault found, none guessed around.

Rules
1. All faults are told at once, each with the file, the key, what was found and what is allowed; a misspelt name with
   the nearest right one.
2. What must fit together is looked at only where each part by itself is right.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, cast, get_type_hints

from kiosk.core.policy import ALLOWED
from kiosk.core.sentence import Sentence
from kiosk.errors import SettingsError
from kiosk.gateway.profile import GatewayConfigurationError
from kiosk.settings.rules import Values, rule_for, together, words
from kiosk.settings.sections import REQUIRED, TABLES, Settings
from kiosk.settings.values import READERS, WrongValue, is_table, shown

#: Settings that name a file beside the settings file, or by a whole path.
FILES = ("gateway.ca_file", "gateway.client_cert", "gateway.client_key")
#: Where a TOML boolean stands for one of the words.
_WORD_OF_BOOL = {"gateway.profile.finds_by_our_number": {True: "true", False: "false"}}


def defaults() -> Values:
    """Every setting's default by its dotted name."""
    found: Values = {}
    for table, classes in TABLES.items():
        for kind in classes.values():
            for item in fields(kind):
                assert item.default is not MISSING
                found[f"{table}.{item.name}"] = item.default
    return found


def settings_from(document: Mapping[str, Any], file: str = "", beside: Path | None = None) -> Settings:
    """The settings in a parsed TOML document; raises :class:`SettingsError` with every fault.

    ``file`` is named in what is told; paths in the document count from ``beside``, where that is given.
    """
    reading = _Reading(file, beside)
    reading.document(document)
    return reading.settings()


class _Reading:
    """One document being read: the values so far, and the faults."""

    def __init__(self, file: str, beside: Path | None) -> None:
        self._file = file or "settings"
        self._beside = beside
        self._values = dict(_DEFAULTS)
        self._given: set[str] = set()
        self._wrong: dict[str, Sentence] = {}

    def _complain(self, key: str, wrong: WrongValue, found: object) -> None:
        told = {"file": self._file, "key": key, "found": shown(found), **wrong.fields}
        self._wrong.setdefault(key, Sentence.of(wrong.code, **told))

    # --- tables and keys -------------------------------------------------------------------------------------------

    def document(self, document: Mapping[str, Any]) -> None:
        """Read all tables."""
        for name, value in document.items():
            if name not in TABLES:
                self._unknown_table(name, value)
            elif not isinstance(value, Mapping):
                self._complain(name, WrongValue("settings.not_table"), value)
            else:
                self._table(name, value)
        for key in REQUIRED:
            if key not in self._wrong and not self._values[key]:
                self._complain(key, WrongValue("settings.missing"), "")

    def _table(self, table: str, content: Mapping[str, Any]) -> None:
        hints = {name: hint for kind in TABLES[table].values() for name, hint in get_type_hints(kind).items()}
        for name, value in content.items():
            key = f"{table}.{name}"
            if key in TABLES:
                if isinstance(value, Mapping):
                    self._table(key, value)
                else:
                    self._complain(key, WrongValue("settings.not_table"), value)
            elif name not in hints:
                self._unknown_key(key)
            else:
                self._setting(key, hints[name], value)

    def _unknown_table(self, name: str, value: object) -> None:
        if not isinstance(value, Mapping):
            self._unknown_key(name)
            return
        near = difflib.get_close_matches(name, [table for table in TABLES if "." not in table], 1)
        wrong = WrongValue("settings.unknown_table_near", nearest=near[0]) if near else None
        self._complain(name, wrong or WrongValue("settings.unknown_table"), "")

    def _unknown_key(self, key: str) -> None:
        nearest = _nearest(key, list(self._values))
        wrong = WrongValue("settings.unknown_key_near", nearest=nearest) if nearest else None
        self._complain(key, wrong or WrongValue("settings.unknown_key"), "")

    # --- one setting -----------------------------------------------------------------------------------------------

    def _setting(self, key: str, hint: Any, value: object) -> None:
        self._given.add(key)
        if is_table(hint):
            self._mapping(key, hint, value)
            return
        try:
            self._values[key] = _read(key, hint, value)
        except WrongValue as error:
            self._complain(key, error, value)

    def _mapping(self, key: str, hint: Any, value: object) -> None:
        if not isinstance(value, Mapping):
            self._complain(key, WrongValue("settings.not_table"), value)
            return
        known, read = self._values[key], {}
        for name, item in value.items():
            inner = f"{key}.{name}"
            if name not in known:
                near = _nearest(inner, [f"{key}.{right}" for right in known])
                self._complain(inner, WrongValue("settings.unknown_key_near", nearest=near or ", ".join(known)), item)
                continue
            try:
                read[name] = _checked(key, READERS[hint](item))
            except WrongValue as error:
                self._complain(inner, error, item)
        self._values[key] = read

    # --- the whole -------------------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """The settings, or every fault."""
        for key in FILES:
            self._find_file(key)
        if not self._wrong:
            for key, wrong in together(self._values, frozenset(self._given)):
                self._complain(key, wrong, self._values[key])
        self._refuse()
        built: dict[str, Any] = {"file": self._file if self._beside else ""}
        for table, classes in TABLES.items():
            for attribute, kind in classes.items():
                built[attribute] = self._built(table, kind)
        self._refuse()
        return Settings(**built)

    def _refuse(self) -> None:
        if self._wrong:
            raise SettingsError(tuple(self._wrong.values()))

    def _built(self, table: str, kind: type) -> object:
        values = {item.name: self._values[f"{table}.{item.name}"] for item in fields(kind)}
        try:
            return kind(**values)
        except GatewayConfigurationError as error:  # a rule of the gateway's room that has none here
            key = f"{table}.{error.key}"
            found = self._values.get(key, "")
            self._complain(key, WrongValue("settings.gateway", detail=error.detail or error.reason), found)
            return None

    def _find_file(self, key: str) -> None:
        named = self._values[key]
        if not named or key in self._wrong:
            return
        path = _resolved(named, self._beside)
        if path.is_file():
            self._values[key] = str(path)
        else:
            self._complain(key, WrongValue("settings.file_needed"), named)


def _read(key: str, hint: Any, value: object) -> object:
    if isinstance(value, bool):
        value = _WORD_OF_BOOL.get(key, {}).get(value, value)
    return _checked(key, READERS[hint](value))


def _checked(key: str, value: object) -> object:
    allowed = _ALLOWED.get(key)
    if allowed:
        words(allowed)(value)
    rule = rule_for(key)
    left_out = value == "" and _DEFAULTS[key] == ""
    return value if rule is None or left_out else rule(value)


def _resolved(named: str, beside: Path | None) -> Path:
    path = Path(named).expanduser()
    return path if path.is_absolute() or beside is None else beside / path


def _nearest(key: str, known: list[str]) -> str:
    """The right name that was probably meant: of the same table first, then the same name in another table."""
    table, _, name = key.rpartition(".")
    siblings = [right.rpartition(".")[2] for right in known if right.rpartition(".")[0] == table]
    near = difflib.get_close_matches(name, siblings, 1)
    if near:
        return f"{table}.{near[0]}"
    elsewhere = [right for right in known if right.rpartition(".")[2] == name]
    return elsewhere[0] if elsewhere else ""


def _allowed() -> dict[str, tuple[str, ...]]:
    return {
        f"{table}.{item.name}": cast("tuple[str, ...]", item.metadata[ALLOWED])
        for table, classes in TABLES.items()
        for kind in classes.values()
        for item in fields(kind)
    }


_ALLOWED = _allowed()
_DEFAULTS = defaults()
