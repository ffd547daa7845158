"""The journal read beside a running counter: no lock, and no read transaction longer than one short statement.

Rows for ``kiosk orders`` carry the names of design.md part 5: amounts in whole fen, times as ISO 8601 with offset or
null, the state as people read it (an ``intent`` on disk is ``in_doubt``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

import apsw

from kiosk.core.order import Order, State
from kiosk.journal import queries
from kiosk.journal.chain import Event
from kiosk.journal.rights import check_rights
from kiosk.journal.schema import OPEN_STATES, connect_reading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 1000
#: How many of the newest orders are searched for a text within their numbers, where no number begins with it.
SEARCHED_WITHIN = 20_000
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order as commands and pages list it."""

    order_no: str
    gateway_order_no: str
    customer_no: str
    kind: str
    principal_fen: int
    late_fee_fen: int
    total_fen: int
    cost_id: str
    mode: str
    state: str
    credited: bool
    created_at: str
    paid_at: str | None
    credited_at: str | None


def order_row(order: Order, zone: tzinfo | None = None) -> OrderRow:
    """The row of an order; times in ``zone``, the machine's own where None."""
    return OrderRow(
        order_no=order.order_no,
        gateway_order_no=order.gateway_order_no,
        customer_no=order.customer_no,
        kind=order.kind.value,
        principal_fen=order.principal_fen,
        late_fee_fen=order.late_fee_fen,
        total_fen=order.total_fen,
        cost_id=order.cost_id,
        mode=order.mode.value,
        state=order.public_state.value,
        credited=order.state is State.CREDITED,
        created_at=iso_time(order.created_ms, zone),
        paid_at=None if order.paid_ms is None else iso_time(order.paid_ms, zone),
        credited_at=None if order.credited_ms is None else iso_time(order.credited_ms, zone),
    )


def iso_time(at_ms: int, zone: tzinfo | None = None) -> str:
    """Milliseconds since 1970 as local time with its offset."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).isoformat(timespec="milliseconds")


def day_bounds(day: str, zone: tzinfo | None = None) -> tuple[int, int]:
    """The first millisecond of a local calendar day (YYYY-MM-DD) and of the next; raises :class:`ValueError`."""
    if len(day) != len("YYYY-MM-DD"):
        raise ValueError(f"{day!r} is not a day written YYYY-MM-DD")
    first = date.fromisoformat(day)
    return _midnight(first, zone), _midnight(first + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo | None) -> int:
    local = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return (local - _EPOCH) // timedelta(milliseconds=1)


class JournalReader:
    """A reading connection; any number of them beside one writer."""

    def __init__(self, directory: Path, *, zone: tzinfo | None = None, vfs: str | None = None) -> None:
        """Open for reading. Raises :class:`kiosk.journal.errors.JournalOpenError`: missing, rights, newer, broken."""
        if directory.exists():
            check_rights(directory)
        self._db = connect_reading(directory, vfs)
        self._zone = zone

    def orders(
        self, *, pending: bool = False, day: str | None = None, find: str | None = None, limit: int | None = None
    ) -> list[OrderRow]:
        """Orders, newest first, that fit every condition given.

        ``pending``: still owed something (``intent``, ``in_doubt``, ``shown``, ``paid``, ``manual``). ``day``: made
        on this local day. ``find``: a number (ours, the gateway's or the customer's) that begins with the text; where
        none does, one that holds it, among the newest :data:`SEARCHED_WITHIN`. Raises :class:`ValueError` for a day
        that is none.
        """
        chosen = self._chosen(pending, day, find)
        found = self._every(limit) if chosen is None else self._these(sorted(chosen, reverse=True)[:limit])
        return [order_row(order, self._zone) for order in found]

    def order(self, order_no: str) -> Order | None:
        """One order by our number."""
        return queries.order(self._db, order_no)

    def events(self, order_no: str) -> list[Event]:
        """The order's events, oldest first."""
        return queries.order_events(self._db, order_no)

    def notice(self, order_no: str) -> bytes | None:
        """The stored notice of a paid order."""
        return queries.notice(self._db, order_no)

    def close(self) -> None:
        """Close the connection."""
        self._db.close(True)

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _chosen(self, pending: bool, day: str | None, find: str | None) -> set[int] | None:
        """Row numbers that fit every condition; None where there is no condition."""
        sets = []
        if pending:
            sets.append(_numbers(self._db, f"SELECT seq FROM orders WHERE {OPEN_STATES}"))
        if day is not None:
            bounds = day_bounds(day, self._zone)
            query = "SELECT seq FROM orders WHERE created_ms >= ? AND created_ms < ?"
            sets.append(_numbers(self._db, query, bounds))
        if find is not None and find.strip():
            sets.append(_found(self._db, find.strip()))
        return set.intersection(*sets) if sets else None

    def _these(self, numbers: list[int]) -> list[Order]:
        return [order for number in numbers for order in queries.orders(self._db, "o.seq = ?", (number,))]

    def _every(self, limit: int | None) -> list[Order]:
        """All orders, newest first, in pieces."""
        found: list[Order] = []
        before: int = self._db.execute("SELECT coalesce(max(seq), 0) + 1 FROM orders").get
        while before > 1 and (limit is None or len(found) < limit):
            piece = _CHUNK if limit is None else min(_CHUNK, limit - len(found))
            numbers = self._db.execute(
                "SELECT seq FROM orders WHERE seq < ? ORDER BY seq DESC LIMIT ?", (before, piece)
            ).fetchall()
            if not numbers:
                break
            first, last = numbers[-1][0], numbers[0][0]
            found += queries.orders(self._db, "o.seq BETWEEN ? AND ? ORDER BY o.seq DESC", (first, last))
            before = first
        return found


def _numbers(connection: apsw.Connection, query: str, bindings: tuple[str | int, ...] = ()) -> set[int]:
    return {int(row[0]) for row in connection.execute(query, bindings).fetchall()}


def _found(connection: apsw.Connection, text: str) -> set[int]:
    found: set[int] = set()
    for start in {text, text.upper()}:
        for column in ("order_no", "gateway_order_no", "customer_no"):
            query = f"SELECT seq FROM orders WHERE {column} >= ? AND {column} < ?"
            found |= _numbers(connection, query, (start, start + _LAST_CHARACTER))
    return found or _held_by_recent(connection, text.upper())


def _held_by_recent(connection: apsw.Connection, text: str) -> set[int]:
    recent = f"SELECT * FROM orders ORDER BY seq DESC LIMIT {SEARCHED_WITHIN}"
    query = f"""SELECT seq FROM ({recent}) WHERE instr(order_no, ?1) OR instr(upper(gateway_order_no), ?1)
        OR instr(customer_no, ?1)"""
    return _numbers(connection, query, (text,))
