"""The gateway's book: accounts, trades, credits, and the client's breaches.

Rules
1. Whoever reads or writes holds ``lock``; the public methods take it themselves.
2. A trade's state is computed from its behaviour and the clock that is handed in; nothing ticks.
3. A credited bill leaves the arrears; a prepayment adds to the balance. Whatever is credited beyond the first time
   adds to the balance too, and stands in ``double_credits``; two charges for one bill stand in ``double_charges``.
4. A payment code is kept as a keyed hash (to refuse its second use) and as its masked form (to be shown).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.core.payment_code import mask_code
from kiosk.sandbox.behaviours import Behaviour, State
from kiosk.sandbox.customers import Bill, Customer

_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


@dataclass(slots=True)
class Account:
    """What of a customer changes: the bills that are owed, and the balance."""

    customer: Customer
    bills: dict[str, Bill]
    balance_fen: int
    #: Ids that were given out in the place of a bill's own, with that.
    given_out: dict[str, str] = field(default_factory=dict)

    def bill(self, cost_id: str) -> Bill | None:
        """The bill that is owed under this id, its own or one that was given out for it."""
        return self.bills.get(self.given_out.get(cost_id, cost_id))


@dataclass(slots=True, kw_only=True)
class Trade:
    """One order at the gateway. ``cost_id`` is as the client sent it, empty for a prepayment; ``bill_id`` is the bill's
    own; ``token`` is empty in scan mode."""

    order_no: str
    gateway_order_no: str
    mode: str
    customer_no: str
    cost_id: str
    period: str
    principal_fen: int
    late_fee_fen: int
    behaviour: Behaviour
    created_at: datetime
    created_s: float
    life_s: float
    bill_id: str = ""
    token: str = ""
    masked_code: str = ""
    #: The gateway refused it at once: it stands in the book, and no money can move.
    rejected: bool = False
    opened: bool = False
    refused: bool = False
    begun_s: float | None = None
    notice: bytes = b""
    notices: int = 0
    #: When it was credited, each time.
    credits: list[datetime] = field(default_factory=list)

    @property
    def credited_at(self) -> datetime | None:
        """When it was credited first; None: not yet."""
        return self.credits[0] if self.credits else None

    @property
    def kind(self) -> str:
        """``arrears`` or ``prepayment``."""
        return "arrears" if self.cost_id else "prepayment"

    @property
    def total_fen(self) -> int:
        """What the customer is charged."""
        return self.principal_fen + self.late_fee_fen

    def state(self, now_s: float) -> State:
        """How the payment stands at this moment of the clock that made it."""
        if self.rejected:
            return State.FAILED
        if self.begun_s is not None:
            return self.behaviour.state(now_s - self.begun_s)
        if self.refused and self.behaviour.refusal is State.CLOSED:
            return State.CLOSED
        if now_s - self.created_s >= self.life_s:
            return State.CLOSED
        if self.refused:
            return State.FAILED
        return State.PAYING if self.opened else State.NOT_PAID


@dataclass(frozen=True, slots=True)
class Noted:
    """A breach of the client, as noted."""

    at: datetime
    call: str
    rule: str
    says: str
    order_no: str = ""


@dataclass(slots=True)
class Ledger:
    """The whole book of one sandbox, safe for several threads."""

    accounts: dict[str, Account]
    lock: threading.RLock = field(default_factory=threading.RLock)
    trades: list[Trade] = field(default_factory=list)
    breaches: list[Noted] = field(default_factory=list)
    _by_number: dict[str, Trade] = field(default_factory=dict)
    _by_token: dict[str, Trade] = field(default_factory=dict)
    _numbers: set[str] = field(default_factory=set)
    _code_hashes: set[bytes] = field(default_factory=set)
    _code_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @classmethod
    def of(cls, customers: Iterable[Customer]) -> Ledger:
        """A fresh book for these customers."""
        return cls({each.customer_no: _account(each) for each in customers})

    def number_is_new(self, order_no: str) -> bool:
        """True the first time that a client uses this order number, whatever became of it."""
        with self.lock:
            is_new = order_no not in self._numbers
            self._numbers.add(order_no)
            return is_new

    def code_is_new(self, payment_code: str) -> bool:
        """True the first time that this payment code comes."""
        with self.lock:
            code_hash = hashlib.blake2b(payment_code.encode(), key=self._code_key).digest()
            is_new = code_hash not in self._code_hashes
            self._code_hashes.add(code_hash)
            return is_new

    def enter(self, trade: Trade) -> None:
        """Put a trade into the book, to be found by both its numbers and its token."""
        with self.lock:
            self.trades.append(trade)
            self._by_number[trade.order_no] = self._by_number[trade.gateway_order_no] = trade
            if trade.token:
                self._by_token[trade.token] = trade

    def trade(self, number: str) -> Trade | None:
        """The trade with this number, the client's or the gateway's."""
        with self.lock:
            return self._by_number.get(number)

    def trade_of_token(self, token: str) -> Trade | None:
        """The trade whose QR holds this token."""
        with self.lock:
            return self._by_token.get(token)

    def credit(self, trade: Trade, at: datetime, *, again: bool = False, owed_again: bool = False) -> None:
        """Credit a paid trade; a second time only where ``again`` says so. ``owed_again``: the same id is owed for the
        next month at once."""
        with self.lock:
            if trade.credits and not again:
                return
            trade.credits.append(at)
            account = self.accounts[trade.customer_no]
            bill = account.bill(trade.cost_id)
            if bill is None or len(trade.credits) > 1:
                account.balance_fen += trade.total_fen
                return
            del account.bills[bill.cost_id]
            if owed_again:
                account.bills[bill.cost_id] = replace(bill, period=next_month(bill.period))

    def note(self, breach: Noted) -> None:
        """Note a breach of the client."""
        with self.lock:
            self.breaches.append(breach)

    def as_json(self, now_s: float) -> dict[str, object]:
        """The book as ``GET /ledger`` gives it: amounts in fen, times ISO 8601 with offset."""
        with self.lock:
            paid = [each for each in self.trades if each.state(now_s) is State.PAID]
            credits = [(each, at) for each in self.trades for at in each.credits]
            return {
                "orders": [_order_json(each, now_s) for each in self.trades],
                "credits": [_credit_json(each, at) for each, at in credits],
                "double_charges": _double_charges(paid),
                "double_credits": [each.order_no for each in self.trades if len(each.credits) > 1],
                "breaches": [_breach_json(each) for each in self.breaches],
                "customers": [_account_json(each) for each in self.accounts.values()],
                "totals": {
                    "paid_fen": sum(each.total_fen for each in paid),
                    "credited_fen": sum(each.total_fen for each, _ in credits),
                },
            }


def next_month(period: str) -> str:
    """The month after one such as 2026-10; a period in other words gets a mark."""
    if _MONTH.fullmatch(period) is None:
        return f"{period} +1"
    year, month = (int(part) for part in period.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def _double_charges(paid: list[Trade]) -> list[list[str]]:
    """The orders, bill by bill, where one bill was charged more than once."""
    of_bill: dict[tuple[str, str, str], list[str]] = {}
    for trade in paid:
        if trade.cost_id:
            bill = trade.customer_no, trade.bill_id or trade.cost_id, trade.period
            of_bill.setdefault(bill, []).append(trade.order_no)
    return [order_nos for order_nos in of_bill.values() if len(order_nos) > 1]


def masked(payment_code: str) -> str:
    """All that the book shows of a payment code."""
    return mask_code(payment_code)


def _account(customer: Customer) -> Account:
    return Account(customer, {bill.cost_id: bill for bill in customer.bills}, customer.balance_fen)


def _order_json(trade: Trade, now_s: float) -> dict[str, object]:
    return {
        "order_no": trade.order_no,
        "gateway_order_no": trade.gateway_order_no,
        "mode": trade.mode,
        "kind": trade.kind,
        "customer_no": trade.customer_no,
        "cost_id": trade.cost_id or None,
        "principal_fen": trade.principal_fen,
        "late_fee_fen": trade.late_fee_fen,
        "total_fen": trade.total_fen,
        "payment_code": trade.masked_code or None,
        "behaviour": trade.behaviour.name,
        "state": trade.state(now_s).value,
        "credited": trade.credited_at is not None,
        "notices": trade.notices,
        "created_at": trade.created_at.isoformat(),
    }


def _credit_json(trade: Trade, at: datetime) -> dict[str, object]:
    return {
        "order_no": trade.order_no,
        "gateway_order_no": trade.gateway_order_no,
        "customer_no": trade.customer_no,
        "kind": trade.kind,
        "cost_id": trade.cost_id or None,
        "total_fen": trade.total_fen,
        "credited_at": at.isoformat(),
    }


def _breach_json(noted: Noted) -> dict[str, object]:
    return {
        "at": noted.at.isoformat(),
        "call": noted.call,
        "rule": noted.rule,
        "says": noted.says,
        "order_no": noted.order_no or None,
    }


def _account_json(account: Account) -> dict[str, object]:
    return {
        "customer_no": account.customer.customer_no,
        "balance_fen": account.balance_fen,
        "arrears_fen": sum(bill.total_fen for bill in account.bills.values()),
        "cost_ids": list(account.bills),
    }
