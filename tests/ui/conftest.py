"""A counter's two windows with hands on both sides: snapshots go in, commands come out, the clock stands still."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.snapshot import Command, Snapshot
from kiosk.ui.application import create_application
from kiosk.ui.bridge import Bridge
from kiosk.ui.customer_window import CustomerWindow
from kiosk.ui.examples import NOW_S, WALL_S, examples
from kiosk.ui.main_window import MainWindow
from kiosk.ui.theme import LIGHT, Theme
from kiosk.wording import Wording

SMALLEST = QSize(1024, 768)


@dataclass
class Counter:
    """Both windows, what they sent, and the second it is."""

    application: QApplication
    theme: Theme = LIGHT
    locale: str = "zh_CN"
    size: QSize = field(default_factory=lambda: SMALLEST)
    now_s: float = NOW_S

    def __post_init__(self) -> None:
        self.sent: list[Command] = []
        self.rung: list[float] = []
        self.bridge = Bridge(self.sent.append)
        self.wording = Wording(self.locale)
        self.window = MainWindow(
            self.bridge, self.wording, self.theme, clock=lambda: self.now_s, wall_clock=lambda: WALL_S, ticking=False,
            bell=lambda: self.rung.append(self.now_s),
        )  # fmt: skip
        self.customer = CustomerWindow(
            self.bridge, self.wording, self.theme, clock=lambda: self.now_s, ticking=False, beside=True
        )
        self._version = 0
        for window in (self.window, self.customer):
            window.resize(self.size)
            window.show()
        self.window.activateWindow()

    def show(self, what: str | Snapshot) -> Snapshot:
        """Publish an example or a snapshot and let it be painted."""
        self._version += 1
        snapshot = replace(examples()[what] if isinstance(what, str) else what, version=self._version)
        self.bridge.publish(snapshot)
        self.settle()
        return snapshot

    def settle(self) -> None:
        """Let everything that is queued happen."""
        for _ in range(3):
            self.application.processEvents()

    def close(self) -> None:
        """Close both windows."""
        for window in (self.window, self.customer):
            window.close()
            window.deleteLater()
        self.settle()


@pytest.fixture
def make_counter(qapp: QApplication) -> Iterator[Callable[..., Counter]]:
    """Makes counters and closes them at the end."""
    made: list[Counter] = []
    create_application([])

    def make(**options: object) -> Counter:
        made.append(Counter(qapp, **options))
        return made[-1]

    yield make
    for counter in made:
        counter.close()


@pytest.fixture
def counter(make_counter: Callable[..., Counter]) -> Counter:
    """The ordinary counter: light, Chinese, the smallest screen."""
    return make_counter()


@pytest.fixture
def shown_widgets() -> Callable[[QWidget, type], list]:
    """All widgets of a kind that a person sees now."""

    def found(window: QWidget, kind: type) -> list:
        return [widget for widget in window.findChildren(kind) if widget.isVisibleTo(window)]

    return found
