"""``kiosk verify``: is the journal sound; if not, what is wrong and where."""

from __future__ import annotations

import argparse
import json
import sys

from kiosk.cli import DONE, NO, settings_of
from kiosk.core.calendar import iso, to_second
from kiosk.errors import of_journal
from kiosk.journal import Finding, held, verify
from kiosk.journal.errors import JournalOpenError
from kiosk.wording import Wording


def run(given: argparse.Namespace) -> int:
    """0 sound (open orders are sound, and so is a journal not begun), 1 broken, 2 cannot be opened."""
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    try:
        count, findings = verify(settings.data_directory, anchor=given.anchor or "")
        event = held(settings.data_directory, given.anchor) if given.anchor else None
    except JournalOpenError as error:
        raise of_journal(error) from error
    if given.json:
        told = [{"code": one.code, "where": one.where, "detail": one.detail} for one in findings]
        anchor = {"event": event.number, "at": iso(event.at_ms)} if event is not None else None
        print(json.dumps({"orders": count, "findings": told, "anchor": anchor}, ensure_ascii=False))
    for one in findings if not given.json else ():
        print(sentence(one, wording))
    if event is not None:
        told_at = to_second(event.at_ms)
        print(wording.say("cli.anchor_held", number=event.number, time=told_at), file=sys.stderr)
    if findings:
        print(wording.say("cli.verify_broken", count=len(findings)), file=sys.stderr)
        return NO
    print(wording.say("cli.verify_sound", count=count), file=sys.stderr)
    return DONE


def sentence(finding: Finding, wording: Wording) -> str:
    """What is wrong and where, for a person; what exactly was found stands behind it."""
    kind, _, number = finding.where.partition(" ")
    where = wording.say("finding.event", number=number) if kind == "event" else finding.where
    told = wording.say(f"finding.{finding.code}", where=where)
    return f"{told} ({finding.detail})" if finding.detail else told
