"""The supervisor's PIN, set at the first start: typed twice, or left for later."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import SetPin, Snapshot
from kiosk.ui.screens.face import Tools
from kiosk.ui.sheets.pin_panel import PinPanel
from kiosk.ui.sheets.sheet import EDGE_PX, Sheet
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.text import FittedWords

WIDTH_PX = 760


class FirstPinSheet(Sheet):
    """Where a PIN is set already there is nothing to ask."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(tools, parent, tools.say("supervisor.first_title"), tools.say("button.save"), WIDTH_PX)
        theme = self.theme
        self._first = ""
        self._asked_at: int | None = None
        self.cancel.relabel(self.say("button.later"))
        self.hint = FittedWords(theme, Type.TITLE, theme.ink, Qt.AlignmentFlag.AlignTop, wrap=True)
        self.hint.setMinimumHeight(theme.px(144))
        self.later = FittedWords(theme, Type.SMALL, theme.of(Tone.REST).ink, wrap=True)
        self.later.setMinimumHeight(theme.px(80))
        self.later.tell(self.say("supervisor.first_later"))
        self.beside = self.pin = PinPanel(tools)
        self.pin.changed.connect(self._follow)
        texts, row = QVBoxLayout(), QHBoxLayout()
        texts.addWidget(self.hint)
        texts.addStretch(1)
        texts.addWidget(self.later)
        row.setSpacing(theme.px(EDGE_PX))
        row.addLayout(texts, 1)
        row.addWidget(self.pin)
        self.body.addLayout(row)

    def fits(self, snapshot: Snapshot) -> bool:
        return not snapshot.pin_is_set and snapshot.allows(SetPin)

    def begin(self, snapshot: Snapshot) -> None:
        self._asked_at = None
        self._again()

    def _again(self, wrong: str = "") -> None:
        self._first = ""
        self.pin.clear()
        self.pin.say_wrong(wrong)
        self._follow()

    def refresh(self, snapshot: Snapshot) -> None:
        if self._asked_at is not None and snapshot.pin_count > self._asked_at:
            self._asked_at = None
            self._again(self.say(snapshot.pin_told) if snapshot.pin_told is not None else "")

    def submit(self) -> None:
        if self.snapshot is None or not self.pin.is_whole():
            return
        typed = self.pin.field.taken()
        if not self._first:
            self._first = typed
            self._follow()
        elif typed != self._first:
            self._again(self.say("supervisor.first_differs"))
        else:
            self._first = ""
            self._asked_at = self.snapshot.pin_count
            self.pin.say_busy(self.say("supervisor.checking"))
            self._follow()
            self.tools.send(SetPin(typed))

    def close_sheet(self) -> None:
        self._first = ""
        self.pin.clear()
        super().close_sheet()

    def type(self, key: int, text: str) -> bool:
        return self.pin.type(key, text)

    def _follow(self) -> None:
        self.hint.tell(self.say("supervisor.first_again" if self._first else "supervisor.first_hint"))
        self.confirm.allow(self.pin.is_whole() and self._asked_at is None)
