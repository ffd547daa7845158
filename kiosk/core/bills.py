"""Customers and what they owe.

Rules
1. A customer number is the exact text that is sent as ``usr_id``: half-width, trimmed, upper case.
2. A bill's identity is (customer, cost id); for a prepayment (customer, prepayment). A cost id is not trusted
   blindly: see :func:`locks` (payment.md part 1).
3. A name is a person's own: what is shown, printed or logged is the masked one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

MAX_NUMBER_LENGTH = 32
_NOT_IN_A_NUMBER = frozenset("&=")


class CustomerNumberError(ValueError):
    """A text that cannot be a customer number. ``reason``: ``empty``, ``too_long``, ``characters``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def customer_number(text: str) -> str:
    """The customer number in a typed or scanned text; raises :class:`CustomerNumberError`.

    ``&``, ``=`` and control characters are refused: the signature joins fields with them unescaped, so that a
    number that held them would sign as other fields (proof.md part 2).
    """
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if not number:
        raise CustomerNumberError("empty")
    if len(number) > MAX_NUMBER_LENGTH:
        raise CustomerNumberError("too_long")
    if any(char in _NOT_IN_A_NUMBER or char.isspace() or not char.isprintable() for char in number):
        raise CustomerNumberError("characters")
    return number


def mask_name(name: str) -> str:
    """``张*``, ``欧**``: the first character and a star for each other one, three at most.

    A company's name (six characters and more) keeps its first two and its last two, so that a cashier can still
    tell it from another.
    """
    if not name.isprintable():
        name = "".join([char for char in name if char.isprintable()])
    name = name.strip()
    if len(name) >= 6:
        return f"{name[:2]}**{name[-2:]}"
    return name[:1] + "*" * min(len(name) - 1, 3) if len(name) > 1 else name


def mask_middle(text: str) -> str:
    """An address or a number with its middle hidden, for screens that strangers can see."""
    if len(text) <= 6:
        return text[:1] + "*" * max(len(text) - 1, 0)
    return f"{text[:3]}****{text[-3:]}"


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill as the gateway listed it; amounts in fen."""

    cost_id: str
    principal_fen: int
    late_fee_fen: int = 0
    period: str = ""
    #: True where the site's ``ow_amt`` already holds the late fee (profile ``amount_holds_late_fee``).
    holds_late_fee: bool = False

    @property
    def total_fen(self) -> int:
        """What the customer is charged for this bill."""
        return self.principal_fen if self.holds_late_fee else self.principal_fen + self.late_fee_fen


@dataclass(frozen=True, slots=True)
class Customer:
    """What the gateway says of a customer; every text may be empty, the number may not."""

    customer_no: str
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    meter_no: str = ""
    balance_fen: int | None = None
    #: Fields under keys that the profile does not know, as received.
    other: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def name_masked(self) -> str:
        """The name as strangers may see it."""
        return mask_name(self.name)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What of an earlier order matters for a look-up: which bill, and whether it is live, doubtful or done."""

    order_no: str
    cost_id: str
    period: str
    principal_fen: int
    state: str
    #: The cost ids that the list showed when the attempt began.
    known_ids: frozenset[str]


def is_hidden_by(bill_id: str, listed: Container[str], attempt: Attempt) -> bool:
    """Whether this bill may be the attempt's own under a new id: that id left the list, and this one came into it."""
    return attempt.cost_id not in listed and bill_id not in attempt.known_ids


def locks(bills: Sequence[Bill], open_attempts: Iterable[Attempt], credited: Iterable[Attempt]) -> dict[str, str]:
    """Which bills may not be paid now: cost id to a reason code.

    ``open_attempt``: this very bill has a live or doubtful attempt. ``renamed``: an open attempt's id is gone from
    the list and this bill was not in the list then, so it may be the same debt under a new id. ``credited``: the
    same id, period and principal was credited already. ``doubled``: the list names the id twice, so that a credit
    could not be told apart.
    """
    found: dict[str, str] = {}
    listed = [bill.cost_id for bill in bills]
    done = {(attempt.cost_id, attempt.period, attempt.principal_fen) for attempt in credited}
    for bill in bills:
        if (bill.cost_id, bill.period, bill.principal_fen) in done:
            found[bill.cost_id] = "credited"
        if listed.count(bill.cost_id) > 1:
            found[bill.cost_id] = "doubled"
    for attempt in open_attempts:
        if attempt.cost_id in listed:
            found[attempt.cost_id] = "open_attempt"
        for cost_id in listed:
            if is_hidden_by(cost_id, listed, attempt):
                found.setdefault(cost_id, "renamed")
    return found


def still_owed(cost_id: str, period: str, principal_fen: int, bills: Sequence[Bill]) -> bool | None:
    """Whether this bill stands in a fresh list; None where that cannot be told.

    An id is not trusted blindly (payment.md part 1): the same id for another period or amount, or the same period and
    amount under another id, may be the same debt or not.
    """
    wanted = (cost_id, period, principal_fen)
    if any((bill.cost_id, bill.period, bill.principal_fen) == wanted for bill in bills):
        return True
    alike = any(bill.cost_id == cost_id or (bill.period, bill.principal_fen) == wanted[1:] for bill in bills)
    return None if alike else False
