"""Is the journal sound? Reads beside a running counter and changes nothing.

What is checked, in this order: SQLite's own integrity, the schema, the hash chain, the text copy, every order against
its events and the rules of payment.md, the one live attempt of a bill. A row that was edited, deleted or swapped is
named by the first event that is wrong. A tail cut off both database and copy can only be found by an ``anchor``: a
hash printed on a receipt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from kiosk.core.order import Kind, Order, State
from kiosk.core.turn import LEAVES_TO
from kiosk.journal import queries
from kiosk.journal.chain import GENESIS, Event, event_in
from kiosk.journal.rights import TEXT_COPY, check_rights
from kiosk.journal.rows import FIXED_COLUMNS, NOTICE_HASH, replayed, values_of
from kiosk.journal.schema import OPEN_STATES, connect_reading, expected_schema, schema_texts

_CHUNK = 200
_STATES = frozenset(str(state) for state in State)
#: What a supervisor may make of ``manual`` (payment.md part 1).
_SETTLED_AS = frozenset({State.PAID, State.CREDITED, State.FAILED, State.REFUNDED})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: where (``event 17``, an order number, a file) and what."""

    where: str
    what: str


def verify(directory: Path, *, anchor: str = "", vfs: str | None = None) -> list[Finding]:
    """Everything wrong with the journal in ``directory``; sound where the list is empty.

    ``anchor``: a chain head from a receipt or a day report, which must be in the chain. Raises
    :class:`kiosk.journal.errors.JournalOpenError` where it cannot be opened at all.
    """
    if directory.exists():
        check_rights(directory)
    connection = connect_reading(directory, vfs)
    try:
        return list(_findings(connection, directory / TEXT_COPY, anchor))
    except (apsw.CorruptError, apsw.NotADBError) as error:
        return [Finding("database", str(error))]
    finally:
        connection.close(True)


def _findings(connection: apsw.Connection, copy: Path, anchor: str) -> Iterator[Finding]:
    rows = connection.execute("PRAGMA integrity_check(20)").fetchall()
    damaged = [Finding("database", str(row[0])) for row in rows if row[0] != "ok"]
    yield from damaged
    if schema_texts(connection) != expected_schema():
        yield Finding("database", "its schema was changed")
    yield from _chain(connection, anchor)
    yield from _copy(connection, copy)
    yield from _orders(connection)
    yield from _live(connection)


# --- the chain and its copy ---------------------------------------------------------------------------------------


def _chain(connection: apsw.Connection, anchor: str) -> Iterator[Finding]:
    """The first break of the chain; behind it nothing more can be said."""
    number, head, anchored = 0, GENESIS, anchor in ("", GENESIS)
    for event in queries.events_after(connection, 0):
        number += 1
        what = _wrong_link(event, number, head)
        if what:
            yield Finding(f"event {number}", what)
            return
        head = event.hash
        anchored = anchored or head == anchor
    if not anchored:
        yield Finding("events", f"none has the hash {anchor}: the end was cut off, or it is another journal's receipt")


def _wrong_link(event: Event, number: int, head: str) -> str:
    if event.number != number:
        return f"it is missing; the next one is {event.number}"
    if event.own_hash() != event.hash:
        return "its contents were changed"
    if event.previous != head:
        return "it does not follow from the one before it"
    return ""


def _copy(connection: apsw.Connection, path: Path) -> Iterator[Finding]:
    """The first line of the text copy that the database contradicts. A copy that ends early is no finding: what its
    tail lacks is added at the next open."""
    if not path.exists():
        return
    lines = path.read_bytes().split(b"\n")
    events = queries.events_after(connection, 0)
    for number, line in enumerate(lines[:-1], 1):
        copied = event_in(line)
        if copied is None:
            if number < len(lines) - 1:
                yield Finding(f"{path.name} line {number}", "it is damaged")
            return
        event = next(events, None)
        if event is None:
            yield Finding(f"event {number}", "the text copy holds it, the database does not")
            return
        if copied != event:
            yield Finding(f"event {number}", "the text copy holds another one")
            return


# --- orders -------------------------------------------------------------------------------------------------------


def _orders(connection: apsw.Connection) -> Iterator[Finding]:
    seq = 0
    while True:
        pieces = _piece(connection, seq)
        for seq, last_event, order, events, notice in pieces:
            for what in _wrong_with(order, last_event, events, notice):
                yield Finding(order.order_no, what)
        if len(pieces) < _CHUNK:
            break
    # An event's order is found by an index; an event of no order at all, by this.
    missing = "SELECT DISTINCT order_no FROM events EXCEPT SELECT order_no FROM orders"
    for row in connection.execute(missing).fetchall():
        yield Finding(str(row[0]), "it has events, but is not among the orders")


_Piece = tuple[int, int, Order, list[Event], bytes | None]


def _piece(connection: apsw.Connection, after: int) -> list[_Piece]:
    """The next orders with all that belongs to them, of one moment."""
    connection.execute("BEGIN")
    try:
        rows = connection.execute(
            "SELECT seq, order_no, last_event FROM orders WHERE seq > ? ORDER BY seq LIMIT ?", (after, _CHUNK)
        ).fetchall()
        return [(row[0], row[2], *_whole(connection, str(row[1]))) for row in rows]
    finally:
        connection.execute("ROLLBACK")


def _whole(connection: apsw.Connection, order_no: str) -> tuple[Order, list[Event], bytes | None]:
    order = queries.order(connection, order_no)
    assert order is not None, "read within one transaction"
    return order, queries.order_events(connection, order_no), queries.notice(connection, order_no)


def _wrong_with(order: Order, last_event: int, events: list[Event], notice: bytes | None) -> Iterator[str]:
    if not events or events[0].kind != State.INTENT:
        yield "it does not begin with an intent"
        return
    if events[-1].number != last_event:
        yield f"its row speaks of event {last_event}, its last one is {events[-1].number}"
    yield from _wrong_row(order, events, notice)
    yield from _wrong_moves(order, events)
    yield from _wrong_facts(order, notice, paid=any(event.kind == State.PAID for event in events))


def _wrong_row(order: Order, events: list[Event], notice: bytes | None) -> Iterator[str]:
    told: dict[str, Any] = replayed(events)
    notice_hash = told.pop(NOTICE_HASH, None)
    found = values_of(order)
    for name in sorted(found.keys() | told.keys()):
        if name not in told or found.get(name) != told[name]:
            yield f"its {name} is {found.get(name)!r}, its events say {told.get(name)!r}"
    for event in events[1:]:
        if changed := set(FIXED_COLUMNS) & event.fields_changed().keys():
            yield f"event {event.number} changed {', '.join(sorted(changed))}"
    if notice_hash != (hashlib.sha256(notice).hexdigest() if notice is not None else None):
        yield "its notice is not the one that its events tell of"


def _wrong_moves(order: Order, events: list[Event]) -> Iterator[str]:
    state = State.INTENT
    for event in events[1:]:
        if event.kind not in _STATES or event.kind == state:
            continue
        following = State(event.kind)
        allowed = _SETTLED_AS if state is State.MANUAL else LEAVES_TO[state]
        if following not in allowed:
            yield f"event {event.number}: {state} does not lead to {following}"
        state = following
    if order.state is not state:
        yield f"it is {order.state}, its last event of a state says {state}"


def _wrong_facts(order: Order, notice: bytes | None, *, paid: bool) -> Iterator[str]:
    if order.total_fen not in (order.principal_fen, order.principal_fen + order.late_fee_fen) or order.total_fen <= 0:
        yield f"its total of {order.total_fen} fen is neither its principal nor that with its late fee"
    if paid and notice is None:
        yield "it was paid, and no notice is stored"
    if paid and order.paid_ms is None:
        yield "it was paid, and the time is missing"
    if order.state is State.CREDITED and order.credited_ms is None:
        yield "it is credited, and the time is missing"
    if order.state is State.SHOWN and not order.pay_url:
        yield "its QR was shown, and its text is missing"


def _live(connection: apsw.Connection) -> Iterator[Finding]:
    """Rule 1, for attempts without an override."""
    query = f"""SELECT group_concat(order_no, ' ') FROM orders WHERE {OPEN_STATES} AND override = 0
        AND (state IN ('intent','in_doubt','shown') OR (state = 'paid' AND kind = '{Kind.ARREARS}'))
        GROUP BY customer_no, bill HAVING count(*) > 1"""
    for row in connection.execute(query).fetchall():
        yield Finding(str(row[0]), "more than one live attempt on one bill")
