"""The customer's window: the sanitised view and nothing of the cashier's.

1. It reads ``Snapshot.customer`` (and whether this is training), never another part of a snapshot.
2. It never takes the focus: the scanner and the keys stay with the cashier.
3. Which screen it is on, and whether on any, ``second_screen`` decides. A demonstration shows it as an ordinary window
   (``beside=True``).
4. What cannot be painted, and what was not renewed for a long time, is taken off it: the idle page comes up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import CustomerState, CustomerView, Snapshot
from kiosk.ui.bridge import Bridge
from kiosk.ui.screens.face import Tools, clock_text
from kiosk.ui.theme import RIBBON_PX, Theme, Tone, Type, stylesheet
from kiosk.ui.widgets.anew import take_down
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.qr import QrView
from kiosk.ui.widgets.text import FittedWords, MoneyLabel, retone
from kiosk.wording import Wording

_log = logging.getLogger(__name__)
TICK_MS = 250
#: What was not renewed for so long is taken off: longer than any payment takes, or a QR lives.
STALE_S = 900.0
CENTRE = Qt.AlignmentFlag.AlignHCenter
LOOKS = {
    CustomerState.IDLE: ("bolt", Tone.ACT), CustomerState.AMOUNT: ("phone", Tone.ACT),
    CustomerState.QR: ("qr", Tone.ACT), CustomerState.CONFIRM: ("phone", Tone.ACT),
    CustomerState.PAID: ("check", Tone.PAID),
    CustomerState.NOT_PAID: ("cross", Tone.DANGER), CustomerState.WAIT: ("clock", Tone.DOUBT),
    CustomerState.CLOSED: ("off", Tone.REST),
}  # fmt: skip
_WITH_AMOUNT = frozenset({CustomerState.AMOUNT, CustomerState.QR, CustomerState.CONFIRM, CustomerState.PAID,
                          CustomerState.NOT_PAID, CustomerState.WAIT})  # fmt: skip
_HINTS = {CustomerState.AMOUNT: "customer.amount_hint", CustomerState.NOT_PAID: "customer.not_paid_hint"}


class CustomerWindow(QWidget):
    """What the customer sees. ``clock`` is monotonic, as in :class:`kiosk.ui.main_window.MainWindow`."""

    def __init__(
        self, bridge: Bridge, wording: Wording, theme: Theme, *, clock: Callable[[], float] = time.monotonic,
        ticking: bool = True, beside: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        frameless = Qt.WindowType.Window if beside else Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint
        self.setWindowFlags(frameless | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("window")
        self._clock, self._bridge = clock, bridge
        self.tools = Tools(theme, wording, bridge.send, clock)
        self._view = CustomerView()
        self._renewed_s, self._complained = clock(), False
        self.setWindowTitle(self.tools.say("window.customer"))
        self.setMinimumSize(640, 480)
        self._build(theme)
        self.setStyleSheet(stylesheet(theme))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        if ticking:
            self._timer.start(TICK_MS)
        bridge.snapshot.connect(self.paint)
        if bridge.latest is not None:
            self.paint(bridge.latest)

    def speak_anew(self) -> None:
        """Build all words anew, after the language was changed."""
        take_down(self)
        self.setWindowTitle(self.tools.say("window.customer"))
        self._build(self.tools.theme)
        if self._bridge.latest is not None:
            self.paint(self._bridge.latest)

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    def _build(self, theme: Theme) -> None:
        self.ribbon = self._ribbon(theme)
        self.band = QFrame()
        self.headline = FittedWords(theme, Type.HEAD, theme.ink, CENTRE, wrap=True)
        self.headline.setMinimumHeight(theme.px(80))
        top = QHBoxLayout(self.band)
        top.setContentsMargins(theme.px(24), theme.px(8), theme.px(24), theme.px(8))
        top.addWidget(self.headline)
        self.qr = QrView(self.tools.say("mode.show"), self.tools.say("qr.too_small"))
        body = QHBoxLayout()
        body.setContentsMargins(*[theme.px(16)] * 4)
        body.setSpacing(theme.px(16))
        body.addLayout(self._texts(theme), 1)
        body.addWidget(self.qr)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.ribbon)
        column.addWidget(self.band)
        column.addLayout(body, 1)

    def _texts(self, theme: Theme) -> QVBoxLayout:
        self.mark = IconMark("bolt", theme.ink, theme.px(144))
        self.who = FittedWords(theme, Type.HEAD, theme.ink, CENTRE)
        self.amount = MoneyLabel(theme, Type.HUGE, align=CENTRE)
        self.progress = FittedWords(theme, Type.TITLE, theme.ink, CENTRE)
        self.hint = FittedWords(theme, Type.HEAD, theme.ink, CENTRE, wrap=True)
        self.hint.setMinimumHeight(theme.px(104))
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        column.addStretch()
        column.addWidget(self.mark, 0, CENTRE)
        for part in (self.who, self.amount, self.progress, self.hint):
            column.addWidget(part)
        column.addStretch()
        return column

    def _ribbon(self, theme: Theme) -> QFrame:
        ribbon = QFrame()
        ribbon.setProperty("band", str(Tone.TRAIN))
        ribbon.setFixedHeight(theme.px(RIBBON_PX))
        words = FittedWords(theme, Type.STRONG, theme.of(Tone.TRAIN).on_fill, CENTRE)
        words.tell(self.tools.say("customer.training"))
        row = QHBoxLayout(ribbon)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words)
        ribbon.hide()
        return ribbon

    def paint(self, snapshot: Snapshot) -> None:
        """Show the customer's part of this snapshot."""
        self.ribbon.setVisible(snapshot.counter.training)
        self._renewed_s = self._clock()
        try:
            self._show(snapshot.customer)
        except Exception:  # whatever the data are: the customer never sees half of them
            if not self._complained:
                _log.exception("the customer's window cannot show the state %r", snapshot.customer.state)
            self._complained = True
            self._show(CustomerView(branch=snapshot.customer.branch))

    def _show(self, view: CustomerView) -> None:
        self._view = view
        icon_name, tone = LOOKS[view.state]
        paint = self.tools.theme.of(tone)
        retone(self.band, band=str(tone))
        self.mark.show_icon(icon_name, paint.ink)
        self.mark.setVisible(view.state is not CustomerState.QR)
        self.headline.tell(self._headline(view), paint.on_fill)
        with_amount = view.state in _WITH_AMOUNT and view.amount_fen > 0
        self.who.setVisible(with_amount and bool(view.name_masked))
        self.who.tell(self.tools.say("customer.name", name=view.name_masked))
        self.amount.setVisible(with_amount)
        self.amount.show_fen(view.amount_fen)
        self.progress.setVisible(with_amount and view.count > 1)
        self.progress.tell(self.tools.say("customer.bill_of", position=view.position, count=view.count))
        self.qr.setVisible(view.state is CustomerState.QR)
        self.qr.show_text(view.qr_text if view.state is CustomerState.QR else "")
        self.tick()

    def _headline(self, view: CustomerView) -> str:
        if view.state is CustomerState.IDLE and view.branch:
            return self.tools.say("customer.welcome", branch=view.branch)
        return self.tools.say(f"customer.{view.state}")

    def tick(self) -> None:
        """Count the QR's time down; take off what nobody renewed."""
        if self._view.state in _WITH_AMOUNT and self._clock() - self._renewed_s > STALE_S:
            self._show(CustomerView(branch=self._view.branch))
        view, say = self._view, self.tools.say
        hint = say(_HINTS[view.state]) if view.state in _HINTS else ""
        if view.state is CustomerState.IDLE:
            hint = say("customer.idle")
        elif view.state is CustomerState.QR and view.qr_until_s is not None:
            left_s = view.qr_until_s - self._clock()
            over = left_s <= 0
            hint = say("customer.qr_over") if over else say("customer.qr_left", time=clock_text(left_s))
        self.hint.tell(hint)
        self.hint.setVisible(bool(hint))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        theme = self.tools.theme
        tall = self.height() - self.band.sizeHint().height() - theme.px(RIBBON_PX + 32)
        side = max(0, min(tall, self.width() * 3 // 5))
        self.qr.setFixedSize(side, side)
