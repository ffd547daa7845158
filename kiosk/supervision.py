"""What a supervisor's PIN stands before: settlements, second attempts, the PIN itself.

Rules
1. A try is counted in the journal before the PIN is compared; where that commit fails, nothing is compared.
2. One try at a time; it is compared on a lane of its own, for argon2id is slow on purpose.
3. Without a PIN nothing is settled at the counter, and the person is told how to set one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from kiosk.core.commands import AllowSecond, Guarded, SetPin, Settle
from kiosk.core.lockout import pin_fault, wait_s
from kiosk.core.messages import Settled
from kiosk.core.order import Instant, Order
from kiosk.core.policy import PaymentPolicy
from kiosk.core.sentence import Sentence
from kiosk.core.settling import SETTLEMENTS, reason_in, refuses_settlement, who_allows_second
from kiosk.pin_hash import hashed, is_right
from kiosk.ports import Job, JournalError, JournalPort, Lane

_log = logging.getLogger(__name__)

#: Who acted, in the journal, until persons sign in.
SUPERVISOR = "supervisor"


class Supervision:
    """The engine's half of the supervisor's dialogs; on its thread."""

    def __init__(
        self,
        journal: JournalPort,
        policy: PaymentPolicy,
        *,
        tries: int,
        cashier: str,
        refuses: Callable[[Order, Instant], str],
        submit: Callable[[Job], None],
        settle: Callable[[str, Settled], bool],
        allow: Callable[[Order, str, str], None],
    ) -> None:
        """``tries``: wrong PINs before they begin to lock. ``settle`` steps an order (False: not written), ``allow``
        notes who allowed a second attempt beside it, and why."""
        self._journal, self._policy, self._tries, self._cashier = journal, policy, tries, cashier
        self._refuses, self._submit, self._settle, self._allow = refuses, submit, settle, allow
        self._asked: Guarded | None = None
        self.pin_is_set = journal.pin() is not None
        self.told: Sentence | None = None
        self.count = 0
        self.done = False

    @property
    def checking(self) -> bool:
        """Whether a PIN is being compared."""
        return self._asked is not None

    def asked(self, command: Guarded, orders: Mapping[str, Order], at: Instant) -> None:
        """A person wants something that is guarded."""
        if self._asked is not None:
            return
        try:
            self._ask_for(command, orders, at)
        except JournalError as error:
            _log.error("what a supervisor asked for needs the journal: %s", error)
            self._tell(Sentence.of("banner.journal"))

    def _ask_for(self, command: Guarded, orders: Mapping[str, Order], at: Instant) -> None:
        refused = self._refused(command, orders, at)
        if refused is not None:
            self._tell(refused)
        elif isinstance(command, SetPin):
            self._set_pin(command, at)
        elif isinstance(command, AllowSecond) and self._needs_no_pin(orders[command.order_no]):
            self._allowed(command, orders, self._cashier or "cashier")
        else:
            self._compare(command, command.pin, at)

    def compared(self, result: object, orders: Mapping[str, Order], at: Instant) -> None:
        """The lane's word on the PIN; carry out what was asked for, if it may still be."""
        command, self._asked = self._asked, None
        if command is None:
            return
        try:
            if isinstance(command, SetPin) and isinstance(result, str) and result:
                self._journal.set_pin(result, at)
                self.pin_is_set = True
                self._tell(Sentence.of("pin.is_set"), done=True)
            elif result is not True:
                self._tell(Sentence.of("pin.wrong"))
            else:
                self._journal.pin_was_good()
                self._carry_out(command, orders, at)
        except JournalError as error:
            _log.error("a supervisor's word could not be written: %s", error)
            self._tell(Sentence.of("banner.journal"))

    # --- within ----------------------------------------------------------------------------------------------------

    def _tell(self, what: Sentence, *, done: bool = False) -> None:
        self.told, self.done = what, done
        self.count += 1

    def _needs_no_pin(self, order: Order) -> bool:
        return who_allows_second(self._policy, order.kind) == "cashier"

    def _refused(self, command: Guarded, orders: Mapping[str, Order], at: Instant) -> Sentence | None:
        """Why it may not be, before any PIN is looked at and again after."""
        if isinstance(command, SetPin):
            fault = pin_fault(command.new)
            return Sentence.of(f"pin.fault_{fault}") if fault else None
        order = orders.get(command.order_no)
        if order is None:
            return Sentence.of("settle.not_manual")
        if isinstance(command, Settle):
            code = self._refuses_settlement(command, order)
        else:
            code = self._refuses(order, at)
            code = f"second.{code}" if code else ""
        if code:
            return Sentence.of(code)
        return None if reason_in(command.why) else Sentence.of("pin.needs_reason")

    def _refuses_settlement(self, command: Settle, order: Order) -> str:
        to = SETTLEMENTS.get(command.how)
        if to is None:
            return "settle.not_manual"
        code = refuses_settlement(order, to, twin_paid=self._journal.twin_paid(order))
        return f"settle.{code}" if code else ""

    def _set_pin(self, command: SetPin, at: Instant) -> None:
        record = self._journal.pin()
        if record is None:
            self._asked = command
            self._submit(Job(Lane.PIN, ("pin",), lambda: hashed(command.new)))
            return
        kept = record.hash
        self._compare(command, command.old, at, lambda: hashed(command.new) if is_right(kept, command.old) else False)

    def _compare(self, command: Guarded, pin: str, at: Instant, work: Callable[[], object] | None = None) -> None:
        record = self._journal.pin()
        if record is None:
            self._tell(Sentence.of("pin.none"))
            return
        left_s = wait_s(record, self._tries, at.mono_s)
        if left_s > 0:
            self._tell(Sentence.of("pin.locked", seconds=int(left_s) + 1))
            return
        self._journal.pin_tried(at)
        kept = record.hash
        self._asked = command
        self._submit(Job(Lane.PIN, ("pin",), work or (lambda: is_right(kept, pin))))

    def _carry_out(self, command: Guarded, orders: Mapping[str, Order], at: Instant) -> None:
        refused = self._refused(command, orders, at)
        if refused is not None:
            self._tell(refused)
        elif isinstance(command, AllowSecond):
            self._allowed(command, orders, SUPERVISOR)
        elif isinstance(command, Settle):
            self._settled(command, orders[command.order_no])

    def _allowed(self, command: AllowSecond, orders: Mapping[str, Order], by: str) -> None:
        self._allow(orders[command.order_no], by, reason_in(command.why))
        self._tell(Sentence.of("second.allowed"), done=True)

    def _settled(self, command: Settle, order: Order) -> None:
        twin = self._journal.twin_paid(order)
        message = Settled(to=SETTLEMENTS[command.how], by=SUPERVISOR, why=reason_in(command.why), twin_paid=twin)
        if self._settle(order.order_no, message):
            self._tell(Sentence.of(f"settle.as_{command.how}"), done=True)
        else:
            self._tell(Sentence.of("banner.journal"))
