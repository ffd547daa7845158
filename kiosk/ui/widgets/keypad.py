"""The keypad: figures, 00, backspace, clear, and a page of letters; it emits keys and knows no field.

A key counts when it is touched, not when it is let go: that is one finger's time sooner. Keys typed on a real keyboard
are shown as pressed for a moment, so that both ways look alike.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStackedLayout, QWidget

from kiosk.ui.theme import KEY_PX, Theme, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.icons import icon
from kiosk.ui.widgets.text import retone

BACKSPACE = "backspace"
CLEAR = "clear"
_PAGE = "page"
PRESSED_MS = 120

FIGURES = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("00", "0"))
LETTERS = ("ABCDEFG", "HIJKLMN", "OPQRSTU", "VWXYZ")


class Keypad(QWidget):
    """Emits ``key``: a figure, ``00``, a letter, ``backspace`` or ``clear``. ``words`` are the spoken names."""

    key = Signal(str)

    def __init__(self, theme: Theme, words: dict[str, str], letters: bool = False) -> None:
        super().__init__()
        self._theme, self._words = theme, words
        self._keys: dict[str, BigButton] = {}
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._figure_page(letters))
        if letters:
            self._pages.addWidget(self._letter_page())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def press(self, key: str) -> None:
        """Show a key that was typed elsewhere as pressed for a moment; a key that is not here is nothing."""
        button = self._keys.get(key)
        if button is None:
            return
        retone(button, down="true")
        QTimer.singleShot(PRESSED_MS, button, lambda: retone(button, down="false"))

    def _grid(self) -> tuple[QWidget, QGridLayout]:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(self._theme.px(8))
        return page, grid

    def _figure_page(self, letters: bool) -> QWidget:
        page, grid = self._grid()
        for row, keys in enumerate(FIGURES):
            for column, key in enumerate(keys):
                wide = 2 if key == "0" and not letters else 1
                grid.addWidget(self._button(key, key), row, column, 1, wide)
        if letters:
            grid.addWidget(self._button(_PAGE, "ABC", self._words["letters"]), 3, 2)
        grid.addWidget(self._button(BACKSPACE, ""), 0, 3, 2, 1)
        grid.addWidget(self._button(CLEAR, self._words[CLEAR]), 2, 3, 2, 1)
        return page

    def _letter_page(self) -> QWidget:
        page, grid = self._grid()
        for row, keys in enumerate(LETTERS):
            for column, key in enumerate(keys):
                grid.addWidget(self._button(key, key), row, column)
        grid.addWidget(self._button(BACKSPACE, ""), 3, 5)
        grid.addWidget(self._button(_PAGE, "123", self._words["figures"]), 3, 6)
        return page

    def _button(self, key: str, text: str, name: str = "") -> BigButton:
        button = BigButton(self._theme, text, kind="key", height_px=KEY_PX)
        button.setFont(self._theme.font(Type.TITLE))
        button.setAccessibleName(name or self._words.get(key, text))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.setMinimumWidth(self._theme.px(KEY_PX))
        if key == BACKSPACE:
            side = self._theme.px(32)
            button.setIcon(icon("erase", self._theme.ink, side))
            button.setIconSize(QSize(side, side))
        if key == _PAGE:
            button.clicked.connect(self._turn)
        else:
            self._keys.setdefault(key, button)
            button.pressed.connect(lambda: self.key.emit(key))
        return button

    def _turn(self) -> None:
        self._pages.setCurrentIndex(1 - self._pages.currentIndex())

    def first_page(self) -> None:
        """Back to the figures."""
        self._pages.setCurrentIndex(0)
