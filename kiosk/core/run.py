"""A run of payments for one customer, and what the desk wishes done for it. Values, no behaviour to speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kiosk.core.bills import Bill, Customer
from kiosk.core.calendar import to_second
from kiosk.core.money import parse_yuan, show_yuan
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.payment_code import PaymentCode
from kiosk.core.policy import PaymentPolicy
from kiosk.core.sentence import Sentence


@dataclass(frozen=True, slots=True)
class LookUpWish:
    """Ask for the customer and the bills; ``token`` comes back with the answers."""

    customer_no: str
    token: int


@dataclass(frozen=True, slots=True)
class RefreshWish:
    """Ask for the bills alone."""

    customer_no: str
    token: int


@dataclass(frozen=True, slots=True)
class BeginWish:
    """Begin a payment of the run's present item."""

    mode: Mode
    code: PaymentCode | None = None


@dataclass(frozen=True, slots=True)
class AskWish:
    """A question about this order now."""

    order_no: str


@dataclass(frozen=True, slots=True)
class LeaveWish:
    """The customer goes; the order goes on in the background."""

    order_no: str


@dataclass(frozen=True, slots=True)
class WithdrawWish:
    """The QR of this order is off every screen."""

    order_no: str


@dataclass(frozen=True, slots=True)
class ReshowWish:
    """The QR of this order is painted again."""

    order_no: str


@dataclass(frozen=True, slots=True)
class ReceiptWish:
    """Print one receipt for these paid orders."""

    order_nos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlipWish:
    """Print the unconfirmed slip for this order."""

    order_no: str


@dataclass(frozen=True, slots=True)
class WarmWish:
    """Open a connection now: a pay call is near."""


Wish = (
    LookUpWish
    | RefreshWish
    | BeginWish
    | AskWish
    | LeaveWish
    | WithdrawWish
    | ReshowWish
    | ReceiptWish
    | SlipWish
    | WarmWish
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be paid in a run, and the order that tries it."""

    kind: Kind
    principal_fen: int
    total_fen: int
    late_fee_fen: int = 0
    cost_id: str = ""
    period: str = ""
    order_no: str = ""
    #: The live order beside which a second attempt is armed; empty: it is none.
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What is being paid, one item after the other."""

    items: tuple[Item, ...]
    position: int = 0
    #: The receipts that were asked for, each with its orders: none stands as an original on two.
    receipts: tuple[tuple[str, ...], ...] = ()
    #: When the last item was paid (the receipt waits ``receipt_wait_s`` for the credit).
    paid_s: float | None = None

    @property
    def item(self) -> Item:
        """The present item."""
        return self.items[self.position]

    @property
    def total_fen(self) -> int:
        """The sum of all items."""
        return sum(item.total_fen for item in self.items)

    @property
    def printed(self) -> frozenset[str]:
        """The orders that are on a receipt."""
        return frozenset(number for numbers in self.receipts for number in numbers)

    def without_receipt(self, numbers: tuple[str, ...], now_s: float) -> Run:
        """This receipt could not be begun: it is wished again after another wait."""
        return replace(self, receipts=tuple(each for each in self.receipts if each != numbers), paid_s=now_s)

    def with_item(self, **changes: Any) -> Run:
        """The same run, its present item changed."""
        items = list(self.items)
        items[self.position] = replace(self.item, **changes)
        return replace(self, items=tuple(items))


def order_for(
    item: Item,
    customer: Customer,
    bills: Sequence[Bill],
    *,
    mode: Mode,
    wallet: str,
    order_no: str,
    cashier: str,
    at: Instant,
) -> Order:
    """A new order for an item of a run, in ``intent``; ``bills`` is the list as the customer's look-up showed it."""
    return Order(
        order_no=order_no,
        customer_no=customer.customer_no,
        kind=item.kind,
        mode=mode,
        principal_fen=item.principal_fen,
        late_fee_fen=item.late_fee_fen,
        total_fen=item.total_fen,
        cost_id=item.cost_id,
        period=item.period,
        known_ids=tuple(bill.cost_id for bill in bills),
        wallet=wallet,
        cashier=cashier,
        name_masked=customer.name_masked,
        created_ms=at.wall_ms,
    )


def bill_item(bill: Bill) -> Item:
    """A bill as an item of a run."""
    return Item(
        Kind.ARREARS, bill.principal_fen, bill.total_fen, bill.late_fee_fen, cost_id=bill.cost_id, period=bill.period
    )


def prepayment_refused(policy: PaymentPolicy, amount_fen: int) -> Sentence | None:
    """Why this prepayment may not be taken, or None: zero, below ``prepay_min``, above ``prepay_max``."""
    smallest, largest = parse_yuan(policy.prepay_min), parse_yuan(policy.prepay_max)
    if amount_fen == 0:
        return Sentence.of("amount.zero")
    if amount_fen < smallest:
        return Sentence.of("amount.below_min", limit=show_yuan(smallest))
    if amount_fen > largest:
        return Sentence.of("amount.above_max", limit=show_yuan(largest))
    return None


def question_before(policy: PaymentPolicy, earlier: Order | None, amount_fen: int) -> Sentence | None:
    """What must be confirmed first: a prepayment beside one not credited yet, or a large one (no refund exists)."""
    if earlier is not None and earlier.state is State.PAID:
        amount, begun = show_yuan(earlier.total_fen), to_second(earlier.created_ms)
        return Sentence.of("account.confirm_second_prepayment", amount=amount, begun_at=begun)
    if amount_fen > parse_yuan(policy.confirm_above):
        return Sentence.of("account.confirm_large", amount=show_yuan(amount_fen))
    return None


def why_not_scanned(order: Order) -> str:
    """Why a code scanned beside this running order begins nothing, as a code of wording.py."""
    if order.mode is Mode.SCAN or order.state is not State.SHOWN:
        return "code.payment_runs"
    return "code.qr_is_shown" if order.asking.hidden_s is None else "code.qr_withdrawn"
