"""The customer's window on the second screen, as that comes and goes.

1. When its screen is taken away the window is hidden at once, before the system moves it onto the cashier's; when one
   is there again it is placed after a short quiet time, since screens come in bursts of half-true news.
2. It is placed by ``setScreen``, ``setGeometry``, ``showFullScreen`` in this order, never activated: scanner and keys
   stay with the cashier.
3. Which screen, ``screen_choice`` says. What came of it is told (``told``) when it changed, and once at the start.
4. In a demonstration (``beside``) the window is an ordinary one; there too it can be pretended that its screen is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QScreen, QWindow
from PySide6.QtWidgets import QWidget

from kiosk.ui.application import create_application
from kiosk.ui.customer_window import CustomerWindow
from kiosk.ui.screen_choice import Chosen, ScreenSeen, Why, choose
from kiosk.ui.sheets.screens import Choice

_log = logging.getLogger(__name__)
QUIET_MS = 300
GONE = "gone"

#: Whether the window is on a screen, why not (a word of ``hardware.health.Reason``), and the screen in words.
Told = Callable[[bool, str, str], None]


class SecondScreen(QObject):
    """Keeps the customer's window where it belongs; on the GUI thread."""

    def __init__(
        self, customer: CustomerWindow, cashier: QWidget, *, wanted: str = "", beside: bool = False,
        told: Told = lambda shown, why, words: None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._customer, self._cashier, self._wanted, self._beside = customer, cashier, wanted, beside
        self._told = told
        self._on: QScreen | None = None
        self._handle: QWindow | None = None
        self._last: tuple[bool, str, str] | None = None
        self._was_shown = self._pretends = False
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.place)
        self._watch()

    def _watch(self) -> None:
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._added)
        application.screenRemoved.connect(self._removed)
        application.primaryScreenChanged.connect(lambda screen: self._quiet.start())
        for screen in QGuiApplication.screens():
            self._added(screen)

    def listen(self, told: Told) -> None:
        """Whom to tell from now on; what is so now is told at once."""
        self._told = told
        if self._last is not None:
            told(*self._last)

    # --- screens come and go ---------------------------------------------------------------------------------------

    def _added(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(lambda geometry: self._quiet.start())
        self._quiet.start()

    def _removed(self, screen: QScreen) -> None:
        if screen == self._on:
            self._hide()
            self._tell(False, GONE, "")
        self._quiet.start()

    def _hide(self) -> None:
        self._on = None
        self._customer.hide()

    # --- placing ---------------------------------------------------------------------------------------------------

    def screens(self) -> list[ScreenSeen]:
        """The screens there are."""
        return [self._seen(screen) for screen in QGuiApplication.screens()]

    def _seen(self, screen: QScreen) -> ScreenSeen:
        return _seen(screen, is_cashier=screen == self._cashier.screen())

    def _watch_cashier(self) -> None:
        """The cashier's window may be moved to another screen, where the customer's then must not be."""
        handle = self._cashier.windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.screenChanged.connect(self._cashier_moved)

    def _cashier_moved(self, screen: QScreen) -> None:
        if screen == self._on:
            self._hide()
        self._quiet.start()

    def place(self) -> bool:
        """Bring the window to where it belongs now; whether it is to be seen."""
        self._watch_cashier()
        if self._pretends:
            self._hide()
            self._tell(False, GONE, "")
            return False
        if self._beside:
            self._customer.show()
            self._tell(True, str(Why.NONE), "")
            return True
        return self._place_on(choose(self.screens(), self._wanted))

    def _place_on(self, chosen: Chosen) -> bool:
        found = next((screen for screen in QGuiApplication.screens() if self._is(screen, chosen.screen)), None)
        if found is None or chosen.screen is None:
            self._hide()
            # A screen that was there is missed, also where the settings name none.
            missed = chosen.why is Why.NOT_FOUND or (chosen.why is Why.NOT_CONFIGURED and self._was_shown)
            self._tell(False, GONE if missed and self._was_shown else str(chosen.why), self._wanted)
            return False
        moves = found != self._on or self._customer.geometry() != found.geometry()
        if moves or not self._customer.isVisible():
            self._on = found
            self._customer.setScreen(found)
            self._customer.setGeometry(found.geometry())
            self._customer.showFullScreen()
        self._was_shown = True
        self._tell(True, str(Why.NONE), chosen.screen.words)
        return True

    def _is(self, screen: QScreen, seen: ScreenSeen | None) -> bool:
        return seen is not None and self._seen(screen) == seen

    def _tell(self, shown: bool, why: str, words: str) -> None:
        if (shown, why, words) != self._last:
            self._last = (shown, why, words)
            _log.info("the customer's window: shown %s, %s %s", shown, why, words)
            self._told(shown, why, words)

    # --- the page Devices, and the demo's dial ---------------------------------------------------------------------

    def choices(self) -> tuple[Choice, ...]:
        """The screens there are, for a person to choose from."""
        on = self._seen(self._on).key if self._on is not None else ""
        return tuple(
            Choice(screen.key, screen.words, screen.is_cashier, screen.key == on)
            for screen in sorted(self.screens(), key=lambda screen: (not screen.is_cashier, screen.key))
        )

    def choose(self, key: str) -> None:
        """From now on the customer's screen is this one."""
        self._wanted = key
        self.place()

    def pretend_gone(self, gone: bool) -> None:
        """Do as if the second screen had been unplugged, or plugged in again."""
        self._pretends = gone
        self.place()


def screens_now(wanted: str) -> tuple[bool, str, str]:
    """For a look without windows: whether the customer's window would be shown, why not, and where. The cashier's
    screen is taken to be the primary one."""
    create_application(["kiosk"])
    primary = QGuiApplication.primaryScreen()
    seen = [_seen(screen, is_cashier=screen == primary) for screen in QGuiApplication.screens()]
    chosen = choose(seen, wanted)
    return chosen.screen is not None, str(chosen.why), chosen.screen.words if chosen.screen is not None else wanted


def _seen(screen: QScreen, *, is_cashier: bool) -> ScreenSeen:
    room = screen.geometry()
    return ScreenSeen(
        screen.name(), (room.x(), room.y(), room.width(), room.height()), is_cashier,
        screen.manufacturer(), screen.model(), screen.serialNumber(),
    )  # fmt: skip
