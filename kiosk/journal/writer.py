"""The one writer of the journal: orders, their events, notices, prints, used codes; append before effect.

1. A commit is one transaction and one sync: the events with their chain, the order's row, the notice of a ``paid``
   order, the hash of an ``intent``'s code. All of it is durable when :meth:`Journal.append` returns, or none is.
2. An ``intent`` is refused where a live attempt of the same bill exists (rule 1), in the transaction that would write
   it. No other event is ever refused by a rule: a verified fact must find its place.
3. After a failed sync nothing is written until :meth:`Journal.reopen`: what the disk then holds is the truth (rule 17).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from kiosk.core.bills import Attempt
from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.journal import queries
from kiosk.journal.chain import GENESIS, Event, change_text, digest, facts_text
from kiosk.journal.codes import KEY_LENGTH, keyed_hash
from kiosk.journal.errors import JournalRefusedError
from kiosk.journal.lock import JournalLock
from kiosk.journal.rights import TEXT_COPY, prepare_directory
from kiosk.journal.rows import COLUMNS, NOTICE_HASH, Values, values_of
from kiosk.journal.schema import connect_writing
from kiosk.journal.text_copy import TextCopy
from kiosk.ports import JournalError

#: The text copy is synced at most this long after it was written, with the next commit, and at close.
COPY_SYNC_S = 3.0
_DEFAULT_CODE_MEMORY_S = 86400.0

_INSERT_EVENT = (
    "INSERT INTO events(number, order_no, kind, at_ms, facts, change, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_NAMES = (*COLUMNS, "bill", "last_event", "changed_ms")
_UPSERT_ORDER = (
    f"INSERT INTO orders({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))}) "
    f"ON CONFLICT(order_no) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES[1:])}"
)
_SYNC_FAILURES = frozenset({apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC})


class Journal:
    """The journal, open for writing and held by the operating system's lock; on one thread."""

    def __init__(
        self,
        directory: Path,
        lock: JournalLock,
        *,
        code_memory_s: float = _DEFAULT_CODE_MEMORY_S,
        vfs: str | None = None,
    ) -> None:
        self._directory = directory
        self._lock = lock
        self._code_memory_s = code_memory_s
        self._vfs = vfs
        self._sound = True
        self._connection = connect_writing(directory, vfs)
        self._copy = self._open_copy()
        self._copy_synced_s = 0.0
        self._key = self._code_key()
        self._code: dict[str, tuple[bytes, int]] = {}
        self._head = self._last_event()

    @classmethod
    def open(cls, directory: Path, *, code_memory_s: float = _DEFAULT_CODE_MEMORY_S, vfs: str | None = None) -> Journal:
        """Open the journal in this directory, making it where there is none.

        Raises one of :class:`kiosk.journal.errors.JournalOpenError`'s kinds, or :class:`OSError`.
        """
        prepare_directory(directory)
        lock = JournalLock(directory)
        try:
            return cls(directory, lock, code_memory_s=code_memory_s, vfs=vfs)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close the copy, the database, and let the lock go."""
        self._copy.close()
        self._connection.close(True)
        self._lock.release()

    def reopen(self) -> None:
        """Close and open again after a failed sync. Raises :class:`JournalError` while the disk still fails."""
        try:
            self._copy.close()
            self._connection.close(True)
            self._connection = connect_writing(self._directory, self._vfs)
            self._copy = self._open_copy()
            self._head = self._last_event()
        except (apsw.Error, OSError) as error:
            raise JournalError(f"the journal cannot be opened again: {error}") from error
        self._sound = True

    def _open_copy(self) -> TextCopy:
        return TextCopy(self._directory / TEXT_COPY, lambda number: queries.events_after(self._connection, number))

    def _last_event(self) -> Event | None:
        return queries.last_event(self._connection)

    def _code_key(self) -> bytes:
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'code_key'").fetchone()
        if row is not None:
            return bytes(row[0])
        key = secrets.token_bytes(KEY_LENGTH)
        self._connection.execute("INSERT INTO meta(key, value) VALUES ('code_key', ?)", (key,))
        return key

    # --- writing ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. Raises :class:`JournalError` for what the disk or the database does."""
        if not self._sound:
            raise JournalError("the journal must be opened again first", after_sync=True)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            raise self._failed(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _failed(self, error: apsw.Error) -> JournalError:
        self._roll_back()
        after_sync = getattr(error, "extendedresult", 0) in _SYNC_FAILURES
        self._sound = not after_sync
        return JournalError(f"{type(error).__name__}: {error}", after_sync=after_sync)

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error:
            self._sound = False

    def append(self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None = None) -> Order:
        """Commit the order as it now is together with its events; durable when it returns.

        Raises :class:`JournalRefusedError` for an ``intent`` that rule 1 forbids, :class:`JournalError` else.
        """
        if not events:
            raise ValueError("a commit without an event would be a change that nobody told of")
        with self._transaction():
            if any(event.kind is EventKind.INTENT for event in events):
                self._require_free(order)
                self._keep_code(order)
            chained = self._chained(order, events, at, notice)
            for event in chained:
                self._connection.execute(
                    _INSERT_EVENT,
                    (
                        event.number,
                        event.order_no,
                        event.kind,
                        event.at_ms,
                        event.facts,
                        event.change,
                        event.previous,
                        event.hash,
                    ),
                )
            self._write_order(order, chained[-1].number, at)
            self._write_beside(order, events, at, notice, chained[-1].number)
        self._head = chained[-1]
        self._to_copy(chained, at)
        return order

    def _chained(self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None) -> list[Event]:
        """The events with numbers and hashes; the order's changed fields go with the event that tells of its state."""
        change = self._change(order, notice)
        bearer = next((n for n, event in enumerate(events) if event.kind.value == order.state.value), len(events) - 1)
        number = self._head.number if self._head is not None else 0
        previous = self._head.hash if self._head is not None else GENESIS
        chained = []
        for index, event in enumerate(events):
            number += 1
            facts = facts_text(event.facts)
            changed = change_text(change if index == bearer else {})
            own = digest(number, order.order_no, event.kind.value, at.wall_ms, facts, changed, previous)
            chained.append(Event(number, order.order_no, event.kind.value, at.wall_ms, facts, changed, previous, own))
            previous = own
        return chained

    def _change(self, order: Order, notice: bytes | None) -> Values:
        known = queries.order(self._connection, order.order_no)
        before: Values = values_of(known) if known is not None else {}
        change: Values = {
            name: value for name, value in values_of(order).items() if name not in before or before[name] != value
        }
        if notice is not None:
            change[NOTICE_HASH] = hashlib.sha256(notice).hexdigest()
        return change

    def _require_free(self, order: Order) -> None:
        if queries.order(self._connection, order.order_no) is not None:
            raise JournalRefusedError(f"the number {order.order_no} was used before", order.order_no)
        blocking = self.live_attempt(order)
        if blocking is not None:
            raise JournalRefusedError(f"{blocking} is a live attempt of the same bill", blocking)

    def _keep_code(self, order: Order) -> None:
        kept = self._code.pop(order.order_no, None)
        if kept is None:
            return
        hashed, at_ms = kept
        self._connection.execute("DELETE FROM codes WHERE at_ms < ?", (self._forgotten_before_ms(at_ms),))
        self._connection.execute(
            "INSERT INTO codes(digest, order_no, at_ms) VALUES (?, ?, ?)", (hashed, order.order_no, at_ms)
        )

    def _write_order(self, order: Order, last_event: int, at: Instant) -> None:
        values = values_of(order)
        row = (*(values[name] for name in COLUMNS), order.bill_key[1], last_event, at.wall_ms)
        self._connection.execute(_UPSERT_ORDER, row)

    def _write_beside(
        self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None, number: int
    ) -> None:
        """What belongs to an event and stands in tables of its own."""
        kinds = {event.kind for event in events}
        if EventKind.INTENT in kinds and order.name_masked:
            name = (order.order_no, order.name_masked, at.wall_ms)
            self._connection.execute("INSERT INTO names(order_no, name_masked, at_ms) VALUES (?, ?, ?)", name)
        if notice is not None:
            self._connection.execute("INSERT INTO notices(order_no, body) VALUES (?, ?)", (order.order_no, notice))
        if EventKind.LEARNED in kinds:
            self._connection.execute(
                "INSERT OR REPLACE INTO knowledge(key, value, event) VALUES ('finds_by_our_number', 'true', ?)",
                (number,),
            )

    def _to_copy(self, events: Sequence[Event], at: Instant) -> None:
        self._copy.write(events)
        if at.mono_s - self._copy_synced_s >= COPY_SYNC_S:
            self._copy.sync()
            self._copy_synced_s = at.mono_s

    # --- reading on the writer's thread ----------------------------------------------------------------------------

    def open_orders(self) -> list[Order]:
        """Every order that is still owed something, and those that ended but are watched for a late surprise."""
        return queries.open_orders(self._connection)

    def order(self, order_no: str) -> Order | None:
        """One order by our number."""
        return queries.order(self._connection, order_no)

    def notice(self, order_no: str) -> bytes | None:
        """The stored notice of a paid order."""
        return queries.notice(self._connection, order_no)

    def live_attempt(self, order: Order) -> str | None:
        """The number of an attempt that blocks this order's bill, if any."""
        return queries.live_attempt(self._connection, order)

    def number_taken(self, number: str, order_no: str) -> bool:
        """Whether an order other than ``order_no`` goes by this number, as ours or as the gateway's."""
        return queries.number_taken(self._connection, number, order_no)

    def twin_paid(self, order: Order) -> bool:
        """Whether another order of the same bill is paid or credited (rule 6); a prepayment has no twin."""
        return order.kind is Kind.ARREARS and queries.twin_paid(self._connection, order)

    def attempts(self, customer_no: str) -> tuple[list[Attempt], list[Attempt]]:
        """The customer's open attempts on arrears, and the credited ones."""
        return queries.attempts(self._connection, customer_no)

    def open_prepayment(self, customer_no: str) -> Order | None:
        """The customer's newest prepayment that is still owed something."""
        return queries.open_prepayment(self._connection, customer_no)

    def finds_by_our_number(self) -> bool:
        """Whether a query by our own number was seen to find an order (rule 11 c)."""
        row = self._connection.execute("SELECT value FROM knowledge WHERE key = 'finds_by_our_number'").fetchone()
        return row is not None and row[0] == "true"

    def chain_head(self) -> str:
        """The newest event's hash."""
        return self._head.hash if self._head is not None else GENESIS

    # --- payment codes ---------------------------------------------------------------------------------------------

    def code_used(self, code: PaymentCode, at: Instant) -> bool:
        """Whether this payment code was used within ``code_memory_s`` (rule 2)."""
        row = self._connection.execute(
            "SELECT at_ms FROM codes WHERE digest = ?", (keyed_hash(self._key, code),)
        ).fetchone()
        return row is not None and int(row[0]) >= self._forgotten_before_ms(at.wall_ms)

    def remember_code(self, code: PaymentCode, order_no: str, at: Instant) -> None:
        """Keep the hash of a code; it is written with the ``intent`` of this order."""
        self._code[order_no] = (keyed_hash(self._key, code), at.wall_ms)

    def forget_code(self, order_no: str) -> None:
        """Forget the code of an order of which not one byte left. Raises :class:`JournalError`."""
        self._code.pop(order_no, None)
        with self._transaction():
            self._connection.execute("DELETE FROM codes WHERE order_no = ?", (order_no,))

    def _forgotten_before_ms(self, now_ms: int) -> int:
        return now_ms - round(self._code_memory_s * 1000)

    # --- prints ----------------------------------------------------------------------------------------------------

    def printed(self, order_nos: Sequence[str], copy: int, result: str, at: Instant) -> None:
        """Record a print: ``printing`` before it begins, its outcome after it. Raises :class:`JournalError`."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO prints(receipt, copy, result, at_ms) VALUES (?, ?, ?, ?)",
                ("+".join(order_nos), copy, result, at.wall_ms),
            )

    def copies(self, order_nos: Sequence[str]) -> int:
        """How many prints of this receipt were begun."""
        row = self._connection.execute(
            "SELECT coalesce(max(copy), 0) FROM prints WHERE receipt = ?", ("+".join(order_nos),)
        ).fetchone()
        return int(row[0]) if row is not None else 0
