"""The rail as it follows the snapshots: which page is open, what waits, and how the payment behind it goes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from kiosk.snapshot import Face, Outcome, Page, Snapshot, Stage
from kiosk.ui.screens.face import Tools
from kiosk.ui.theme import RAIL_PX, Tone
from kiosk.ui.widgets.rail import Mark, RailButton

PAGE_KEYS = {Qt.Key.Key_F11: Page.COLLECT, Qt.Key.Key_F12: Page.PENDING, Qt.Key.Key_F1: Page.DEVICES}
_LOOKS = {Page.COLLECT: ("collect", "F11"), Page.PENDING: ("inbox", "F12"), Page.DEVICES: ("devices", "F1")}
#: How a payment that ended is marked: icon and tone.
ENDED = {
    Outcome.PAID: ("check", Tone.PAID), Outcome.NOT_PAID: ("cross", Tone.DANGER), Outcome.UNKNOWN: ("warn", Tone.DOUBT),
}  # fmt: skip


class Rail(QFrame):
    """Emits ``chosen`` with the page that was touched, and ``language_asked``."""

    chosen = Signal(object)
    language_asked = Signal()

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools, theme = tools, tools.theme
        self.setProperty("panel", "rail")
        self.setFixedWidth(theme.px(RAIL_PX))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(4), theme.px(8), theme.px(4), theme.px(8))
        column.setSpacing(theme.px(8))
        self.buttons: dict[Page, RailButton] = {}
        for page, (icon_name, shortcut) in _LOOKS.items():
            button = RailButton(theme, tools.say(f"rail.{page}"), icon_name, shortcut)
            button.clicked.connect(partial(self.chosen.emit, page))
            self.buttons[page] = button
            column.addWidget(button)
        column.addStretch()
        # In the other language's own words: whoever needs it reads no other.
        self.language = RailButton(theme, tools.say("rail.other_language"), "globe", "")
        self.language.clicked.connect(self.language_asked)
        column.addWidget(self.language)

    def paint(self, snapshot: Snapshot) -> None:
        """Show this snapshot's pages."""
        mark = self._mark(snapshot)
        self.buttons[Page.COLLECT].show_part(snapshot.page is Page.COLLECT, mark=mark)
        self.buttons[Page.PENDING].show_part(snapshot.page is Page.PENDING, snapshot.pending_count)
        self.buttons[Page.DEVICES].show_part(snapshot.page is Page.DEVICES)

    def _mark(self, snapshot: Snapshot) -> Mark | None:
        """How the payment goes that another page covers."""
        if snapshot.page is Page.COLLECT:
            return None
        if snapshot.face is Face.RESULT and snapshot.result is not None:
            icon_name, tone = ENDED[snapshot.result.outcome]
            return Mark(icon_name, tone, self._tools.say(f"rail.{snapshot.result.outcome}"))
        if snapshot.face is Face.PAY and snapshot.pay is not None:
            paid = snapshot.pay.stage in (Stage.PAID, Stage.CREDITED)
            icon_name, tone = ENDED[Outcome.PAID] if paid else ("clock", Tone.ACT)
            return Mark(icon_name, tone, self._tools.say("rail.paid" if paid else "rail.runs"))
        return None
