"""The journal's one writer: the engine's ``JournalPort`` over SQLite.

1. :meth:`Journal.append` is one transaction and one sync: the events with their hashes, the order's row, the notice,
   and, with an ``intent``, the remembered payment code. When it returns, all of it survives a power cut; when it
   raises, none of it is there (after a failed sync: see 3).
2. An ``intent`` is refused where an attempt on its bill still blocks (rule 1, by a look within the same commit, the
   index behind it), its number exists, or its code was used. The fact :data:`BESIDE`, the numbers of the attempts
   beside which a second one was allowed, lets it pass those and makes its own event the override. ``manual`` lets
   nothing pass. No other commit is ever refused by a rule: an order that comes back from ``manual`` to ``paid``
   (a release) gets its event's number as override, and so a key of its own.
3. After any error of the disk the connection is not trusted: every write raises until :meth:`Journal.reopen`, and
   only what is read then is true (a failed sync may have kept the commit or not).
4. One thread at a time. The caller gives the time; the journal reads no clock.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import apsw

from kiosk.core.bills import Attempt
from kiosk.core.messages import BESIDE, Append, EventKind
from kiosk.core.order import Instant, Kind, Order, State
from kiosk.core.payment_code import PaymentCode
from kiosk.core.shift import Shift, ShiftTurn
from kiosk.journal import pins, queries, recovery, shifts
from kiosk.journal.append import Appending, CounterEvent
from kiosk.journal.chain import GENESIS
from kiosk.journal.codes import KEY_LENGTH, UsedCodes
from kiosk.journal.copy_file import CopyFile, OpenFile, write_again
from kiosk.journal.errors import JournalBrokenError, JournalOpenError, JournalRefusedError
from kiosk.journal.lock import JournalLock
from kiosk.journal.pins import KeptPin
from kiosk.journal.rights import DATABASE, LOG, TEXT_COPY, check_rights, prepare_directory
from kiosk.journal.rows import Values
from kiosk.journal.schema import connect_writing
from kiosk.journal.soundness import require_readable, require_recovered
from kiosk.journal.text_copy import TextCopy
from kiosk.ports import JournalError

__all__ = ["BESIDE", "Journal"]

_log = logging.getLogger(__name__)
_Read = TypeVar("_Read")
_Given = TypeVarTuple("_Given")
#: Pages in the write-ahead log (4 KiB each) at which a quiet moment is used to empty it, and at which no moment may
#: be waited for any longer.
QUIET_PAGES = 256
FULL_PAGES = 4000
#: Rows that are remembered as they were written, so that the next append on the order need not read them.
ROWS_KEPT = 200
#: The fact of a ``learned`` event after which 1003 by our own number counts (rule 11 c).
LEARNED_FACT = ("finds_by_our_number", "true")
_DAY_S = 86400.0
#: After a commit in these nothing of the payment waits, so that the text copy's sync may be paid for.
_ENDED = frozenset({State.CREDITED, State.FAILED, State.REFUNDED, State.MANUAL})


class Journal:
    """The journal of one counter, open for writing from :meth:`open` to :meth:`close`."""

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        code_memory_s: float = _DAY_S,
        watch_s: float = _DAY_S,
        copy_sync_s: float = 3.0,
        random_bytes: Callable[[int], bytes] = os.urandom,
        vfs: str | None = None,
        open_copy: OpenFile = CopyFile,
        recover_at: Instant | None = None,
    ) -> Journal:
        """Open or make the journal in ``directory`` and hold it against other writers.

        ``code_memory_s``: how long a used payment code is refused. ``watch_s``: how long after its end a failed or
        unseen order is still among the open ones. ``copy_sync_s``: the least time between two syncs of the text
        copy. ``vfs``: the name of an apsw VFS to keep the database on; ``open_copy``: opens the text copy's file.
        ``recover_at``: the present moment, where a broken database is to be put aside and built anew from the text
        copy (recovery.py); without it that is a :class:`JournalBrokenError`.
        Raises :class:`JournalOpenError`, its kinds in errors.py; itself where the disk fails.
        """
        try:
            prepare_directory(directory)
            lock = JournalLock(directory)
        except OSError as error:
            raise JournalOpenError(directory, error.strerror or str(error)) from error
        spans_s = (code_memory_s, watch_s, copy_sync_s)
        try:
            try:
                return cls(directory, lock, spans_s, random_bytes, vfs, open_copy)
            except (JournalBrokenError, apsw.CorruptError, apsw.NotADBError) as error:
                if recover_at is None:
                    raise
                _log.warning("the journal is broken: %s", error)
                recovery.recover(directory, recover_at, vfs)
                return cls(directory, lock, spans_s, random_bytes, vfs, open_copy)
        except (apsw.Error, OSError) as error:
            lock.release()
            is_damaged = isinstance(error, (apsw.CorruptError, apsw.NotADBError))
            raise (JournalBrokenError if is_damaged else JournalOpenError)(directory, str(error)) from error
        except BaseException:
            lock.release()
            raise

    def __init__(
        self,
        directory: Path,
        lock: JournalLock,
        spans_s: tuple[float, float, float],
        random_bytes: Callable[[int], bytes],
        vfs: str | None,
        open_copy: OpenFile,
    ) -> None:
        """Use :meth:`open`."""
        code_memory_s, self._watch_s, self._copy_sync_s = spans_s
        self._directory = directory
        self._lock = lock
        self._vfs = vfs
        self._open_file = open_copy
        self._number, self._head, self._finds = 0, GENESIS, False
        self._must_reopen = False
        self._closed = False
        self._wal_pages = 0
        self._copy_synced_s: float | None = None
        self._awaiting = False
        require_recovered(directory / DATABASE)
        self._connect()
        try:
            self._codes = UsedCodes(self._meta("code_key", lambda: random_bytes(KEY_LENGTH)), code_memory_s)
            self._watch_from = self._begin_watch()
            path = directory / TEXT_COPY
            self._copy = TextCopy(open_copy, path, lambda number: queries.told_after(self._db, number))
            check_rights(directory)
        except BaseException:
            self._disconnect()
            raise

    # --- the engine's port ---------------------------------------------------------------------------------------

    def append(self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None = None) -> Order:
        """Commit the order and its events, all or nothing; durable when it returns. See rules 1 to 3 above.

        Returns the order as it was stored: as given, but for the override (rule 2 above). Raises
        :class:`JournalRefusedError` for an ``intent`` that may not be, :class:`JournalError` where the disk failed.
        """
        if not events:
            raise ValueError("an order changes by an event, never without one")
        code = self._codes.take(order.order_no) if events[0].kind is EventKind.INTENT else None
        with self._commit():
            work = Appending(self._db, self._number, self._head, at.wall_ms, self._rows)
            stored = work.order(order, events, notice)
            if code is not None:
                self._codes.store(self._db, code, order.order_no)
        self._sealed(work)
        if code is not None:
            self._codes.stored(code)
        self._finds = self._finds or any(LEARNED_FACT in append.facts for append in events)
        if order.state in _ENDED:
            self._sync_copy(at)
        self._empty_log(FULL_PAGES)
        return stored

    def open_orders(self) -> list[Order]:
        """Every order still owed something, and then the ``unseen`` or (after a byte had left) ``failed`` ones that
        ended since the journal was last opened, or within ``watch_s`` of its newest event; oldest first in each."""
        newest = self._read(queries.last_event)
        since_ms = newest.at_ms - round(self._watch_s * 1000) if newest else 0
        return self._read(queries.open_orders, self._watch_from, since_ms)

    def order(self, order_no: str) -> Order | None:
        """One order by our number."""
        return self._read(queries.order, order_no)

    def notice(self, order_no: str) -> bytes | None:
        """The stored notice of a paid order."""
        return self._read(queries.notice, order_no)

    def live_attempt(self, order: Order) -> str | None:
        """The number of an attempt that blocks this order's bill key, if any."""
        return next(iter(self._read(queries.blocking, order)), None)

    def number_taken(self, number: str, order_no: str) -> bool:
        """Whether an order other than ``order_no`` goes by this number, as ours or as the gateway's."""
        return number != "" and self._read(queries.number_taken, number, order_no)

    def twin_paid(self, order: Order) -> bool:
        """Whether another order of the same bill (customer, id, period, principal) is paid or credited.

        A prepayment has no twin: each is a debt of its own.
        """
        return order.kind is Kind.ARREARS and self._read(queries.twin_paid, order)

    def attempts(self, customer_no: str, cost_ids: Iterable[str]) -> tuple[list[Attempt], list[Attempt]]:
        """The customer's open attempts on arrears, and the credited ones of these ids."""
        return self._read(queries.attempts, customer_no, cost_ids)

    def open_prepayment(self, customer_no: str) -> Order | None:
        """The newest prepayment of the customer that is not final."""
        return self._read(queries.open_prepayment, customer_no)

    def code_used(self, code: PaymentCode, at: Instant) -> bool:
        """Whether this payment code was used within ``code_memory_s``, or is about to be."""
        return self._read(self._codes.used, code, at)

    def remember_code(self, code: PaymentCode, order_no: str, at: Instant) -> None:
        """Keep the code's keyed hash; carried out in the commit of this order's ``intent``, lost if that fails."""
        self._codes.remember(code, order_no, at)

    def forget_code(self, order_no: str) -> None:
        """Forget the code of an order of which not one byte left."""
        with self._commit():
            self._codes.drop(self._db, order_no)

    def finds_by_our_number(self) -> bool:
        """Whether a query by our own number was seen to find an order."""
        return self._finds

    def printed(self, order_nos: Sequence[str], copy: int, result: str, at: Instant) -> None:
        """Record a print: ``printing`` before it begins, the outcome after it."""
        row = (_receipt(order_nos), copy, result, at.wall_ms)
        with self._commit():
            self._db.execute("INSERT INTO prints(receipt, copy, result, at_ms) VALUES (?, ?, ?, ?)", row)
        self._empty_log(FULL_PAGES)

    def copies(self, order_nos: Sequence[str]) -> int:
        """How many prints of this receipt were begun."""
        return self._read(queries.copies, _receipt(order_nos))

    def unfinished_prints(self) -> list[tuple[tuple[str, ...], int]]:
        """The papers and the copy of each print that was begun and never ended: this process, or one before it."""
        return [(tuple(receipt.split(" ")), copy) for receipt, copy in self._read(queries.unfinished_prints)]

    def chain_head(self) -> str:
        """The newest event's hash; 64 zeros before the first."""
        return self._head

    def live_attempts(self, order: Order) -> tuple[str, ...]:
        """The numbers of all attempts that block this order's bill key, those in ``manual`` first."""
        return tuple(self._read(queries.blocking, order))

    def evidence(self, order_no: str) -> list[tuple[str, str]]:
        """What was noted of a case, oldest first: the facts of its ``evidence`` events."""
        return self._read(queries.evidence, order_no)

    def shift(self) -> Shift | None:
        """The newest shift, open or closed; None where there never was one."""
        return self._read(shifts.newest)

    def turn_shift(self, turn: ShiftTurn, at: Instant, *, by: str, to: str, seen: Collection[str]) -> None:
        """Open, hand over or close, in one commit. Raises :class:`ShiftRefusedError`, :class:`JournalError`."""
        with self._commit():
            work = Appending(self._db, self._number, self._head, at.wall_ms)
            shifts.turn(self._db, work, turn, (by, to), seen)
        self._sealed(work)

    # --- the supervisor ------------------------------------------------------------------------------------------

    def pin(self) -> KeptPin | None:
        """The supervisor's PIN as it is kept; None where none is set."""
        return self._read(pins.kept)

    def set_pin(self, hash: str, at: Instant) -> None:
        """Keep a new PIN and tell in the chain that one was set; its failures begin at 0."""
        with self._commit():
            work = Appending(self._db, self._number, self._head, at.wall_ms)
            work.note(EventKind.PIN_SET)
            pins.keep(self._db, hash)
        self._sealed(work)

    def pin_tried(self, at: Instant) -> None:
        """Count a try, durably, before it is looked at."""
        with self._commit():
            pins.count_try(self._db, at.mono_s)

    def pin_was_good(self) -> None:
        """The try was right: the failures begin at 0."""
        with self._commit():
            pins.forget_tries(self._db)

    @property
    def awaiting_acceptance(self) -> bool:
        """It was built anew from its text copy: no new payment until a supervisor accepts that."""
        return self._awaiting

    def accept_copy(self, at: Instant) -> None:
        """A supervisor accepts what was built from the text copy, which the chain tells; payments may begin again.

        Does nothing where nothing waits for it. Raises :class:`JournalError`.
        """
        if not self._awaiting:
            return
        with self._commit():
            work = Appending(self._db, self._number, self._head, at.wall_ms)
            work.note(CounterEvent.COPY_ACCEPTED)
            self._db.execute("DELETE FROM meta WHERE key = ?", (recovery.AWAITING,))
        self._sealed(work)
        self._awaiting = False

    # --- beyond the port -----------------------------------------------------------------------------------------

    def tick(self, at: Instant) -> None:
        """Quiet work, to be called every second or so when nobody waits: sync the text copy when its time has come,
        empty the write-ahead log. Never raises."""
        self._sync_copy(at)
        self._empty_log(QUIET_PAGES)

    @property
    def must_reopen(self) -> bool:
        """Whether the disk failed, so that nothing is written before :meth:`reopen` (rule 17)."""
        return self._must_reopen

    def reopen(self) -> None:
        """Close the database and open it again, after the disk failed; the lock is held throughout.

        Raises :class:`JournalError` where the disk still fails or what it holds is broken; call it again later.
        What was read before is void: read the orders again.
        """
        self._must_reopen = True
        self._disconnect()
        try:
            self._connect()
        except (apsw.Error, OSError, JournalOpenError) as error:
            raise JournalError(f"the journal cannot be opened again: {error}", after_sync=True) from error
        self._must_reopen = False
        self._copy.catch_up()

    def forget_names(self, before_ms: int) -> int:
        """Delete the masked names kept before this time (milliseconds, wall clock); how many there were."""
        with self._commit():
            self._db.execute("DELETE FROM names WHERE at_ms < ?", (before_ms,))
            return self._db.changes()

    def close(self) -> None:
        """Sync the text copy, close the database, let the lock go. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self._copy.close()
            self._disconnect()
        finally:
            self._lock.release()

    def abandon(self) -> None:
        """Let everything go as a killed process would: nothing is written, synced, carried over or tidied up. For the
        simulator, whose processes die within its own."""
        self._closed = True
        with contextlib.suppress(apsw.Error):
            self._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            self._db.close(True)
        self._copy.abandon()
        self._lock.release()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- within --------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """The connection and what is kept of it in memory."""
        self._rows: dict[str, Values] = {}
        write_again(self._directory / LOG, self._open_file)
        self._db = connect_writing(self._directory / DATABASE, self._vfs)
        try:
            self._take_over()
        except BaseException:
            self._disconnect()
            raise

    def _take_over(self) -> None:
        self._db.set_wal_hook(self._committed)
        last = require_readable(self._db, self._directory / DATABASE)
        self._number, self._head = (last.number, last.hash) if last else (0, GENESIS)
        known = self._db.execute("SELECT value FROM knowledge WHERE key = ?", LEARNED_FACT[:1]).fetchone()
        self._finds = known is not None and known[0] == LEARNED_FACT[1]
        awaiting = self._db.execute("SELECT 1 FROM meta WHERE key = ?", (recovery.AWAITING,)).fetchone()
        self._awaiting = awaiting is not None

    def _sealed(self, work: Appending) -> None:
        """The commit succeeded: its events are the chain's newest, and go to the copy."""
        self._number, self._head = work.number, work.head
        if len(self._rows) >= ROWS_KEPT:
            self._rows.clear()
        self._rows.update(work.rows)
        self._copy.write(work.sealed)

    def _disconnect(self) -> None:
        """Close the database, whatever the disk says to it. What is carried over then was synced before: SQLite
        itself leaves a commit out whose sync failed."""
        with contextlib.suppress(apsw.Error):
            self._db.close(True)

    def _sync_copy(self, at: Instant) -> None:
        if self._copy_synced_s is None or at.mono_s - self._copy_synced_s >= self._copy_sync_s:
            self._copy_synced_s = at.mono_s
            self._copy.write(())
            self._copy.sync()

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def _meta(self, key: str, first: Callable[[], bytes | int]) -> bytes:
        """A value kept for ever, made at the first open."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            row = (first(),)
            self._db.execute("INSERT INTO meta(key, value) VALUES (?, ?)", (key, row[0]))
        return bytes(row[0])

    def _begin_watch(self) -> int:
        """The newest event at the open before this one: what ended after it was never taken up by a start."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'opened_at_event'").fetchone()
        if row is None or row[0] != self._number:
            self._db.execute("REPLACE INTO meta(key, value) VALUES ('opened_at_event', ?)", (self._number,))
        return int(row[0]) if row else 0

    @contextlib.contextmanager
    def _commit(self) -> Iterator[None]:
        if self._must_reopen:
            raise JournalError("the disk failed: the journal must be opened again first", after_sync=True)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, apsw.Error):
                raise self._told(error) from error
            raise

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except apsw.Error:
            self._must_reopen = True

    def _read(self, ask: Callable[[apsw.Connection, *_Given], _Read], *given: *_Given) -> _Read:
        """Ask the database; an error of SQLite's is told as the journal's own."""
        try:
            return ask(self._db, *given)
        except apsw.Error as error:
            raise self._told(error) from error

    def _told(self, error: apsw.Error) -> JournalError:
        """The journal's own error for one of SQLite's. Only a refusal, a full disk and a busy file leave the
        connection as it was."""
        if isinstance(error, apsw.ConstraintError):
            return JournalRefusedError(f"refused: {error}")
        if isinstance(error, apsw.FullError):
            return JournalError("the disk is full", after_sync=self._must_reopen)
        if isinstance(error, (apsw.BusyError, apsw.LockedError)):
            return JournalError(f"the journal is busy: {error}")
        self._must_reopen = True
        if isinstance(error, (apsw.CorruptError, apsw.NotADBError)):
            # The next start looks closely, and recovers where it must.
            with contextlib.suppress(OSError):
                recovery.set_stage(self._directory, recovery.CHECK)
        return JournalError(f"the journal cannot be written: {error}", after_sync=True)

    def _empty_log(self, pages: int) -> None:
        """Carry the write-ahead log over into the database where it is long; the commits in it are safe already."""
        if self._wal_pages < pages or self._must_reopen:
            return
        try:
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._wal_pages = 0
        except (apsw.BusyError, apsw.LockedError):
            return
        except apsw.Error as error:
            self._must_reopen = True
            _log.warning("the journal's log could not be carried over: %s", error)


def _receipt(order_nos: Sequence[str]) -> str:
    return " ".join(sorted(order_nos))

