"""The engine: inbox -> desk or orders -> snapshot. One plain thread, one queue; no Qt, no HTTP.

Rules
1. Slow work goes to a lane and comes back as a message; the engine waits for its inbox alone.
2. What orders are and how they are committed is attempts.py; what the cashier is at is core/desk.py; how a payment
   begins, begin.py; the rail's other pages, pages/; what a PIN stands before, supervision.py. Here they meet, and
   nothing is decided.
3. An error of ours ends no thread: it is told with a reference, and the rest goes on.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from kiosk import lookups
from kiosk.attempts import Attempts
from kiosk.begin import Begin
from kiosk.core import commands as c
from kiosk.core.account import Beside
from kiosk.core.cases import Cases
from kiosk.core.commands import Command
from kiosk.core.desk import Desk
from kiosk.core.messages import (
    Answer,
    ArrearsAnswer,
    AskNow,
    Reshown,
    Unattended,
    Withdrawn,
)
from kiosk.core.order import Instant, Order
from kiosk.core.run import (
    AskWish,
    BeginWish,
    LeaveWish,
    LookUpWish,
    ReceiptWish,
    RefreshWish,
    ReshowWish,
    SlipWish,
    WarmWish,
    Wish,
    WithdrawWish,
)
from kiosk.core.sentence import Banner, Level, Sentence
from kiosk.lanes import Done
from kiosk.pages import Pages
from kiosk.pages.devices import Devices
from kiosk.pages.pending import PendingPage
from kiosk.paper import Paper
from kiosk.parts import HealthChanged, Inbound, Parts, Stop
from kiosk.ports import Job, JournalError, Lane, Workers
from kiosk.present import alarm_banner, gateway_pill, reach_pill, snapshot
from kiosk.snapshot import Snapshot
from kiosk.supervision import Supervision

_log = logging.getLogger(__name__)

_NOT_ACCEPTED = Sentence.of("banner.copy_not_accepted")
#: How often :meth:`Engine.run` looks whether it is done, where it was given an end.
LOOK_S = 0.1


class Engine:
    """One counter's engine. :meth:`turn` may be driven by a test's or a simulator's clock; :meth:`start` runs it on
    its own thread. Everything but :meth:`send` and :meth:`post` belongs to that one thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._now = parts.clock.now
        self._inbox: queue.SimpleQueue[Inbound] = queue.SimpleQueue()
        self._workers: Workers | None = None
        self._thread: threading.Thread | None = None
        self.desk = Desk(parts.policy, parts.customer_pattern, parts.closed_hours)
        self.attempts = Attempts(parts, self)
        refuses = parts.machine.may_stand_beside
        self._begin = Begin(parts, self.desk, self.attempts, refuses)
        self._supervision = Supervision(
            parts.journal,
            parts.policy,
            tries=parts.pin_tries,
            cashier=parts.counter.cashier,
            refuses=refuses,
            submit=self.submit,
            settle=self.attempts.step,
            allow=self._allow_second,
        )
        self._paper = Paper(parts.journal, parts.printer, parts.letterhead, parts.say, self._now)
        self._devices = Devices(parts.devices, parts.places, self.attempts.knows, self._paper.test_page, self.submit)
        cases = Cases(parts.policy, refuses)
        self._pending = PendingPage(cases, self.attempts, self.desk, parts.journal, self._paper, self._print)
        self._pages = Pages((self._pending, self._devices))
        #: Jobs on their way, by key.
        self.busy: set[tuple[str, ...]] = set()
        self._version = 0
        self._faults = 0
        self._rings = 0
        self._last: Snapshot | None = None
        if parts.journal.awaiting_acceptance:
            self._close(_NOT_ACCEPTED)

    @property
    def orders(self) -> dict[str, Order]:
        """The orders in hand, by our number."""
        return self.attempts.orders

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
        self.guarded(self.take_up)
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
        due = (self.attempts.next_due_s(), self.desk.due_s(), self._pages.due_s(self._now()))
        return min([due_s for due_s in due if due_s is not None], default=None)

    def turn(self, message: Inbound | None) -> None:
        """Handle one message (or none: time went on), then whatever is due, then show."""
        if message is not None:
            self.guarded(self._handle, message)
        self.guarded(self._whatever_is_due)
        self.attempts.forget_done(self._shown_orders)
        self.guarded(self._quiet_work)
        self.guarded(self._show)

    def guarded(self, work: Callable[..., object], *given: object) -> None:
        """An error of ours must not end the thread that money depends on: it is told, and the rest goes on."""
        try:
            work(*given)
        except Exception:
            self._faults += 1
            reference = f"{self._parts.drawn[:4]}-{self._faults}"
            _log.exception("the engine met an error of its own, reference %s", reference)
            what = Sentence.of("banner.internal", reference=reference)
            self.desk.banner = Banner(Level.BAD, what, reference=reference)

    def _whatever_is_due(self) -> None:
        now = self._now()
        self.attempts.whatever_is_due(now)
        self._grant(self.desk.tick(self.attempts.orders, now))

    def _quiet_work(self) -> None:
        self._parts.journal.tick(self._now())

    def _shown_orders(self) -> set[str]:
        items = self.desk.run.items if self.desk.run is not None else ()
        return {item.order_no for item in items} | {self._pending.cases.case_no}

    # --- messages --------------------------------------------------------------------------------------------------

    def _handle(self, message: Inbound) -> None:
        match message:
            case Done(key=key, result=result):
                self.busy.discard(key)
                if not self.attempts.job_done(key, result):
                    self._done(key, result)
            case HealthChanged(health=health):
                self._devices.told(health)
            case Stop():
                pass
            case c.Settle() | c.AllowSecond() | c.SetPin():
                self._guarded_command(message)
            case c.Scanned(at_s=float(at_s)) if self._now().mono_s - at_s > c.SCAN_LIFE_S:
                self.desk.say(Level.WARN, "code.scanned_late")
            case c.Scanned(text=text) if self._pages.scanned(text, self._now()):
                pass
            case _ if self._pages.command(message, self._now()):
                pass
            case _:
                self._grant(self.desk.command(message, self.orders, self._now()))

    def _done(self, key: tuple[str, ...], result: object) -> None:
        match key:
            case ("look_up", token):
                self._looked_up(int(token), result)
            case ("refresh", token):
                self._refreshed(int(token), result)
            case ("reach",):
                self._devices.gateway(reach_pill(result is True), first=True)
            case ("pin",):
                self._supervision.compared(result, self.orders, self._now())
            case ("print", copy, *papers):
                self._print(lambda at: self._paper.printed(tuple(papers), int(copy), result, at))
            case _:
                self._pages.done(key, result, self._now())

    def take_up(self) -> None:
        """Every open order of the journal goes on where it was; nothing a person must do."""
        self.attempts.take_up()
        self._print(lambda at: self._paper.take_up(at, self.desk))

    # --- what the orders' keeper tells (attempts.Around) -----------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Queue slow work."""
        if self._workers is None:
            raise RuntimeError("the engine has no lanes")
        self.busy.add(job.key)
        self._workers.submit(job)

    def orders_changed(self, at: Instant) -> None:
        """Some order is not what it was: the desk goes on."""
        self._grant(self.desk.order_changed(self.orders, at))

    def alarm(self, order: Order, code: str) -> None:
        """People are to be told."""
        banner = alarm_banner(order, code)
        if banner is not None:
            self.desk.banner = banner
            self._rings += 1

    def answered(self, answer: Answer) -> None:
        """The gateway was heard."""
        self._devices.gateway(gateway_pill(answer))

    def journal_fails(self) -> None:
        """No new payment may begin (rule 17)."""
        self._close(Sentence.of("banner.journal"))

    def _close(self, why: Sentence) -> None:
        self.desk.closed = why
        self.desk.banner = Banner(Level.BAD, why)

    def journal_is_well(self) -> None:
        """Payments may begin again, unless a supervisor has yet to accept what it was built anew from."""
        if self.desk.banner is not None and self.desk.banner.what == self.desk.closed:
            self.desk.banner = None  # only its own: an alarm of what was kept meanwhile stays to be seen
        self.desk.closed = None
        if self._parts.journal.awaiting_acceptance:
            self._close(_NOT_ACCEPTED)

    # --- the supervisor ---------------------------------------------------------------------------------------------

    def _guarded_command(self, command: c.Guarded) -> None:
        if isinstance(command, c.Settle) and not command.order_no:
            command = replace(command, order_no=self._pending.cases.case_no)
        self._supervision.asked(command, self.orders, self._now())

    def _allow_second(self, order: Order, by: str, why: str) -> None:
        self._grant(self.desk.allow_second(order.order_no, by, why, self._now()))

    # --- what the desk wishes --------------------------------------------------------------------------------------

    def _grant(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            self._grant_one(wish)

    def _grant_one(self, wish: Wish) -> None:
        gateways = self._parts.gateways
        match wish:
            case LookUpWish(customer_no=number, token=token):
                self.submit(lookups.look_up_job(gateways[Lane.BESIDE], number, token))
            case RefreshWish(customer_no=number, token=token):
                self.submit(lookups.refresh_job(gateways[Lane.BESIDE], number, token))
            case BeginWish(mode=mode, code=code):
                self._begin.begin(mode, code, self._now())
            case AskWish(order_no=order_no):
                self.attempts.step(order_no, AskNow())
            case LeaveWish(order_no=order_no):
                self.attempts.step(order_no, Unattended())
            case WithdrawWish(order_no=order_no):
                self.attempts.step(order_no, Withdrawn())
            case ReshowWish(order_no=order_no):
                self.attempts.step(order_no, Reshown())
            case ReceiptWish(order_nos=order_nos):
                if not self._print(lambda at: self._paper.receipt([self.orders[n] for n in order_nos], at)):
                    run = self.desk.run
                    self.desk.run = run and run.without_receipt(order_nos, self._now().mono_s)
            case SlipWish(order_no=order_no):
                self._print(partial(self._paper.slip, self.orders[order_no]))
            case WarmWish():
                self._paper.telling = None
                self.submit(Job(Lane.PAYMENT, ("warm",), gateways[Lane.PAYMENT].warm))

    def _looked_up(self, token: int, result: object) -> None:
        customer, arrears = lookups.looked_up(result)
        self.answered(arrears.answer if arrears is not None else customer.answer)
        known = self._beside(self.desk.searching, arrears)
        if known is None:
            arrears = lookups.refreshed(None) if arrears is not None else None
        self.desk.looked_up(token, customer, arrears, known or Beside(), self._now())

    def _refreshed(self, token: int, result: object) -> None:
        arrears = lookups.refreshed(result)
        self.answered(arrears.answer)
        account = self.desk.account
        known = self._beside(account.customer.customer_no if account is not None else "", arrears)
        fresh = arrears if known is not None else lookups.refreshed(None)
        self.desk.refreshed(token, fresh, known or Beside(), self._now())

    def _beside(self, customer_no: str, arrears: ArrearsAnswer | None) -> Beside | None:
        """What the journal knows beside a look-up; None where it cannot be read: then no bill is shown, since which of
        them are locked is not known."""
        try:
            return lookups.beside(self._parts.journal, customer_no, arrears, self.desk.allowed)
        except JournalError as error:
            _log.error("the journal could not be read beside a look-up: %s", error)
            self.attempts.journal_failed()
            return None

    def _print(self, work: Callable[[Instant], Job | None]) -> bool:
        """Paper is journalled before it is printed; where that fails, nothing is printed and no payment begins."""
        try:
            job = work(self._now())
        except JournalError as error:
            _log.error("a print could not be journalled: %s", error)
            self.attempts.journal_failed()
            return False
        if job is not None:
            self.submit(job)
        return True

    # --- showing ---------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        now, guard = self._now(), self._supervision
        shown = snapshot(
            self.desk,
            self.orders,
            self._parts.counter,
            self._parts.policy,
            pills=self._devices.pills(),
            printing=self._paper.telling,
            refuses=lambda order: self._pending.cases.second(order, now),
            legal=self._pages.legal(now),
            page=self._pages.page,
            pending=self._pending.view(now),
            devices=self._devices.view(),
            pin_is_set=guard.pin_is_set,
            pin_checking=guard.checking,
            pin_told=guard.told,
            pin_count=guard.count,
            pin_done=guard.done,
            rings=self._rings,
            version=self._version + 1,
        )
        if shown == self._last:
            return
        self._last = shown
        self._version += 1
        self._parts.publish(shown)
