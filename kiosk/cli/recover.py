"""``kiosk recover``: takes every unfinished order up again without a window."""

from __future__ import annotations

import argparse
import sys
import time

from kiosk.app import Counter, SystemClock, open_counter
from kiosk.cli import DONE, UNRESOLVED, settings_of
from kiosk.cli.orders import as_table
from kiosk.core.order import OPEN, Order
from kiosk.ports import JournalError
from kiosk.snapshot import Snapshot
from kiosk.wording import Wording

#: One round ends when every job that it made has come back; each has its own deadline, this is for our own mistakes.
ROUND_LIMIT_S = 600.0


def run(given: argparse.Namespace) -> int:
    """One round of questions and notices, or rounds until all is settled or the time is over; 3 while any is open."""
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    counter = open_counter(settings, _nobody_looks, wording=wording, scans=False)
    _acceptance(counter, given.accept_copy, wording)
    engine = counter.engine
    one_round = given.until_settled is None
    deadline_s = time.monotonic() + (ROUND_LIMIT_S if one_round else given.until_settled)

    def done() -> bool:
        return _left(counter) == [] or time.monotonic() >= deadline_s or (one_round and not engine.busy)

    try:
        engine.run(done)
        left = _left(counter)
    finally:
        counter.close()
    if left is None:
        print(wording.say("banner.journal"), file=sys.stderr)
        return UNRESOLVED
    if left:
        print(as_table(left, wording))
        print(wording.say("cli.open_left", count=len(left)), file=sys.stderr)
        return UNRESOLVED
    print(wording.say("cli.nothing_open"), file=sys.stderr)
    return DONE


def _acceptance(counter: Counter, accept: bool, wording: Wording) -> None:
    """Let a journal that was built from its text copy take payments again, where that is asked for; else say that it
    waits. Unfinished orders are taken up in either case."""
    if not counter.journal.awaiting_acceptance:
        if accept:
            print(wording.say("cli.copy_nothing"), file=sys.stderr)
    elif accept:
        counter.journal.accept_copy(SystemClock().now())
        print(wording.say("cli.copy_accepted"), file=sys.stderr)
    else:
        print(wording.say("cli.copy_waits"), file=sys.stderr)


def _nobody_looks(snapshot: Snapshot) -> None:
    """There is no window."""


def _left(counter: Counter) -> list[Order] | None:
    """What is open by the journal, which knows of orders that could not be taken up; None where it cannot be read."""
    try:
        return [order for order in counter.journal.open_orders() if order.state in OPEN]
    except JournalError:
        return None
