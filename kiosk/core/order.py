"""An order: one attempt to have one bill (or prepayment) paid under one number in one mode.

Rules
1. :class:`Order` is what the journal keeps; :class:`Asking` is what a process may lose with its life without harm
   (when to ask next, what was heard so far). The machine alone makes new ones.
2. Each state tells what is true in the world; the comments say it (payment.md part 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec


class State(StrEnum):
    """What is known of an order's money."""

    INTENT = "intent"  # number, bill, amount, mode are durable; the first byte may or may not have left
    IN_DOUBT = "in_doubt"  # sent, or perhaps sent; the outcome is not known
    SHOWN = "shown"  # the pay_url is durable and may be on a screen: whoever sees it may pay
    UNSEEN = "unseen"  # unified was called, no QR was ever painted: nobody can pay it
    PAID = "paid"  # a verified payment query said so; the notice is owed
    CREDITED = "credited"  # the notice was acknowledged
    FAILED = "failed"  # proved not to be payable
    REFUNDED = "refunded"  # the gateway said that it gave the money back
    MANUAL = "manual"  # a contradiction or a time limit: a supervisor settles it


#: States in which the counter still owes this order a question, a notice or a settlement.
OPEN = frozenset({State.INTENT, State.IN_DOUBT, State.SHOWN, State.PAID, State.MANUAL})
#: States in which the outcome of the payment itself is not known.
UNDECIDED = frozenset({State.INTENT, State.IN_DOUBT, State.SHOWN})


_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Characters of randomness in an order number, drawn at every start of a process that may pay.
DRAWN_LENGTH = 10


def order_number(counter_id: str, drawn: str, count: int) -> str:
    """Counter id + what was drawn at the start + a counter in base 36: at most 32 characters.

    So neither a clock set back, a restored backup nor an imaged disk repeats a number (payment.md part 1).
    """
    if not 1 <= len(counter_id) <= 8 or len(drawn) != DRAWN_LENGTH or count < 1:
        raise ValueError("an order number is made of 1 to 8 characters, 10 drawn ones, and a count from 1")
    digits = ""
    while count:
        count, rest = divmod(count, 36)
        digits = _BASE_36[rest] + digits
    return f"{counter_id}{drawn}{digits.rjust(4, '0')}"


class Kind(StrEnum):
    """What is paid for."""

    ARREARS = "arrears"
    PREPAYMENT = "prepayment"


class Mode(StrEnum):
    """Who scans whom."""

    SCAN = "scan"  # 被扫: the cashier scans the customer's payment code
    SHOW = "show"  # 主扫: the customer scans the counter's QR


class Instant(msgspec.Struct, frozen=True):
    """A moment on both clocks. Only ``mono_s`` may ever decide an outcome (rule 15)."""

    #: Seconds on a clock that never jumps; means nothing across processes.
    mono_s: float
    #: Milliseconds since 1970 UTC, as the machine believes.
    wall_ms: int


class Asking(msgspec.Struct, frozen=True):
    """What this process heard and waits for; lost with the process, on purpose.

    A struct, for it is changed many times a payment: ``dataclasses.replace`` takes fifty times as long for as many
    fields (tests/bench/simulated_payments.py lives on it).
    """

    #: When this process began with the order (its start for orders taken up again).
    since_s: float = 0.0
    #: When the next question, notice or limit is due; None: nothing is.
    due_s: float | None = None
    #: The pay or unified call is on its way.
    calling: bool = False
    #: The number of the question in flight, 0 where none is; and the count of questions asked.
    in_flight: int = 0
    asked: int = 0
    last_asked_s: float = 0.0
    #: Questions asked on the present schedule (the count that chooses the gap).
    step: int = 0
    #: The schedule's zero: the pay call's answer, or the QR's commit.
    answered_s: float | None = None
    #: Hold-off and life run from here (payment.md part 1, rule 11 d); None: not begun.
    hold_off_from_s: float | None = None
    life_from_s: float | None = None
    #: Whether the customer stands at the counter.
    attended: bool = False
    #: A sign that the gateway knows the order (rule 11 c).
    sign: bool = False
    #: The last negative answer and when it first came (rule 11 b).
    negative: str = ""
    negative_at_s: float = 0.0
    #: Answers 1003 that count (rule 11 c) and when the first came.
    not_found: int = 0
    not_found_at_s: float = 0.0
    #: Negative answers after the order's life (rule 11 d).
    expired: int = 0
    #: The same unknown number named again and again (rule 12).
    stranger: str = ""
    stranger_count: int = 0
    stranger_at_s: float = 0.0
    #: It may be the gateway's own number for this order: no other order goes by it, and the profile says that replies
    #: name such numbers. Only then is it asked by (rule 12).
    stranger_is_free: bool = False
    #: Unreadable answers in a row; alarms at the third.
    unreadable: int = 0
    #: After 1003 by one number the other is tried.
    ask_other: bool = False
    #: Notices sent in this process, and whether one is on its way.
    notices: int = 0
    notice_in_flight: bool = False
    #: The last notice was answered "not paid" or "no such order".
    notice_refused: bool = False
    #: The arrears are to be asked for before the notice may be repeated, and whether that question is on its way.
    check_arrears: bool = False
    arrears_in_flight: bool = False
    #: Only arrears asked for from this moment on tell whether the notice may go again; and when they were asked for.
    check_from_s: float = 0.0
    arrears_asked_s: float = 0.0
    #: What the arrears said of this bill last: ``owed``, ``gone``, or nothing yet.
    arrears: str = ""
    #: When the QR left every screen; None: it may be on one.
    hidden_s: float | None = None
    #: When the newest verified answer was asked for, where it said "not paid" (a second attempt stands on it).
    unpaid_sent_s: float | None = None
    #: When this process made the order ``paid`` or found it so.
    paid_s: float = 0.0
    #: Alarms that rang already for this order, so that each rings once.
    rang: frozenset[str] = frozenset()
    #: From when the late questions after ``failed`` count.
    late_from_s: float | None = None
    #: What the gateway said last, for the pending page: a code of the answer and its words.
    heard: str = ""
    words: str = ""
    heard_at_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One attempt. Amounts in fen, times in milliseconds of the wall clock (for people, never for decisions).

    Without slots: a dictionary is copied at once, slots one by one (:meth:`changed`, sixty times a payment).
    """

    order_no: str
    customer_no: str
    kind: Kind
    mode: Mode
    principal_fen: int
    created_ms: int
    late_fee_fen: int = 0
    #: What is charged; differs from the sum where the site's amount already holds the late fee.
    total_fen: int = 0
    cost_id: str = ""
    period: str = ""
    #: The cost ids the list showed at the time (bills.locks).
    known_ids: tuple[str, ...] = ()
    #: 0, or the number of the event that allowed a second attempt (rule 1).
    override: int = 0
    wallet: str = ""
    cashier: str = ""
    name_masked: str = field(default="", repr=False)
    state: State = State.INTENT
    gateway_order_no: str = ""
    pay_url: str = ""
    #: pay or unified was answered 1002 at its only sending: an old order may hold the number (rule 6).
    exists_elsewhere: bool = False
    #: A byte of the pay or unified call may have left.
    bytes_left: bool = True
    #: Why it is in this state, as a code of wording.py.
    reason: str = ""
    #: A verified SUCCESS was seen (evidence in ``manual``).
    success_seen: bool = False
    paid_ms: int | None = None
    credited_ms: int | None = None
    asking: Asking = field(default_factory=Asking, compare=False, repr=False)

    @property
    def bill_key(self) -> tuple[str, str]:
        """(customer, cost id), or (customer, prepayment): what one live attempt may exist for."""
        return self.customer_no, self.cost_id if self.kind is Kind.ARREARS else "*prepayment"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Our number, and the gateway's where it differs: a reply that names neither is not about this order."""
        if self.gateway_order_no in ("", self.order_no):
            return (self.order_no,)
        return self.order_no, self.gateway_order_no

    @property
    def public_state(self) -> State:
        """The state that people and scripts read: an ``intent`` on disk is a doubt to whoever was not there."""
        return State.IN_DOUBT if self.state is State.INTENT else self.state

    def asking_now(self, **changes: Any) -> Order:
        """The same order with some of its volatile part changed."""
        return self.with_asking(msgspec.structs.replace(self.asking, **changes))

    def with_asking(self, asking: Asking) -> Order:
        """The same order with another volatile part: every durable field as it is, without the constructor's walk."""
        return self.changed(asking=asking)

    def changed(self, **changes: Any) -> Order:
        """As ``dataclasses.replace``, in a tenth of its time; nobody looks whether these are fields of an order."""
        return order_of_fields(self.__dict__ | changes)


def order_of_fields(fields: dict[str, Any]) -> Order:
    """The order with these fields, every one of them named, in a tenth of the constructor's time; the dictionary
    becomes the order's own."""
    order: Order = object.__new__(Order)
    object.__setattr__(order, "__dict__", fields)
    return order
