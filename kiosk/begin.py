"""A payment begins: the last look at the journal before the intent, and the intent itself.

Rules
1. What stands in the way of a payment is looked up in the journal in this very moment; what a screen showed is older.
2. Where the intent cannot be written nothing is sent (rule 17).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk import lookups
from kiosk.attempts import Attempts, Beginning
from kiosk.core.desk import Desk
from kiosk.core.order import Instant, Mode, Order, order_number
from kiosk.core.payment_code import PaymentCode
from kiosk.core.run import order_for
from kiosk.core.sentence import Level, Sentence
from kiosk.parts import Parts
from kiosk.ports import JournalError, JournalRefusedError

_log = logging.getLogger(__name__)


class Begin:
    """What the desk's wish for a payment leads to; on the engine's thread. ``refuses`` says why no second attempt may
    stand beside an order now."""

    def __init__(
        self, parts: Parts, desk: Desk, attempts: Attempts, refuses: Callable[[Order, Instant], str]
    ) -> None:
        self._parts, self._desk, self._attempts, self._refuses = parts, desk, attempts, refuses
        self._count = 0

    def begin(self, mode: Mode, code: PaymentCode | None, at: Instant) -> None:
        """Begin the run's present item; every refusal is told at the desk."""
        order = self._new_order(mode, code, at)
        try:
            self._begin_unless_refused(order, code, at)
        except JournalRefusedError as error:
            self._desk.forget_begun()
            self._desk.not_begun(Level.WARN, Sentence.of("lock.open_attempt"), reference=error.by)
        except JournalError as error:
            _log.error("the intent of %s could not be written, nothing was sent: %s", order.order_no, error)
            self._desk.forget_begun()
            self._attempts.journal_failed()

    def _begin_unless_refused(self, order: Order, code: PaymentCode | None, at: Instant) -> None:
        """Raises :class:`JournalError`, with nothing begun."""
        journal, desk = self._parts.journal, self._desk
        if journal.twin_paid(order):  # credited since the look-up: by an earlier attempt, or at another window
            desk.not_begun(Level.WARN, Sentence.of("lock.credited"))
            return
        locks = lookups.blocking(journal, order)
        blocking = tuple(locks)
        in_the_way = next((number for number in blocking if not self._may_stand_beside(number, at)), None)
        if in_the_way is not None:
            desk.not_begun(Level.WARN, Sentence.of(locks[in_the_way]), reference=in_the_way)
            return
        if code is not None and journal.code_used(code, at):
            desk.not_begun(Level.WARN, Sentence.of("code.used"), Sentence.of("code.refresh"))
            return
        facts = desk.allowed.facts(blocking[0]) if blocking else ()
        desk.began(order, at)
        self._attempts.begin(order, Beginning(code, blocking, facts), at)
        desk.allowed.use(blocking)

    def _may_stand_beside(self, order_no: str, at: Instant) -> bool:
        """It was allowed, and it still may be in this very moment."""
        order = self._attempts.orders.get(order_no)
        return order is not None and order_no in self._desk.allowed and not self._refuses(order, at)

    def _new_order(self, mode: Mode, code: PaymentCode | None, at: Instant) -> Order:
        account, this_run = self._desk.account, self._desk.run
        assert account is not None
        assert this_run is not None
        self._count += 1
        return order_for(
            this_run.item,
            account.customer,
            account.bills,
            mode=mode,
            wallet=code.wallet if code is not None else "",
            order_no=order_number(self._parts.counter.counter_id, self._parts.drawn, self._count),
            cashier=self._parts.counter.cashier,
            at=at,
        )
