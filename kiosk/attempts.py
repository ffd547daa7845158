"""The orders this process has in hand: step, commit, effects; and the journal in trouble (rule 17).

Rules
1. A step's ``Append`` effects are one commit, made before any other effect of the step (law 1).
2. A commit that fails loses nothing: the message that led to it is kept and stepped again when the journal is open
   again; until then no new payment begins.
3. What old orders need runs on the background lane; the payment at the counter never waits for it.
4. It belongs to the engine's thread and knows no desk: what happened is told through :class:`Around`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk import calls
from kiosk.core.messages import (
    Alarm,
    Answer,
    Append,
    ArrearsSeen,
    Ask,
    AskArrears,
    CallAnswered,
    Due,
    Effect,
    EventKind,
    Learned,
    Message,
    Noted,
    NoticeAnswered,
    QueryAnswered,
    SendCall,
    SendNotice,
    Settled,
    TakenUp,
)
from kiosk.core.order import OPEN, Instant, Mode, Order, State
from kiosk.core.payment_code import PaymentCode
from kiosk.lanes import answer_of
from kiosk.parts import Parts
from kiosk.ports import Job, JournalError, Lane

_log = logging.getLogger(__name__)

#: After a failed commit the journal is opened again this often.
REOPEN_GAP_S = 2.0
#: After an error of ours in an order's step it is looked at again.
FAULT_GAP_S = 30.0


class Around(Protocol):
    """What the orders' keeper needs of the engine around it."""

    def submit(self, job: Job) -> None:
        """Queue slow work."""

    def guarded(self, work: Callable[..., object], *given: object) -> None:
        """Do it; an error of ours is told and ends nothing."""

    def orders_changed(self, at: Instant) -> None:
        """Some order is not what it was."""

    def alarm(self, order: Order, code: str) -> None:
        """People are to be told."""

    def answered(self, answer: Answer) -> None:
        """The gateway was heard."""

    def journal_fails(self) -> None:
        """No new payment may begin."""

    def journal_is_well(self) -> None:
        """Payments may begin again."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new order begins with: its code, and, beside live attempts, which they are and who allowed it why."""

    code: PaymentCode | None = None
    beside: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


class Attempts:
    """Every order that is still owed something, and those that are watched or shown."""

    def __init__(self, parts: Parts, around: Around) -> None:
        self._parts, self._around = parts, around
        self._now = parts.clock.now
        #: Every order in hand; :meth:`_put` alone changes one.
        self.orders: dict[str, Order] = {}
        #: Those of them that nothing is waited for.
        self._done: set[str] = set()
        self._nearest_s: float | None = None
        self._is_nearest_known = True
        self._codes: dict[str, PaymentCode] = {}
        self._stuck: list[tuple[str, Message, Instant]] = []
        #: Orders of which the disk may hold more than this process knows.
        self._read_later: set[str] = set()
        #: Orders whose payment code never left this machine and still is remembered as used.
        self._unused: set[str] = set()
        self._reopen_s: float | None = None
        self._finds_by_ours = parts.journal.finds_by_our_number()

    # --- begin, step, commit, effects --------------------------------------------------------------------------------

    def knows(self, order_no: str) -> bool:
        """Whether an order in hand has this number."""
        return order_no in self.orders

    def take_up(self) -> bool:
        """Every open order of the journal goes on where it was; nothing a person must do. False where the journal
        cannot be read now: no payment begins, and it is tried again."""
        try:
            found = self._parts.journal.open_orders()
        except JournalError as error:
            _log.error("the open orders cannot be read yet: %s", error)
            self.journal_failed()
            return False
        for order in found:
            if order.order_no not in self.orders:
                self._put(order)
                self._around.guarded(self.step, order.order_no, TakenUp())
        return True

    def begin(self, order: Order, beginning: Beginning, at: Instant) -> None:
        """Journal the intent and send the call. Raises :class:`JournalError`, its refusals among them: then nothing
        was sent, and nothing is in hand."""
        journal, code = self._parts.journal, beginning.code
        order, effects = self._parts.machine.begin(order, at, beginning.beside, beginning.facts)
        if code is not None:
            journal.remember_code(code, order.order_no, at)
            self._codes[order.order_no] = code
        try:
            self._carry_out(order, effects, at)
        except JournalError:
            self._codes.pop(order.order_no, None)
            self.orders.pop(order.order_no, None)
            raise

    def step(self, order_no: str, message: Message, at: Instant | None = None) -> bool:
        """One step of one order; False where its commit failed and the message was kept."""
        order = self.orders.get(order_no)
        if order is None:
            return True
        at = at or self._now()
        if self._stuck and any(stuck == order_no for stuck, _, _ in self._stuck):
            self._keep(order_no, message, at)
            return False
        try:
            after, effects = self._parts.machine.step(order, message, at)
            self._carry_out(after, effects, at)
        except JournalError as error:
            self._commit_failed(order_no, message, at, error)
            return False
        except Exception:
            self._look_again(order_no)
            raise
        self._around.orders_changed(at)
        return True

    def _carry_out(self, order: Order, effects: Sequence[Effect], at: Instant) -> None:
        """Commit first; then the rest. Raises :class:`JournalError` where the commit failed, with nothing done, and
        never after it: what is committed is never stepped again for the sake of an effect."""
        events = [effect for effect in effects if isinstance(effect, Append)]
        owed = any(event.kind is EventKind.PAID for event in events)
        if events:
            notice = self._parts.gateways[Lane.PAYMENT].notice_body(order) if owed else None
            order = self._parts.journal.append(order, events, at, notice)
        self._put(order)
        if owed and order.asking.attended:
            self._around.guarded(self._parts.paid, order)
        if order.state is State.FAILED and not order.bytes_left:
            self._unused.add(order.order_no)
            self._forget_unused_codes()
        for effect in effects:
            try:
                self._do(order, effect, at)
            except JournalError as error:
                _log.error("%s waits for the journal: %s", order.order_no, error)
                self._look_again(order.order_no, REOPEN_GAP_S)
                self.journal_failed()

    def _put(self, order: Order) -> None:
        self.orders[order.order_no] = order
        self._is_nearest_known = False
        if _is_done(order):
            self._done.add(order.order_no)
        else:
            self._done.discard(order.order_no)

    def _forget_unused_codes(self) -> None:
        """Codes of which not one byte left may be used again; where that cannot be written now, it is later."""
        try:
            for order_no in sorted(self._unused):
                self._parts.journal.forget_code(order_no)
                self._unused.discard(order_no)
        except JournalError as error:
            _log.error("a code that was not used cannot be forgotten yet: %s", error)
            self.journal_failed()

    def _do(self, order: Order, effect: Effect, at: Instant) -> None:
        gateways, submit = self._parts.gateways, self._around.submit
        match effect:
            case SendCall() if order.mode is Mode.SCAN:
                submit(calls.pay_job(gateways, order, self._codes.pop(order.order_no)))
            case SendCall():
                submit(calls.unified_job(gateways, order))
            case Ask(asked_by=asked_by, number=number):
                submit(calls.question_job(gateways, order, asked_by, number, at))
            case SendNotice():
                body = self._parts.journal.notice(order.order_no)
                if body is None:
                    raise RuntimeError(f"{order.order_no} is paid and has no notice")
                submit(calls.notice_job(gateways, order, body))
            case AskArrears():
                submit(calls.arrears_job(gateways, order))
            case Alarm(code=code):
                _log.warning("alarm %s for order %s (%s)", code, order.order_no, order.state)
                self._around.alarm(order, code)
            case Learned():
                self._finds_by_ours = True

    # --- answers -----------------------------------------------------------------------------------------------------

    def job_done(self, key: tuple[str, ...], result: object) -> bool:
        """A lane's result, where it is about an order; False where it is about something else."""
        match key:
            case ("call", order_no):
                self._call_done(order_no, answer_of(result))
            case ("ask", order_no, number, asked_by, sent_s):
                try:
                    self._question_done(order_no, int(number), asked_by, float(sent_s), answer_of(result))
                except JournalError as error:
                    _log.error("what the answer for %s means cannot be told, it is asked again: %s", order_no, error)
                    self._look_again(order_no, REOPEN_GAP_S)
                    self.journal_failed()
                except Exception:
                    self._look_again(order_no)
                    raise
            case ("notice", order_no, _):
                answer = answer_of(result)
                self._around.answered(answer)
                self.step(order_no, NoticeAnswered(answer, self._finds_by_ours))
            case ("arrears", order_no):
                order = self.orders.get(order_no)
                if order is not None:
                    self.step(order_no, ArrearsSeen(calls.owed(result, order)))
            case _:
                return False
        return True

    def _call_done(self, order_no: str, answer: Answer) -> None:
        self._around.answered(answer)
        try:
            taken = bool(answer.order_no) and self._parts.journal.number_taken(answer.order_no, order_no)
        except Exception:  # whose number it is cannot be told now: it is not adopted, and the order is in doubt
            _log.exception("the journal could not say whose number the answer for %s names", order_no)
            taken = True
        self.step(order_no, CallAnswered(answer, taken))

    def _question_done(self, order_no: str, number: int, asked_by: str, sent_s: float, answer: Answer) -> None:
        self._around.answered(answer)
        order = self.orders.get(order_no)
        if order is None:
            return
        self.step(order_no, self._beside_it(order, answer, number, asked_by, sent_s))

    def _beside_it(self, order: Order, answer: Answer, number: int, asked_by: str, sent_s: float) -> QueryAnswered:
        """A question's answer with what the journal knows beside it at the moment when it is stepped."""
        journal, named = self._parts.journal, answer.order_no
        return QueryAnswered(
            answer=answer,
            number=number,
            asked_by=asked_by,
            sent_s=sent_s,
            finds_by_ours=self._finds_by_ours,
            twin_paid=answer.status == "SUCCESS" and journal.twin_paid(order),
            number_taken=bool(named) and named not in order.numbers and journal.number_taken(named, order.order_no),
        )

    def _look_again(self, order_no: str, gap_s: float | None = None) -> None:
        """After a fault of ours or the journal's the order, as far as it was committed, is looked at again: never left
        without."""
        order = self.orders.get(order_no)
        if order is not None:
            due_s = self._now().mono_s + (FAULT_GAP_S if gap_s is None else gap_s)
            self._put(
                order.asking_now(in_flight=0, notice_in_flight=False, arrears_in_flight=False, due_s=due_s)
            )

    # --- the journal in trouble (rule 17) ----------------------------------------------------------------------------

    def _commit_failed(self, order_no: str, message: Message, at: Instant, error: JournalError) -> None:
        _log.error("a commit for %s failed, the fact is kept and tried again: %s", order_no, error)
        self._keep(order_no, message, at)
        self.journal_failed()

    def _keep(self, order_no: str, message: Message, at: Instant) -> None:
        """A fact is kept until it can be written. A person's act is not: they are told that it failed, and may decide
        otherwise; what the disk holds of it all the same is read when it is open again."""
        if isinstance(message, (Settled, Noted)):
            self._read_later.add(order_no)
        elif not isinstance(message, Due):  # a deadline comes again by itself
            self._stuck.append((order_no, message, at))

    def journal_failed(self) -> None:
        """Some commit did not happen: no new payment, and the journal is opened again soon."""
        self._reopen_s = self._now().mono_s + REOPEN_GAP_S
        self._around.journal_fails()

    def _reopen(self) -> None:
        """Open the journal again, and step again what could not be written. The next try is due before this one begins:
        whatever fails in it, by a fault of ours too, is tried again and never at once."""
        self._reopen_s = self._now().mono_s + REOPEN_GAP_S
        try:
            self._parts.journal.reopen()
        except JournalError as error:
            _log.warning("the journal cannot be opened yet: %s", error)
            return
        if self._step_what_was_kept() and self.take_up():
            self._reopen_s = None
            self._around.journal_is_well()
            self._forget_unused_codes()

    def _step_what_was_kept(self) -> bool:
        """Step again, in their order, the messages whose commits failed; False where the journal fails again. What was
        not stepped stays kept, whatever happens."""
        waiting, self._stuck = self._stuck, []
        try:
            while self._read_later:
                self._read_again(min(self._read_later))
                self._read_later.discard(min(self._read_later))
            while waiting:
                order_no, message, at = waiting[0]
                self._read_again(order_no)
                message = self._as_known_now(order_no, message)
                del waiting[0]
                self.step(order_no, message, at)
        except JournalError as error:
            _log.error("the journal fails again: %s", error)
            self.journal_failed()
        finally:
            self._stuck = waiting + self._stuck
        return not self._stuck

    def _as_known_now(self, order_no: str, message: Message) -> Message:
        """A kept message with what the journal knows now: another order of its bill may have been paid meanwhile."""
        order = self.orders.get(order_no)
        if not isinstance(message, QueryAnswered) or order is None:
            return message
        return self._beside_it(order, message.answer, message.number, message.asked_by, message.sent_s)

    def _read_again(self, order_no: str) -> None:
        """A commit whose sync failed may be on the disk all the same: what the disk says is so."""
        mine, found = self.orders.get(order_no), self._parts.journal.order(order_no)
        if mine is not None and found is not None and found.state is not mine.state:
            self._put(found)
            self.step(order_no, TakenUp())

    # --- time --------------------------------------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """The nearest deadline of any order, or of the journal's reopening."""
        order_s = self._order_due_s()
        if order_s is None or self._reopen_s is None:
            return self._reopen_s if order_s is None else order_s
        return min(order_s, self._reopen_s)

    def _order_due_s(self) -> float | None:
        """The nearest deadline of any order; looked for only where an order changed since."""
        if not self._is_nearest_known:
            due = [order.asking.due_s for order in self.orders.values()]
            self._nearest_s = min([due_s for due_s in due if due_s is not None], default=None)
            self._is_nearest_known = True
        return self._nearest_s

    def whatever_is_due(self, now: Instant) -> None:
        """Look at every order whose deadline has come."""
        if self._reopen_s is not None and now.mono_s >= self._reopen_s:
            self._reopen()
        nearest_s = self._order_due_s()
        if nearest_s is None or nearest_s > now.mono_s:
            return
        due = [
            order.order_no
            for order in self.orders.values()
            if order.asking.due_s is not None and order.asking.due_s <= now.mono_s
        ]
        for order_no in due:
            if not self.step(order_no, Due(), now):
                self._hush(order_no)

    def _hush(self, order_no: str) -> None:
        """Its message waits for the journal: without this the same deadline would come at once again."""
        self._put(self.orders[order_no].asking_now(due_s=self._now().mono_s + REOPEN_GAP_S))

    def forget_done(self, shown: Callable[[], Collection[str]]) -> None:
        """Orders that are final, that nothing is waited for, and that no screen shows leave the memory."""
        if not self._done:
            return
        for order_no in sorted(self._done.difference(shown())):
            self.orders.pop(order_no, None)
            self._done.discard(order_no)


def _is_done(order: Order) -> bool:
    asking = order.asking
    return asking.due_s is None and order.state not in OPEN and not asking.in_flight and not asking.calling
