"""What the engine needs of the outside, as Protocols: the gateway, the journal, the printer, clocks, the windows.

Rules
1. Calls into the gateway and the printer may be slow; the engine never makes them on its own thread: it hands a
   :class:`Job` to the outside, and the answer comes back as a message in its inbox.
2. Everything here is a value or an interface; what is behind it is chosen in app.py and, in tests, by a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from kiosk.core.bills import Attempt
from kiosk.core.lockout import PinRecord
from kiosk.core.messages import Answer, Append, ArrearsAnswer, CustomerAnswer
from kiosk.core.order import Instant, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.core.receipt import ReceiptLine
from kiosk.core.shift import Shift, ShiftTurn


class Clock(Protocol):
    """Both clocks at once."""

    def now(self) -> Instant:
        """The present moment."""
        ...


class GatewayPort(Protocol):
    """The gateway, as the engine's workers call it. Nothing a network does is raised: see ``Answer``.

    Every call ends within its own total deadline (``[payment]`` ``*_timeout_s``).
    """

    def customer(self, customer_no: str) -> CustomerAnswer:
        """Ask for the customer's basic information."""
        ...

    def arrears(self, customer_no: str, *, alone: bool = False) -> ArrearsAnswer:
        """Ask what the customer owes; ``alone`` on a connection that carried nothing before."""
        ...

    def pay(self, order: Order, code: PaymentCode) -> Answer:
        """Scan mode: charge the customer's payment code. One try on the line, whatever happens."""
        ...

    def unified(self, order: Order) -> Answer:
        """Show mode: ask for the text of a QR. One try on the line."""
        ...

    def warm(self) -> None:
        """Open a connection now, so that the pay call that is near finds a fresh one; failure is silent."""
        ...

    def query(self, order_no: str) -> Answer:
        """Ask how the payment stands, by this number."""
        ...

    def notice_body(self, order: Order) -> bytes:
        """The bytes of the payment notice for a paid order: pure, built once and stored."""
        ...

    def notice(self, order: Order, body: bytes) -> Answer:
        """Send the stored bytes to the notice call of the order's kind."""
        ...


class JournalError(Exception):
    """A commit that did not happen; ``after_sync`` where the disk failed while syncing (rule 17).

    Then the journal refuses every write until it is opened again, and only a look into it tells what it holds.
    """

    def __init__(self, text: str = "", *, after_sync: bool = False) -> None:
        super().__init__(text)
        self.after_sync = after_sync


class JournalRefusedError(JournalError):
    """An ``intent`` that a rule forbids; nothing was written and nothing may be sent.

    ``by`` is the number of the order that stands in the way, where one does.
    """

    def __init__(self, text: str, by: str = "") -> None:
        super().__init__(text)
        self.by = by


class ShiftRefusedError(JournalError):
    """A shift's turn that may not be; nothing was written. ``code`` is one of ``core.shift.refuses_turn``'s."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the shift: {code}")
        self.code = code


class JournalPort(Protocol):
    """The one writer of the journal."""

    def append(self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None = None) -> Order:
        """Commit the order as it now is together with its events, all or nothing; durable when it returns.

        ``notice`` is stored with a ``paid`` order. Raises :class:`JournalError`.
        """
        ...

    def tick(self, at: Instant) -> None:
        """Quiet work while nothing else is to be done (syncing the text copy); never raises."""
        ...

    def reopen(self) -> None:
        """Close and open again after a failed sync, and read again (rule 17). Raises :class:`JournalError`."""
        ...

    def open_orders(self) -> list[Order]:
        """Every order that is still owed something (``OPEN``, and ``unseen`` or ``failed`` under watch)."""
        ...

    def order(self, order_no: str) -> Order | None:
        """One order by our number."""
        ...

    def notice(self, order_no: str) -> bytes | None:
        """The stored notice of a paid order."""
        ...

    def live_attempt(self, order: Order) -> str | None:
        """The number of an attempt that blocks this order's bill key, if any (rule 1; ``manual`` blocks too)."""
        ...

    def number_taken(self, number: str, order_no: str) -> bool:
        """Whether an order other than ``order_no`` goes by this number, as ours or as the gateway's."""
        ...

    def twin_paid(self, order: Order) -> bool:
        """Whether another order of the same bill (customer, id, period, principal) is paid or credited."""
        ...

    def attempts(self, customer_no: str, cost_ids: Iterable[str]) -> tuple[list[Attempt], list[Attempt]]:
        """The customer's open attempts on arrears, and the credited ones of these ids, for ``bills.locks``."""
        ...

    def open_prepayment(self, customer_no: str) -> Order | None:
        """The newest prepayment of the customer that is not final, for the warning before another one."""
        ...

    def code_used(self, code: PaymentCode, at: Instant) -> bool:
        """Whether this payment code was used before (rule 2), by its keyed hash."""
        ...

    def remember_code(self, code: PaymentCode, order_no: str, at: Instant) -> None:
        """Keep the keyed hash of a code; carried out in the commit of ``intent`` that follows."""
        ...

    def forget_code(self, order_no: str) -> None:
        """Forget the code of an order of which not one byte left (rule 11 a)."""
        ...

    def finds_by_our_number(self) -> bool:
        """Whether a query by our own number was seen to find an order (rule 11 c)."""
        ...

    def printed(self, order_nos: Sequence[str], copy: int, result: str, at: Instant) -> None:
        """Record a print: ``result`` is ``printing`` before it begins, the outcome after it."""
        ...

    def copies(self, order_nos: Sequence[str]) -> int:
        """How many prints of this receipt were begun."""
        ...

    def unfinished_prints(self) -> list[tuple[tuple[str, ...], int]]:
        """The papers and the copy of each print that was begun and of which no outcome is known."""
        ...

    def chain_head(self) -> str:
        """The newest event's hash, for the receipt's foot."""
        ...

    def live_attempts(self, order: Order) -> tuple[str, ...]:
        """The numbers of all attempts that block this order's bill key, those in ``manual`` first."""
        ...

    def evidence(self, order_no: str) -> list[tuple[str, str]]:
        """What was noted of a case, oldest first: the facts of its ``evidence`` events."""
        ...

    def shift(self) -> Shift | None:
        """The newest shift, open or closed; None where there never was one."""
        ...

    def turn_shift(self, turn: ShiftTurn, at: Instant, *, by: str, to: str, seen: Collection[str]) -> None:
        """Open, hand over or close: ``by`` ends a shift, ``to`` begins one; ``seen`` are the numbers of the open orders
        that were acknowledged. Raises :class:`ShiftRefusedError`, :class:`JournalError`.
        """
        ...

    def pin(self) -> PinRecord | None:
        """The supervisor's PIN as it is kept; None where none is set."""
        ...

    def set_pin(self, hash: str, at: Instant) -> None:
        """Keep a new PIN; its failures begin at 0. Raises :class:`JournalError`."""
        ...

    def pin_tried(self, at: Instant) -> None:
        """Count a try, durably, before it is looked at. Raises :class:`JournalError`."""
        ...

    def pin_was_good(self) -> None:
        """The try was right: the failures begin at 0. Raises :class:`JournalError`."""
        ...

    @property
    def awaiting_acceptance(self) -> bool:
        """It was built anew from its text copy: no new payment until a supervisor accepts that."""
        ...


class Lane(StrEnum):
    """Where slow work runs, so that old orders never delay the payment at the counter."""

    PAYMENT = "payment"  # the customer who stands there: pay, unified, look-ups, attended questions and notices
    BESIDE = "beside"  # the payment lane's second connection: questions beside an open pay call
    BACKGROUND = "background"  # everything about older orders
    PRINTER = "printer"
    PIN = "pin"  # argon2id takes its time on purpose


class Job(msgspec.Struct, frozen=True):
    """Slow work for a lane: ``work`` runs there; what it returns is put into the inbox as ``(key, result)``.

    ``work`` never raises by contract; what it raises all the same is delivered as the result, to be treated as
    silence.
    """

    lane: Lane
    key: tuple[str, ...]
    work: Callable[[], object]


class Workers(Protocol):
    """The lanes."""

    def submit(self, job: Job) -> None:
        """Queue the job on its lane; returns at once."""
        ...


class PrintResult(StrEnum):
    """What a printer may honestly say of a job (hardware.md 5.4)."""

    CONFIRMED = "confirmed"
    SENT_UNCONFIRMED = "sent_unconfirmed"
    NOT_SENT = "not_sent"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"
    NONE = "none"  # no printer is configured


class PrinterPort(Protocol):
    """A printer, called on its lane."""

    def print(self, job_id: str, document: Sequence[ReceiptLine]) -> PrintResult:
        """Print the document; blocks until its outcome is known, within limits."""
        ...
