"""*Pay*: the amount, huge; a scan is all it takes. No key but function keys means anything here.

1. Enter does nothing: a scanner that types may send one.
2. The QR is painted here where there is no customer's screen, and large over everything by one touch.
3. One sentence, one row of steps, the seconds.
4. A QR that was withdrawn is nowhere; beside the amount stands why no second attempt may begin yet, or that it may.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.snapshot import AllowSecond, AskNow, Back, PayView, ShowQr, Snapshot, Stage, StopWaiting, WithdrawQr
from kiosk.ui.screens.face import FaceScreen, Tools, card, clock_text
from kiosk.ui.theme import TARGET_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.qr import QrView
from kiosk.ui.widgets.steps import StepTrack
from kiosk.ui.widgets.text import FittedWords, MoneyLabel, ShortWords, Words, retone

SIDE_PX = 392
CENTRE = Qt.AlignmentFlag.AlignHCenter


class PayScreen(FaceScreen):
    """The third face. ``enlarge`` asks the window for the large QR, ``wanted`` for a sheet."""

    enlarge = Signal()
    wanted = Signal(str)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._qr_here = True
        gap = self.theme.px(16)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap)
        row.addWidget(self._what_card(), 1)
        self._make_actions()
        self.side = SidePanel(tools, self.withdraw.button, self.show_again.button)
        self.side.enlarge.connect(self.enlarge)
        row.addWidget(self.side)
        self._fill_bar()

    def _what_card(self) -> QFrame:
        theme = self.theme
        frame = card(theme)
        column = QVBoxLayout(frame)
        column.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        column.setSpacing(theme.px(4))
        self.progress = FittedWords(theme, Type.STRONG, theme.of(Tone.ACT).ink)
        self.title = FittedWords(theme, Type.TITLE, theme.ink)
        self.who = ShortWords(theme, Type.BODY, Tone.REST)
        self.amount = MoneyLabel(theme, Type.HUGE, align=Qt.AlignmentFlag.AlignLeft)
        self.steps = StepTrack(theme, tuple(self.say(f"stage.{stage}") for stage in Stage))
        self.sentence = FittedWords(theme, Type.TITLE, theme.of(Tone.ACT).ink, wrap=True)
        self.sentence.setMinimumHeight(theme.px(64))
        self.elapsed = Words(theme, Type.BODY, Tone.REST)
        for part in (self.progress, self.title, self.who):
            column.addWidget(part)
        column.addStretch()
        column.addWidget(self.amount)
        column.addStretch()
        column.addWidget(self.steps)
        column.addWidget(self.sentence)
        column.addWidget(self.elapsed)
        return frame

    def _make_actions(self) -> None:
        send, key = self.tools.send, Qt.Key
        self.back = self.action("button.back", Back, lambda: send(Back()), key=key.Key_Escape, icon_name="back")
        self.stop = self.action(
            "button.stop_waiting", StopWaiting, lambda: send(StopWaiting()), key=key.Key_F10, icon_name="forward"
        )
        self.ask = self.action("button.ask_now", AskNow, lambda: send(AskNow()), key=key.Key_F8, icon_name="ask")
        self.show_qr = self.action(
            "button.show_qr", ShowQr, lambda: send(ShowQr()), key=key.Key_F2, icon_name="qr", primary=True
        )
        self.show_again = self.action(
            "button.show_again", ShowQr, lambda: send(ShowQr()), key=key.Key_F2, icon_name="qr"
        )
        self.withdraw = self.action("button.withdraw_qr", WithdrawQr, lambda: send(WithdrawQr()), key=key.Key_F7)
        self.second = self.action(
            "button.second", AllowSecond, lambda: self.wanted.emit("second"), key=key.Key_F3, icon_name="refresh"
        )

    def _fill_bar(self) -> None:
        for made in (self.back, self.stop):
            self.bar.addWidget(made.button)
        self.bar.addStretch(1)
        for made in (self.ask, self.show_qr, self.second):
            self.bar.addWidget(made.button)
        self.show_qr.button.setMinimumWidth(self.theme.px(280))

    def show_qr_here(self, here: bool) -> None:
        """Whether the QR is painted on this face (there is no customer's screen)."""
        self._qr_here = here
        if self.snapshot is not None and self.snapshot.pay is not None:
            self.side.show_pay(self.snapshot.pay, here)

    def paint(self, snapshot: Snapshot) -> None:
        super().paint(snapshot)
        view = snapshot.pay
        if view is None:
            return
        several = view.count > 1
        self.progress.setVisible(several)
        self.progress.tell(self.say("pay.progress", position=view.position, count=view.count) if several else "")
        self.title.tell(self.say(view.title))
        self.who.tell(f"{view.name_masked}  {view.customer_no}")
        self.amount.show_fen(view.amount_fen)
        self.sentence.tell(self.say(view.sentence))
        self.side.show_pay(view, self._qr_here)
        self._choose_primary(view)
        self.tick(self.tools.clock())

    def _choose_primary(self, view: PayView) -> None:
        """The second attempt where it may be, else asking; the QR that was withdrawn comes back from beside it."""
        may_try = view.second is not None and view.second.refused is None and self.second.allowed
        for action, there_is_one in (
            (self.show_qr, not view.withdrawn),
            (self.show_again, view.withdrawn),
            (self.second, may_try),
        ):
            action.allowed = action.allowed and there_is_one
            action.button.setVisible(action.allowed)
        self.ask.button.relabel(self.say("button.ask_again" if view.withdrawn else "button.ask_now"))
        self.second.button.make_primary(may_try, enter=False)
        self.ask.button.make_primary(not may_try, enter=False)

    def tick(self, now_s: float) -> None:
        view = self.snapshot.pay if self.snapshot is not None else None
        if view is None:
            return
        elapsed_s = max(0.0, now_s - view.since_s)
        self.steps.show_stage(view.stage, elapsed_s)
        idle = view.stage is Stage.READY
        self.elapsed.tell("" if idle else self.say("pay.elapsed", seconds=int(elapsed_s)))
        self.side.tick(view, now_s)


class SidePanel(QWidget):
    """Beside the amount: the sign to scan, or the QR, or the sign to wait. ``withdraw`` and ``show_again`` stand here
    and are lived by the face."""

    enlarge = Signal()

    def __init__(self, tools: Tools, withdraw: BigButton, show_again: BigButton) -> None:
        super().__init__()
        self._tools, theme = tools, tools.theme
        say = tools.say
        self.setFixedWidth(theme.px(SIDE_PX))
        self._signs = {name: Sign(theme, name) for name in ("scanner", "clock", "display", "check", "withdraw")}
        self.qr = QrView(say("mode.show"), say("qr.too_small"))
        self.qr.setMinimumSize(theme.px(SIDE_PX), theme.px(280))
        self.left = FittedWords(theme, Type.BODY, theme.ink, CENTRE)
        self.larger = BigButton(theme, say("button.enlarge_qr"), shortcut="F4")
        self.larger.clicked.connect(self.enlarge)
        self.pages = QStackedWidget()
        for page in (*self._signs.values(), self.qr):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.pages, 1)
        column.addWidget(self.left)
        column.addWidget(show_again)
        below = QHBoxLayout()
        below.setSpacing(theme.px(8))
        below.addWidget(self.larger)
        below.addWidget(withdraw, 1)
        column.addLayout(below)
        for button in (withdraw, show_again):
            button.setMinimumHeight(theme.px(TARGET_PX))

    def show_pay(self, view: PayView, qr_here: bool) -> None:
        """Show what belongs beside this payment."""
        say = self._tools.say
        shown = bool(view.qr_text)
        self.qr.show_text(view.qr_text)
        self.larger.setVisible(shown)
        self.left.setVisible(shown and view.qr_until_s is not None)
        if shown and qr_here:
            self.pages.setCurrentWidget(self.qr)
        elif shown:
            self._sign("display", say("pay.qr_on_display"), "")
        elif view.withdrawn:
            refused = view.second.refused if view.second is not None else None
            hint = say(refused) if refused is not None else say("pay.may_try_second") if view.second else ""
            self._sign("withdraw", say("pay.withdrawn"), hint, Tone.DOUBT)
        elif view.scan_armed:
            self._sign("scanner", say("pay.ready"), say("pay.ready_hint"))
        elif view.stage in (Stage.PAID, Stage.CREDITED):
            self._sign("check", say(f"stage.{view.stage}"), "", Tone.PAID)
        else:
            self._sign("clock", say(f"stage.{view.stage}"), say("pay.code_not_needed"))

    def _sign(self, name: str, words: str, hint: str, tone: Tone = Tone.ACT) -> None:
        sign = self._signs[name]
        sign.tell(words, hint, tone)
        self.pages.setCurrentWidget(sign)

    def tick(self, view: PayView, now_s: float) -> None:
        """Count the QR's time down."""
        if view.qr_text and view.qr_until_s is not None:
            self.left.tell(self._tools.say("pay.qr_left", time=clock_text(view.qr_until_s - now_s)))


class Sign(QFrame):
    """A large icon with a word and a hint."""

    def __init__(self, theme: Theme, icon_name: str) -> None:
        super().__init__()
        self._theme, self._icon_name = theme, icon_name
        self.mark = IconMark(icon_name, theme.ink, theme.px(128))
        self.words = FittedWords(theme, Type.TITLE, theme.ink, CENTRE, wrap=True)
        self.words.setMinimumHeight(theme.px(64))
        self.hint = FittedWords(theme, Type.SMALL, theme.ink, CENTRE, wrap=True)
        self.hint.setMinimumHeight(theme.px(72))
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.px(16)] * 4)
        column.addStretch()
        column.addWidget(self.mark, 0, CENTRE)
        column.addSpacing(theme.px(8))
        column.addWidget(self.words)
        column.addWidget(self.hint)
        column.addStretch()
        self.setProperty("panel", str(Tone.ACT))

    def tell(self, words: str, hint: str, tone: Tone) -> None:
        """Say it in this tone."""
        ink = self._theme.of(tone).ink
        retone(self, panel=str(tone))
        self.mark.show_icon(self._icon_name, ink)
        self.words.tell(words, ink)
        self.hint.tell(hint, self._theme.ink)
