"""The journal read beside a running counter: no lock, and no read transaction longer than one short statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from kiosk.core.bills import Attempt
from kiosk.core.calendar import day_bounds_ms
from kiosk.core.order import Order
from kiosk.core.report import Report
from kiosk.core.shift import Shift
from kiosk.journal import queries, reports, shifts
from kiosk.journal.chain import Event
from kiosk.journal.errors import JournalBrokenError
from kiosk.journal.rights import DATABASE, check_rights
from kiosk.journal.schema import OPEN_STATES, connect_reading

#: How many of the newest orders are searched for a text within their numbers, where no number begins with it.
SEARCHED_WITHIN = 20_000
_CHUNK = 1000
_LAST_CHARACTER = "\U0010ffff"


class JournalReader:
    """A read-only look at the journal; a context manager. Any number of them beside one writer.

    Raises one of :class:`kiosk.journal.errors.JournalOpenError`'s kinds when made; its methods raise
    :class:`kiosk.journal.errors.JournalBrokenError` where what they look for cannot be read.
    """

    def __init__(self, directory: Path, *, vfs: str | None = None) -> None:
        if directory.exists():
            check_rights(directory)
        self._path = directory / DATABASE
        self._connection = connect_reading(directory, vfs)

    def orders(
        self, *, pending: bool = False, day: str | None = None, find: str | None = None, limit: int | None = None
    ) -> list[Order]:
        """Orders, newest first, that fit every condition given.

        ``pending``: still owed something (``intent``, ``in_doubt``, ``shown``, ``paid``, ``manual``). ``day``: begun
        on that day (YYYY-MM-DD). ``find``: a number (ours, the gateway's or the customer's) that is or begins with
        the text; where none does, one that holds it, among the newest :data:`SEARCHED_WITHIN`: people read out the
        last digits. Raises :class:`ValueError` for a day that is none.
        """
        with self._reading() as db:
            chosen = _chosen(db, pending, day, find)
            if chosen is None:
                return _every(db, limit)
            return [order for seq in sorted(chosen, reverse=True)[:limit] for order in _at(db, seq, seq)]

    def order(self, order_no: str) -> Order | None:
        """One order by our number."""
        with self._reading() as db:
            return queries.order(db, order_no)

    def events(self, order_no: str) -> list[Event]:
        """An order's story, oldest event first."""
        with self._reading() as db:
            return queries.order_events(db, order_no)

    def notice(self, order_no: str) -> bytes | None:
        """The stored notice of a paid order."""
        with self._reading() as db:
            return queries.notice(db, order_no)

    def attempts(self, customer_no: str, cost_ids: Iterable[str]) -> tuple[list[Attempt], list[Attempt]]:
        """A customer's open attempts on arrears, and the credited ones of these ids."""
        with self._reading() as db:
            return queries.attempts(db, customer_no, cost_ids)

    def day_report(self, day_text: str) -> Report:
        """What a day (YYYY-MM-DD) brought, as the journal knows it now. Raises :class:`ValueError` for no day."""
        with self._reading() as db:
            return reports.day_report(db, day_text)

    def shift_report(self, number: int | None = None) -> Report | None:
        """What a shift brought, the newest one without a number; None where there is no such shift."""
        with self._reading() as db:
            return reports.shift_report(db, number)

    def shifts(self, count: int) -> list[Shift]:
        """The newest shifts, newest first."""
        with self._reading() as db:
            return shifts.last(db, count)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close(True)

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[apsw.Connection]:
        try:
            yield self._connection
        except apsw.Error as error:
            raise JournalBrokenError(self._path, f"it cannot be read: {error}") from error


def _chosen(db: apsw.Connection, pending: bool, day: str | None, find: str | None) -> set[int] | None:
    """The rows that fit every condition; None where there is no condition."""
    sets = []
    if pending:
        sets.append(_rows(db, f"SELECT seq FROM orders WHERE {OPEN_STATES}"))
    if day is not None:
        sets.append(_rows(db, "SELECT seq FROM orders WHERE created_ms >= ? AND created_ms < ?", day_bounds_ms(day)))
    if find is not None and find.strip():
        sets.append(_found(db, find.strip()))
    return set.intersection(*sets) if sets else None


def _found(db: apsw.Connection, text: str) -> set[int]:
    found: set[int] = set()
    for start in {text, text.upper()}:
        for column in ("order_no", "gateway_order_no", "customer_no"):
            query = f"SELECT seq FROM orders WHERE {column} >= ? AND {column} < ?"
            found |= _rows(db, query, (start, start + _LAST_CHARACTER))
    return found or _held_by_recent(db, text.upper())


def _held_by_recent(db: apsw.Connection, text: str) -> set[int]:
    recent = f"SELECT * FROM orders ORDER BY seq DESC LIMIT {SEARCHED_WITHIN}"
    query = f"""SELECT seq FROM ({recent}) WHERE instr(order_no, ?1) OR instr(upper(gateway_order_no), ?1)
        OR instr(customer_no, ?1)"""
    return _rows(db, query, (text,))


def _rows(db: apsw.Connection, query: str, bindings: tuple[str | int, ...] = ()) -> set[int]:
    rows: list[Any] = db.execute(query, bindings).fetchall()
    return {int(row[0]) for row in rows}


def _every(db: apsw.Connection, limit: int | None) -> list[Order]:
    """All orders, newest first, in pieces. Rows are numbered without gaps: none is ever deleted."""
    last = int(db.execute("SELECT coalesce(max(seq), 0) FROM orders").get)
    first = 1 if limit is None else max(1, last - limit + 1)
    found: list[Order] = []
    while last >= first:
        found += _at(db, max(first, last - _CHUNK + 1), last)
        last -= _CHUNK
    return found


def _at(db: apsw.Connection, first: int, last: int) -> list[Order]:
    return queries.orders(db, "o.seq BETWEEN ? AND ? ORDER BY o.seq DESC", (first, last))
