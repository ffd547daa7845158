"""The prepayment's tab: likely amounts to touch, a keypad, an amount typed from the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import AccountView, show_yuan
from kiosk.ui.screens.face import Tools
from kiosk.ui.screens.find import key_words
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.entry import AmountField
from kiosk.ui.widgets.keypad import BACKSPACE, CLEAR, Keypad
from kiosk.ui.widgets.text import FittedWords

CHIPS_YUAN = (50, 100, 200, 500)


class PrepayPanel(QWidget):
    """Field and chips on the left, keypad on the right."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools, theme = tools, tools.theme
        say = tools.say
        self.field = AmountField(theme, say("account.prepay_amount"), say("amount.too_many_figures"))
        self.limits = FittedWords(theme, Type.SMALL, theme.of(Tone.REST).ink)
        self.keypad = Keypad(theme, key_words(tools))
        self.keypad.key.connect(self.field.take)
        self.chips: list[BigButton] = []
        chips = QGridLayout()
        chips.setSpacing(theme.px(8))
        for index, yuan in enumerate(CHIPS_YUAN):
            chip = BigButton(theme, f"¥{yuan}", height_px=72)
            chip.setFont(theme.font(Type.TITLE))
            chip.clicked.connect(lambda _=False, fen=yuan * 100: self.field.show_fen(fen))
            self.chips.append(chip)
            chips.addWidget(chip, index // 2, index % 2)
        left = QVBoxLayout()
        left.setSpacing(theme.px(8))
        left.addWidget(self.field)
        left.addWidget(self.limits)
        left.addLayout(chips)
        left.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        row.addLayout(left, 1)
        row.addWidget(self.keypad, 1)

    def show_limits(self, view: AccountView) -> None:
        """Say between what an amount must be."""
        least, most = show_yuan(view.prepay_min_fen), show_yuan(view.prepay_max_fen)
        self.limits.tell(self._tools.say("account.prepay_limits", least=least, most=most))

    def key(self, key: int, text: str) -> bool:
        """Whether this key types here."""
        typed = {Qt.Key.Key_Backspace: BACKSPACE, Qt.Key.Key_Delete: CLEAR}.get(Qt.Key(key), text)
        if typed in (BACKSPACE, CLEAR) or (len(typed) == 1 and typed.isascii() and typed.isdigit()):
            self.keypad.press(typed)
            self.field.take(typed)
            return True
        return False
