"""payment.md's rules as checks, each made at the very event that could break it, against the bank's truth.

Rules
1. Nothing of the machine's own tables is used here: the states' ways are written down once more, from the page.
2. A check costs as much as the event it belongs to: nothing walks the whole story but the last look at its end.
3. What cannot be seen from here: rule 18 (windows). Rule 14 and the journal's files are looked at by story.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kiosk.core.messages import BESIDE, Append, EventKind
from kiosk.core.order import Kind, Mode, Order, State
from kiosk.simulator.bank import ENDED, NOTICES, PAY, UNIFIED, Bank, Fields, Stands, Trade
from kiosk.simulator.plan import Plan
from kiosk.simulator.schedule import Schedule

_S = State
#: Where each state may lead (payment.md part 1), ``manual`` by a supervisor's hand.
WAYS: dict[State, frozenset[State]] = {
    _S.INTENT: frozenset({_S.IN_DOUBT, _S.FAILED, _S.SHOWN, _S.UNSEEN, _S.PAID, _S.REFUNDED, _S.MANUAL}),
    _S.IN_DOUBT: frozenset({_S.PAID, _S.FAILED, _S.REFUNDED, _S.MANUAL}),
    _S.SHOWN: frozenset({_S.PAID, _S.FAILED, _S.REFUNDED, _S.MANUAL}),
    _S.UNSEEN: frozenset({_S.FAILED, _S.MANUAL}),
    _S.PAID: frozenset({_S.CREDITED, _S.MANUAL, _S.REFUNDED}),
    _S.CREDITED: frozenset({_S.MANUAL}),
    _S.FAILED: frozenset({_S.MANUAL}),
    _S.REFUNDED: frozenset(),
    _S.MANUAL: frozenset({_S.PAID, _S.CREDITED, _S.FAILED, _S.REFUNDED}),
}
#: What is owed nothing any more, or a supervisor's hand.
SETTLED = frozenset({_S.CREDITED, _S.FAILED, _S.REFUNDED, _S.MANUAL, _S.UNSEEN})
_FINAL = frozenset({_S.CREDITED, _S.FAILED, _S.REFUNDED})
_ASKING = frozenset({_S.INTENT, _S.IN_DOUBT, _S.SHOWN})
#: After an answer that nobody may believe an order is where it was; or with a supervisor, by counts and limits.
_MANUAL_BY_COUNT = frozenset({"stranger", "gave_up", "notice_refused", "exists_elsewhere"})


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that did not hold; ``rule`` is payment.md's number, or a word."""

    rule: str
    text: str


@dataclass(slots=True, eq=False)
class Known:
    """What the journal was told of one order, and what of it went over the wire."""

    order: Order
    index: int
    began_s: float
    beside: frozenset[str] = frozenset()
    notice: bytes = b""
    calls: int = 0
    byte_left: bool = False
    notices: int = 0
    #: A true SUCCESS to a question sent after the intent came back.
    success: bool = False
    acknowledged: bool = False
    exists: bool = False
    #: The one untrue negative that the gateway may give of an order was given.
    spent_negative: bool = False
    paid_s: float = 0.0
    #: When the newest true "not paid" (or "no such order") was asked for; None where something else came since.
    unpaid_sent_s: float | None = None
    #: When the pay or unified call was over, and when the QR left the screen last.
    closed_s: float | None = None
    hidden_s: float | None = None
    #: When a request that is still on its way will arrive, with the trip that it belongs to.
    flying: list[tuple[float, Flight]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Flight:
    """A request's way: until ``closed_s`` the client waited for it."""

    closed_s: float | None = None


class Watch:
    """The rules over one story."""

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self._plan, self._schedule = plan, schedule
        self.bank: Bank
        self.known: dict[str, Known] = {}
        self.violations: list[Violation] = []
        self._codes: set[str] = set()
        #: The QR on the screen, and when the present process began.
        self.screen = ""
        self.started_s = 0.0
        #: A commit failed and the journal was not opened again since.
        self.journal_failed = False
        self.told: Callable[[str, str], None] = lambda kind, text: None

    def violated(self, rule: str, text: str) -> None:
        """Keep it; the story stops at its first."""
        self.violations.append(Violation(rule, text))

    def require(self, holds: object, rule: str, text: str) -> None:
        """A rule that must hold."""
        if not holds:
            self.violated(rule, text)

    # --- commits ---------------------------------------------------------------------------------------------------

    def before_commit(self, order: Order, events: Sequence[Append]) -> None:
        """Rules 5, 6, 17: what must be so before it is written."""
        if events[0].kind is EventKind.INTENT:
            self.require(not self.journal_failed, "17", f"{order.order_no} begins while the journal is shut")

    def committed(self, order: Order, events: Sequence[Append], notice: bytes | None) -> None:
        """An append succeeded: the states' ways, and the rules that each state stands on."""
        number = order.order_no
        known = self.known.get(number)
        if known is None:
            self._intent(order, events)
            return
        before, known.order = known.order, order
        if before.state is not order.state:
            self._moved(known, before, order, notice)
        if before.pay_url != order.pay_url:
            self.require(order.state is _S.SHOWN and not before.pay_url, "5", f"{number}: its QR became another")
        told = sum(event.kind.value == order.state.value for event in events)
        self.require(told or before.state is order.state, "law 1", f"{number} became {order.state} without an event")

    def found(self, order: Order) -> None:
        """An intent whose commit failed is on the disk all the same, and nothing of it was ever sent."""
        self.known[order.order_no] = Known(order, len(self.known), self._schedule.now_s)

    def _intent(self, order: Order, events: Sequence[Append]) -> None:
        self.require(events[0].kind is EventKind.INTENT, "4", f"{order.order_no} has no intent")
        beside = frozenset(dict(events[0].facts).get(BESIDE, "").split())
        for other in self.known.values():
            if other.order.bill_key == order.bill_key and _blocks(other.order):
                allowed = other.order.order_no in beside and other.order.state is not _S.MANUAL
                self.require(allowed, "1", f"{order.order_no} beside {other.order.order_no} ({other.order.state})")
                hidden = other.order.state is not _S.SHOWN or allowed
                self.require(hidden, "5", f"{order.order_no} while {other.order.order_no}'s QR lives")
                if allowed:
                    self._second(order, other)
        self.known[order.order_no] = Known(order, len(self.known), self._schedule.now_s, beside)

    def _second(self, order: Order, older: Known) -> None:
        """A second attempt (part 3): the QR is off every screen, or the hold-off over, and "not paid" said since."""
        pair = f"{order.order_no} beside {older.order.order_no}"
        if older.order.mode is Mode.SHOW and not older.order.pay_url:
            from_s = older.closed_s  # nobody ever saw a QR of it
        elif older.order.mode is Mode.SHOW:
            self.require(self.screen != older.order.pay_url, "second", f"{pair}, whose QR is on the screen")
            from_s = older.closed_s if older.hidden_s is None else older.hidden_s
        else:
            from_s = max(older.closed_s or 0.0, self.started_s) + self._plan.policy.hold_off_s
        asked = older.unpaid_sent_s is not None and from_s is not None and older.unpaid_sent_s >= from_s - 0.01
        self.require(asked, "second", f"{pair}, of which nothing said since {from_s} s that it is unpaid")

    def _moved(self, known: Known, before: Order, order: Order, notice: bytes | None) -> None:
        number, state = order.order_no, order.state
        self.require(state in WAYS[before.state], "10", f"{number}: {before.state} led to {state}")
        if before.state in _FINAL:
            self.require(order.asking.rang, "10", f"{number}: {before.state} was left without an alarm")
        match state:
            case _S.PAID:
                self._paid(known, before, order, notice)
            case _S.CREDITED:
                self._credited(known, order)
            case _S.FAILED if before.state is not _S.MANUAL:
                self._failed(known, order)
            case _S.SHOWN:
                self.require(order.pay_url, "5", f"{number} is shown without a pay_url")
            case _S.REFUNDED if before.state is not _S.MANUAL:
                trade = self.bank.by_order.get(number)
                refunded = trade is not None and trade.stands is Stands.REFUNDED
                self.require(refunded, "6", f"{number} is refunded, and the gateway knows nothing of it")

    def _paid(self, known: Known, before: Order, order: Order, notice: bytes | None) -> None:
        number = order.order_no
        trade = self.bank.by_order.get(number)
        known.paid_s = self._schedule.now_s
        self.require(trade is not None and trade.was_paid, "6", f"{number} is paid, and no money moved")
        self.require(known.success, "6", f"{number} is paid without a verified SUCCESS to its own question")
        self.require(notice or known.notice, "8", f"{number} is paid and no notice is owed")
        known.notice = known.notice or notice or b""
        released = before.state is _S.MANUAL
        self.require(released or not known.exists, "6", f"{number} is paid though its only sending was answered 1002")
        twins = [one.order.order_no for one in self.known.values() if one is not known and _twin(one.order, order)]
        self.require(not twins, "6", f"{number} is paid beside {twins}")

    def _credited(self, known: Known, order: Order) -> None:
        number, trade = order.order_no, self.bank.by_order.get(order.order_no)
        if order.reason == "settled":
            return
        if order.reason == "gone_from_arrears":
            allowed = not self._plan.conduct.idempotent and trade is not None and trade.debt is not None
            self.require(allowed, "9", f"{number} is credited because its bill is gone")
        else:
            self.require(known.acknowledged, "9", f"{number} is credited without an acknowledgement")
        credited = trade is not None and (trade.credits or (trade.debt is not None and trade.debt.credited))
        self.require(credited, "9", f"{number} is credited, and the gateway credited nothing")

    def _failed(self, known: Known, order: Order) -> None:
        number, trade, now_s = order.order_no, self.bank.by_order.get(order.order_no), self._schedule.now_s
        if not order.bytes_left:
            self.require(not known.byte_left, "11 a", f"{number} failed as not sent, and bytes had left")
            return
        hold_off_s = self._plan.policy.hold_off_s
        flying = [
            at_s for at_s, flight in known.flying
            if at_s >= now_s and (flight.closed_s is None or at_s <= flight.closed_s + hold_off_s)
        ]  # fmt: skip
        # A copy of a request that arrived already finds its number taken.
        landed = trade is not None or not flying
        self.require(landed, "11", f"{number} failed ({order.reason}), and its request is on its way")
        unseen = trade is not None and trade.stands is Stands.WAITING and not order.pay_url
        ended = trade is None or trade.lied or trade.stands in ENDED or unseen
        self.require(ended, "11", f"{number} failed ({order.reason}), and it can still be paid ({_stands(trade)})")

    # --- the wire --------------------------------------------------------------------------------------------------

    def leaves(self, path: str, request: Fields, body: bytes) -> None:
        """A request's bytes leave this machine (whatever the line does with them)."""
        if path in (PAY, UNIFIED):
            self._payment_leaves(path, request)
        elif path in NOTICES:
            self._notice_leaves(request, body)

    def _payment_leaves(self, path: str, request: Fields) -> None:
        number = request["order_no"]
        known = self.known.get(number)
        if known is None:
            self.violated("4", f"{number} leaves before its intent is durable")
            return
        known.calls += 1
        known.byte_left = True
        self.require(known.calls == 1, "20", f"{number} is sent a second time")
        order = known.order
        expected = (order.principal_fen, order.late_fee_fen) if order.kind is Kind.ARREARS else (order.total_fen, 0)
        sent = _fen(request.get("ow_amt") or request.get("rchg_amt", "0")), _fen(request.get("dflt_pny", "0"))
        self.require(sent == expected, "13", f"{number} is sent with {sent}, not with {expected}")
        if path == PAY:
            code = request["auth_code"]
            self.require(code not in self._codes, "2", f"{number} sends a payment code a second time")
            self._codes.add(code)
        else:
            self.require("auth_code" not in request, "2", f"{number}: unified holds a payment code")

    def _notice_leaves(self, request: Fields, body: bytes) -> None:
        known = self.by_number(request["order_no"])
        if known is None:
            self.violated("7", f"a notice for {request['order_no']}, which nobody knows")
            return
        known.notices += 1
        number = known.order.order_no
        self.require(known.paid_s or known.order.state is _S.PAID, "7", f"a notice for {number}, which was never paid")
        self.require(body == known.notice, "7", f"the notice for {number} is not the stored one")

    def by_number(self, number: str) -> Known | None:
        """The order that goes by this number, ours or the gateway's."""
        known = self.known.get(number)
        if known is not None:
            return known
        trade = self.bank.trade(number)
        return self.known.get(trade.order_no) if trade is not None else None

    @property
    def codes(self) -> frozenset[str]:
        """Every payment code that went over the wire."""
        return frozenset(self._codes)

    def heard(self, path: str, known: Known | None, fields: Fields | None, sent_s: float, *, true: bool) -> None:
        """A reply reaches the client, or its line is closed; ``true``: as the gateway gave it, whatever it says."""
        if known is not None and path in (PAY, UNIFIED):
            known.closed_s = self._schedule.now_s
        if known is None or fields is None or not true:
            return
        sub_code = fields.get("sub_code")
        if path in (PAY, UNIFIED):
            known.exists = known.exists or sub_code == "1002"
        elif path in NOTICES:
            known.acknowledged = known.acknowledged or sub_code in ("0000", "1002")
        elif sub_code is not None:  # a FAIL says nothing of the order
            known.success = known.success or fields.get("status") == "SUCCESS"
            unpaid = sub_code in ("0001", "1003")
            known.unpaid_sent_s = sent_s if unpaid else None

    def the_counter_died(self) -> None:
        """What was heard and not committed is lost with the process."""
        self.journal_failed = False
        for known in self.known.values():
            known.exists = known.order.exists_elsewhere

    def after_untrue(self, path: str, known: Known, before: State) -> None:
        """Rule 12: a reply that cannot be verified changes nothing but counters and alarms."""
        order = known.order
        if order.state is before or self.journal_failed:
            return
        if path in (PAY, UNIFIED):
            fine = before is _S.INTENT and order.state in (_S.IN_DOUBT, _S.UNSEEN)
        else:
            unclear = path in NOTICES and not self._plan.conduct.idempotent and order.reason.startswith("notice_")
            fine = order.state is _S.MANUAL and (order.reason in _MANUAL_BY_COUNT or unclear)
        self.require(fine, "12", f"{order.order_no}: {before} became {order.state} by a reply that nobody may believe")

    # --- the world -------------------------------------------------------------------------------------------------

    def money_moved(self, trade: Trade) -> None:
        """A customer was charged: rules 1 and 11, against the truth."""
        self.told("money", trade.order_no)
        known = self.known.get(trade.order_no)
        if known is None:
            self.violated("4", f"money moved for {trade.order_no}, which the journal does not know")
            return
        state = known.order.state
        fine = trade.lied or state not in (_S.FAILED, _S.UNSEEN)
        self.require(fine, "11", f"money moved for {trade.order_no}, which is {state}")
        if trade.debt is not None:
            for other in trade.debt.paid:
                if other is not trade:
                    self._charged_twice(trade, other)

    def _charged_twice(self, trade: Trade, other: Trade) -> None:
        allowed = any(
            one.order_no in self.known and two.order_no in self.known[one.order_no].beside
            for one, two in ((trade, other), (other, trade))
        )
        excused = allowed or trade.lied or other.lied
        self.require(excused, "1", f"{trade.order_no} and {other.order_no} are both paid for one bill")

    def credited(self, trade: Trade) -> None:
        """The gateway credited a trade."""
        self.told("credit", trade.order_no)
        self.require(trade.credits == 1, "8", f"{trade.order_no} was credited {trade.credits} times")

    def painted(self, qr_text: str) -> None:
        """What QR is on the screen now, if any (rule 5)."""
        if self.screen and qr_text != self.screen:
            for one in self.known.values():
                if one.order.pay_url == self.screen:
                    one.hidden_s = self._schedule.now_s
        self.screen = qr_text
        if not qr_text:
            return
        shown = [one for one in self.known.values() if one.order.pay_url == qr_text]
        durable = any(one.order.state is _S.SHOWN for one in shown)
        self.require(durable, "5", f"a QR is painted that the journal does not show: {qr_text}")

    def printed(self, codes: Sequence[str], order_nos: Sequence[str], copy: int) -> None:
        """Rule 16: what a paper says, by the codes of its words."""
        states = [self.known[number].order.state for number in order_nos if number in self.known]
        if "receipt.credited" in codes:
            self.require(_S.CREDITED in states, "16", f"a receipt says credited: {list(order_nos)}")
        if "receipt.paid" in codes:
            seen = [self.known[number].paid_s for number in order_nos if number in self.known]
            self.require(any(seen), "16", f"a receipt says paid: {list(order_nos)}")
        is_marked = "receipt.copy" in codes
        self.require(is_marked == (copy > 1), "16", f"print {copy} of {list(order_nos)} is marked wrongly")

    # --- the end ---------------------------------------------------------------------------------------------------

    def at_the_end(self) -> None:
        """After enough time with a healthy network: every order is settled, and all money is where it belongs."""
        for number, known in self.known.items():
            state = known.order.state
            self.require(state in SETTLED, "8", f"{number} is still {state} at the end")
            trade = self.bank.by_order.get(number)
            if trade is None or not trade.was_paid or state is _S.MANUAL or trade.lied:
                continue
            if trade.stands is Stands.REFUNDED:
                self.require(state in (_S.REFUNDED, _S.CREDITED), "6", f"{number} was refunded and is {state}")
            else:
                self.require(state is _S.CREDITED, "8", f"{number} took money and is {state}")
                self.require(trade.credits == 1 or known.order.reason == "gone_from_arrears", "8",
                             f"{number} took money and was credited {trade.credits} times")  # fmt: skip

    def overdue(self, orders: dict[str, Order]) -> None:
        """Rule 8: paid for longer than ``alarm_s`` and not credited rings."""
        for number, order in orders.items():
            known = self.known.get(number)
            if known is None or order.state is not _S.PAID or not known.paid_s:
                continue
            limit_s = self._plan.policy.alarm_s + self._plan.policy.notice_gaps_s[-1] + 60
            late = self._schedule.now_s - max(known.paid_s, self.started_s) > limit_s
            self.require(not late or "not_credited" in order.asking.rang, "8", f"{number} is overdue and nothing rang")

    @property
    def all_settled(self) -> bool:
        """Whether nothing is owed but a supervisor's hand."""
        return all(known.order.state in SETTLED for known in self.known.values())


def _blocks(order: Order) -> bool:
    """Rule 1: what keeps another attempt on the same bill from beginning."""
    if order.kind is Kind.PREPAYMENT and (order.state is _S.PAID or (order.state is _S.MANUAL and order.success_seen)):
        return False
    return order.state in _ASKING or order.state in (_S.PAID, _S.MANUAL)


def _twin(one: Order, other: Order) -> bool:
    same = (one.customer_no, one.cost_id, one.period, one.principal_fen) == (
        other.customer_no, other.cost_id, other.period, other.principal_fen,
    )  # fmt: skip
    return one.kind is Kind.ARREARS and same and one.state in (_S.PAID, _S.CREDITED)


def _stands(trade: Trade | None) -> str:
    return trade.stands.name.lower() if trade is not None else "unknown"


def _fen(yuan: str) -> int:
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))
