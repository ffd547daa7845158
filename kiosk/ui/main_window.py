"""The cashier's window: header, rail, banner, and the four faces of *Collect* in one stack.

1. It paints the newest snapshot and sends commands; which face is up is the snapshot's word.
2. All keys that a focused widget leaves alone come here and go to the face; keys with Ctrl, Alt or Meta go nowhere
   (a barcode may type Ctrl+O). Holding a key down counts once, but for backspace.
3. A tick four times a second counts seconds and moves the steps; nothing else runs by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.snapshot import Command, Face, Snapshot
from kiosk.ui.bridge import Bridge
from kiosk.ui.header import Header, Ribbon
from kiosk.ui.large_qr import LargeQr
from kiosk.ui.screens.account import AccountScreen
from kiosk.ui.screens.face import FaceScreen, Tools
from kiosk.ui.screens.find import FindScreen
from kiosk.ui.screens.pay import PayScreen
from kiosk.ui.screens.result import ResultScreen
from kiosk.ui.theme import RAIL_PX, Theme, stylesheet
from kiosk.ui.widgets.banner import BannerBar
from kiosk.ui.widgets.pill import Popover, StatusPill
from kiosk.ui.widgets.rail import RailEntry
from kiosk.wording import Wording

TICK_MS = 250
_HARMLESS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class MainWindow(QWidget):
    """``clock`` is monotonic and counts as the snapshots' ``*_s`` do; ``wall_clock`` is for the clock in the header.

    ``ticking=False`` leaves :meth:`tick` to the caller (tests, pictures).
    """

    def __init__(
        self, bridge: Bridge, wording: Wording, theme: Theme, *, clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time, ticking: bool = True, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._bridge, self._theme, self._clock, self._wall_clock = bridge, theme, clock, wall_clock
        self.tools = Tools(theme, wording, self.send, clock)
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setWindowTitle(self.tools.say("window.counter"))
        self.setMinimumSize(1024, 768)
        self.face: Face | None = None
        self._build()
        self.setStyleSheet(stylesheet(theme))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        if ticking:
            self._timer.start(TICK_MS)
        bridge.snapshot.connect(self.paint)
        if bridge.latest is not None:
            self.paint(bridge.latest)
        self.tick()

    # --- built once ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        tools, gap = self.tools, self._theme.px(16)
        self.find_screen = FindScreen(tools)
        self.account_screen = AccountScreen(tools)
        self.pay_screen = PayScreen(tools)
        self.result_screen = ResultScreen(tools)
        self.screens: dict[Face, FaceScreen] = {
            Face.FIND: self.find_screen,
            Face.ACCOUNT: self.account_screen,
            Face.PAY: self.pay_screen,
            Face.RESULT: self.result_screen,
        }
        self.stack = QStackedWidget()
        for screen in self.screens.values():
            self.stack.addWidget(screen)
        self.banner, self.header, self.ribbon = BannerBar(self._theme), Header(tools), Ribbon(tools)
        work = QVBoxLayout()
        work.setContentsMargins(gap, self._theme.px(8), gap, gap)
        work.setSpacing(self._theme.px(8))
        work.addWidget(self.banner)
        work.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._rail())
        middle.addLayout(work, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self.ribbon)
        whole.addLayout(middle, 1)
        self.popover = Popover(self._theme, tools.say("button.close"), self)
        self.large_qr = LargeQr(tools, self)
        self.header.asked.connect(self._explain)
        self.pay_screen.enlarge.connect(self._enlarge)
        self.result_screen.typed.connect(self.find_screen.number.take)

    def _rail(self) -> QFrame:
        """The way to the program's parts; only those that exist stand here."""
        theme = self._theme
        rail = QFrame()
        rail.setProperty("panel", "rail")
        rail.setFixedWidth(theme.px(RAIL_PX))
        column = QVBoxLayout(rail)
        column.setContentsMargins(*[theme.px(8)] * 4)
        column.setSpacing(theme.px(8))
        column.addWidget(RailEntry(theme, self.tools.say("rail.collect"), "collect"))
        column.addStretch()
        return rail

    # --- snapshots in, commands out --------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Hand a command to the engine."""
        self._bridge.send(command)

    def paint(self, snapshot: Snapshot) -> None:
        """Show this snapshot."""
        self.header.paint(snapshot)
        self.ribbon.paint(snapshot)
        self._show_banner(snapshot)
        screen = self.screens[snapshot.face]
        screen.paint(snapshot)
        if snapshot.face is not self.face:
            self._turn_to(snapshot.face)
        self.large_qr.show_pay(snapshot.pay)

    def _turn_to(self, face: Face) -> None:
        before, self.face = self.face, face
        self.popover.hide()
        self.stack.setCurrentWidget(self.screens[face])
        if before is not None:
            self.screens[before].left()
        self.screens[face].tick(self._clock())
        self.screens[face].entered()

    def _show_banner(self, snapshot: Snapshot) -> None:
        told, say = snapshot.banner, self.tools.say
        if told is None:
            self.banner.hush()
            return
        reference = say("banner.reference", reference=told.reference) if told.reference else ""
        self.banner.tell(told.level, say(told.what), say(told.todo) if told.todo else "", reference)

    def show_qr_here(self, here: bool) -> None:
        """Whether the QR is painted on the *Pay* face: yes where there is no customer's screen."""
        self.pay_screen.show_qr_here(here)

    def tick(self) -> None:
        """Count seconds on what is shown now."""
        now_s = self._clock()
        self.header.tick(self._wall_clock())
        if self.face is not None:
            self.screens[self.face].tick(now_s)
        latest = self._bridge.latest
        if latest is not None and latest.pay is not None:
            self.large_qr.tick(latest.pay, now_s)

    # --- touches and keys ------------------------------------------------------------------------------------------

    def _explain(self, pill: StatusPill) -> None:
        if self.popover.isVisible():
            self.popover.hide()
            return
        self.popover.open_under(pill, f"{pill.name} · {pill.word()}", pill.advice)

    def _enlarge(self) -> None:
        latest = self._bridge.latest
        if latest is not None and latest.pay is not None and latest.pay.qr_text:
            self.tick()
            self.large_qr.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~_HARMLESS:
            return
        if event.isAutoRepeat() and event.key() != Qt.Key.Key_Backspace:
            return
        if self._closes_something(event.key()):
            return
        if self.face is None or not self.screens[self.face].key(event.key(), event.text()):
            super().keyPressEvent(event)

    def _closes_something(self, key: int) -> bool:
        """Esc closes what lies over the face first; F4 opens and closes the large QR."""
        if key == Qt.Key.Key_F4:
            if self.large_qr.isVisible():
                self.large_qr.hide()
            else:
                self._enlarge()
            return True
        over = next((sheet for sheet in (self.large_qr, self.popover) if sheet.isVisible()), None)
        if key != Qt.Key.Key_Escape or over is None:
            return False
        over.hide()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.popover.hide()
        self.large_qr.setGeometry(self.rect())
