"""What both the writer and the readers ask of the database. Each function is one short statement, fetched whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw

from kiosk.core.bills import Attempt
from kiosk.core.order import Order, State
from kiosk.journal.chain import NOTICE_HASH, Event, Told, storable
from kiosk.journal.rows import COLUMNS, attempt_of, order_of
from kiosk.journal.schema import DONE_BILL, OPEN_STATES, WATCHED

ORDER_COLUMNS = ", ".join(f"o.{name}" for name in COLUMNS)
ORDERS = f"""SELECT {ORDER_COLUMNS}, coalesce(n.name_masked, '')
    FROM orders o LEFT JOIN names n ON n.order_no = o.order_no"""
_EVENTS = "SELECT number, order_no, kind, at_ms, facts, change, previous, hash FROM events"
_CHUNK = 1000
#: ``+`` before a column keeps the planner from walking the whole table in its order instead of using an index.
#: What blocks a bill (rule 1): a prepayment no longer once its SUCCESS is verified.
_BLOCKING = f"""SELECT order_no, state FROM orders WHERE {OPEN_STATES} AND customer_no = ? AND bill = ?
    AND order_no <> ? AND NOT (kind = 'prepayment' AND (state = 'paid' OR state = 'manual' AND success_seen))
    ORDER BY state = 'manual' DESC, +seq"""


def _event(row: Sequence[Any]) -> Event:
    return Event(*row)


def order(connection: apsw.Connection, order_no: str) -> Order | None:
    """The order with this number (ours)."""
    row = connection.execute(f"{ORDERS} WHERE o.order_no = ?", (order_no,)).fetchone()
    return order_of(row) if row else None


def orders(connection: apsw.Connection, where: str, bindings: tuple[str | int, ...] = ()) -> list[Order]:
    """The orders for which this condition on ``o`` holds."""
    return [order_of(row) for row in connection.execute(f"{ORDERS} WHERE {where}", bindings).fetchall()]


def notice(connection: apsw.Connection, order_no: str) -> bytes | None:
    """The stored notice of an order."""
    row = connection.execute("SELECT body FROM notices WHERE order_no = ?", (order_no,)).fetchone()
    return bytes(row[0]) if row else None


def order_events(connection: apsw.Connection, order_no: str) -> list[Event]:
    """An order's events, oldest first."""
    rows = connection.execute(f"{_EVENTS} WHERE order_no = ? ORDER BY number", (order_no,))
    return [_event(row) for row in rows.fetchall()]


def evidence(connection: apsw.Connection, order_no: str) -> list[tuple[str, str]]:
    """The facts of an order's ``evidence`` events, oldest first."""
    rows = connection.execute(f"{_EVENTS} WHERE order_no = ? AND kind = 'evidence' ORDER BY number", (order_no,))
    return [fact for row in rows.fetchall() for fact in _event(row).facts_told().items()]


def copies(connection: apsw.Connection, receipt: str) -> int:
    """How many prints of a receipt were begun."""
    query = "SELECT count(*) FROM prints WHERE receipt = ? AND result = 'printing'"
    return int(connection.execute(query, (receipt,)).get)


#: A process has one print under way; the newest rows tell whether it was left so.
_NEWEST_PRINTS = 50


def unfinished_prints(connection: apsw.Connection) -> list[tuple[str, int]]:
    """Receipt and copy of each print that was begun and of which no outcome was written, oldest first."""
    query = f"SELECT receipt, copy, result FROM prints ORDER BY number DESC LIMIT {_NEWEST_PRINTS}"
    last: dict[tuple[str, int], str] = {}
    for receipt, copy, result in reversed(connection.execute(query).fetchall()):
        last[str(receipt), int(copy)] = str(result)
    return [key for key, result in last.items() if result == "printing"]


def events_after(connection: apsw.Connection, number: int) -> Iterator[Event]:
    """All events after a number, oldest first, read in pieces so that no read transaction lasts long."""
    while True:
        rows = connection.execute(f"{_EVENTS} WHERE number > ? ORDER BY number LIMIT {_CHUNK}", (number,)).fetchall()
        for row in rows:
            event = _event(row)
            number = event.number
            yield event
        if len(rows) < _CHUNK:
            return


def told_after(connection: apsw.Connection, number: int) -> Iterator[Told]:
    """As :func:`events_after`, each event with the notice that was stored with it."""
    for event in events_after(connection, number):
        yield event, notice(connection, event.order_no) if f'"{NOTICE_HASH}"' in event.change else None


def last_event(connection: apsw.Connection) -> Event | None:
    """The newest event."""
    row = connection.execute(f"{_EVENTS} ORDER BY number DESC LIMIT 1").fetchone()
    return _event(row) if row else None


def event_by_hash(connection: apsw.Connection, digits: str) -> Event | None:
    """The event whose hash begins with these hexadecimal digits; walks the events."""
    row = connection.execute(f"{_EVENTS} WHERE hash >= ? AND hash < ? LIMIT 1", (digits, f"{digits}g")).fetchone()
    return _event(row) if row else None


def open_orders(connection: apsw.Connection, after_event: int, since_ms: int) -> list[Order]:
    """Orders that are owed something, oldest first; then the watched ones whose last event is after ``after_event``,
    or was at ``since_ms`` or later."""
    recent = f"""SELECT seq FROM orders WHERE {WATCHED} AND last_event > ?
        UNION ALL SELECT seq FROM orders WHERE {WATCHED} AND changed_ms >= ?"""
    where = f"o.seq IN ({recent}) ORDER BY +o.seq"
    return owed(connection) + orders(connection, where, (after_event, since_ms))


def owed(connection: apsw.Connection) -> list[Order]:
    """The orders that are owed something, oldest first."""
    return orders(connection, f"{OPEN_STATES} ORDER BY +o.seq")


def blocking(connection: apsw.Connection, wanted: Order) -> dict[str, State]:
    """Other attempts that block this order's bill key, and their states; those in ``manual`` first."""
    customer_no, bill = wanted.bill_key
    key = (storable(customer_no), storable(bill), wanted.order_no)
    rows: list[Any] = connection.execute(_BLOCKING, key).fetchall()
    return {number: State(state) for number, state in rows}


def number_taken(connection: apsw.Connection, number: str, order_no: str) -> bool:
    """Whether another order goes by this number, as ours or as the gateway's."""
    row = connection.execute(
        """SELECT 1 FROM orders WHERE order_no = ?1 AND order_no <> ?2
            UNION ALL SELECT 1 FROM orders WHERE gateway_order_no = ?1 AND order_no <> ?2 LIMIT 1""",
        (number, order_no),
    ).fetchone()
    return row is not None


def twin_paid(connection: apsw.Connection, wanted: Order) -> bool:
    """Whether another order of the same bill (customer, id, period, principal) is paid or credited, or was paid and is
    a supervisor's now: its notice may have been carried out."""
    same = "period = ?3 AND principal_fen = ?4 AND order_no <> ?5"
    row = connection.execute(
        f"""SELECT 1 FROM orders WHERE {DONE_BILL} AND customer_no = ?1 AND cost_id = ?2 AND {same}
            UNION ALL SELECT 1 FROM orders WHERE {OPEN_STATES} AND state = 'manual' AND paid_ms IS NOT NULL
                AND customer_no = ?1 AND bill = ?2 AND kind = 'arrears' AND {same} LIMIT 1""",
        (wanted.customer_no, wanted.cost_id, wanted.period, wanted.principal_fen, wanted.order_no),
    ).fetchone()
    return row is not None


def attempts(
    connection: apsw.Connection, customer_no: str, cost_ids: Iterable[str]
) -> tuple[list[Attempt], list[Attempt]]:
    """A customer's open attempts on arrears, and the credited ones of these ids: a customer of many years and meters
    has thousands of others."""
    owed = _attempts(connection, _OPEN_ATTEMPTS, (customer_no,))
    bills = dict.fromkeys(cost_ids)
    return owed, [done for bill in bills for done in _attempts(connection, _CREDITED_OF_BILL, (customer_no, bill))]


def open_prepayment(connection: apsw.Connection, customer_no: str) -> Order | None:
    """A customer's newest prepayment that is still owed something."""
    found = orders(
        connection,
        f"{OPEN_STATES} AND o.customer_no = ? AND o.kind = 'prepayment' ORDER BY +o.seq DESC LIMIT 1",
        (customer_no,),
    )
    return found[0] if found else None


_ATTEMPTS = "SELECT order_no, cost_id, period, principal_fen, state, known_ids FROM orders"
_OPEN_ATTEMPTS = f"{_ATTEMPTS} WHERE {OPEN_STATES} AND customer_no = ? AND kind = 'arrears'"
_CREDITED_OF_BILL = f"{_ATTEMPTS} WHERE {DONE_BILL} AND state = 'credited' AND customer_no = ? AND cost_id = ?"


def _attempts(connection: apsw.Connection, query: str, bindings: tuple[str, ...]) -> list[Attempt]:
    return [attempt_of(row) for row in connection.execute(query, bindings).fetchall()]
