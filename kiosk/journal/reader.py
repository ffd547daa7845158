"""Reading the journal beside a running counter: no lock, one short statement at a time."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from kiosk.core.bills import Attempt
from kiosk.core.calendar import day_bounds_ms
from kiosk.core.order import Order
from kiosk.journal import queries
from kiosk.journal.chain import Event
from kiosk.journal.rights import check_rights
from kiosk.journal.schema import OPEN_STATES, connect_reading

#: As many as a person would look through; scripts that want more ask day by day.
ORDERS_LIMIT = 100_000


class JournalReader:
    """A read-only look at the journal; a context manager.

    Raises one of :class:`kiosk.journal.errors.JournalOpenError`'s kinds when made.
    """

    def __init__(self, directory: Path) -> None:
        if directory.exists():
            check_rights(directory)
        self._connection = connect_reading(directory)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close(True)

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def orders(
        self, *, pending: bool = False, day: str | None = None, find: str | None = None, limit: int = ORDERS_LIMIT
    ) -> list[Order]:
        """Orders, newest first. ``pending``: those that ``recover`` would take up; ``day``: begun on that day
        (YYYY-MM-DD); ``find``: one of its numbers or the customer's, whole or its beginning.

        Raises :class:`ValueError` for a day that is none.
        """
        conditions = ["1"]
        bindings: list[str | int] = []
        if pending:
            conditions.append(OPEN_STATES)
        if day is not None:
            conditions.append("o.created_ms >= ? AND o.created_ms < ?")
            bindings += day_bounds_ms(day)
        if find:
            names = ("o.order_no", "o.gateway_order_no", "o.customer_no")
            conditions.append("(" + " OR ".join(f"({name} >= ? AND {name} < ?)" for name in names) + ")")
            bindings += [find, find + "\U0010ffff"] * len(names)
        where = f"{' AND '.join(conditions)} ORDER BY o.seq DESC LIMIT ?"
        return queries.orders(self._connection, where, (*bindings, limit))

    def order(self, order_no: str) -> Order | None:
        """One order by our number."""
        return queries.order(self._connection, order_no)

    def events(self, order_no: str) -> list[Event]:
        """An order's story, oldest event first."""
        return queries.order_events(self._connection, order_no)

    def attempts(self, customer_no: str) -> tuple[list[Attempt], list[Attempt]]:
        """A customer's open attempts on arrears, and the credited ones."""
        return queries.attempts(self._connection, customer_no)
