"""Is the journal sound? Reads beside a running counter and changes nothing.

What is checked, in this order: SQLite's own integrity, the schema, the hash chain with the shifts in it, the text copy,
every order against its events and the rules of payment.md, the one live attempt of a bill. A row that was edited,
deleted or swapped is named by the first event that is wrong. A tail cut off both database and copy can only be found by
an ``anchor``: a hash printed on a receipt or a report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apsw

from kiosk.core.messages import EventKind
from kiosk.core.order import OPEN, Order, State
from kiosk.core.shift import left_in, number_in
from kiosk.core.turn import LEAVES_TO
from kiosk.journal import queries
from kiosk.journal.chain import GENESIS, Event, event_in
from kiosk.journal.errors import JournalOpenError
from kiosk.journal.rights import DATABASE, TEXT_COPY, check_rights
from kiosk.journal.rows import FIXED_COLUMNS, NOTICE_HASH, replayed, values_of
from kiosk.journal.schema import connect_reading, expected_schema, schema_texts

#: A broken journal could name a million faults; these are enough to act upon.
FINDINGS_LIMIT = 50
_CHUNK = 200
_STATES = frozenset(str(state) for state in State)
_OPEN = frozenset(str(state) for state in OPEN)
#: What a supervisor may make of ``manual`` (payment.md part 1).
_SETTLED_AS = frozenset({State.PAID, State.CREDITED, State.FAILED, State.REFUNDED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: a code, where it is (an event's number, an order's, a name), and what was found."""

    code: str
    where: str
    detail: str = ""


def verify(directory: Path, *, anchor: str = "", vfs: str | None = None) -> tuple[int, list[Finding]]:
    """How many orders there are, and what is wrong (nothing: the list is empty).

    ``anchor``: a chain head from a receipt or a day report, or its first digits as printed there, which must be in
    the chain. Raises one of
    :class:`kiosk.journal.errors.JournalOpenError`'s kinds where it cannot be looked at.
    """
    if directory.exists():
        check_rights(directory)
    connection = connect_reading(directory, vfs)
    findings: list[Finding] = []
    try:
        findings.extend(islice(_findings(connection, directory / TEXT_COPY, anchor), FINDINGS_LIMIT))
        return int(connection.execute("SELECT count(*) FROM orders").get), findings
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        return 0, [*findings, Finding("unreadable", DATABASE, str(error))]
    except apsw.Error as error:
        raise JournalOpenError(directory / DATABASE, str(error)) from error
    finally:
        connection.close(True)


def _findings(connection: apsw.Connection, copy: Path, anchor: str) -> Iterator[Finding]:
    rows: list[Any] = connection.execute(f"PRAGMA integrity_check({FINDINGS_LIMIT})").fetchall()
    yield from (Finding("integrity", DATABASE, str(row[0])[:200]) for row in rows if row[0] != "ok")
    yield from _schema(connection)
    yield from _chain(connection, anchor)
    yield from _copy(connection, copy)
    yield from _orders(connection)
    yield from _live(connection)


def _schema(connection: apsw.Connection) -> Iterator[Finding]:
    found, expected = schema_texts(connection), expected_schema()
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            yield Finding("schema", name)


# --- the chain and its copy ---------------------------------------------------------------------------------------


def _chain(connection: apsw.Connection, anchor: str) -> Iterator[Finding]:
    """The first break of the chain: what follows it says nothing more."""
    anchor = "".join(anchor.split()).lower()
    head, anchored, shifts = GENESIS, GENESIS.startswith(anchor), _Shifts()
    for number, event in enumerate(queries.events_after(connection, 0), 1):
        code = _wrong_link(event, number, head)
        if code:
            yield Finding(code, f"event {number}")
            return
        wrong = shifts.take(event)
        if wrong:
            yield Finding(wrong, f"event {number}")
        head = event.hash
        anchored = anchored or head.startswith(anchor)
    if not anchored:
        yield Finding("anchor_missing", "events", anchor)


def _wrong_link(event: Event, number: int, head: str) -> str:
    if event.number != number:
        return "event_missing"
    if event.own_hash() != event.hash:
        return "event_edited"
    return "event_swapped" if event.previous != head else ""


class _Shifts:
    """The shifts as the chain tells them: numbered without gaps, opened and closed in turn, and each naming what was
    open in that moment."""

    def __init__(self) -> None:
        self._number, self._is_open = 0, False
        self._left: dict[str, str] = {}

    def take(self, event: Event) -> str:
        """What is wrong with this event as a shift's; empty: nothing."""
        if event.order_no:
            self._follow(event)
            return ""
        if event.kind == EventKind.SHIFT_OPENED:
            return self._turned(event, opens=True)
        return self._turned(event, opens=False) if event.kind == EventKind.SHIFT_CLOSED else ""

    def _follow(self, event: Event) -> None:
        if event.kind in _OPEN:
            self._left[event.order_no] = event.kind
        elif event.kind in _STATES:
            self._left.pop(event.order_no, None)

    def _turned(self, event: Event, *, opens: bool) -> str:
        follows = self._is_open is not opens
        self._number, self._is_open = self._number + opens, opens
        try:
            facts = event.facts_told()
            told, left = number_in(facts), {one.order_no: str(one.state) for one in left_in(facts)}
        except ValueError:
            return "shift_out_of_turn"
        if told != self._number or not follows:
            return "shift_out_of_turn"
        if left != self._left:
            return "shift_left_differs"
        return ""


def held(directory: Path, anchor: str, *, vfs: str | None = None) -> Event | None:
    """The event whose hash this anchor is, whole or its first digits; None where the journal does not hold it.

    Raises as :func:`verify`.
    """
    digits = "".join(anchor.split()).lower()
    connection = connect_reading(directory, vfs)
    try:
        return queries.event_by_hash(connection, digits)
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError):
        return None
    except apsw.Error as error:
        raise JournalOpenError(directory / DATABASE, str(error)) from error
    finally:
        connection.close(True)


def _copy(connection: apsw.Connection, path: Path) -> Iterator[Finding]:
    """The first line of the text copy that the database contradicts. A copy that ends early is no fault: what its
    tail lacks is added at the next open."""
    if not path.exists():
        if queries.last_event(connection) is not None:
            yield Finding("copy_missing", path.name)
        return
    # Its length first: the copy is written after the commit, so all up to here is in the database by now.
    size = path.stat().st_size
    with path.open("rb") as copy:
        lines = (line for line in copy if line.endswith(b"\n") and copy.tell() <= size)
        yield from _copied(lines, queries.events_after(connection, 0))


def _copied(lines: Iterator[bytes], events: Iterator[Event]) -> Iterator[Finding]:
    for number, line in enumerate(lines, 1):
        copied, event = event_in(line), next(events, None)
        if copied is None:
            yield Finding("copy_edited", f"event {number}")
        elif event is None:
            yield Finding("copy_is_ahead", f"event {copied.number}")
        elif copied != event:
            yield Finding("copy_differs", f"event {event.number}")
        else:
            continue
        return


# --- orders -------------------------------------------------------------------------------------------------------


def _orders(connection: apsw.Connection) -> Iterator[Finding]:
    pieces = _piece(connection, 0)
    while pieces:
        for _, whole in pieces:
            for code, detail in _wrong_with(whole):
                yield Finding(code, whole.order.order_no, detail)
        pieces = _piece(connection, pieces[-1][0])
    missing = "SELECT DISTINCT order_no FROM events WHERE order_no <> '' EXCEPT SELECT order_no FROM orders"
    rows: list[Any] = connection.execute(missing).fetchall()
    yield from (Finding("order_missing", str(row[0])) for row in rows)


@dataclass(frozen=True, slots=True)
class _Whole:
    """An order with all that belongs to it, of one moment."""

    order: Order
    last_event: int
    events: list[Event]
    notice: bytes | None


_Wrong = Iterator[tuple[str, str]]


def _piece(connection: apsw.Connection, after: int) -> list[tuple[int, _Whole]]:
    """The next orders, each after its row's number; one short read transaction."""
    query = "SELECT seq, order_no, last_event FROM orders WHERE seq > ? ORDER BY seq LIMIT ?"
    connection.execute("BEGIN")
    try:
        rows: list[Any] = connection.execute(query, (after, _CHUNK)).fetchall()
        return [(seq, _whole(connection, order_no, last_event)) for seq, order_no, last_event in rows]
    finally:
        connection.execute("ROLLBACK")


def _whole(connection: apsw.Connection, order_no: str, last_event: int) -> _Whole:
    order = queries.order(connection, order_no)
    if order is None:
        raise apsw.CorruptError(f"{order_no} is in the table, but not in its index")
    events = queries.order_events(connection, order_no)
    return _Whole(order, last_event, events, queries.notice(connection, order_no))


def _wrong_with(whole: _Whole) -> _Wrong:
    if not whole.events or whole.events[0].kind != State.INTENT:
        yield "no_intent", ""
        return
    yield from _wrong_row(whole)
    yield from _wrong_notice(whole)
    yield from _wrong_moves(whole)
    yield from _wrong_facts(whole)


def _wrong_row(whole: _Whole) -> _Wrong:
    """The row against what its events tell."""
    told = replayed(whole.events)
    found: dict[str, Any] = {**values_of(whole.order), "last_event": whole.last_event}
    told["last_event"] = whole.events[-1].number
    told.pop(NOTICE_HASH, None)
    for name in sorted(found.keys() | told.keys()):
        if found.get(name) != told.get(name):
            yield "order_differs", f"{name}: {told.get(name)!r} ≠ {found.get(name)!r}"
    for event in whole.events[1:]:
        if changed := set(FIXED_COLUMNS) & event.fields_changed().keys():
            yield "fixed_changed", f"{event.number}: {' '.join(sorted(changed))}"


def _wrong_notice(whole: _Whole) -> _Wrong:
    told = replayed(whole.events).get(NOTICE_HASH)
    if whole.notice is None:
        if told is not None or any(event.kind == State.PAID for event in whole.events):
            yield "notice_missing", ""
    elif hashlib.sha256(whole.notice).hexdigest() != told:
        yield "notice_edited", ""


def _wrong_moves(whole: _Whole) -> _Wrong:
    """Each state came from one that leads to it; ``credited`` thus has a ``paid`` or a settlement before it."""
    state = State.INTENT
    for event in whole.events[1:]:
        if event.kind not in _STATES or event.kind == state:
            continue
        following = State(event.kind)
        if following not in (_SETTLED_AS if state is State.MANUAL else LEAVES_TO[state]):
            yield "illegal_move", f"{event.number}: {state} → {following}"
        state = following
    if whole.order.state is not state:
        yield "state_untold", f"{state} ≠ {whole.order.state}"


def _wrong_facts(whole: _Whole) -> _Wrong:
    order = whole.order
    sums = (order.principal_fen, order.principal_fen + order.late_fee_fen)
    if order.total_fen not in sums or order.total_fen <= 0:
        yield "sum", f"{order.principal_fen} + {order.late_fee_fen} ≠ {order.total_fen}"
    if order.paid_ms is None and any(event.kind == State.PAID for event in whole.events):
        yield "time_missing", "paid"
    if order.credited_ms is None and order.state is State.CREDITED:
        yield "time_missing", "credited"
    if not order.pay_url and order.state is State.SHOWN:
        yield "qr_missing", ""


def _live(connection: apsw.Connection) -> Iterator[Finding]:
    """Rule 1, looked at without its index, for attempts that no one allowed beside another."""
    query = """SELECT group_concat(order_no, ' ') FROM orders WHERE +override = 0
        AND (+state IN ('intent','in_doubt','shown') OR (+state = 'paid' AND +kind = 'arrears'))
        GROUP BY +customer_no, +bill HAVING count(*) > 1"""
    rows: list[Any] = connection.execute(query).fetchall()
    yield from (Finding("two_live_attempts", str(row[0])) for row in rows)
