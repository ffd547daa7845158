"""``kiosk check``: what a counter stands on, a line each, with what to do about it."""

from __future__ import annotations

import argparse
import json
import os
import sys

from kiosk.checking import Finding, LookAtScreens, findings
from kiosk.cli import DONE, NO, settings_of
from kiosk.core.sentence import Level
from kiosk.errors import SettingsError
from kiosk.wording import Wording

_MARKS = {Level.GOOD: "ok", Level.WARN: "!", Level.BAD: "X", Level.OFF: "-", Level.BUSY: "?"}


def run(given: argparse.Namespace) -> int:
    """0 where nothing is amiss, 1 else; it runs without settings too, and says so."""
    wording = Wording(_locale(given))
    found = []
    for finding in findings(lambda: settings_of(given), _screens()):
        found.append(finding)
        if not given.json:
            print(_line(finding, wording), flush=True)
    if given.json:
        print(json.dumps([_as_json(finding, wording) for finding in found], ensure_ascii=False))
    amiss = sum(finding.level is Level.BAD for finding in found)
    told = wording.say("check.amiss", count=amiss) if amiss else wording.say("check.well")
    print(told, file=sys.stderr)
    return NO if amiss else DONE


def _locale(given: argparse.Namespace) -> str:
    try:
        return settings_of(given).counter.locale
    except SettingsError:
        return "zh_CN"


def _screens() -> LookAtScreens | None:
    """How the screens are, where there are any to be seen."""
    from kiosk.cli.windows import has_display

    if not has_display() or os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return None
    from kiosk.ui.second_screen import screens_now

    return screens_now


def _line(finding: Finding, wording: Wording) -> str:
    name = wording.say(f"check.{finding.name}")
    detail = f"  [{finding.detail}]" if finding.detail else ""
    return f"{_MARKS[finding.level]:>2}  {name}  {wording.say(finding.what)}{detail}"


def _as_json(finding: Finding, wording: Wording) -> dict[str, object]:
    return {
        "name": finding.name,
        "level": str(finding.level),
        "code": finding.what.code,
        "told": wording.say(finding.what),
        "detail": finding.detail,
        "counters": dict(finding.counters),
    }
