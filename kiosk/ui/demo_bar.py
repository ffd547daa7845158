"""The demo's bar: buttons with which to act the customer, and dials with which devices go wrong.

1. What a button does may block and gets a thread; what has to be done to the windows is done here.
2. A dial says what turning it does; turned, it stays down and says how to undo it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

_COLUMNS = 4
_TARGET_PX = 56


@dataclass(frozen=True, slots=True)
class Turn:
    """A dial in words: what turning it does, what turning it back does. ``in_window``: on this very thread."""

    off: str
    on: str
    turn: Callable[[bool], None]
    in_window: bool = False


class DemoBar(QWidget):
    """A small window: a label for each button and what pressing it does; the dials; a note for the trainer."""

    def __init__(
        self, title: str, acts: Sequence[tuple[str, Callable[[], None]]], dials: Sequence[Turn] = (), note: str = "",
        heading: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self.setWindowTitle(title)
        self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._grid = QGridLayout(self)
        self.acts = [self._button(label) for label, _ in acts]
        for button, (_, act) in zip(self.acts, acts, strict=True):
            button.clicked.connect(partial(_in_background, act))
        self._lay(self.acts)
        if dials and heading:
            self._tell(heading)
        self.dials = [self._button(dial.off) for dial in dials]
        for button, dial in zip(self.dials, dials, strict=True):
            button.setCheckable(True)
            button.toggled.connect(partial(_turn, button, dial))
        self._lay(self.dials)
        if note:
            self._tell(note)

    def _button(self, label: str) -> QPushButton:
        button = QPushButton(label)
        button.setAccessibleName(label)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setMinimumHeight(_TARGET_PX)
        return button

    def _lay(self, buttons: Sequence[QPushButton]) -> None:
        first = self._grid.rowCount()
        for index, button in enumerate(buttons):
            self._grid.addWidget(button, first + index // _COLUMNS, index % _COLUMNS)

    def _tell(self, text: str) -> None:
        told = QLabel(text)
        told.setTextFormat(Qt.TextFormat.PlainText)
        self._grid.addWidget(told, self._grid.rowCount(), 0, 1, _COLUMNS)


def _turn(button: QPushButton, dial: Turn, turned: bool) -> None:
    words = dial.on if turned else dial.off
    button.setText(words)
    button.setAccessibleName(words)
    if dial.in_window:
        dial.turn(turned)
    else:
        _in_background(partial(dial.turn, turned))


def _in_background(work: Callable[[], None], checked: bool = False) -> None:
    threading.Thread(target=work, name="demo-customer", daemon=True).start()
