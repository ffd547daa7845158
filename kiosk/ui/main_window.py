"""The cashier's window: header, rail, banner; the faces of *Collect* and the other pages in one stack.

1. It paints the newest snapshot and sends commands; which page and face is up is the snapshot's word.
2. All keys that a focused widget leaves alone come here and go to the sheet that is open, else to the page or face;
   keys with Ctrl, Alt or Meta go nowhere (a barcode may type Ctrl+O). Holding a key down counts once, but for
   backspace.
3. A tick four times a second counts seconds and moves the steps; nothing else runs by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.snapshot import Command, Face, GoTo, Page, Snapshot
from kiosk.ui.bridge import Bridge
from kiosk.ui.header import Header, Ribbon
from kiosk.ui.large_qr import LargeQr
from kiosk.ui.news import News
from kiosk.ui.rail import PAGE_KEYS, Rail
from kiosk.ui.screens.account import AccountScreen
from kiosk.ui.screens.devices import DevicesScreen
from kiosk.ui.screens.face import FaceScreen, Tools
from kiosk.ui.screens.find import FindScreen
from kiosk.ui.screens.pay import PayScreen
from kiosk.ui.screens.pending import PendingScreen
from kiosk.ui.screens.result import ResultScreen
from kiosk.ui.sheets.diagnostics import DiagnosticsSheet
from kiosk.ui.sheets.first_pin import FirstPinSheet
from kiosk.ui.sheets.screens import Choice, ScreensSheet
from kiosk.ui.sheets.second import SecondSheet
from kiosk.ui.sheets.settle import SettleSheet
from kiosk.ui.sheets.sheet import Sheet
from kiosk.ui.sheets.wallet import WalletSheet
from kiosk.ui.theme import Theme, stylesheet
from kiosk.ui.widgets.anew import take_down
from kiosk.ui.widgets.banner import BannerBar
from kiosk.ui.widgets.focus import in_reading_order, lead
from kiosk.ui.widgets.pill import Popover, StatusPill
from kiosk.wording import Wording

TICK_MS = 250
_HARMLESS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class MainWindow(QWidget):
    """``language_asked`` is emitted where somebody wants the other language.

    ``clock`` is monotonic and counts as the snapshots' ``*_s`` do; ``wall_clock`` is for the clock in the header.

    ``ticking=False`` leaves :meth:`tick` to the caller (tests, pictures). ``bell`` is rung where a person must hear.
    """

    language_asked = Signal()

    def __init__(
        self, bridge: Bridge, wording: Wording, theme: Theme, *, clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time, ticking: bool = True, parent: QWidget | None = None,
        bell: Callable[[], None] = QApplication.beep,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._bell, self._rings = bell, 0
        self._asks_first_pin = self._qr_here = False
        self._screens: tuple[Callable[[], tuple[Choice, ...]], Callable[[str], None], bool]
        self._screens = (lambda: (), lambda key: None, False)
        self._bridge, self._theme, self._clock, self._wall_clock = bridge, theme, clock, wall_clock
        self.tools = Tools(theme, wording, self.send, clock)
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setWindowTitle(self.tools.say("window.counter"))
        self.setMinimumSize(1024, 768)
        self.shown: FaceScreen | None = None
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
        self.pending_screen, self.devices_screen = PendingScreen(tools), DevicesScreen(tools)
        self.pages: dict[Page, FaceScreen] = {Page.PENDING: self.pending_screen, Page.DEVICES: self.devices_screen}
        self.stack = QStackedWidget()
        for screen in (*self.screens.values(), *self.pages.values()):
            self.stack.addWidget(screen)
        self.banner, self.header, self.ribbon = BannerBar(self._theme), Header(tools), Ribbon(tools)
        self.rail, self.news = Rail(tools), News(tools, self.banner)
        work = QVBoxLayout()
        work.setContentsMargins(gap, self._theme.px(8), gap, gap)
        work.setSpacing(self._theme.px(8))
        work.addWidget(self.banner)
        work.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(work, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self.ribbon)
        whole.addLayout(middle, 1)
        self.popover = Popover(self._theme, tools.say("button.close"), self)
        self.large_qr = LargeQr(tools, self)
        self._build_sheets()
        self.header.asked.connect(self._explain)
        self.header.pending_asked.connect(lambda: self.go_to(Page.PENDING))
        self.rail.chosen.connect(self.go_to)
        self.rail.language_asked.connect(self.language_asked)
        self.popover.led.connect(lambda: self.go_to(Page.DEVICES))
        self.banner.acted.connect(lambda key: self._meant(key, ""))
        self.pay_screen.enlarge.connect(self._enlarge)
        self.result_screen.typed.connect(self.find_screen.number.take)

    def _build_sheets(self) -> None:
        tools = self.tools
        self.screens_sheet = ScreensSheet(tools, self)
        self.sheets: dict[str, Sheet] = {
            "settle": SettleSheet(tools, self),
            "second": SecondSheet(tools, self),
            "wallet": WalletSheet(tools, self),
            "first_pin": FirstPinSheet(tools, self),
            "diagnostics": DiagnosticsSheet(tools, self),
            "screens": self.screens_sheet,
        }
        for sheet in self.sheets.values():
            sheet.closed.connect(self._give_focus_back)
        for screen in (self.pending_screen, self.devices_screen, self.pay_screen, self.result_screen):
            screen.wanted.connect(self.open_sheet)

    def speak_anew(self) -> None:
        """Build all words anew, after the language was changed. What was being typed is gone; the payment goes on."""
        for over in (self.popover, self.large_qr, *self.sheets.values()):
            over.hide()
            over.deleteLater()
        take_down(self)
        self.shown = None
        self.setWindowTitle(self.tools.say("window.counter"))
        self._build()
        self.offer_screens(*self._screens)
        self.show_qr_here(self._qr_here)
        if self._bridge.latest is not None:
            self.paint(self._bridge.latest)
        self.tick()
        self._give_focus_back()

    # --- snapshots in, commands out --------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Hand a command to the engine."""
        self._bridge.send(command)

    def paint(self, snapshot: Snapshot) -> None:
        """Show this snapshot."""
        self._ring(snapshot)
        self.header.paint(snapshot)
        self.ribbon.paint(snapshot)
        self.rail.paint(snapshot)
        self.news.paint(snapshot)
        on_collect = snapshot.page is Page.COLLECT
        screen = self.screens[snapshot.face] if on_collect else self.pages[snapshot.page]
        screen.paint(snapshot)
        if screen is not self.shown:
            self._turn_to(screen)
        self.large_qr.show_pay(snapshot.pay if on_collect else None)
        for sheet in self.sheets.values():
            sheet.paint(snapshot)
        if self._asks_first_pin:
            self._asks_first_pin = False
            self.open_sheet("first_pin")

    def _turn_to(self, screen: FaceScreen) -> None:
        before, self.shown = self.shown, screen
        self.popover.hide()
        self.stack.setCurrentWidget(screen)
        if before is not None:
            before.left()
        screen.entered()
        screen.tick(self._clock())

    def _ring(self, snapshot: Snapshot) -> None:
        if snapshot.rings > self._rings:
            self._bell()
        self._rings = snapshot.rings

    def show_qr_here(self, here: bool) -> None:
        """Whether the QR is painted on the *Pay* face: yes where there is no customer's screen."""
        self._qr_here = here
        self.pay_screen.show_qr_here(here)

    def offer_screens(
        self, choices: Callable[[], tuple[Choice, ...]], choose: Callable[[str], None], there_are_some: bool
    ) -> None:
        """From where the page *Devices* has the screens that the customer's may be."""
        self._screens = choices, choose, there_are_some
        self.screens_sheet.choices, self.screens_sheet.choose = choices, choose
        self.devices_screen.offer_screens(there_are_some)

    def tick(self) -> None:
        """Count seconds on what is shown now."""
        now_s = self._clock()
        self.header.tick(self._wall_clock())
        if self.shown is not None:
            self.shown.tick(now_s)
        latest = self._bridge.latest
        if latest is not None:
            self.news.tick(latest, now_s)
        if latest is not None and latest.pay is not None:
            self.large_qr.tick(latest.pay, now_s)

    # --- pages and sheets ------------------------------------------------------------------------------------------

    def go_to(self, page: Page) -> None:
        """Ask for a page of the rail."""
        latest = self._bridge.latest
        if latest is not None and latest.page is not page and latest.allows(GoTo):
            self.send(GoTo(page))

    def open_sheet(self, name: str) -> bool:
        """Lay a sheet over the window, where the newest snapshot holds what it is about; whether it did."""
        latest = self._bridge.latest
        if latest is None or not self.sheets[name].open(latest):
            return False
        self.popover.hide()
        return True

    def ask_first_pin(self) -> None:
        """Ask for a supervisor's PIN where the next snapshot says that none is set."""
        self._asks_first_pin = True

    def _give_focus_back(self) -> None:
        if self.shown is not None:
            self.shown.entered()

    # --- touches and keys ------------------------------------------------------------------------------------------

    def _explain(self, pill: StatusPill) -> None:
        if self.popover.isVisible():
            self.popover.hide()
            return
        lead = "" if pill is self.header.pills["gateway"] else self.tools.say("rail.devices")
        self.popover.open_under(pill, f"{pill.name} · {pill.word()}", pill.advice, lead)

    def _enlarge(self) -> None:
        latest = self._bridge.latest
        if latest is None or latest.page is not Page.COLLECT:
            return
        if latest.pay is not None and latest.pay.qr_text:
            self.tick()
            self.large_qr.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~_HARMLESS:
            return
        if event.isAutoRepeat() and event.key() != Qt.Key.Key_Backspace:
            return
        if not self._meant(event.key(), event.text()):
            super().keyPressEvent(event)

    def _meant(self, key: int, text: str) -> bool:
        """Give a key to what is uppermost: a sheet, what lies over the face, the rail, the page or face."""
        open_sheet = next((sheet for sheet in self.sheets.values() if sheet.isVisible()), None)
        if open_sheet is not None:
            open_sheet.key(key, text)
            return True
        if self._closes_something(key):
            return True
        page = PAGE_KEYS.get(Qt.Key(key))
        if page is not None:
            self.go_to(page)
            return True
        return self.shown is not None and self.shown.key(key, text)

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

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab leads through the face, the banner, the rail, the header, and round; or stays in what lies over them."""
        over = next((sheet for sheet in (self.large_qr, self.popover) if sheet.isVisible()), None)
        parts = (over,) if over is not None else (self.shown, self.banner, self.rail, self.header)
        lead(self, [able for part in parts if part is not None for able in in_reading_order(part)], forward)
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.popover.hide()
        for over in (self.large_qr, *self.sheets.values()):
            over.setGeometry(self.rect())
