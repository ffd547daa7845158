"""A supervisor settles the open case: how it ended, why, and the PIN."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from kiosk.snapshot import CaseView, Settle, Snapshot, show_yuan
from kiosk.ui.screens.face import Tools
from kiosk.ui.sheets.guarded import GuardedSheet
from kiosk.ui.widgets.choice import ChoiceCard

HOWS = ("release", "credited", "refunded", "failed")
_REASONS = ("bank", "utility", "phone_bill", "refunded")


def case_of(snapshot: Snapshot) -> CaseView | None:
    """The open case."""
    return snapshot.pending.case if snapshot.pending is not None else None


class SettleSheet(GuardedSheet):
    """What is legal of the four settlements stands there as cards; none is chosen to begin with."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(tools, parent, tools.say("supervisor.settle_title"), tools.say("button.settle"))
        self._order_no = ""
        self._how = ""
        self.cards: dict[str, ChoiceCard] = {}
        for how in HOWS:
            made = ChoiceCard(
                self.theme, self.say(f"supervisor.as_{how}"), self.say(f"supervisor.as_{how}_means")
            )
            made.clicked.connect(partial(self.choose, how))
            self.cards[how] = made
            self.left.addWidget(made)
        self.reason.offer(tuple(self.say(f"supervisor.reason_{why}") for why in _REASONS))

    def fits(self, snapshot: Snapshot) -> bool:
        case = case_of(snapshot)
        if case is None or not case.settle_as or not snapshot.allows(Settle):
            return False
        return self.isHidden() or case.row.order_no == self._order_no

    def begin(self, snapshot: Snapshot) -> None:
        super().begin(snapshot)
        case = case_of(snapshot)
        assert case is not None
        row = case.row
        self._order_no, self._how = row.order_no, ""
        amount, title = show_yuan(row.amount_fen), self.say(row.title)
        self.title.tell(f"{self.say('supervisor.settle_title')} · {amount} · {row.name_masked} · {title}")

    def refresh(self, snapshot: Snapshot) -> None:
        case = case_of(snapshot)
        allowed = case.settle_as if case is not None else ()
        if self._how not in allowed:
            self._how = ""
        for how, made in self.cards.items():
            made.setVisible(how in allowed)
            made.setChecked(how == self._how)
        super().refresh(snapshot)

    def choose(self, how: str, _checked: bool = False) -> None:
        """This is how it ended."""
        self._how = how
        for word, made in self.cards.items():
            made.setChecked(word == how)
        self._follow()

    def step(self, by: int) -> None:
        open_ones = [how for how, made in self.cards.items() if not made.isHidden()]
        at = open_ones.index(self._how) if self._how in open_ones else (-1 if by > 0 else len(open_ones))
        self.choose(open_ones[max(0, min(len(open_ones) - 1, at + by))])

    def is_filled(self) -> bool:
        return bool(self._how)

    def command(self, why: str, pin: str) -> Settle | None:
        return Settle(self._how, why, pin, self._order_no) if self._how else None
