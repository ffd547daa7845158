"""A second attempt on a bill with a doubtful one: why, and the PIN where the policy wants a supervisor's word."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from kiosk.snapshot import AllowSecond, Page, SecondView, Snapshot
from kiosk.ui.screens.face import Tools, card
from kiosk.ui.sheets.guarded import GuardedSheet
from kiosk.ui.sheets.settle import case_of
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.text import FittedWords

_REASONS = ("left", "cannot_scan", "other_way", "not_charged")


def second_of(snapshot: Snapshot) -> SecondView | None:
    """The second attempt that may be allowed now on what is shown; None where there is none."""
    if not snapshot.allows(AllowSecond):
        return None
    if snapshot.page is Page.PENDING:
        case = case_of(snapshot)
        if case is None or case.second_by == "never":
            return None
        view: SecondView | None = SecondView(case.row.order_no, case.second_by, case.second_refused)
    else:
        shown = snapshot.pay or snapshot.result
        view = shown.second if shown is not None else None
    return view if view is not None and view.refused is None else None


class SecondSheet(GuardedSheet):
    """Warns first: both may be paid."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(tools, parent, tools.say("supervisor.second_title"), tools.say("button.allow"))
        theme, ink = self.theme, self.theme.of(Tone.DOUBT).ink
        self._order_no = ""
        warning = card(theme, str(Tone.DOUBT))
        row = QHBoxLayout(warning)
        row.setContentsMargins(*[theme.px(16)] * 4)
        row.setSpacing(theme.px(16))
        self.warning = FittedWords(theme, Type.BODY, ink, wrap=True)
        self.warning.setMinimumHeight(theme.px(96))
        self.warning.tell(self.say("supervisor.second_warning"))
        row.addWidget(IconMark("warn", ink, theme.px(40)))
        row.addWidget(self.warning, 1)
        self.left.addWidget(warning)
        self.reason.offer(tuple(self.say(f"supervisor.reason_{why}") for why in _REASONS))

    def fits(self, snapshot: Snapshot) -> bool:
        if self._asked_at is not None:
            return True  # what was asked for makes itself impossible: the answer closes the sheet
        view = second_of(snapshot)
        return view is not None and (self.isHidden() or view.order_no == self._order_no)

    def open(self, snapshot: Snapshot) -> bool:
        self._asked_at = None
        return super().open(snapshot)

    def begin(self, snapshot: Snapshot) -> None:
        super().begin(snapshot)
        view = second_of(snapshot)
        assert view is not None
        self._order_no = view.order_no
        self.needs_pin(view.by == "supervisor")

    def command(self, why: str, pin: str) -> AllowSecond:
        return AllowSecond(self._order_no, why, pin)
