"""Shifts in the journal: events of no order, ``shift_opened`` and ``shift_closed``, and nothing beside them.

1. What a shift is, is read from its events; there is no table that could tell another story, and a journal that is
   built anew from its copy has all of them.
2. Opening and closing look at the open orders within their own commit: what the event names as left is what was open in
   that very moment (core/shift.py, rule 2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import apsw

from kiosk.core.messages import EventKind
from kiosk.core.order import State
from kiosk.core.shift import (
    Left,
    Shift,
    ShiftTurn,
    closed_facts,
    left_in,
    number_in,
    opened_facts,
    prints_in,
    refuses_turn,
)
from kiosk.journal.append import Appending
from kiosk.journal.chain import Event
from kiosk.journal.schema import OPEN_STATES, SHIFTS
from kiosk.ports import ShiftRefusedError

_EVENTS = f"""SELECT number, order_no, kind, at_ms, facts, change, previous, hash FROM events WHERE {SHIFTS}"""
_NEWEST_FIRST = f"{_EVENTS} ORDER BY number DESC"
#: Two events a shift: those of shift N are never before the N-th event.
_FROM = f"{_EVENTS} ORDER BY number LIMIT 4 OFFSET ?"
_LEFT = f"SELECT order_no, state FROM orders WHERE {OPEN_STATES} ORDER BY +seq"
_LAST_PRINT = "SELECT coalesce(max(number), 0) FROM prints"


def left_now(connection: apsw.Connection) -> tuple[Left, ...]:
    """The orders that are open now, oldest first."""
    rows: list[Any] = connection.execute(_LEFT).fetchall()
    return tuple(Left(order_no, State(state)) for order_no, state in rows)


def newest(connection: apsw.Connection) -> Shift | None:
    """The newest shift, open or closed; None where there never was one."""
    return next(iter(last(connection, 1)), None)


def last(connection: apsw.Connection, count: int) -> list[Shift]:
    """The newest shifts, newest first. Raises :class:`apsw.CorruptError` where their events fit no shifts."""
    rows: list[Any] = connection.execute(f"{_NEWEST_FIRST} LIMIT ?", (2 * count + 1,)).fetchall()
    return list(_shifts([Event(*row) for row in reversed(rows)]))[::-1][:count]


def numbered(connection: apsw.Connection, number: int) -> Shift | None:
    """The shift with this number."""
    if not 0 < number < 1 << 31:
        return None
    rows: list[Any] = connection.execute(_FROM, (max(0, 2 * number - 3),)).fetchall()
    return next((shift for shift in _shifts([Event(*row) for row in rows]) if shift.number == number), None)


def _shifts(events: Collection[Event]) -> Iterator[Shift]:
    """The shifts that these neighbouring events open, oldest first."""
    opened: Event | None = None
    before: Event | None = None
    for event in events:
        if event.kind == EventKind.SHIFT_OPENED:
            opened = event
            continue
        if opened is not None:
            yield _shift(opened, before, event)
        opened, before = None, event
    if opened is not None:
        yield _shift(opened, before, None)


def _shift(opened: Event, before: Event | None, closed: Event | None) -> Shift:
    try:
        start = before or opened
        told, end = opened.facts_told(), closed.facts_told() if closed is not None else {}
        return Shift(
            number=number_in(told),
            cashier=told.get("cashier", ""),
            opened_event=opened.number,
            opened_ms=opened.at_ms,
            after_event=start.number,
            after_print=prints_in(start.facts_told()),
            closed_event=closed.number if closed is not None else 0,
            closed_ms=closed.at_ms if closed is not None else None,
            closed_by=end.get("by", ""),
            handed_over="handed_over" in end,
            left=left_in(end),
            head=closed.hash if closed is not None else "",
            last_print=prints_in(end) if closed is not None else None,
        )
    except ValueError as error:
        raise apsw.CorruptError(f"event {opened.number} opens no shift: {error}") from error


def turn(
    connection: apsw.Connection, work: Appending, how: ShiftTurn, who: tuple[str, str], seen: Collection[str]
) -> None:
    """Write the events of one turn, within the caller's commit; ``who``: the cashier who ends, and who begins.

    Raises :class:`ShiftRefusedError`, :class:`apsw.Error`.
    """
    shift, left = newest(connection), left_now(connection)
    is_open = shift is not None and shift.is_open
    refused = refuses_turn(how, is_open, left, seen)
    if refused:
        raise ShiftRefusedError(refused)
    prints = int(connection.execute(_LAST_PRINT).get)
    number = shift.number if shift is not None else 0
    if how is not ShiftTurn.OPEN:
        handed_over = how is ShiftTurn.HAND_OVER
        work.note(EventKind.SHIFT_CLOSED, closed_facts(number, who[0], left, prints, handed_over=handed_over))
    if how is not ShiftTurn.CLOSE:
        work.note(EventKind.SHIFT_OPENED, opened_facts(number + 1, who[1], left, prints))
