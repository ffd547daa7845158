"""The engine: inbox, step, journal, effects, snapshot. One plain thread, one queue; no Qt, no HTTP.

Rules
1. A step's ``Append`` effects are one commit, made before any other effect of the step (law 1).
2. A commit that fails loses nothing: the message that led to it is kept and stepped again when the journal is open
   again; until then no new payment begins (rule 17).
3. Slow work goes to a lane and comes back as a message; the engine waits for its inbox alone.
4. What old orders need runs on the background lane; the payment at the counter never waits for it.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from kiosk import calls, lookups
from kiosk.core.commands import Command
from kiosk.core.desk import Desk
from kiosk.core.messages import (
    Alarm,
    Answer,
    Append,
    ArrearsSeen,
    Ask,
    AskArrears,
    AskNow,
    CallAnswered,
    Due,
    Effect,
    EventKind,
    Learned,
    Message,
    NoticeAnswered,
    QueryAnswered,
    SendCall,
    SendNotice,
    TakenUp,
    Unattended,
)
from kiosk.core.order import OPEN, Instant, Mode, Order, State, order_number
from kiosk.core.payment_code import PaymentCode
from kiosk.core.run import (
    AskWish,
    BeginWish,
    LeaveWish,
    LookUpWish,
    ReceiptWish,
    RefreshWish,
    SlipWish,
    WarmWish,
    Wish,
    order_for,
)
from kiosk.core.sentence import Banner, Level, Sentence
from kiosk.lanes import Done, answer_of
from kiosk.paper import Paper
from kiosk.parts import Inbound, Parts, PillChanged, Stop
from kiosk.ports import Job, JournalError, JournalRefusedError, Lane, Workers
from kiosk.present import alarm_banner, gateway_pill, reach_pill, snapshot
from kiosk.snapshot import Pill, Snapshot

_log = logging.getLogger(__name__)

#: After a failed commit the journal is opened again this often.
REOPEN_GAP_S = 2.0
#: After an error of ours in an order's step it is looked at again.
FAULT_GAP_S = 30.0
#: How often :meth:`Engine.run` looks whether it is done, where it was given an end.
LOOK_S = 0.1


class Engine:
    """One counter's engine. :meth:`turn` may be driven by a test's or a simulator's clock; :meth:`start` runs it on
    its own thread. Everything but :meth:`send` and :meth:`post` belongs to that one thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._inbox: queue.SimpleQueue[Inbound] = queue.SimpleQueue()
        self._workers: Workers | None = None
        self._thread: threading.Thread | None = None
        self.desk = Desk(parts.policy, parts.customer_pattern)
        self.orders: dict[str, Order] = {}
        self._codes: dict[str, PaymentCode] = {}
        self._count = 0
        self._paper = Paper(parts.journal, parts.printer, parts.letterhead, parts.say)
        self._pills: dict[str, Pill] = {}
        self._stuck: list[tuple[str, Message, Instant]] = []
        self._reopen_s: float | None = None
        self._finds_by_ours = parts.journal.finds_by_our_number()
        #: Jobs on their way, by key.
        self.busy: set[tuple[str, ...]] = set()
        self._version = 0
        self._faults = 0
        self._last: Snapshot | None = None

    # --- the thread ------------------------------------------------------------------------------------------------

    def attach(self, workers: Workers) -> None:
        """Give it its lanes; they post :class:`Done` to :meth:`post`."""
        self._workers = workers

    def start(self) -> None:
        """Take every open order up again and begin to listen, on a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what is in the inbox; the orders go on at the next start."""
        self.post(Stop())
        if self._thread is not None:
            self._thread.join(5.0)

    def send(self, command: Command) -> None:
        """A command of a person (any thread)."""
        self._inbox.put(command)

    def post(self, message: Inbound) -> None:
        """Anything else that happened (any thread)."""
        self._inbox.put(message)

    def run(self, done: Callable[[], bool] | None = None) -> None:
        """Take every open order up again and listen, on the calling thread, until stopped or ``done`` holds."""
        self._guarded(self.take_up)
        while done is None or not done():
            due_s = self.next_due_s()
            wait_s = None if due_s is None else max(0.0, due_s - self._now().mono_s)
            if done is not None:
                wait_s = LOOK_S if wait_s is None else min(wait_s, LOOK_S)
            try:
                message: Inbound | None = self._inbox.get(timeout=wait_s)
            except queue.Empty:
                message = None
            if isinstance(message, Stop):
                return
            self.turn(message)

    def next_due_s(self) -> float | None:
        """The nearest deadline of any order, of the desk, or of the journal's reopening."""
        due = [order.asking.due_s for order in self.orders.values() if order.asking.due_s is not None]
        due += [at_s for at_s in (self.desk.due_s(), self._reopen_s) if at_s is not None]
        return min(due, default=None)

    def turn(self, message: Inbound | None) -> None:
        """Handle one message (or none: time went on), then whatever is due, then show."""
        if message is not None:
            self._guarded(lambda: self._handle(message))
        self._guarded(self._whatever_is_due)
        self._forget_done()
        self._guarded(lambda: self._parts.journal.tick(self._now()))
        self._guarded(self._show)

    def _guarded(self, work: Callable[[], object]) -> None:
        """An error of ours must not end the thread that money depends on: it is told, and the rest goes on."""
        try:
            work()
        except Exception:
            self._faults += 1
            reference = f"{self._parts.drawn[:4]}-{self._faults}"
            _log.exception("the engine met an error of its own, reference %s", reference)
            what = Sentence.of("banner.internal", reference=reference)
            self.desk.banner = Banner(Level.BAD, what, reference=reference)

    def _now(self) -> Instant:
        return self._parts.clock.now()

    # --- messages --------------------------------------------------------------------------------------------------

    def _handle(self, message: Inbound) -> None:
        match message:
            case Done(key=key, result=result):
                self.busy.discard(key)
                self._done(key, result)
            case PillChanged(pill=pill):
                self._pills[pill.device] = pill
            case Stop():
                pass
            case _:
                self._grant(self.desk.command(message, self.orders, self._now()))

    def _look_again(self, order_no: str) -> None:
        """After a fault of ours the order, as far as it was committed, is looked at again: never left without."""
        order = self.orders[order_no]
        due_s = self._now().mono_s + FAULT_GAP_S
        self.orders[order_no] = order.asking_now(in_flight=0, notice_in_flight=False, due_s=due_s)

    def _done(self, key: tuple[str, ...], result: object) -> None:
        match key:
            case ("call", order_no):
                self._call_done(order_no, answer_of(result))
            case ("ask", order_no, number, asked_by, sent_s):
                try:
                    self._question_done(order_no, int(number), asked_by, float(sent_s), answer_of(result))
                except Exception:
                    self._look_again(order_no)
                    raise
            case ("notice", order_no, _):
                answer = self._gateway_said(answer_of(result))
                self._step(order_no, NoticeAnswered(answer, self._finds_by_ours))
            case ("arrears", order_no) if order_no in self.orders:
                self._step(order_no, ArrearsSeen(calls.owed(result, self.orders[order_no])))
            case ("look_up", token):
                self._looked_up(int(token), result)
            case ("refresh", token):
                self._refreshed(int(token), result)
            case ("reach",):
                self._pills.setdefault("gateway", reach_pill(result is True))
            case ("print", copy, *papers):
                self._print(lambda at: self._paper.printed(tuple(papers), int(copy), result, at))

    def _call_done(self, order_no: str, answer: Answer) -> None:
        self._gateway_said(answer)
        try:
            taken = bool(answer.order_no) and self._parts.journal.number_taken(answer.order_no, order_no)
        except Exception:  # whose number it is cannot be told now: it is not adopted, and the order is in doubt
            _log.exception("the journal could not say whose number the answer for %s names", order_no)
            taken = True
        self._step(order_no, CallAnswered(answer, taken))

    def _question_done(self, order_no: str, number: int, asked_by: str, sent_s: float, answer: Answer) -> None:
        self._gateway_said(answer)
        order = self.orders.get(order_no)
        if order is None:
            return
        journal = self._parts.journal
        message = QueryAnswered(
            answer=answer,
            number=number,
            asked_by=asked_by,
            sent_s=sent_s,
            finds_by_ours=self._finds_by_ours,
            twin_paid=answer.status == "SUCCESS" and journal.twin_paid(order),
            number_taken=bool(answer.order_no)
            and answer.order_no not in order.numbers
            and journal.number_taken(answer.order_no, order_no),
        )
        self._step(order_no, message)

    def _gateway_said(self, answer: Answer) -> Answer:
        self._pills["gateway"] = gateway_pill(answer)
        return answer

    # --- orders ----------------------------------------------------------------------------------------------------

    def take_up(self) -> None:
        """Every open order of the journal goes on where it was; nothing a person must do."""
        for order in self._parts.journal.open_orders():
            if order.order_no not in self.orders:
                self.orders[order.order_no] = order
                self._guarded(partial(self._step, order.order_no, TakenUp()))

    def _step(self, order_no: str, message: Message, at: Instant | None = None) -> bool:
        """One step of one order; False where its commit failed and the message was kept."""
        order = self.orders.get(order_no)
        if order is None:
            return True
        at = at or self._now()
        if any(stuck == order_no for stuck, _, _ in self._stuck):
            self._stuck.append((order_no, message, at))
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
        self._grant(self.desk.order_changed(self.orders, at))
        return True

    def _carry_out(self, order: Order, effects: tuple[Effect, ...], at: Instant) -> None:
        """Commit first; then the rest. Raises :class:`JournalError`, with nothing done."""
        events = [effect for effect in effects if isinstance(effect, Append)]
        if events:
            owed = any(event.kind is EventKind.PAID for event in events)
            notice = self._parts.gateways[Lane.PAYMENT].notice_body(order) if owed else None
            order = self._parts.journal.append(order, events, at, notice)
        self.orders[order.order_no] = order
        if order.state is State.FAILED and not order.bytes_left:
            self._parts.journal.forget_code(order.order_no)
        for effect in effects:
            self._do(order, effect, at)

    def _do(self, order: Order, effect: Effect, at: Instant) -> None:
        gateways = self._parts.gateways
        match effect:
            case SendCall() if order.mode is Mode.SCAN:
                self._submit(calls.pay_job(gateways, order, self._codes.pop(order.order_no)))
            case SendCall():
                self._submit(calls.unified_job(gateways, order))
            case Ask(asked_by=asked_by, number=number):
                self._submit(calls.question_job(gateways, order, asked_by, number, at))
            case SendNotice():
                body = self._parts.journal.notice(order.order_no)
                if body is None:
                    raise RuntimeError(f"{order.order_no} is paid and has no notice")
                self._submit(calls.notice_job(gateways, order, body))
            case AskArrears():
                self._submit(calls.arrears_job(gateways, order))
            case Alarm(code=code):
                _log.warning("alarm %s for order %s (%s)", code, order.order_no, order.state)
                self.desk.banner = alarm_banner(order, code) or self.desk.banner
            case Learned():
                self._finds_by_ours = True

    def _submit(self, job: Job) -> None:
        if self._workers is None:
            raise RuntimeError("the engine has no lanes")
        self.busy.add(job.key)
        self._workers.submit(job)

    def _forget_done(self) -> None:
        """Orders that are final, that nothing is waited for, and that the desk does not show leave the memory."""
        shown = {item.order_no for item in self.desk.run.items} if self.desk.run is not None else set()
        for order in list(self.orders.values()):
            asking = order.asking
            waiting = asking.due_s is not None or asking.in_flight or asking.calling
            if not waiting and order.state not in OPEN and order.order_no not in shown:
                del self.orders[order.order_no]

    # --- the journal in trouble (rule 17) --------------------------------------------------------------------------

    def _commit_failed(self, order_no: str, message: Message, at: Instant, error: JournalError) -> None:
        _log.error("a commit for %s failed, the fact is kept and tried again: %s", order_no, error)
        self._stuck.append((order_no, message, at))
        self._close_counter()

    def _close_counter(self) -> None:
        self.desk.closed = Sentence.of("banner.journal")
        self.desk.banner = Banner(Level.BAD, self.desk.closed)
        self._reopen_s = self._now().mono_s + REOPEN_GAP_S

    def _reopen(self) -> None:
        """Open the journal again, and step again what could not be written."""
        try:
            self._parts.journal.reopen()
        except JournalError as error:
            _log.warning("the journal cannot be opened yet: %s", error)
            self._reopen_s = self._now().mono_s + REOPEN_GAP_S
            return
        self._reopen_s = None
        stuck, self._stuck = self._stuck, []
        for order_no, message, at in stuck:
            self._read_again(order_no)
            self._step(order_no, message, at)
        if self._stuck:
            return
        self.desk.closed = None
        self.desk.banner = None
        self.take_up()

    def _read_again(self, order_no: str) -> None:
        """A commit whose sync failed may be on the disk all the same: what the disk says is so."""
        mine, found = self.orders.get(order_no), self._parts.journal.order(order_no)
        if mine is not None and found is not None and found.state is not mine.state:
            self.orders[order_no] = found
            self._step(order_no, TakenUp())

    # --- time ------------------------------------------------------------------------------------------------------

    def _whatever_is_due(self) -> None:
        now = self._now()
        if self._reopen_s is not None and now.mono_s >= self._reopen_s:
            self._reopen()
        due = [
            order.order_no
            for order in self.orders.values()
            if order.asking.due_s is not None and order.asking.due_s <= now.mono_s
        ]
        for order_no in due:
            if not self._step(order_no, Due(), now):
                self._hush(order_no)
        self._grant(self.desk.tick(self.orders, now))

    def _hush(self, order_no: str) -> None:
        """Its message waits for the journal: without this the same deadline would come at once again."""
        order = self.orders[order_no]
        self.orders[order_no] = order.asking_now(due_s=self._now().mono_s + REOPEN_GAP_S)

    # --- what the desk wishes --------------------------------------------------------------------------------------

    def _grant(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            match wish:
                case LookUpWish(customer_no=number, token=token):
                    self._submit(lookups.look_up_job(self._parts.gateways[Lane.BESIDE], number, token))
                case RefreshWish(customer_no=number, token=token):
                    self._submit(lookups.refresh_job(self._parts.gateways[Lane.BESIDE], number, token))
                case BeginWish(mode=mode, code=code):
                    self._begin(mode, code)
                case AskWish(order_no=order_no):
                    self._step(order_no, AskNow())
                case LeaveWish(order_no=order_no):
                    self._step(order_no, Unattended())
                case ReceiptWish(order_nos=order_nos):
                    self._print(lambda at: self._paper.receipt([self.orders[n] for n in order_nos], at))
                case SlipWish(order_no=order_no):
                    self._print(lambda at: self._paper.slip(self.orders[order_no], at))
                case WarmWish():
                    self._paper.telling = None
                    gateway = self._parts.gateways[Lane.PAYMENT]
                    self._submit(Job(Lane.PAYMENT, ("warm",), gateway.warm))

    def _looked_up(self, token: int, result: object) -> None:
        customer, arrears = lookups.looked_up(result)
        self._gateway_said(arrears.answer if arrears is not None else customer.answer)
        beside = lookups.beside(self._parts.journal, self.desk.searching, arrears)
        self.desk.looked_up(token, customer, arrears, beside, self._now())

    def _refreshed(self, token: int, result: object) -> None:
        arrears = lookups.refreshed(result)
        self._gateway_said(arrears.answer)
        account = self.desk.account
        number = account.customer.customer_no if account is not None else ""
        self.desk.refreshed(token, arrears, lookups.beside(self._parts.journal, number, arrears), self._now())

    # --- a payment begins ------------------------------------------------------------------------------------------

    def _begin(self, mode: Mode, code: PaymentCode | None) -> None:
        at, journal = self._now(), self._parts.journal
        order = self._new_order(mode, code, at)
        blocking = journal.live_attempt(order)
        if blocking is not None:
            self.desk.not_begun(Level.WARN, Sentence.of("lock.open_attempt"), reference=blocking)
            return
        if code is not None and journal.code_used(code, at):
            self.desk.not_begun(Level.WARN, Sentence.of("code.used"), Sentence.of("code.refresh"))
            return
        order, effects = self._parts.machine.begin(order, at)
        if code is not None:
            journal.remember_code(code, order.order_no, at)
            self._codes[order.order_no] = code
        try:
            self.desk.began(order, at)
            self._carry_out(order, effects, at)
        except JournalRefusedError as error:
            self._forget(order)
            self.desk.not_begun(Level.WARN, Sentence.of("lock.open_attempt"), reference=error.by)
        except JournalError as error:
            self._intent_failed(order, error)

    def _intent_failed(self, order: Order, error: JournalError) -> None:
        """No intent on the disk: nothing is sent (rule 17)."""
        _log.error("the intent of %s could not be written, nothing was sent: %s", order.order_no, error)
        self._forget(order)
        self._close_counter()

    def _forget(self, order: Order) -> None:
        self._codes.pop(order.order_no, None)
        self.orders.pop(order.order_no, None)
        self.desk.forget_begun()

    def _new_order(self, mode: Mode, code: PaymentCode | None, at: Instant) -> Order:
        account, this_run = self.desk.account, self.desk.run
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

    def _print(self, work: Callable[[Instant], Job | None]) -> None:
        """Paper is journalled before it is printed; where that fails, nothing is printed and no payment begins."""
        try:
            job = work(self._now())
        except JournalError as error:
            _log.error("a print could not be journalled: %s", error)
            self._close_counter()
            return
        if job is not None:
            self._submit(job)

    # --- showing ---------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        shown = snapshot(
            self.desk,
            self.orders,
            self._parts.counter,
            self._parts.policy,
            pills=tuple(self._pills.values()),
            printing=self._paper.telling,
        )
        if shown == self._last:
            return
        self._last = shown
        self._version += 1
        self._parts.publish(replace(shown, version=self._version))
