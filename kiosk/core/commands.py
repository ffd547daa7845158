"""What a person (or a script in their place) may ask of the counter. Values, no behaviour.

The desk decides which of these are legal at a moment; a screen enables a button because the command is legal, for
no other reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.core.sentence import Page


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find the customer whose number was typed."""

    text: str


#: A scan older than this meant another moment: it is told, and not taken.
SCAN_LIFE_S = 5.0


@dataclass(frozen=True, slots=True)
class Scanned:
    """The scanner read something; what it means is decided by where the cashier is.

    ``at_s``: when, in monotonic seconds; a scan that waited too long means nothing any more. None: just now.
    """

    text: str = field(repr=False)
    at_s: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ChooseBill:
    """Choose or leave out one bill on the *Account* face."""

    cost_id: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask for the bills again."""


@dataclass(frozen=True, slots=True)
class PayBills:
    """Go to the *Pay* face with the chosen bills."""


@dataclass(frozen=True, slots=True)
class PayPrepayment:
    """Go to the *Pay* face with a prepayment; yuan as typed."""

    yuan: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Yes to the question the desk asked (a large prepayment; a second prepayment beside an open one)."""


@dataclass(frozen=True, slots=True)
class ShowQr:
    """Show the QR for the amount on the *Pay* face, or the same QR again."""


@dataclass(frozen=True, slots=True)
class AskNow:
    """The customer says that they paid: ask the gateway now."""


@dataclass(frozen=True, slots=True)
class StopWaiting:
    """Leave an undecided payment to the background: the next in the queue must not wait for it."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go on with the bills left of a run that stopped."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """A new attempt after one that was proved not to be payable."""


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Print the receipt again, or the unconfirmed slip, of what the *Result* face shows."""


@dataclass(frozen=True, slots=True)
class NextCustomer:
    """Leave the result; back to *Find*."""


@dataclass(frozen=True, slots=True)
class Back:
    """One step back; never out of a payment that began."""


@dataclass(frozen=True, slots=True)
class WithdrawQr:
    """Take the QR off every screen and ask: a second attempt may follow."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Open a page of the rail."""

    page: Page


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Look at one order of the *Pending* page."""

    order_no: str


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Back to the list."""


@dataclass(frozen=True, slots=True)
class AskAbout:
    """Ask the gateway now about the open case."""


@dataclass(frozen=True, slots=True)
class SeekEvidence:
    """Ask for the arrears: is the open case's bill still owed?"""


@dataclass(frozen=True, slots=True)
class NoteWallet:
    """Keep the wallet's own transaction number with the open case."""

    text: str


@dataclass(frozen=True, slots=True)
class PrintCase:
    """Print the open case's slip; a refund request where the bill was paid twice."""


@dataclass(frozen=True, slots=True)
class TryDevice:
    """On the page *Devices*: print a test page, play a sound, show a pattern."""

    device: str


@dataclass(frozen=True, slots=True)
class Settle:
    """A supervisor settles a case: ``how`` is a word of ``settling.SETTLEMENTS``; without ``order_no`` the open one."""

    how: str
    why: str
    pin: str = field(repr=False)
    order_no: str = ""


@dataclass(frozen=True, slots=True)
class AllowSecond:
    """Allow a second attempt on the bill of this live order; ``pin`` where it needs a supervisor."""

    order_no: str
    why: str
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SetPin:
    """Set the supervisor's PIN; ``old`` where one is set."""

    new: str = field(repr=False)
    old: str = field(default="", repr=False)


#: What a supervisor's PIN stands before; the engine has it checked off its own thread.
Guarded = Settle | AllowSecond | SetPin
#: What the pages beside *Collect* ask for; each is carried out by the page that is open, where it is legal there.
OnPages = OpenCase | CloseCase | AskAbout | SeekEvidence | NoteWallet | PrintCase | TryDevice

Command = (
    LookUp
    | Scanned
    | ChooseBill
    | Refresh
    | PayBills
    | PayPrepayment
    | Confirm
    | ShowQr
    | AskNow
    | StopWaiting
    | GoOn
    | TryAgain
    | PrintSlip
    | NextCustomer
    | Back
    | WithdrawQr
    | GoTo
    | OnPages
    | Guarded
)
