"""The QR over the whole window, for a customer who reads it from the cashier's screen; one touch closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from kiosk.snapshot import PayView
from kiosk.ui.screens.face import Tools, clock_text
from kiosk.ui.theme import Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.qr import QrView
from kiosk.ui.widgets.text import FittedWords, MoneyLabel

CENTRE = Qt.AlignmentFlag.AlignHCenter


class LargeQr(QFrame):
    """A white sheet over everything but nothing else: the amount, the QR, the time left, a button to close."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._tools, theme = tools, tools.theme
        self.setProperty("panel", "white")
        self.amount = MoneyLabel(theme, Type.AMOUNT, "#000000", CENTRE)
        self.qr = QrView(tools.say("mode.show"), tools.say("qr.too_small"))
        self.left = FittedWords(theme, Type.BODY, "#000000", CENTRE)
        self.close_button = BigButton(theme, tools.say("button.shrink_qr"), shortcut="Esc")
        self.close_button.clicked.connect(self.hide)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.px(8)] * 4)
        column.setSpacing(theme.px(4))
        column.addWidget(self.amount)
        column.addWidget(self.qr, 1)
        column.addWidget(self.left)
        column.addWidget(self.close_button, 0, CENTRE)
        self.hide()

    def show_pay(self, view: PayView | None) -> None:
        """Follow the payment: without a QR there is no sheet."""
        if view is None or not view.qr_text:
            self.qr.show_text("")
            self.hide()
            return
        self.amount.show_fen(view.amount_fen)
        self.qr.show_text(view.qr_text)
        self.left.setVisible(view.qr_until_s is not None)

    def tick(self, view: PayView, now_s: float) -> None:
        """Count down."""
        if view.qr_until_s is not None:
            self.left.tell(self._tools.say("pay.qr_left", time=clock_text(view.qr_until_s - now_s)))

    def open(self) -> None:
        """Cover the window."""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()
