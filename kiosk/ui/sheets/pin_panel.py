"""The field of dots over its keypad, and the line in which a wrong PIN is told.

What is typed on a real keyboard is not shown on the keypad, as it is elsewhere: it would be a PIN in clear.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.ui.screens.face import Tools
from kiosk.ui.screens.find import key_words
from kiosk.ui.theme import KEY_PX, Tone, Type
from kiosk.ui.widgets.entry import PinField
from kiosk.ui.widgets.keypad import BACKSPACE, CLEAR, Keypad
from kiosk.ui.widgets.text import FittedWords, Words

SHORTEST_PIN = 6
PANEL_PX = 320


class PinPanel(QWidget):
    """Emits ``changed`` with every key."""

    changed = Signal()

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        theme, say = tools.theme, tools.say
        self._theme = theme
        self.setFixedWidth(theme.px(PANEL_PX))
        self.label = Words(theme, Type.STRONG, text=say("supervisor.pin"))
        self.field = PinField(theme, say("supervisor.pin"), say("supervisor.pin_too_long"))
        self.note = FittedWords(theme, Type.SMALL, theme.of(Tone.DANGER).ink, wrap=True)
        self.note.setFixedHeight(theme.px(52))
        self.keypad = Keypad(theme, key_words(tools))
        self.keypad.setMinimumHeight(theme.px(4 * KEY_PX + 3 * 8))
        self.keypad.key.connect(self.field.take)
        self.field.changed.connect(self._typed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        for part in (self.label, self.field, self.note, self.keypad):
            column.addWidget(part)

    def _typed(self) -> None:
        if self.field.length():
            self.note.tell("")
        self.changed.emit()

    def is_whole(self) -> bool:
        """Whether enough figures were typed."""
        return self.field.length() >= SHORTEST_PIN

    def say_wrong(self, text: str) -> None:
        """Tell why it was not taken."""
        self.note.tell(text, self._theme.of(Tone.DANGER).ink)

    def say_busy(self, text: str) -> None:
        """Tell that it is being looked at."""
        self.note.tell(text, self._theme.of(Tone.ACT).ink)

    def clear(self) -> None:
        """Forget what was typed and told."""
        self.field.take(CLEAR)
        self.note.tell("")

    def type(self, key: int, text: str) -> bool:
        """Whether this key types here."""
        typed = {Qt.Key.Key_Backspace: BACKSPACE, Qt.Key.Key_Delete: CLEAR}.get(Qt.Key(key), text)
        if typed in (BACKSPACE, CLEAR) or (len(typed) == 1 and typed.isascii() and typed.isdigit()):
            self.field.take(typed)
            return True
        return False
