"""What a supervisor's PIN stands before: a reason, the PIN, and the engine's word on both.

1. The PIN leaves the field with the command, so that a wrong one is typed anew.
2. From the command on the sheet waits for a greater ``pin_count``: done closes it, else ``pin_told`` is shown in it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import Command, Snapshot
from kiosk.ui.screens.face import Tools
from kiosk.ui.sheets.pin_panel import PinPanel
from kiosk.ui.sheets.sheet import Sheet
from kiosk.ui.widgets.reason import ReasonPicker

WITH_PIN_PX, WITHOUT_PIN_PX = 904, 560


class GuardedSheet(Sheet):
    """``left`` takes what the sheet is about; the reason stands below it, the PIN beside it."""

    def __init__(self, tools: Tools, parent: QWidget, title: str, confirm: str) -> None:
        super().__init__(tools, parent, title, confirm, WITH_PIN_PX)
        theme, say = self.theme, self.say
        self._asked_at: int | None = None
        self.reason = ReasonPicker(
            theme, say("supervisor.reason"), say("supervisor.reason_hint"), say("supervisor.reason_number")
        )
        self.beside = self.pin = PinPanel(tools)
        self.left = QVBoxLayout()
        self.left.setSpacing(theme.px(8))
        beside = QVBoxLayout()
        beside.setSpacing(theme.px(16))
        beside.addLayout(self.left)
        beside.addWidget(self.reason)
        beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(EDGE_BETWEEN_PX))
        row.addLayout(beside, 1)
        row.addWidget(self.pin)
        self.body.addLayout(row)
        self.reason.changed.connect(self._follow)
        self.pin.changed.connect(self._follow)

    def command(self, why: str, pin: str) -> Command | None:
        """What is sent; None while something is missing."""
        raise NotImplementedError

    def is_filled(self) -> bool:
        """Whether what stands on the left is answered."""
        return True

    def needs_pin(self, needed: bool) -> None:
        """Have the PIN asked for, or not."""
        self.pin.setVisible(needed)
        self.card.setFixedWidth(self.theme.px(WITH_PIN_PX if needed else WITHOUT_PIN_PX))

    def begin(self, snapshot: Snapshot) -> None:
        self._asked_at = None
        self.reason.clear()
        self.pin.clear()

    def refresh(self, snapshot: Snapshot) -> None:
        if self._asked_at is not None and snapshot.pin_count > self._asked_at:
            self._asked_at = None
            if snapshot.pin_done:
                self.close_sheet()
                return
            self.pin.say_wrong(self.say(snapshot.pin_told) if snapshot.pin_told is not None else "")
        self._follow()

    def close_sheet(self) -> None:
        self.pin.clear()
        super().close_sheet()

    def _follow(self) -> None:
        waiting = self._asked_at is not None
        whole = self.pin.isHidden() or self.pin.is_whole()
        self.confirm.allow(not waiting and whole and bool(self.reason.reason()) and self.is_filled())

    def submit(self) -> None:
        if self.snapshot is None or not self.confirm.isEnabled():
            return
        command = self.command(self.reason.reason(), self.pin.field.taken() if not self.pin.isHidden() else "")
        if command is None:
            return
        self._asked_at = self.snapshot.pin_count
        self._follow()
        self.pin.say_busy(self.say("supervisor.checking"))
        self.tools.send(command)

    def type(self, key: int, text: str) -> bool:
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(1 if key == Qt.Key.Key_Down else -1)
            return True
        return not self.pin.isHidden() and self.pin.type(key, text)

    def step(self, by: int) -> None:
        """An arrow key."""


EDGE_BETWEEN_PX = 24
