"""A reason: a few likely ones to touch, and a line to write one's own in, with the input method that Chinese needs.

The line keeps no past: no undo over what was emptied, no clipboard, no menu. A long number in it (a payment code from
a scanner that types) is thrown away at once, for a reason is kept for ever.
"""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from kiosk.ui.theme import TARGET_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.text import FittedWords, Words, retone

MOST_CHARACTERS = 100
LEAST_CHARACTERS = 2
#: So many figures in a row are no reason.
_LONG_NUMBER = re.compile(r"(?:\d[\s-]*){14,}")
_EDITING = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home,
                      Qt.Key.Key_End})  # fmt: skip
_HARMLESS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class ReasonLine(QLineEdit):
    """Takes characters and the keys that correct them; all else is left to the sheet."""

    def __init__(self, theme: Theme, name: str, hint: str) -> None:
        super().__init__()
        self.setFont(theme.font(Type.BODY))
        self.setFixedHeight(theme.px(TARGET_PX))
        self.setMaxLength(MOST_CHARACTERS)
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setProperty("kind", "reason")
        self._flooded = False

    def throw_out(self) -> None:
        """Forget the text, and take no figure until something else is typed: the rest of a code may be on its way."""
        self.setText("")
        self._flooded = True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~_HARMLESS
        if self._flooded and event.text().isdigit():
            return
        self._flooded = False
        if plain and (event.key() in _EDITING or (event.text() and event.text().isprintable())):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The middle button pastes under X11; here it does nothing."""
        if event.button() != Qt.MouseButton.MiddleButton:
            super().mouseReleaseEvent(event)


class ReasonPicker(QWidget):
    """Chips over the line; the line's text is the reason. Emits ``changed``."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, hint: str, no_number: str) -> None:
        super().__init__()
        self._theme, self._no_number = theme, no_number
        self.chips: list[BigButton] = []
        self.label = Words(theme, Type.STRONG, text=name)
        self.note = FittedWords(theme, Type.SMALL, theme.of(Tone.DANGER).ink, Qt.AlignmentFlag.AlignRight)
        self.line = ReasonLine(theme, name, hint)
        self.line.textChanged.connect(self._changed)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.px(8))
        head = QGridLayout()
        head.addWidget(self.label, 0, 0)
        head.addWidget(self.note, 0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(head)
        column.addLayout(self._grid)
        column.addWidget(self.line)

    def offer(self, reasons: tuple[str, ...]) -> None:
        """Put these on the chips, two in a row."""
        for at in range(len(self.chips), len(reasons)):
            chip = BigButton(self._theme, "")
            chip.setCheckable(True)
            chip.setFont(self._theme.font(Type.SMALL))
            chip.clicked.connect(lambda _=False, at=at: self._take(at))
            self.chips.append(chip)
            self._grid.addWidget(chip, at // 2, at % 2)
        for at, chip in enumerate(self.chips):
            chip.setVisible(at < len(reasons))
            if at < len(reasons):
                chip.relabel(reasons[at])

    def clear(self) -> None:
        """No reason."""
        self.line.setText("")
        self.note.tell("")

    def reason(self) -> str:
        """What was chosen or written; empty where it says too little."""
        text = " ".join(self.line.text().split())
        return text if len(text) >= LEAST_CHARACTERS else ""

    def _take(self, at: int) -> None:
        self.line.setText(self.chips[at].accessibleName())
        self._changed(self.line.text())

    def _changed(self, text: str) -> None:
        if _LONG_NUMBER.search(text):
            self.line.throw_out()
            self.note.tell(self._no_number)
            return
        if text:
            self.note.tell("")
        for chip in self.chips:
            chip.setChecked(chip.accessibleName() == text)
        retone(self.line, filled="true" if text else "false")
        self.changed.emit()
