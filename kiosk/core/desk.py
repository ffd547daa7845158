"""The desk: what the cashier and the customer before them are at, from the number to the result.

Rules
1. The desk decides what a command or a scan means by where the cashier is, and which commands are legal; a screen
   never does (law 4).
2. It holds no truth about money: each item of a run points at an order, and what an order is, the machine says.
3. Several bills are paid one after the other, one payment code a bill; a run stops at the first item that is not
   paid, and the rest needs a press (screens.md part 2).
4. Pure and owned by one thread: time comes as an argument, what is to be done goes out as wishes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from kiosk.core import commands as c
from kiosk.core.account import Account, Beside, no_answer
from kiosk.core.bills import Customer, CustomerNumberError, customer_number
from kiosk.core.calendar import day, ms_to_midnight, to_second
from kiosk.core.hours import ClosedHours
from kiosk.core.legal import legal_at
from kiosk.core.messages import ArrearsAnswer, CustomerAnswer, Found
from kiosk.core.money import AmountError, parse_yuan, show_yuan
from kiosk.core.order import UNDECIDED, Instant, Kind, Mode, Order, State
from kiosk.core.payment_code import PaymentCodeError, looks_like_payment_code, payment_code
from kiosk.core.permissions import Permissions
from kiosk.core.policy import PaymentPolicy
from kiosk.core.run import (
    AskWish,
    BeginWish,
    Item,
    LeaveWish,
    LookUpWish,
    ReceiptWish,
    RefreshWish,
    ReshowWish,
    Run,
    SlipWish,
    WarmWish,
    Wish,
    WithdrawWish,
    bill_item,
    prepayment_refused,
    question_before,
    why_not_scanned,
)
from kiosk.core.sentence import Banner, Face, Level, Sentence

RECENT_LIMIT = 6
_ALWAYS_OPEN = ClosedHours()
_NEVER = Instant(0.0, 0)


class Desk:
    """One counter's work at one moment."""

    def __init__(
        self, policy: PaymentPolicy, customer_pattern: str = "", closed_hours: ClosedHours = _ALWAYS_OPEN
    ) -> None:
        self._policy = policy
        self._hours = closed_hours
        self._after_hours: Sentence | None = None
        self._hours_change_s: float | None = None
        self._pattern = re.compile(customer_pattern) if customer_pattern else None
        self._token = 0
        self.face = Face.FIND
        self.searching = ""
        self.account: Account | None = None
        self.run: Run | None = None
        self.banner: Banner | None = None
        self.question: Sentence | None = None
        self.question_fen = 0
        self.recent: tuple[Customer, ...] = ()
        self.since = _NEVER
        #: New payments are stopped (the journal cannot be written, rule 17).
        self.closed: Sentence | None = None
        self.allowed = Permissions()
        self._told_old = ""
        #: When figures were fetched, and when those are old.
        self._stale = _NEVER, 0.0
        self._orders: Mapping[str, Order] = {}

    # --- what is legal ---------------------------------------------------------------------------------------------

    def legal(self, orders: Mapping[str, Order]) -> frozenset[str]:
        """The names of the commands that are legal now."""
        self._orders = orders
        return frozenset([command.__name__ for command in legal_at(self)])

    @property
    def shut(self) -> Banner | None:
        """Why no payment may begin now, to be told as long as it lasts; None: one may."""
        if self.closed is not None:
            return Banner(Level.BAD, self.closed)
        return Banner(Level.WARN, self._after_hours) if self._after_hours is not None else None

    @property
    def order(self) -> Order | None:
        """The order of the run's present item, where one was begun."""
        run = self.run
        return None if run is None else self._orders.get(run.items[run.position].order_no)

    def paid_orders(self) -> tuple[str, ...]:
        """The numbers of this run's orders that are paid or credited."""
        numbers = () if self.run is None else tuple(item.order_no for item in self.run.items if item.order_no)
        return tuple(n for n in numbers if n in self._orders and self._orders[n].state in _MONEY_IS_HERE)

    # --- commands --------------------------------------------------------------------------------------------------

    def command(self, command: c.Command, orders: Mapping[str, Order], at: Instant) -> list[Wish]:
        """Carry out a command; one that is not legal now is dropped without a word (a late press)."""
        self._keep_hours(at)
        if type(command).__name__ not in self.legal(orders):
            return []
        if not isinstance(command, c.ChooseBill):
            self.banner = None
        match command:
            case c.LookUp(text=text):
                return self._look_up(text, at)
            case c.Scanned(text=text):
                return self._scanned(text, at)
            case c.ChooseBill(cost_id=cost_id, chosen=chosen):
                self._choose(cost_id, chosen)
            case c.Refresh():
                return self._refresh()
            case c.PayBills():
                return self._pay_bills(at)
            case c.PayPrepayment(yuan=yuan):
                return self._pay_prepayment(yuan, at)
            case c.Confirm():
                return self._start_run([self._prepayment(self.question_fen)], at)
            case c.ShowQr():
                return self._show_qr(at)
            case c.WithdrawQr():
                return [WithdrawWish(self.order.order_no)] if self.order else []
            case c.AskNow():
                return [AskWish(self.order.order_no)] if self.order else []
            case c.StopWaiting():
                return self._to_result(at)
            case c.GoOn():
                return self._go_on(at)
            case c.TryAgain():
                return self._try_again(at)
            case c.PrintSlip():
                return self._print_slip()
            case c.NextCustomer():
                return self._to_find(at)
            case c.Back():
                return self._back(at)
        return []

    def _look_up(self, text: str, at: Instant) -> list[Wish]:
        try:
            number = customer_number(text)
        except CustomerNumberError as error:
            self.say(Level.WARN, f"number.{error.reason}")
            return []
        wishes = self._to_find(at)
        self.searching = number
        self._token += 1
        return [*wishes, LookUpWish(number, self._token)]

    def _scanned(self, text: str, at: Instant) -> list[Wish]:
        if self.face is Face.PAY:
            return self._scanned_on_pay(text)
        inside = self._pattern.search(text) if self._pattern is not None else None
        if inside is not None:
            return self._look_up(inside.group(1) or "", at)
        if looks_like_payment_code(text):
            code = "code.press_pay_first" if self.face is Face.ACCOUNT else "code.is_payment_code"
            self.say(Level.WARN, code)
            return []
        return self._look_up(text, at)

    def _scanned_on_pay(self, text: str) -> list[Wish]:
        order = self.order
        if order is not None:
            self.say(Level.WARN, why_not_scanned(order))
            return []
        if self.shut is not None:
            return []
        try:
            code = payment_code(text)
        except PaymentCodeError as error:
            self.say(Level.WARN, f"code.{error.reason}", todo="code.scan_again")
            return []
        return [BeginWish(Mode.SCAN, code)]

    def _choose(self, cost_id: str, chosen: bool) -> None:
        assert self.account is not None
        listed = {bill.cost_id for bill in self.account.bills} - set(self.account.locked)
        if cost_id in listed:
            (self.account.chosen.add if chosen else self.account.chosen.discard)(cost_id)

    def _refresh(self) -> list[Wish]:
        assert self.account is not None
        self.account.refreshing = True
        self._token += 1
        return [RefreshWish(self.account.customer.customer_no, self._token)]

    # --- paying ----------------------------------------------------------------------------------------------------

    def _pay_bills(self, at: Instant) -> list[Wish]:
        assert self.account is not None
        chosen = [bill for bill in self.account.bills if bill.cost_id in self.account.chosen]
        return self._start_run([bill_item(bill) for bill in chosen], at)

    def _pay_prepayment(self, yuan: str, at: Instant) -> list[Wish]:
        try:
            amount_fen = parse_yuan(yuan)
        except AmountError as error:
            self.say(Level.WARN, f"amount.{error.reason}")
            return []
        refused = prepayment_refused(self._policy, amount_fen)
        if refused is not None:
            self.banner = Banner(Level.WARN, refused)
            return []
        assert self.account is not None
        self.question = question_before(self._policy, self.account.open_prepayment, amount_fen)
        self.question_fen = amount_fen
        if self.question is not None:
            return []
        return self._start_run([self._prepayment(amount_fen)], at)

    def _prepayment(self, amount_fen: int) -> Item:
        return Item(Kind.PREPAYMENT, amount_fen, amount_fen)

    def _start_run(self, items: list[Item], at: Instant) -> list[Wish]:
        self.run = Run(tuple(items))
        self.question = None
        self._go(Face.PAY, at)
        return [WarmWish()]

    def began(self, order: Order, at: Instant) -> None:
        """The present item's order is durable and on its way."""
        assert self.run is not None
        self.run = self.run.with_item(order_no=order.order_no, beside="")
        self.since = at

    def forget_begun(self) -> None:
        """What began could not be journalled: as if it never had."""
        if self.run is not None:
            self.run = self.run.with_item(order_no="")

    def not_begun(self, level: Level, what: Sentence, todo: Sentence | None = None, reference: str = "") -> None:
        """The present item could not be begun; nothing was sent."""
        self.banner = Banner(level, what, todo, reference)

    def order_changed(self, orders: Mapping[str, Order], at: Instant) -> list[Wish]:
        """Orders changed: go on with the run, to the result, or print."""
        self._orders = orders
        run = self.run
        if run is None:
            return []
        if run.items[run.position].beside:
            self._first_attempt_ended()
        order = self.order
        wishes = self._pay_goes_on(order, at) if self.face is Face.PAY and order is not None else []
        if self.face is Face.RESULT:
            wishes += self._receipt(at)
        return wishes

    # --- the QR off the screens and on again, and a second attempt (payment.md, end of part 3) -----------------------

    def _show_qr(self, at: Instant) -> list[Wish]:
        """A new QR, or the same one again (rule 5); one of yesterday only by a second press, after its amount was told:
        the late fee has changed since."""
        order = self.order
        if order is None:
            return [BeginWish(Mode.SHOW)]
        if day(order.created_ms) != day(at.wall_ms) and self._told_old != order.order_no:
            self._told_old = order.order_no
            amount, begun = show_yuan(order.total_fen), to_second(order.created_ms)
            self.banner = Banner(Level.WARN, Sentence.of("pay.old_qr", amount=amount, begun_at=begun))
            return []
        self._go(Face.PAY, at)
        return [ReshowWish(order.order_no)]

    def allow_second(self, order_no: str, by: str, why: str, at: Instant) -> list[Wish]:
        """A second attempt beside this order was allowed: once, for its bill. Where its customer stands here, the
        counter is armed for it at once; else the bill is free at the next look-up."""
        self.allowed.give(order_no, by, why, at)
        run = self.run
        if run is not None and run.item.order_no == order_no and self.face in (Face.PAY, Face.RESULT):
            self.run = replace(run.with_item(order_no="", beside=order_no), paid_s=None)
            self.banner = None
            self._go(Face.PAY, at)
            return [LeaveWish(order_no), WarmWish()]
        return self._refresh() if self._may_refresh() else []

    def _first_attempt_ended(self) -> None:
        """While a second attempt is armed the first one may end after all: then that is what the desk shows."""
        run = self.run
        first = self._orders.get(run.item.beside) if run is not None and not run.item.order_no else None
        if run is not None and first is not None and first.state not in UNDECIDED:
            self.allowed.use((first.order_no,))
            self.run = run.with_item(order_no=first.order_no, beside="")

    def _pay_goes_on(self, order: Order, at: Instant) -> list[Wish]:
        assert self.run is not None
        if order.state in _MONEY_IS_HERE and self.run.position + 1 < len(self.run.items):
            self.run = replace(self.run, position=self.run.position + 1)
            self.since = at
            return [WarmWish()]
        if order.state in _MONEY_IS_HERE:
            return self._to_result(at)
        if order.state not in UNDECIDED or (not order.asking.attended and not order.asking.calling):
            return self._to_result(at)
        return []

    def _to_result(self, at: Instant) -> list[Wish]:
        """Show how it ended, or that it is not known yet; the order itself goes on by itself."""
        order = self.order
        self._go(Face.RESULT, at)
        leave = [LeaveWish(order.order_no)] if order is not None and order.state in UNDECIDED else []
        return [*leave, *self._receipt(at)]

    def _receipt(self, at: Instant) -> list[Wish]:
        """One receipt for what was paid, when it is credited or ``receipt_wait_s`` after it was paid (rule 16)."""
        assert self.run is not None
        paid = self._unprinted()
        if not paid:
            return []
        if self.run.paid_s is None:
            self.run = replace(self.run, paid_s=at.mono_s)
        credited = all(self._orders[number].state is State.CREDITED for number in paid)
        waited = at.mono_s >= (self.run.paid_s or 0.0) + self._policy.receipt_wait_s
        if not credited and not waited:
            return []
        return [self._print(paid)]

    def _unprinted(self) -> tuple[str, ...]:
        """This run's paid orders that are on no receipt yet."""
        on_paper = self.run.printed if self.run is not None else frozenset()
        return tuple(number for number in self.paid_orders() if number not in on_paper)

    def _print(self, numbers: tuple[str, ...]) -> Wish:
        assert self.run is not None
        self.run = replace(self.run, receipts=(*self.run.receipts, numbers))
        return ReceiptWish(numbers)

    def due_s(self) -> float | None:
        """When :meth:`tick` has something to do."""
        due = (self._hours_change_s, self._paper_or_figures_s())
        return min([due_s for due_s in due if due_s is not None], default=None)

    def _paper_or_figures_s(self) -> float | None:
        paid_s = self.run.paid_s if self.run is not None and self.face is Face.RESULT else None
        # What was paid may be a supervisor's by now and has no receipt; on any other face none is printed.
        if paid_s is not None and self._unprinted():
            return paid_s + self._policy.receipt_wait_s
        return self._stale_s() if self._may_refresh() else None

    def _may_refresh(self) -> bool:
        account = self.account
        return self.face is Face.ACCOUNT and account is not None and not account.refreshing and self.question is None

    def _stale_s(self) -> float:
        """When the figures are old: after ``bill_fresh_s``, and at midnight, since the late fee changes daily."""
        assert self.account is not None
        fetched = self.account.fetched
        if fetched is not self._stale[0]:  # asked for after every message, and always of the same figures
            fresh_s = min(self._policy.bill_fresh_s, ms_to_midnight(fetched.wall_ms) / 1000 + 1)
            self._stale = fetched, fetched.mono_s + fresh_s
        return self._stale[1]

    def _keep_hours(self, at: Instant) -> None:
        """Whether payments may begin at this hour, and when that changes. Looked at anew each time: clocks are set."""
        if not self._hours:
            return
        opens_at = self._hours.opens_at(at.wall_ms)
        self._after_hours = None if opens_at is None else Sentence.of("banner.after_hours", opens_at=opens_at)
        change_ms = self._hours.ms_to_change(at.wall_ms)
        self._hours_change_s = None if change_ms is None else at.mono_s + change_ms / 1000

    def tick(self, orders: Mapping[str, Order], at: Instant) -> list[Wish]:
        """Time went on: print what waited long enough, ask again for figures that grew old."""
        self._keep_hours(at)
        wishes = self.order_changed(orders, at)
        self.allowed.forget_old(at)
        if self._may_refresh() and at.mono_s >= self._stale_s():
            wishes += self._refresh()
        return wishes

    # --- the way on from a result ----------------------------------------------------------------------------------

    def _go_on(self, at: Instant) -> list[Wish]:
        assert self.run is not None
        rest = self.run.items[self.run.position + 1 :]
        return self._start_run(list(rest), at)

    def _try_again(self, at: Instant) -> list[Wish]:
        assert self.run is not None
        rest = self.run.items[self.run.position :]
        return self._start_run([replace(item, order_no="") for item in rest], at)

    def _print_slip(self) -> list[Wish]:
        order, paid = self.order, set(self.paid_orders())
        printed = self.run.receipts if self.run is not None else ()
        wishes: list[Wish] = [ReceiptWish(numbers) for numbers in printed if paid.issuperset(numbers)]
        if self._unprinted():
            wishes.append(self._print(self._unprinted()))
        if order is not None and order.state in UNDECIDED | {State.MANUAL}:
            wishes.append(SlipWish(order.order_no))
        return wishes

    def _back(self, at: Instant) -> list[Wish]:
        if self.question is not None:
            self.question = None
            return []
        if self.face is Face.PAY:
            self.run = None
            self._go(Face.ACCOUNT, at)
            return []
        return self._to_find(at)

    def _to_find(self, at: Instant) -> list[Wish]:
        wishes: list[Wish] = []
        if self.face is Face.RESULT and self._unprinted():
            wishes.append(self._print(self._unprinted()))  # nobody leaves without a receipt for being quick
        self.run, self.account, self.question, self.searching = None, None, None, ""
        self._go(Face.FIND, at)
        return wishes

    def _go(self, face: Face, at: Instant) -> None:
        self.face = face
        self.since = at

    def say(self, level: Level, code: str, todo: str | None = None, reference: str = "") -> None:
        """Put a banner up; the newest stands."""
        self.banner = Banner(level, Sentence.of(code), Sentence.of(todo) if todo else None, reference)

    # --- look-ups --------------------------------------------------------------------------------------------------

    def looked_up(
        self, token: int, customer: CustomerAnswer, arrears: ArrearsAnswer | None, beside: Beside, at: Instant
    ) -> None:
        """The answers of a look-up; those of an older one are dropped."""
        if token != self._token or not self.searching:
            return
        number, self.searching = self.searching, ""
        if customer.found is Found.NOTHING:
            self.banner = Banner(
                Level.WARN, Sentence.of("find.unknown_customer", customer_no=number), Sentence.of("find.check_number")
            )
            return
        if customer.found is Found.NO_ANSWER or arrears is None:
            self.banner = no_answer(customer.answer)
            return
        known = customer.customer or Customer(number)
        self.account = Account(known)
        self.account.take(arrears, beside, at)
        self.recent = (known, *(old for old in self.recent if old.customer_no != known.customer_no))[:RECENT_LIMIT]
        self._go(Face.ACCOUNT, at)

    def refreshed(self, token: int, arrears: ArrearsAnswer, beside: Beside, at: Instant) -> None:
        """The answer of a refresh: keeps what was chosen, tells what changed."""
        account = self.account
        if token != self._token or account is None or not account.refreshing:
            return
        account.refreshing = False
        if self.face is not Face.ACCOUNT:
            return
        if arrears.found is Found.NO_ANSWER:
            self.banner = no_answer(arrears.answer)
            account.lose(arrears, at)
            return
        before, unchosen = {b.cost_id: b.total_fen for b in account.bills}, account.left_out()
        account.take(arrears, beside, at)
        account.chosen -= unchosen
        if any(before.get(bill.cost_id, bill.total_fen) != bill.total_fen for bill in account.bills):
            self.say(Level.WARN, "account.amounts_changed")


_MONEY_IS_HERE = frozenset({State.PAID, State.CREDITED})
