"""The customer on the *Account* face: what the gateway said of them, and what the journal knows beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.core.bills import Bill, Customer
from kiosk.core.messages import Answer, Found
from kiosk.core.order import Instant, Order

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
