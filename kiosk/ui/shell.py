"""The two windows together: made, shown, run. What the commands need of Qt, so that they need not know it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication

from kiosk.snapshot import Scanned
from kiosk.ui.application import create_application
from kiosk.ui.bridge import Bridge
from kiosk.ui.customer_window import CustomerWindow
from kiosk.ui.demo_bar import DemoBar, Turn
from kiosk.ui.main_window import MainWindow
from kiosk.ui.second_screen import SecondScreen, Told
from kiosk.ui.theme import THEMES, scale_for
from kiosk.ui.wedge import WedgeFilter
from kiosk.wording import LOCALES, Wording

#: How often Python gets a turn to see a signal while Qt waits.
_SIGNAL_LOOK_MS = 200


class Shell:
    """The application with the cashier's and the customer's window; on the GUI thread.

    ``beside`` makes the customer's window an ordinary one beside the cashier's (the demo). Raises
    :class:`kiosk.ui.fonts.FontError` where Chinese cannot be drawn.
    """

    def __init__(
        self, wording: Wording, theme: str, *, size: tuple[int, int] | None = None, beside: bool = False,
        customer_screen: str = "",
    ) -> None:  # fmt: skip
        self.application = create_application(["kiosk"])
        screen = QGuiApplication.primaryScreen()
        wanted = QSize(*size) if size is not None else screen.availableGeometry().size()
        looks = THEMES[theme].scaled(scale_for(wanted))
        self.bridge = Bridge()
        self.main = MainWindow(self.bridge, wording, looks)
        self.customer = CustomerWindow(self.bridge, wording, THEMES[theme], beside=beside)
        self._beside = beside
        self.second = SecondScreen(self.customer, self.main, wanted=customer_screen, beside=beside)
        self.main.offer_screens(self.second.choices, self.second.choose, not beside)
        self._wording = wording
        self.main.language_asked.connect(self.switch_language)
        self.bar: DemoBar | None = None
        self._told_to_end = False
        self.main.resize(wanted)
        self._python = QTimer()
        self._python.timeout.connect(lambda: None)

    def show(self, *, full_screen: bool = False, told: Told = lambda shown, why, words: None) -> None:
        """Show the cashier's window, and the customer's on the second screen (or beside, in the demo).

        ``told`` hears, now and whenever it changes, whether the customer's window is to be seen and why not.
        """
        if full_screen:
            self.main.showFullScreen()
        else:
            self.main.show()
        if self._beside:
            self.customer.resize(800, 600)

        def tell(shown: bool, why: str, words: str) -> None:
            self.main.show_qr_here(self._beside or not shown)
            told(shown, why, words)

        self.second.listen(tell)
        self.second.place()
        self.main.activateWindow()

    def switch_language(self) -> None:
        """Speak the next language there is, on both windows and on paper, until the program ends."""
        at = LOCALES.index(self._wording.locale)
        self._wording.set_locale(LOCALES[(at + 1) % len(LOCALES)])
        for window in (self.main, self.customer):
            window.speak_anew()

    def listen_for_signals(self) -> None:
        """From now on SIGINT and SIGTERM close the windows, also where they come before the windows are up."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def _end(self, number: int, frame: object) -> None:
        self._told_to_end = True
        self.application.quit()

    def show_bar(
        self, title: str, acts: Sequence[tuple[str, Callable[[], None]]], dials: Sequence[Turn] = (), note: str = "",
        heading: str = "",
    ) -> None:  # fmt: skip
        """Show the demo's bar of buttons and dials, and a note under them."""
        self.bar = DemoBar(title, acts, dials, note, heading)
        self.bar.show()

    def read_keyboard_scanner(self) -> None:
        """Take what a scanner types, as fast as none but a scanner does, for a scan."""
        self._wedge = WedgeFilter(lambda text: self.bridge.send(Scanned(text, time.monotonic())))
        self._wedge.install(self.application)

    def ask_first_pin(self) -> None:
        """At the first snapshot, ask for a supervisor's PIN where none is set."""
        self.main.ask_first_pin()

    def execute(self) -> None:
        """Run until the cashier's window is closed, or the process is told to end."""
        self._python.start(_SIGNAL_LOOK_MS)
        if not self._told_to_end:
            self.application.exec()
        self.close()

    def close(self) -> None:
        """Take both windows away."""
        self._python.stop()
        if self.bar is not None:
            self.bar.close()
        self.customer.close()
        self.main.close()
