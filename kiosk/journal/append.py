"""One append within its transaction: rule 1's look, the order's row, the notice, the sealed events.

Nothing here begins or ends a transaction; an exception leaves that to the writer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

import apsw

from kiosk.core.messages import BESIDE, Append, EventKind
from kiosk.core.order import Kind, Order, State
from kiosk.journal import queries
from kiosk.journal.chain import Event, Told, change_text, digest, facts_text, storable
from kiosk.journal.errors import JournalRefusedError
from kiosk.journal.rows import COLUMNS, NOTICE_HASH, Values, values_of

#: The order number of an event that is about the counter itself.
OF_NO_ORDER = ""
#: States that hold rule 1's key: the words of the schema's ``one_live_attempt``.
_HOLDING = {
    Kind.ARREARS: frozenset({State.INTENT, State.IN_DOUBT, State.SHOWN, State.PAID}),
    Kind.PREPAYMENT: frozenset({State.INTENT, State.IN_DOUBT, State.SHOWN}),
}

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM orders WHERE order_no = ?"
_INSERT = f"""INSERT INTO orders({", ".join(COLUMNS)}, bill, last_event, changed_ms)
    VALUES ({", ".join("?" * (len(COLUMNS) + 3))})"""
_UPDATE_LAST = "last_event = ?, changed_ms = ?"
#: What may change with the state and stands in no index but with it: always written with it, so that SQLite compiles
#: one statement and not one for each combination.
_WITH_STATE = (
    "state", "override", "exists_elsewhere", "bytes_left", "reason", "success_seen", "paid_ms", "credited_ms",
)  # fmt: skip
_INSERT_EVENT = """INSERT INTO events(number, order_no, kind, at_ms, facts, change, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_CONTENTS = attrgetter("number", "order_no", "kind", "at_ms", "facts", "change")


Facts = Sequence[tuple[str, str]]


@cache
def _update_text(names: tuple[str, ...]) -> str:
    sets = ", ".join((*(f"{name} = ?" for name in names), _UPDATE_LAST))
    return f"UPDATE orders SET {sets} WHERE order_no = ?"


class CounterEvent(StrEnum):
    """What happened to the journal itself; events of no order."""

    RECOVERED = "recovered"  # the database was broken and was built anew from the text copy
    COPY_ACCEPTED = "copy_accepted"  # a supervisor looked at what was recovered: payments may begin again


def insert_event(connection: apsw.Connection, event: Event) -> None:
    """Write a sealed event as it is."""
    row = (*_CONTENTS(event), event.previous, event.hash)
    connection.execute(_INSERT_EVENT, row)


class Appending:
    """The work of one append; ``sealed``, ``number``, ``head`` and ``rows`` are valid once the commit has succeeded."""

    def __init__(
        self, connection: apsw.Connection, number: int, head: str, at_ms: int, known: Mapping[str, Values] | None = None
    ) -> None:
        """``known``: rows as this connection wrote them last, by their order numbers; others are read."""
        self._db = connection
        self._at_ms = at_ms
        self._known = known or {}
        #: The rows that were written.
        self.rows: dict[str, Values] = {}
        self.number = number
        self.head = head
        self.sealed: list[Told] = []

    def order(self, order: Order, events: Sequence[Append], notice: bytes | None) -> Order:
        """Write everything; the order as stored. Raises :class:`JournalRefusedError` or :class:`apsw.Error`."""
        last = self.number + len(events)
        if events[0].kind is EventKind.INTENT:
            order = self._allowed(order, events[0])
            values = values_of(order)
            change: dict[str, Any] = dict(values)
            self._insert(order, values, last)
        else:
            order, values, change = self._update(order, last)
        self.rows[order.order_no] = values
        if notice is not None and self._keep_notice(order.order_no, notice):
            change[NOTICE_HASH] = hashlib.sha256(notice).hexdigest()
        else:
            notice = None
        self._seal(order.order_no, [(append.kind.value, append.facts) for append in events], change, notice)
        self._learn(events)
        return order

    def note(self, kind: EventKind | CounterEvent, facts: Facts = ()) -> None:
        """An event of the counter itself, of no order."""
        self._seal(OF_NO_ORDER, [(kind.value, facts)], {})

    def _allowed(self, order: Order, intent: Append) -> Order:
        """The intent, with an override where one was allowed; refused where rule 1 forbids it."""
        beside = frozenset(dict(intent.facts).get(BESIDE, "").split())
        for number, state in queries.blocking(self._db, order).items():
            if state is State.MANUAL or number not in beside:
                raise JournalRefusedError(f"{number} ({state}) blocks this bill", by=number)
        if order.kind is Kind.ARREARS and queries.twin_paid(self._db, order):
            raise JournalRefusedError("this very bill was paid by another order")
        return order.changed(override=self.number + 1) if beside else order

    def _insert(self, order: Order, values: Values, last: int) -> None:
        self._db.execute(_INSERT, (*(values[name] for name in COLUMNS), storable(order.bill_key[1]), last, self._at_ms))
        if order.name_masked:
            row = (order.order_no, storable(order.name_masked), self._at_ms)
            self._db.execute("REPLACE INTO names(order_no, name_masked, at_ms) VALUES (?, ?, ?)", row)

    def _stored(self, order_no: str) -> Values:
        """The order's row before this append."""
        if order_no in self._known:
            return self._known[order_no]
        row = self._db.execute(_SELECT, (order_no,)).fetchone()
        if row is None:
            raise JournalRefusedError(f"{order_no} has no intent in the journal")
        return dict(zip(COLUMNS, row, strict=True))

    def _update(self, order: Order, last: int) -> tuple[Order, Values, dict[str, Any]]:
        stored = self._stored(order.order_no)
        holding = _HOLDING[order.kind]
        if order.state in holding and stored["state"] not in holding:
            order = order.changed(override=self.number + 1)
        values = values_of(order)
        change: dict[str, Any] = {name: value for name, value in values.items() if stored[name] != value}
        names = tuple(dict.fromkeys((*_WITH_STATE, *change))) if "state" in change else tuple(change)
        bindings = (*[values[name] for name in names], last, self._at_ms, order.order_no)
        self._db.execute(_update_text(names), bindings)
        if self._db.changes() != 1:
            raise JournalRefusedError(f"{order.order_no} is gone from the journal")
        return order, values, change

    def _keep_notice(self, order_no: str, body: bytes) -> bool:
        """Store the notice; False where one is stored already, which then stays (rule 7)."""
        insert = "INSERT INTO notices(order_no, body) VALUES (?, ?) ON CONFLICT DO NOTHING"
        self._db.execute(insert, (order_no, body))
        return self._db.changes() == 1

    def _seal(
        self, order_no: str, events: Sequence[tuple[str, Facts]], change: dict[str, Any], notice: bytes | None = None
    ) -> None:
        """Chain the events; the first one carries what changed, and the notice goes with it to the copy."""
        changed = change_text(change)
        for kind, facts in events:
            contents = (self.number + 1, order_no, kind, self._at_ms, facts_text(facts), changed)
            event = Event(*contents, self.head, digest(*contents, self.head))
            insert_event(self._db, event)
            self.sealed.append((event, notice))
            self.number, self.head, changed, notice = event.number, event.hash, "{}", None

    def _learn(self, events: Sequence[Append]) -> None:
        facts = [fact for append in events if append.kind is EventKind.LEARNED for fact in append.facts]
        for key, value in facts:
            row = (storable(key), storable(value), self.number)
            self._db.execute("REPLACE INTO knowledge(key, value, event) VALUES (?, ?, ?)", row)
