"""Which screen is the customer's: those there are, one press each.

1. A screen is named by its stable key, never by its place in a list. The cashier's own cannot be chosen.
2. The choice holds until the program ends; the line for the settings stands under the screens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.snapshot import Snapshot
from kiosk.ui.screens.face import Tools
from kiosk.ui.sheets.sheet import Sheet
from kiosk.ui.theme import BAR_PX, Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.text import FittedWords

WIDTH_PX = 720


@dataclass(frozen=True, slots=True)
class Choice:
    """A screen: its stable key, how it is told to a person, and whether it may be the customer's."""

    key: str
    words: str
    is_cashier: bool
    is_chosen: bool = False


class ScreensSheet(Sheet):
    """A button for each screen. ``choices`` lists them, ``choose`` takes one by its key."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(tools, parent, tools.say("screens.title"), tools.say("button.close"), WIDTH_PX)
        self.choices: Callable[[], tuple[Choice, ...]] = tuple
        self.choose: Callable[[str], None] = lambda key: None
        self.cancel.hide()
        self.hint = FittedWords(self.theme, Type.BODY, self.theme.ink, wrap=True)
        self.hint.setFixedHeight(self.theme.px(56))
        self.hint.tell(self.say("screens.hint"))
        self.list = QVBoxLayout()
        self.list.setSpacing(self.theme.px(8))
        self.line = FittedWords(self.theme, Type.SMALL, self.theme.of(Tone.REST).ink, wrap=True)
        self.line.setFixedHeight(self.theme.px(56))
        self.body.addWidget(self.hint)
        self.body.addLayout(self.list)
        self.body.addWidget(self.line)
        self._shown: tuple[Choice, ...] = ()

    def fits(self, snapshot: Snapshot) -> bool:
        return snapshot.devices is not None

    def begin(self, snapshot: Snapshot) -> None:
        self._shown = ()
        self._show()

    def refresh(self, snapshot: Snapshot) -> None:
        self._show()

    def submit(self) -> None:
        self.close_sheet()

    def _show(self) -> None:
        choices = self.choices()
        if choices == self._shown and self.list.count():
            return
        self._shown = choices
        while (item := self.list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for choice in choices:
            self.list.addWidget(self._button(choice))
        chosen = next((choice.key for choice in choices if choice.is_chosen), "")
        self.line.tell(self.say("screens.line", line=f'[display] screen = "{chosen}"') if chosen else "")

    def _button(self, choice: Choice) -> BigButton:
        words = self.say("screens.cashier", screen=choice.words) if choice.is_cashier else choice.words
        button = BigButton(self.theme, words, icon_name="check" if choice.is_chosen else "display")
        button.setMinimumHeight(self.theme.px(BAR_PX))
        button.allow(not choice.is_cashier)
        button.clicked.connect(partial(self._choose, choice.key))
        return button

    def _choose(self, key: str) -> None:
        self.choose(key)
        self._show()
