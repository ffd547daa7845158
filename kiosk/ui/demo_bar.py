"""The demo's bar of buttons with which to act the customer: each says what happens and does it off the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

_COLUMNS = 4
_TARGET_PX = 56


class DemoBar(QWidget):
    """A small window of buttons: a label, and what pressing it does (which may block, so it gets a thread); under them
    a note for the trainer."""

    def __init__(self, title: str, acts: Sequence[tuple[str, Callable[[], None]]], note: str = "") -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        grid = QGridLayout(self)
        for index, (label, act) in enumerate(acts):
            button = QPushButton(label)
            button.setAccessibleName(label)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setMinimumHeight(_TARGET_PX)
            button.clicked.connect(lambda _=False, work=act: _in_background(work))
            grid.addWidget(button, index // _COLUMNS, index % _COLUMNS)
        if note:
            told = QLabel(note)
            told.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(told, grid.rowCount(), 0, 1, _COLUMNS)


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="demo-customer", daemon=True).start()
