"""The *Pending* page: which order is looked at, and what may be done about it.

Rules
1. As the desk: a command is legal or dropped; a screen never decides (law 4).
2. It holds no truth about money: it points at an order. What needs a supervisor is only asked for here; the PIN is
   checked by the engine (supervision.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.core import commands as c
from kiosk.core.order import OPEN, UNDECIDED, Instant, Kind, Order, State
from kiosk.core.policy import PaymentPolicy
from kiosk.core.settling import SETTLEMENTS, refuses_settlement, who_allows_second

#: A wallet's own transaction number: WeChat's and Alipay's have 28 digits, UnionPay's fewer.
WALLET_NO_LENGTH = 64

#: Banners about what was typed or scanned on the page: the next step there takes them away.
PASSING_BANNERS = frozenset({"case.wallet_no_unfit", "code.is_payment_code"})

#: Why an order is a supervisor's where its money may have to go back; elsewhere it may be credited yet.
_REFUNDABLE = frozenset({"paid_twice", "late_success"})

#: Why no second attempt on this order's bill may begin now; empty: it may.
Refuses = Callable[[Order, Instant], str]


class Cases:
    """One counter's look at what is pending."""

    def __init__(self, policy: PaymentPolicy, refuses: Refuses) -> None:
        self._policy = policy
        self._refuses = refuses
        self.is_open = False
        self.case_no = ""

    def case(self, orders: Mapping[str, Order]) -> Order | None:
        """The order that is looked at."""
        return orders.get(self.case_no) if self.is_open else None

    def listed(self, orders: Mapping[str, Order]) -> list[Order]:
        """What the page lists: every open order that no customer is waiting for; a supervisor's first, then the oldest.
        """
        left = [order for order in orders.values() if order.state in OPEN and not order.asking.attended]
        return sorted(left, key=lambda order: (order.state is not State.MANUAL, order.created_ms, order.order_no))

    def opened(self) -> None:
        """The page is open, and its list is looked at."""
        self.is_open, self.case_no = True, ""

    def left(self) -> None:
        """Another page is open."""
        self.is_open, self.case_no = False, ""

    def open(self, order_no: str, orders: Mapping[str, Order]) -> None:
        """Look at one order, where it is in hand."""
        if order_no in orders:
            self.case_no = order_no

    def legal(self, orders: Mapping[str, Order], at: Instant) -> tuple[type, ...]:
        """The open page's commands that are legal now; those of a second attempt among them."""
        order = self.case(orders)
        return (c.OpenCase,) if order is None else (c.OpenCase, c.CloseCase, *self._legal_on_case(order, at))

    def _legal_on_case(self, order: Order, at: Instant) -> list[type]:
        allowed: list[type] = []
        if order.state in UNDECIDED | {State.MANUAL}:
            allowed.append(c.AskAbout)
        if order.kind is Kind.ARREARS and order.state in (State.PAID, State.MANUAL):
            allowed.append(c.SeekEvidence)
        if order.state in OPEN:
            allowed.append(c.NoteWallet)
        if prints(order):
            allowed.append(c.PrintCase)
        if order.state is State.MANUAL:
            allowed.append(c.Settle)
        if self.second(order, at) == "":
            allowed.append(c.AllowSecond)
        return allowed

    def second(self, order: Order, at: Instant) -> str:
        """Why no second attempt beside this order may be allowed now; empty: it may."""
        return self._refuses(order, at)

    def second_by(self, order: Order) -> str:
        """Whose word a second attempt needs."""
        return who_allows_second(self._policy, order.kind)


def settlements(order: Order, *, twin_paid: bool) -> tuple[str, ...]:
    """The settlements that are open for an order now, by the words of the command line."""
    return tuple(
        word for word, state in SETTLEMENTS.items() if not refuses_settlement(order, state, twin_paid=twin_paid)
    )


def prints(order: Order) -> str:
    """What may be printed of a case: a ``refund`` request where money was taken twice or too late, the unconfirmed
    ``slip``, or nothing."""
    if order.state is State.MANUAL and order.success_seen and order.reason in _REFUNDABLE:
        return "refund"
    return "slip" if order.state in UNDECIDED | {State.MANUAL} else ""


def wallet_number(text: str) -> str:
    """A wallet's transaction number as it is kept; empty where the text cannot be one."""
    number = "".join(text.split()).upper()
    fit = number.isascii() and number.isalnum() and 6 <= len(number) <= WALLET_NO_LENGTH
    return number if fit else ""
