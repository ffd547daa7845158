"""Is the journal sound, and if not, what is wrong and where.

Four looks: SQLite's own integrity, the schema, the chain of events (edited, deleted, swapped, added), and each order
against its own events and the rules. Nothing is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw

from kiosk.core.order import Order, State
from kiosk.core.turn import LEAVES_TO
from kiosk.journal import queries
from kiosk.journal.chain import GENESIS, Event, event_in
from kiosk.journal.rights import TEXT_COPY
from kiosk.journal.rows import NOTICE_HASH, replayed, values_of
from kiosk.journal.schema import connect_reading, expected_schema, schema_texts

#: A broken journal could name a million faults; these are enough to act upon.
FINDINGS_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: a code, where it is (event number, order number, or a name), and what was found."""

    code: str
    where: str
    detail: str = ""


def verify(directory: Path) -> tuple[int, list[Finding]]:
    """How many orders were looked at, and what is wrong (nothing: the list is empty).

    Raises one of :class:`kiosk.journal.errors.JournalOpenError`'s kinds where it cannot be looked at.
    """
    connection = connect_reading(directory)
    try:
        findings: list[Finding] = []
        for look in (_integrity, _schema, _chain, lambda c: _copy(c, directory), _orders):
            for finding in look(connection):
                findings.append(finding)
                if len(findings) >= FINDINGS_LIMIT:
                    break
        count = connection.execute("SELECT count(*) FROM orders").fetchone()
        return int(count[0]) if count else 0, findings
    finally:
        connection.close(True)


def _integrity(connection: apsw.Connection) -> Iterator[Finding]:
    for (told,) in connection.execute("PRAGMA integrity_check"):
        if told != "ok":
            yield Finding("integrity", "database", str(told)[:200])


def _schema(connection: apsw.Connection) -> Iterator[Finding]:
    found, expected = schema_texts(connection), expected_schema()
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            yield Finding("schema", name)


def _chain(connection: apsw.Connection) -> Iterator[Finding]:
    """The first broken link: what follows it says nothing more."""
    previous = GENESIS
    for number, event in enumerate(queries.events_after(connection, 0), 1):
        if event.number != number:
            yield Finding("event_missing", str(number))
            return
        if event.previous != previous:
            yield Finding("event_swapped", str(number))
            return
        if event.own_hash() != event.hash:
            yield Finding("event_edited", str(number))
            return
        previous = event.hash


def _copy(connection: apsw.Connection, directory: Path) -> Iterator[Finding]:
    """The text copy may lack the newest events; what it holds must be the database's."""
    path = directory / TEXT_COPY
    if not path.exists():
        yield Finding("copy_missing", TEXT_COPY)
        return
    events = queries.events_after(connection, 0)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            ours = next(events, None)
            told = event_in(line)
            if told is None and not line.endswith(b"\n"):
                return  # a torn tail is written again at the next start
            if told is None:
                yield Finding("copy_edited", f"line {number}")
                return
            if ours is None:
                yield Finding("copy_is_ahead", f"event {told.number}")
                return
            if told.hash != ours.hash:
                yield Finding("copy_differs", f"event {ours.number}")
                return


def _orders(connection: apsw.Connection) -> Iterator[Finding]:
    live: dict[tuple[str, str, int], str] = {}
    for row in connection.execute("SELECT order_no FROM orders ORDER BY seq").fetchall():
        order = queries.order(connection, str(row[0]))
        if order is not None:
            yield from _order(connection, order)
            yield from _alone(order, live)


def _order(connection: apsw.Connection, order: Order) -> Iterator[Finding]:
    events = queries.order_events(connection, order.order_no)
    told = replayed(events)
    notice_hash = told.pop(NOTICE_HASH, None)
    for name, value in values_of(order).items():
        if told.get(name) != value:
            yield Finding("order_differs", order.order_no, f"{name}: {told.get(name)!r} in its events, {value!r}")
    yield from _states(order, events)
    yield from _sums(order)
    notice = queries.notice(connection, order.order_no)
    if order.paid_ms is not None and notice is None:
        yield Finding("notice_missing", order.order_no)
    if notice is not None and hashlib.sha256(notice).hexdigest() != notice_hash:
        yield Finding("notice_edited", order.order_no)


def _states(order: Order, events: list[Event]) -> Iterator[Finding]:
    """Each state came from one that leads to it; ``credited`` has a ``paid`` before it."""
    states = [State(event.kind) for event in events if event.kind in _STATE_KINDS]
    if not states or states[0] is not State.INTENT:
        yield Finding("no_intent", order.order_no)
        return
    for before, after in pairwise(states):
        if after not in LEAVES_TO[before]:
            yield Finding("illegal_move", order.order_no, f"{before} to {after}")
    if states[-1] is not order.state:
        yield Finding("state_untold", order.order_no, f"{states[-1]} in its events, {order.state}")
    if State.CREDITED in states and State.PAID not in states:
        yield Finding("credited_unpaid", order.order_no)


def _sums(order: Order) -> Iterator[Finding]:
    if order.total_fen not in (order.principal_fen, order.principal_fen + order.late_fee_fen):
        yield Finding("sum", order.order_no, f"{order.principal_fen} + {order.late_fee_fen} is not {order.total_fen}")


def _alone(order: Order, live: dict[tuple[str, str, int], str]) -> Iterator[Finding]:
    """Rule 1, looked at without its index."""
    blocking = order.state in _LIVE or (order.state is State.PAID and bool(order.cost_id))
    if not blocking:
        return
    key: Any = (*order.bill_key, order.override)
    if key in live:
        yield Finding("two_live_attempts", order.order_no, live[key])
    live[key] = order.order_no


_STATE_KINDS = frozenset(state.value for state in State)
_LIVE = frozenset({State.INTENT, State.IN_DOUBT, State.SHOWN})
