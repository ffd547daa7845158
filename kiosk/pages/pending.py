"""The page *Pending*: its commands carried out. What is legal is core/cases.py, what is shown case_view.py.

Rules
1. It changes no order itself: it asks, and the orders' keeper steps them (attempts.py).
2. A payment code is nobody's note: it is told, and forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from kiosk.attempts import Attempts
from kiosk.core import commands as c
from kiosk.core.cases import PASSING_BANNERS, Cases, prints, wallet_number
from kiosk.core.desk import Desk
from kiosk.core.messages import AskNow, Noted, SeekCredit
from kiosk.core.order import Instant, Order
from kiosk.core.payment_code import looks_like_payment_code
from kiosk.core.sentence import Level, Page
from kiosk.pages.case_view import PendingRows, case_view
from kiosk.paper import Paper
from kiosk.ports import Job, JournalError, JournalPort
from kiosk.snapshot import CaseView, PendingView

Print = Callable[[Callable[[Instant], Job | None]], bool]


class PendingPage:
    """The engine's half of *Pending*; ``print_paper`` journals and prints what it is given."""

    page = Page.PENDING

    def __init__(
        self, cases: Cases, attempts: Attempts, desk: Desk, journal: JournalPort, paper: Paper, print_paper: Print
    ) -> None:
        self.cases = cases
        self._attempts, self._desk, self._journal = attempts, desk, journal
        self._paper, self._print = paper, print_paper
        self._rows = PendingRows()

    def opened(self) -> None:
        """Nothing is looked at yet."""
        self._forget_what_was_said()
        self.cases.opened()

    def left(self) -> None:
        """The open case is closed."""
        self._forget_what_was_said()
        self.cases.left()

    def legal(self, at: Instant) -> Sequence[type]:
        """By the case that is open."""
        return self.cases.legal(self._attempts.orders, at)

    def command(self, command: object, at: Instant) -> None:
        """Look at another case, ask about the open one, note, print."""
        self._forget_what_was_said()
        order = self.cases.case(self._attempts.orders)
        match command:
            case c.OpenCase(order_no=order_no):
                self.cases.open(order_no, self._attempts.orders)
            case c.CloseCase():
                self.cases.case_no = ""
            case c.NoteWallet(text=text) if order is not None:
                self._note_wallet(order, text)
            case c.AskAbout() if order is not None:
                self._attempts.step(order.order_no, AskNow())
            case c.SeekEvidence() if order is not None:
                self._attempts.step(order.order_no, SeekCredit())
            case c.PrintCase() if order is not None:
                work = self._paper.refund_request if prints(order) == "refund" else self._paper.slip
                self._print(partial(work, order))

    def scanned(self, text: str, at: Instant) -> None:
        """A receipt's or slip's order number opens its case; anything else is the open case's wallet number, but a
        payment code is nobody's note."""
        number = text.strip().upper()
        if number in self._attempts.orders:
            self.cases.open(number, self._attempts.orders)
            return
        order = self.cases.case(self._attempts.orders)
        if order is not None:
            self._note_wallet(order, text)
        elif looks_like_payment_code(text):
            self._desk.say(Level.WARN, "code.is_payment_code")

    def done(self, key: tuple[str, ...], result: object, at: Instant) -> bool:
        """It gives no slow work away itself."""
        return False

    def due_s(self, at: Instant) -> float | None:
        """Only what happens changes it."""
        return None

    def view(self, at: Instant) -> PendingView | None:
        """The page, where it is open."""
        return self._rows.view(self.cases, self._attempts.orders, at, self._case(at))

    def _case(self, at: Instant) -> CaseView | None:
        order = self.cases.case(self._attempts.orders)
        if order is None:
            return None
        try:
            evidence, twin = self._journal.evidence(order.order_no), self._journal.twin_paid(order)
        except JournalError:  # it is shut for a moment: the case is shown without; a settlement looks again
            evidence, twin = [], True
        return case_view(self.cases, order, at, evidence, twin_paid=twin, printing=self._paper.telling)

    def _note_wallet(self, order: Order, text: str) -> None:
        number = wallet_number(text)
        if looks_like_payment_code(text):
            self._desk.say(Level.WARN, "code.is_payment_code")
        elif number:
            self._attempts.step(order.order_no, Noted(number))
        else:
            self._desk.say(Level.WARN, "case.wallet_no_unfit")

    def _forget_what_was_said(self) -> None:
        banner = self._desk.banner
        if banner is not None and banner.what.code in PASSING_BANNERS:
            self._desk.banner = None
