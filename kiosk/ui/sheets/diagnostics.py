"""What the machine is, for whoever is asked for help: all of it in one text, and one press to copy it.

1. The text has no secret in it (``diagnostics.py``); the devices are told as they are in this moment.
2. Nothing on it changes anything.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from kiosk.snapshot import Snapshot
from kiosk.ui.screens.face import Tools
from kiosk.ui.sheets.sheet import Sheet
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.text import FittedWords

WIDTH_PX = 880
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -12, Qt.Key.Key_PageDown: 12,
          Qt.Key.Key_Home: -1_000_000, Qt.Key.Key_End: 1_000_000}  # fmt: skip


class DiagnosticsSheet(Sheet):
    """A text to be read, scrolled and copied."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(tools, parent, tools.say("diagnostics.title"), tools.say("button.copy_all"), WIDTH_PX)
        theme = self.theme
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(theme.font(Type.SMALL))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.text.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.text.setMinimumHeight(theme.px(440))
        self.text.setAccessibleName(tools.say("diagnostics.title"))
        self.note = FittedWords(theme, Type.SMALL, theme.of(Tone.PAID).ink)
        self.body.addWidget(self.text)
        self.body.addWidget(self.note)

    def fits(self, snapshot: Snapshot) -> bool:
        return snapshot.devices is not None

    def begin(self, snapshot: Snapshot) -> None:
        self.note.tell("")
        self.text.setPlainText(self._all(snapshot))

    def submit(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.note.tell(self.say("diagnostics.copied"))

    def type(self, key: int, text: str) -> bool:
        step = _STEPS.get(Qt.Key(key), 0)
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.value() + step)
        return bool(step)

    def _all(self, snapshot: Snapshot) -> str:
        view = snapshot.devices
        assert view is not None
        lines = []
        for row in view.rows:
            counts = ", ".join(f"{self.say(name)} {count}" for name, count in row.counters)
            told = (self.say(f"device.{row.device}"), self.say(row.word), self.say(row.advice), row.detail, counts)
            lines.append(" | ".join(part for part in told if part))
        return "\n".join([*lines, "", view.diagnostics])
