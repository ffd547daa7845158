"""The customer on the *Account* face: what the gateway said of them, and what the journal knows beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.core.bills import Bill, Customer
from kiosk.core.messages import Answer, ArrearsAnswer, Found
from kiosk.core.order import Instant, Order
from kiosk.core.sentence import Banner, Level, Sentence

_NEVER = Instant(0.0, 0)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the journal knows that matters beside a look-up: locked bills (cost id to reason), an open prepayment."""

    locked: Mapping[str, str] = field(default_factory=dict)
    open_prepayment: Order | None = None


@dataclass(slots=True)
class Account:
    """The customer on the *Account* face and what the gateway said of them."""

    customer: Customer
    bills: tuple[Bill, ...] = ()
    found: Found = Found.FOUND
    arrears: Answer | None = None
    received: str = field(default="", repr=False)
    locked: Mapping[str, str] = field(default_factory=dict)
    #: The customer's newest prepayment that is not final.
    open_prepayment: Order | None = None
    chosen: set[str] = field(default_factory=set)
    fetched: Instant = _NEVER
    refreshing: bool = False

    def take(self, arrears: ArrearsAnswer, beside: Beside, at: Instant) -> None:
        """Fresh bills, oldest first; all that are not locked are chosen."""
        self.bills = tuple(sorted(arrears.bills, key=lambda bill: bill.period))
        self.found, self.arrears, self.received = arrears.found, arrears.answer, arrears.received
        self.locked, self.fetched = beside.locked, at
        self.open_prepayment = beside.open_prepayment
        self.chosen = {bill.cost_id for bill in self.bills} - set(beside.locked)

    def lose(self, arrears: ArrearsAnswer, at: Instant) -> None:
        """No fresh bills could be had: nothing old may be paid; they are asked for again after ``bill_fresh_s``."""
        self.fetched = at
        self.bills, self.chosen = (), set()
        self.found, self.arrears = arrears.found, arrears.answer

    def left_out(self) -> set[str]:
        """The ids of the bills that are not chosen."""
        return {bill.cost_id for bill in self.bills} - self.chosen


def no_answer(answer: Answer) -> Banner:
    """The banner for a look-up that brought nothing: the gateway's own words where it gave some."""
    if answer.words:
        what = Sentence.of("find.gateway_says", words=answer.words, answer=answer.sub_code or str(answer.heard))
    else:
        what = Sentence.of(f"gateway.{answer.heard}")
    return Banner(Level.BAD, what, Sentence.of("find.try_again"))
