"""What the real journal says of a bill: asked once of a real one, so that the walk follows the journal's own SQL.

For each state (and whether the order was ever ``paid``): whether it stands in the way of another attempt (rule 1),
whether it is a twin of a payment (rule 6), whether a start takes it up again.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Order, State
from kiosk.journal import Journal
from tests.search.attempt import draft


class Said(NamedTuple):
    """The journal's word about an order to another of the same bill."""

    blocks: bool
    is_twin: bool
    taken_up: bool


@cache
def said_by_the_journal() -> dict[tuple[State, bool], Said]:
    """By state, and whether the order was ever paid."""
    with tempfile.TemporaryDirectory() as directory, Journal.open(Path(directory) / "data") as journal:
        return {
            (state, paid): _ask(journal, state, paid)
            for state in State
            for paid in (False, True)
            if paid or state not in (State.PAID, State.CREDITED)
        }


def _ask(journal: Journal, state: State, paid: bool) -> Said:
    bill = f"{state}-{paid}"
    older = _order(bill, "A")
    journal.append(older, [Append(EventKind.INTENT)], _at(1))
    if paid:
        older = replace(older, state=State.PAID, paid_ms=2, success_seen=True)
        older = journal.append(older, [Append(EventKind.PAID)], _at(2), b"notice")
    if state not in (State.INTENT, older.state):
        older = journal.append(replace(older, state=state), [Append(EventKind(state.value))], _at(3))
    wanted = _order(bill, "B")
    return Said(
        blocks=older.order_no in journal.live_attempts(wanted),
        is_twin=journal.twin_paid(wanted),
        taken_up=any(order.order_no == older.order_no for order in journal.open_orders()),
    )


def _order(bill: str, name: str) -> Order:
    return replace(draft("scan"), order_no=f"K1{bill}-{name}", cost_id=bill)


def _at(seconds: int) -> Instant:
    return Instant(float(seconds), 1_700_000_000_000 + seconds * 1000)
