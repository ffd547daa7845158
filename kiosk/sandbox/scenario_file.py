"""Scenario files: found by path or by a shipped one's name, read strictly, told as a table.

Rules
1. A file is checked whole before anything listens; each fault is a sentence with the file, the key, what was found and
   what is allowed, and the nearest right name where one is near. All faults are told at once.
2. A file opens with comments: what it shows, and what the counter must end in. They are told with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiosk.paths import assets
from kiosk.sandbox.customers import MAX_FILE_BYTES, DataError
from kiosk.sandbox.dial_keys import LISTS, TABLES, WrongValue, nearest
from kiosk.sandbox.dials import Answer, Travel, Writing
from kiosk.sandbox.scenario import SCAN, SHOW, Copies, Course, Dial, Expected, Scenario, Whom

_WRITING = ("names", "sign", "shape", "charset", "data_key", "blank_keys", "words", "fields", "leave_out")
_TRAVEL = (
    "http_status", "retry_after", "redirect", "bomb_mib", "more_headers", "clock_skew_s", "at_byte", "gap_s",
)  # fmt: skip
_ANSWER = ("delay_s", "delivery", "code", "sub_code", "status", "data")
_REDIRECT_STATUS = 307


class ScenarioError(DataError):
    """The scenario cannot be used; the message is a sentence a fault, each with its place."""


def shipped() -> dict[str, Path]:
    """The scenarios that come with the program, by name."""
    return {path.stem: path for path in sorted((assets() / "scenarios").glob("*.toml"))}


def load_scenario(named: str) -> Scenario:
    """The scenario in a file, or the shipped one of this name. Raises :class:`ScenarioError`."""
    path = Path(named)
    if path.suffix != ".toml" and path.name == named:
        known = shipped()
        if named not in known:
            near = nearest(named, tuple(known))
            hint = f"; did you mean {near}?" if near else ""
            raise ScenarioError(f"no scenario {named!r}{hint} There are: {', '.join(known)}; or name a .toml file")
        path = known[named]
    try:
        text = path.read_bytes()[: MAX_FILE_BYTES + 1]
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}") from error
    return read_scenario(text, path)


def read_scenario(text: bytes, path: Path) -> Scenario:
    """The scenario in a file's bytes. Raises :class:`ScenarioError`."""
    if len(text) > MAX_FILE_BYTES:
        raise ScenarioError(f"{path}: larger than {MAX_FILE_BYTES} bytes")
    try:
        content = text.decode()
        document = tomllib.loads(content)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    reading = _Reading(path)
    read = {table: reading.table(table, document[table]) for table in document if reading.knows(table)}
    if not reading.faults:
        reading.together(read)
    if reading.faults:
        raise ScenarioError("\n".join(reading.faults))
    return _scenario(path.stem, _opening(content), document, read)


class _Reading:
    """One file being read, and its faults so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.faults: list[str] = []

    def _complain(self, place: str, found: object, allowed: str, near: str = "") -> None:
        hint = f" (nearest: {near})" if near else ""
        self.faults.append(f"{self._path}: {place}: found {_shown(found)}{hint}; allowed: {allowed}")

    def knows(self, table: str) -> bool:
        """Whether there is such a table; tells where there is none."""
        if table not in TABLES:
            names = tuple(TABLES)
            self._complain("the file's tables", table, ", ".join(names), nearest(table, names))
        return table in TABLES

    def table(self, table: str, content: object) -> list[dict[str, Any]]:
        """The rows of a table that is one or is a list of such."""
        rows = content if isinstance(content, list) else [content]
        is_list = isinstance(content, list)
        if is_list != (table in LISTS) or not all(isinstance(row, dict) for row in rows):
            self._complain(table, content, f"[[{table}]], any number" if table in LISTS else f"[{table}], once")
            return []
        places = [f"{table} {number}" for number in range(1, len(rows) + 1)] if is_list else [table]
        return [self._row(table, place, row) for place, row in zip(places, rows, strict=True)]

    def _row(self, table: str, place: str, row: Mapping[str, object]) -> dict[str, Any]:
        keys = {key.name: key for key in TABLES[table]}
        read: dict[str, Any] = {}
        for name, value in row.items():
            key = keys.get(name)
            if key is None:
                self._complain(f"{place}, key {name}", name, ", ".join(keys), nearest(name, tuple(keys)))
                continue
            try:
                read[name] = key.read(value)
            except WrongValue as error:
                self._complain(f"{place}, key {name}", value, key.allowed, error.nearest)
        return read

    def together(self, read: Mapping[str, list[dict[str, Any]]]) -> None:
        """What each part must have beside it."""
        for number, row in enumerate(read.get("dial", ()), 1):
            if "call" not in row:
                self._complain(f"dial {number}, key call", "nothing", "the call that is dialled")
        for number, row in enumerate(read.get("course", ()), 1):
            if not {"phases", "refusal", "found_after_s"} & set(row):
                self._complain(f"course {number}", "nothing to change", "phases, refusal, found_after_s")
        for row in read.get("expect", ()):
            for mode in (SCAN, SHOW):
                if f"state_{mode}" not in row:
                    self._complain(f"expect, key state_{mode}", "nothing", "the state that the counter must end in")


def _shown(found: object) -> str:
    text = repr(found)
    return text if len(text) <= 80 else text[:77] + "..."


def _opening(content: str) -> str:
    """The comment with which the file opens."""
    lines = []
    for line in content.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    return " ".join(lines)


def _scenario(
    name: str, says: str, document: Mapping[str, Any], read: Mapping[str, list[dict[str, Any]]]
) -> Scenario:
    expect = next(iter(read.get("expect", ())), {})
    return Scenario(
        name=name,
        says=says,
        conduct=MappingProxyType(next(iter(read.get("conduct", ())), {})),
        dials=tuple(map(_dial, read.get("dial", ()), document.get("dial", ()))),
        courses=tuple(map(_course, read.get("course", ()), document.get("course", ()))),
        profile=MappingProxyType(next(iter(read.get("profile", ())), {})),
        phone=expect.get("phone", "confirms"),
        expected=MappingProxyType({mode: _expected(expect, mode) for mode in (SCAN, SHOW)} if expect else {}),
    )


def _whom(row: Mapping[str, Any]) -> Whom:
    return Whom(row.get("customer", ""), row.get("ending", ""), row.get("mode", ""))


def _picked(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _dial(row: dict[str, Any], set_to: Mapping[str, object]) -> Dial:
    if "redirect" in row:
        row.setdefault("http_status", _REDIRECT_STATUS)
    answer = Answer(
        **_picked(row, _ANSWER),
        works=row.get("work", _says_yes(row)),
        writing=Writing(**_picked(row, _WRITING)),
        travel=Travel(**_picked(row, _TRAVEL)),
    )
    return Dial(row["call"], answer, row.get("copies", Copies()), _whom(row), MappingProxyType(dict(set_to)))


def _says_yes(row: Mapping[str, Any]) -> bool:
    """Without ``work``: what is answered with 0000 was done."""
    return row.get("sub_code", "0000") == "0000" and "code" not in row and row.get("http_status", 200) < 300


def _course(row: Mapping[str, Any], set_to: Mapping[str, object]) -> Course:
    changes = _picked(row, ("phases", "refusal", "found_after_s"))
    return Course(**changes, whom=_whom(row), set_to=MappingProxyType(dict(set_to)))


def _expected(row: Mapping[str, Any], mode: str) -> Expected:
    names = ("alarm", "bill_free", "charged", "credited")
    given = _picked(row, names)
    if mode == SHOW:
        given |= {name: row[f"{name}_{SHOW}"] for name in names if f"{name}_{SHOW}" in row}
    return Expected(row[f"state_{mode}"], breaches=row.get("breaches", ()), **given)


def told(scenario: Scenario) -> str:
    """The scenario as a table for people: what is dialled, row by row."""
    rows = [("conduct", name, value) for name, value in scenario.conduct.items()]
    parts = [(f"dial {number}", dial.set_to) for number, dial in enumerate(scenario.dials, 1)]
    parts += [(f"course {number}", course.set_to) for number, course in enumerate(scenario.courses, 1)]
    rows += [(place, name, value) for place, set_to in parts for name, value in set_to.items()]
    rows += [("the counter's profile", name, value) for name, value in scenario.profile.items()]
    head = f"Scenario {scenario.name}: {scenario.says}".rstrip(": ")
    return "\n".join([head, *(f"  {place:<22} {name:<20} {_shown(value)}" for place, name, value in rows)])


def listed() -> str:
    """The shipped scenarios, a line each: the name, and the first sentence of what it shows."""
    lines = []
    for name in shipped():
        says = load_scenario(name).says
        lines.append(f"  {name:<30} {says.split('. ')[0].rstrip('.')}")
    return "\n".join(["Scenarios that come with the sandbox (--scenario NAME, or a .toml file):", *lines])
