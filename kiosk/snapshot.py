"""What screens may show: one frozen value a moment, with the commands that are legal in it.

Rules
1. A screen paints what stands here and nothing else; it keeps no truth of its own but what is being typed.
2. Texts for people are :class:`Sentence` values (a code of wording.py and named fields), never finished text, so
   that the language can change at any moment.
3. A payment code is never here; a customer's name in clear is here for the cashier's press-and-hold alone and never
   in :class:`CustomerView`.
4. ``*_s`` moments are of the monotonic clock (``time.monotonic``), so that a screen can count seconds by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.core.calendar import time_of_day
from kiosk.core.commands import (
    AllowSecond,
    AskAbout,
    AskNow,
    Back,
    ChooseBill,
    CloseCase,
    Command,
    Confirm,
    GoOn,
    GoTo,
    LookUp,
    NextCustomer,
    NoteWallet,
    OpenCase,
    PayBills,
    PayPrepayment,
    PrintCase,
    PrintSlip,
    Refresh,
    Scanned,
    SeekEvidence,
    SetPin,
    Settle,
    ShowQr,
    StopWaiting,
    TryAgain,
    TryDevice,
    WithdrawQr,
)
from kiosk.core.money import show_yuan
from kiosk.core.sentence import Banner, Face, Level, Page, Sentence

__all__ = [
    "AccountView", "AllowSecond", "AskAbout", "AskNow", "Back", "Banner", "BillRow", "CaseRow", "CaseView",
    "ChooseBill", "CloseCase", "Command", "Confirm", "CounterView", "CustomerState", "CustomerView", "DeviceRow",
    "DevicesView", "Face", "FindView", "GoOn", "GoTo", "Level", "LookUp", "NextCustomer", "NoteWallet", "OpenCase",
    "Outcome", "Page", "PayBills", "PayPrepayment", "PayView", "PendingView", "Pill", "PrintCase", "PrintSlip",
    "Recent", "Refresh", "ResultLine", "ResultView", "ScanTried", "Scanned", "SecondView", "SeekEvidence", "Sentence",
    "SetPin", "Settle", "ShowQr", "Snapshot", "Stage", "StopWaiting", "TryAgain", "TryDevice", "WithdrawQr",
    "show_yuan", "time_of_day",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pill:
    """A device's or the gateway's health in the header: a word, and what is wrong and what to do on a tap."""

    device: str  # "gateway" | "scanner" | "printer" | "display" | "pole" | "sound"
    level: Level
    word: Sentence
    advice: Sentence | None = None


@dataclass(frozen=True, slots=True)
class CounterView:
    """The header's left side. ``plain_http`` asks for the red banner of interface.md part 1."""

    counter_id: str
    branch: str
    cashier: str
    training: bool = False
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Recent:
    """A customer of this sitting, masked, to be taken up again by a tap."""

    customer_no: str
    name_masked: str


@dataclass(frozen=True, slots=True)
class FindView:
    """*Find*: ``searching`` holds the number that is being looked up."""

    searching: str = ""
    recent: tuple[Recent, ...] = ()


@dataclass(frozen=True, slots=True)
class BillRow:
    """One bill; ``locked`` says why it cannot be chosen."""

    cost_id: str
    period: str
    principal_fen: int
    late_fee_fen: int
    total_fen: int
    chosen: bool
    locked: Sentence | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """*Account*. Clear texts are for press-and-hold alone."""

    customer_no: str
    name_masked: str
    address_masked: str
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    balance_fen: int | None = None
    bills: tuple[BillRow, ...] = ()
    chosen_fen: int = 0
    chosen_count: int = 0
    #: Why no bills can be shown or paid (nothing owed, unreadable, no answer); None where there are bills.
    note: Sentence | None = None
    #: The data as received where it could not be read.
    received: str = field(default="", repr=False)
    fetched_s: float = 0.0
    refreshing: bool = False
    prepay_min_fen: int = 0
    prepay_max_fen: int = 0
    #: A question to be answered by Confirm or Back before a prepayment goes on.
    question: Sentence | None = None
    #: What was typed in the prepayment that the question is about, in fen.
    question_fen: int = 0


class Stage(StrEnum):
    """Where a payment stands, for the step animation."""

    READY = "ready"  # nothing sent: armed for a scan
    SENDING = "sending"  # the call is on its way
    WAITING = "waiting"  # the gateway took it: the customer confirms
    PAID = "paid"  # paid, the notice is on its way
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class SecondView:
    """A second attempt beside ``order_no``: ``by`` a ``supervisor`` (PIN and reason) or the ``cashier`` (a reason);
    ``refused`` says why not now."""

    order_no: str
    by: str
    refused: Sentence | None = None


@dataclass(frozen=True, slots=True)
class PayView:
    """*Pay*. ``qr_text`` non-empty: paint it here where there is no customer's screen."""

    amount_fen: int
    name_masked: str
    customer_no: str
    title: Sentence  # what is being paid for
    stage: Stage
    sentence: Sentence  # what is happening, one sentence
    since_s: float  # the stage began
    position: int = 1  # bill 2 of 3
    count: int = 1
    scan_armed: bool = False
    qr_text: str = ""
    qr_until_s: float | None = None
    order_no: str = ""
    #: The QR was withdrawn: it is on no screen, and whether a second attempt may begin is in ``second``.
    withdrawn: bool = False
    second: SecondView | None = None


class Outcome(StrEnum):
    """What *Result* says."""

    PAID = "paid"
    NOT_PAID = "not_paid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One bill or prepayment of the run and how it ended; ``outcome`` None: not begun."""

    title: Sentence
    amount_fen: int
    outcome: Outcome | None
    state: Sentence


@dataclass(frozen=True, slots=True)
class ResultView:
    """*Result*. ``leaves_s``: when it goes back to *Find* by itself; None: it stays."""

    outcome: Outcome
    headline: Sentence
    advice: Sentence
    name_masked: str
    customer_no: str
    total_fen: int
    lines: tuple[ResultLine, ...]
    reference: str = ""
    printing: Sentence | None = None
    leaves_s: float | None = None
    since_s: float = 0.0
    #: A second attempt, where the policy allows any.
    second: SecondView | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One order on the *Pending* page. ``level``: BAD needs a supervisor, WARN is in doubt, BUSY is being credited."""

    order_no: str
    begun_at: str  # HH:MM, or the day too where it was not today
    customer_no: str
    name_masked: str
    title: Sentence
    amount_fen: int
    state: Sentence
    level: Level
    #: When it is asked or told next; None: by nobody.
    next_s: float | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """The open case: what was sent, what came back, what is known, what may be done."""

    row: CaseRow
    gateway_order_no: str
    sent: Sentence  # what was sent, and when
    heard: Sentence  # what came back last, and when; or that nothing did
    why: Sentence  # what its state means and what happens by itself
    evidence: tuple[Sentence, ...] = ()  # a verified SUCCESS, the bill gone from the arrears, paid twice, ...
    wallet_no: str = ""
    #: The settlements that are allowed now, by the words of ``kiosk settle --as``.
    settle_as: tuple[str, ...] = ()
    #: Who may allow a second attempt (``supervisor``, ``cashier``, ``never``), and why not now; None: it may be.
    second_by: str = "never"
    second_refused: Sentence | None = None
    #: What :class:`PrintCase` prints: ``slip``, ``refund`` or nothing.
    prints: str = ""
    printing: Sentence | None = None


@dataclass(frozen=True, slots=True)
class PendingView:
    """*Pending*: every order that is still owed something; those that need a person first, oldest first."""

    rows: tuple[CaseRow, ...] = ()
    case: CaseView | None = None
    #: More rows than are listed.
    more: int = 0


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device on the page *Devices*."""

    device: str  # "scanner" | "printer" | "display" | "pole" | "sound"
    level: Level
    word: Sentence
    advice: Sentence  # what is so, and what to do where something is wrong
    place: str = ""  # where it is, as the settings name it
    detail: str = ""  # what the system said, for whoever repairs it
    #: Since when it is so; None: there is no such device here.
    since_s: float | None = None
    counters: tuple[tuple[Sentence, int], ...] = ()
    can_try: bool = False
    #: What came of trying it, on this visit of the page.
    tried: Sentence | None = None


@dataclass(frozen=True, slots=True)
class ScanTried:
    """What was last scanned on the page *Devices*: masked, its length, what the counter would take it for."""

    text: str
    length: int
    meaning: Sentence
    count: int
    at_s: float


@dataclass(frozen=True, slots=True)
class DevicesView:
    """*Devices*: how each is, and what the machine is, for whoever is asked for help."""

    rows: tuple[DeviceRow, ...] = ()
    scan: ScanTried | None = None
    diagnostics: str = field(default="", repr=False)


class CustomerState(StrEnum):
    """The customer's window (screens.md, the customer's window)."""

    IDLE = "idle"
    AMOUNT = "amount"  # what is to be paid, before any code is taken
    QR = "qr"
    CONFIRM = "confirm"  # please confirm on your phone
    PAID = "paid"
    NOT_PAID = "not_paid"
    WAIT = "wait"  # being confirmed
    CLOSED = "closed"  # this counter cannot take payments just now


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The sanitised view for the other side of the glass."""

    state: CustomerState = CustomerState.IDLE
    branch: str = ""
    name_masked: str = ""
    amount_fen: int = 0
    position: int = 1
    count: int = 1
    qr_text: str = ""
    qr_until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the windows show at one moment."""

    counter: CounterView
    face: Face = Face.FIND
    pills: tuple[Pill, ...] = ()
    pending_count: int = 0
    banner: Banner | None = None
    find: FindView = field(default_factory=FindView)
    account: AccountView | None = None
    pay: PayView | None = None
    result: ResultView | None = None
    customer: CustomerView = field(default_factory=CustomerView)
    #: The commands that are legal now, by class name.
    legal: frozenset[str] = frozenset()
    page: Page = Page.COLLECT
    pending: PendingView | None = None
    devices: DevicesView | None = None
    #: Whether a supervisor's PIN is set; without one nothing can be settled here.
    pin_is_set: bool = False
    #: A PIN is being checked: the dialog waits for ``pin_told``.
    pin_checking: bool = False
    #: What the last PIN led to (wrong, locked for a while, done); a new one has a greater ``pin_count``.
    pin_told: Sentence | None = None
    pin_count: int = 0
    #: Whether the last guarded command was carried out.
    pin_done: bool = False
    #: Grows with each alarm that a person at the counter must hear.
    rings: int = 0
    #: Grows with each snapshot; two that show the same are equal.
    version: int = field(default=0, compare=False)

    def allows(self, command: type) -> bool:
        """Whether a command of this class is legal now."""
        return command.__name__ in self.legal
