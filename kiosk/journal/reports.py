"""A day's or a shift's report out of the journal: a few short statements and a look-up for each order told apart.

1. All of it is one look (one read transaction of milliseconds): the chain's head on the report is of the very events
   that its figures count.
2. A day walks the indices by time (schema.py), a shift its own range of events: either costs what it brought, however
   long the journal. Both count the same payments: those whose ``paid`` event set the moment of payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from kiosk.core.calendar import day_bounds_ms
from kiosk.core.order import State
from kiosk.core.report import (
    Amounts,
    Apart,
    Entry,
    Paid,
    Report,
    Reprint,
    by_hour,
    classes_of,
    grouped,
    pace,
    still_owed,
    takings_of,
)
from kiosk.core.shift import Shift
from kiosk.journal import queries, shifts
from kiosk.journal.chain import Event
from kiosk.journal.schema import APART, OPEN_STATES, REPRINTS

_PAID = "o.cashier, o.wallet, o.kind, o.mode, o.principal_fen, o.late_fee_fen, o.total_fen, o.created_ms, o.paid_ms"
_PAID_ON_DAY = f"SELECT {_PAID} FROM orders o WHERE o.paid_ms >= ? AND o.paid_ms < ? ORDER BY o.paid_ms"
#: ``NOT INDEXED``: by the events' own numbers. A release of an order that had been paid before sets no time again.
_RANGE = "events NOT INDEXED WHERE number > ? AND number <= ?"
_PAID_IN_RANGE = f"""SELECT {_PAID}, e.number
    FROM (SELECT number, order_no FROM {_RANGE} AND kind = 'paid' AND instr(change, '"paid_ms":') > 0) e
    CROSS JOIN orders o ON o.order_no = e.order_no ORDER BY e.number"""
_ENTRY = "SELECT order_no, customer_no, cashier, kind, state, total_fen, created_ms, paid_ms FROM orders"
#: ``+``: by the few open ones, not by all that began before.
_OPEN = f"{_ENTRY} WHERE {OPEN_STATES} AND +created_ms < ?"
_ONE = f"{_ENTRY} WHERE order_no = ?"
_EVENT = "SELECT number, order_no, kind, at_ms, facts, change, previous, hash FROM"
_APART_ON_DAY = f"{_EVENT} events WHERE {APART} AND at_ms >= ? AND at_ms < ?"
_APART_IN_RANGE = f"{_EVENT} {_RANGE} AND {APART}"
_REPRINT = f"SELECT receipt, copy, at_ms FROM prints WHERE {REPRINTS}"
_REPRINTS_ON_DAY = f"{_REPRINT} AND at_ms >= ? AND at_ms < ? ORDER BY at_ms"
_REPRINTS_IN_RANGE = f"{_REPRINT} AND number > ? AND number <= ? ORDER BY number"
_FIRST_EVENTS = """SELECT min(number), coalesce(min(number) FILTER (WHERE kind = 'paid'), 0) FROM events
    WHERE order_no = ?"""
_NEVER = (1 << 63) - 1

_Found = Iterator[tuple[Apart, Entry]]


def day_report(connection: apsw.Connection, day_text: str) -> Report:
    """The day's report. Raises :class:`ValueError` for no day, :class:`apsw.Error` for what cannot be read."""
    bounds_ms = day_bounds_ms(day_text)
    with one_look(connection):
        payments = _payments(connection, _PAID_ON_DAY, bounds_ms)
        return Report(
            day=day_text,
            takings=takings_of(payments),
            apart=grouped(
                [*_owed_on_day(connection, bounds_ms), *_happened(connection, _APART_ON_DAY, bounds_ms)]
            ),
            reprints=_reprints(connection, _REPRINTS_ON_DAY, bounds_ms),
            chain_head=_head(connection),
            by_hour=by_hour(payments),
            pace=pace(payments),
        )


def shift_report(connection: apsw.Connection, number: int | None) -> Report | None:
    """A shift's report, the newest one's without a number; None where there is no such shift.

    Raises :class:`apsw.Error` for what cannot be read.
    """
    with one_look(connection):
        shift = shifts.newest(connection) if number is None else shifts.numbered(connection, number)
        return _of_shift(connection, shift) if shift is not None else None


def _of_shift(connection: apsw.Connection, shift: Shift) -> Report:
    events = (shift.after_event, shift.closed_event or _NEVER)
    prints = (shift.after_print, _NEVER if shift.last_print is None else shift.last_print)
    payments = _payments(connection, _PAID_IN_RANGE, events)
    early = [paid.amounts for paid in payments if paid.event < shift.opened_event]
    return Report(
        shift=shift,
        takings=takings_of(payments),
        apart=grouped([*_owed_in_shift(connection, shift), *_happened(connection, _APART_IN_RANGE, events)]),
        reprints=_reprints(connection, _REPRINTS_IN_RANGE, prints),
        chain_head=shift.head or _head(connection),
        before_opening=sum(early, Amounts()),
        by_hour=by_hour(payments),
        pace=pace(payments),
    )


@contextmanager
def one_look(connection: apsw.Connection) -> Iterator[None]:
    """All that is read within is of one moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _head(connection: apsw.Connection) -> str:
    newest = queries.last_event(connection)
    return newest.hash if newest is not None else ""


def _payments(connection: apsw.Connection, query: str, bounds: tuple[int, int]) -> list[Paid]:
    rows: list[Any] = connection.execute(query, bounds).fetchall()
    return [Paid(*row) for row in rows]


def _owed_on_day(connection: apsw.Connection, bounds_ms: tuple[int, int]) -> _Found:
    first_ms, end_ms = bounds_ms
    rows: list[Any] = connection.execute(_OPEN, (end_ms,)).fetchall()
    for row in rows:
        state, begun_ms, paid_ms = _state(row[0], row[4]), row[6], row[6] if row[7] is None else row[7]
        at_ms = paid_ms if state is State.PAID else begun_ms
        if at_ms < end_ms:
            apart = still_owed(state, begun_before=begun_ms < first_ms, paid_before=paid_ms < first_ms)
            yield apart, _entry(row, state, at_ms)


def _owed_in_shift(connection: apsw.Connection, shift: Shift) -> _Found:
    for one in shifts.left_now(connection) if shift.is_open else shift.left:
        row: Any = connection.execute(_ONE, (one.order_no,)).fetchone()
        if row is not None:
            first, paid = _first_events(connection, one.order_no)
            begun_before, paid_before = first <= shift.after_event, paid <= shift.after_event
            at_ms = row[7] if one.state is State.PAID and row[7] is not None else row[6]
            apart = still_owed(one.state, begun_before=begun_before, paid_before=paid_before)
            yield apart, _entry(row, one.state, at_ms)


def _first_events(connection: apsw.Connection, order_no: str) -> tuple[int, int]:
    """The numbers of the event that began an order, and of the one that confirmed it paid (0: none)."""
    row: Any = connection.execute(_FIRST_EVENTS, (order_no,)).fetchone()
    return int(row[0]), int(row[1])


def _happened(connection: apsw.Connection, query: str, bounds: tuple[int, int]) -> _Found:
    rows: list[Any] = connection.execute(query, bounds).fetchall()
    for found in rows:
        event = Event(*found)
        facts = event.facts_told()
        classes = classes_of(event.kind, facts)
        row: Any = connection.execute(_ONE, (event.order_no,)).fetchone() if classes else None
        if row is not None:
            state = _state(row[0], row[4])
            entry = _entry(row, state, event.at_ms, facts.get("by", ""), facts.get("why", ""))
            yield from ((apart, entry) for apart in classes)


def _reprints(connection: apsw.Connection, query: str, bounds: tuple[int, int]) -> tuple[Reprint, ...]:
    rows: list[Any] = connection.execute(query, bounds).fetchall()
    return tuple(Reprint(tuple(receipt.split(" ")), copy, at_ms) for receipt, copy, at_ms in rows)


def _entry(row: Any, state: State, at_ms: int, by: str = "", why: str = "") -> Entry:
    order_no, customer_no, cashier, kind, _, total_fen, *_times = row
    told = State.IN_DOUBT if state is State.INTENT else state
    return Entry(
        order_no=order_no, customer_no=customer_no, cashier=cashier, kind=kind, state=told, total_fen=total_fen,
        at_ms=at_ms, by=by, why=why,
    )  # fmt: skip


def _state(order_no: str, text: str) -> State:
    try:
        return State(text)
    except ValueError as error:
        raise apsw.CorruptError(f"the row of {order_no!r} holds what no order has: {error}") from error

