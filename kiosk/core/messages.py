"""What the machine hears and what it wants done: answers of the gateway, messages, effects.

Rules
1. An answer is a value, whatever happened on the line: nothing that a network does is an exception here.
2. Effects are wishes. ``Append`` is carried out first, all of one step in one commit; the others only after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from kiosk.core.bills import Bill, Customer
from kiosk.core.order import State


class Call(StrEnum):
    """The gateway's seven calls; the two notices are one here."""

    CUSTOMER = "customer"
    ARREARS = "arrears"
    PAY = "pay"
    UNIFIED = "unified"
    QUERY = "query"
    NOTICE = "notice"


class Heard(StrEnum):
    """What came back: the rows of payment.md part 3 that the line itself can tell apart."""

    NOT_SENT = "not_sent"  # no byte of the request left this machine
    BROKEN = "broken"  # write error, reset, broken pipe: bytes may have left
    SILENT = "silent"  # read time-out, total deadline, a reply cut short
    REDIRECT = "redirect"  # 3xx, never followed
    CLIENT_ERROR = "client_error"  # 4xx
    SERVER_ERROR = "server_error"  # 5xx
    UNREADABLE = "unreadable"  # not JSON, too large, compressed, doubled keys, wrong types, too deep
    BAD_SIGN = "bad_sign"  # signature wrong, or missing where required: nothing in it is used
    CALL_FAILED = "call_failed"  # a verified reply whose ``code`` is FAIL
    ANSWERED = "answered"  # a verified reply whose ``code`` is SUCCESS; ``sub_code`` tells the rest


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One call's outcome. Fields below ``heard`` are filled only where a verified reply gave them."""

    heard: Heard
    sub_code: str = ""
    #: The payment's status on a query, upper case, as received.
    status: str = ""
    #: The order number that the reply names.
    order_no: str = ""
    #: On unified: the text for the QR, only where it was found fit (interface.md part 5).
    pay_url: str = ""
    http_status: int = 0
    retry_after_s: float | None = None
    #: The gateway's own words (``sub_msg`` or ``msg``), cleaned of control characters.
    words: str = ""
    #: For the log only.
    detail: str = ""


class Found(StrEnum):
    """What a look-up means for the cashier."""

    FOUND = "found"
    NOTHING = "nothing"  # no such customer | nothing owed
    UNREADABLE = "unreadable"  # an answer whose data no shape fits
    NO_ANSWER = "no_answer"  # silence, errors, the gateway's other codes


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAnswer:
    """The customer query's outcome."""

    answer: Answer
    found: Found
    customer: Customer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsAnswer:
    """The arrears query's outcome; ``received`` is the data as it came where it could not be read."""

    answer: Answer
    found: Found
    bills: tuple[Bill, ...] = ()
    received: str = field(default="", repr=False)


# --- messages: what happens to an order ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The answer of this order's one pay or unified call."""

    answer: Answer
    #: The number that the answer names belongs to another order in the journal (a reply of somebody else's call).
    number_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswered:
    """A payment query's answer."""

    answer: Answer
    number: int
    asked_by: str
    sent_s: float
    #: A query by our own number was seen to find an order of this kind (rule 11 c), None while unknown.
    finds_by_ours: bool | None = None
    #: Another order of the same bill (customer, id, period, principal) is paid or credited (rule 6).
    twin_paid: bool = False
    #: The number that the answer names belongs to another order in the journal.
    number_taken: bool = False


@dataclass(frozen=True, slots=True)
class NoticeAnswered:
    """A payment notice's answer."""

    answer: Answer
    #: As in :class:`QueryAnswered`.
    finds_by_ours: bool | None = None


class Due(msgspec.Struct, frozen=True):
    """The order's own deadline has come."""


@dataclass(frozen=True, slots=True)
class AskNow:
    """A person wants a question now: the customer says that they paid."""


@dataclass(frozen=True, slots=True)
class Unattended:
    """The cashier went on to the next customer."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """This process found the order open in the journal at its start."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The QR is off every screen of this counter (whoever took a picture of it may still pay)."""


@dataclass(frozen=True, slots=True)
class Reshown:
    """The same QR is painted once more, and the customer stands there."""


@dataclass(frozen=True, slots=True)
class SeekCredit:
    """A person wants to know whether the bill is still owed: evidence for a settlement."""


@dataclass(frozen=True, slots=True)
class ArrearsSeen:
    """The answer to :class:`AskArrears`: whether this order's bill is still owed; None: it cannot be told."""

    owed: bool | None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something a person noted for the case: the wallet's own transaction number."""

    wallet_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A supervisor's settlement of ``manual`` (payment.md part 1). ``PAID`` is the release of the notice."""

    to: State
    by: str
    why: str
    #: Another order of the same bill is paid or credited, as in :class:`QueryAnswered`.
    twin_paid: bool = False


Message = (
    CallAnswered
    | QueryAnswered
    | NoticeAnswered
    | Due
    | AskNow
    | Unattended
    | TakenUp
    | Withdrawn
    | Reshown
    | SeekCredit
    | ArrearsSeen
    | Noted
    | Settled
)


# --- effects: what the machine wants done -------------------------------------------------------------------------


class EventKind(StrEnum):
    """What the journal's events tell; one for each durable change."""

    INTENT = "intent"
    IN_DOUBT = "in_doubt"
    SHOWN = "shown"
    UNSEEN = "unseen"
    GATEWAY_NUMBER = "gateway_number"
    PAID = "paid"
    CREDITED = "credited"
    FAILED = "failed"
    REFUNDED = "refunded"
    MANUAL = "manual"
    EVIDENCE = "evidence"  # what a supervisor should know: a late answer, the bill gone or not, a wallet's number
    LEARNED = "learned"  # what was learned of the gateway's numbers
    PIN_SET = "pin_set"  # of no order: the supervisor's PIN was set
    SHIFT_OPENED = "shift_opened"  # of no order: a shift began
    SHIFT_CLOSED = "shift_closed"  # of no order: it ended; what was open then is named


#: The fact of an ``intent`` that was allowed beside live attempts: their order numbers, joined by spaces.
BESIDE = "beside"


class Append(msgspec.Struct, frozen=True):
    """Commit this event (and the order as it now is) before anything else of the step is done."""

    kind: EventKind
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SendCall:
    """Send this order's pay or unified call: the only time ever."""


class Ask(msgspec.Struct, frozen=True):
    """Send a payment query by this number; ``number`` comes back with the answer."""

    asked_by: str
    number: int


@dataclass(frozen=True, slots=True)
class SendNotice:
    """Send the stored notice bytes."""


@dataclass(frozen=True, slots=True)
class AskArrears:
    """Ask whether this order's bill is still owed; the answer is :class:`ArrearsSeen`."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tell people, once; ``code`` is a code of wording.py."""

    code: str


@dataclass(frozen=True, slots=True)
class Learned:
    """A query by our own number found an order: kept in the journal (rule 11 c)."""


Effect = Append | SendCall | Ask | SendNotice | AskArrears | Alarm | Learned
