"""Run by test_second_screen.py in a process of its own, on an X server without a screen: the customer's window while
screens are plugged in and out. Prints what happened, one JSON line a step."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QRect

from kiosk.ui.application import create_application
from kiosk.ui.bridge import Bridge
from kiosk.ui.customer_window import CustomerWindow
from kiosk.ui.examples import examples
from kiosk.ui.main_window import MainWindow
from kiosk.ui.second_screen import SecondScreen
from kiosk.ui.theme import LIGHT
from kiosk.wording import Wording

PATIENCE_S = 8.0
MAIN, CUSTOMER, SMALL, MIRROR = (
    ("MAIN", "1024/270x768/203+0+0"), ("CUST", "800/200x768/120+1024+0"), ("CUST", "640/200x480/120+1024+0"),
    ("CUST", "1024/270x768/203+0+0"),
)  # fmt: skip


def plug(name: str, room: str) -> None:
    output = "screen" if name == "MAIN" else "none"
    subprocess.run(["xrandr", "--setmonitor", name, room, output], check=True, timeout=10, stdout=subprocess.DEVNULL)


def unplug(name: str) -> None:
    subprocess.run(["xrandr", "--delmonitor", name], check=True, timeout=10, stdout=subprocess.DEVNULL)


class Stage:
    """Both windows, and what was told of the customer's."""

    def __init__(self) -> None:
        self.application = create_application(["hotplug"])
        self.told: list[tuple[bool, str, str]] = []
        self.covered = 0
        bridge, wording = Bridge(lambda command: None), Wording("zh_CN")
        self.main = MainWindow(bridge, wording, LIGHT, ticking=False)
        self.main.setGeometry(0, 0, 1024, 768)
        self.main.show()
        self.customer = CustomerWindow(bridge, wording, LIGHT, ticking=False)
        bridge.publish(examples()["pay-qr"])
        self.second = SecondScreen(self.customer, self.main)
        self.second.listen(lambda *told: self.told.append(told))
        self.second.place()

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            self.application.processEvents()
            at_home = self.main.geometry().topLeft().x() < 1000
            shown = self.customer.isVisible() and self.customer.geometry().intersects(QRect(0, 0, 1024, 768))
            self.covered += shown and at_home
            if time.monotonic() > end:
                raise SystemExit(f"{what}: never; told {self.told}, screens {self.second.screens()}")
            time.sleep(0.01)
        self.tell(what)

    def tell(self, what: str) -> None:
        room = self.customer.geometry()
        print(json.dumps({
            "what": what, "told": self.told[-1:], "visible": self.customer.isVisible(), "covered": self.covered,
            "room": [room.x(), room.y(), room.width(), room.height()], "active": self.customer.isActiveWindow(),
            "choices": [choice.key for choice in self.second.choices()],
        }), flush=True)  # fmt: skip


def _meets(stage: Stage) -> bool:
    """Whether the customer's window lies on the cashier's screen."""
    return stage.customer.isVisible() and stage.customer.screen() == stage.main.screen()


def main() -> int:
    plug(*MAIN)
    stage = Stage()

    def shown_at(*room: int) -> Callable[[], bool]:
        return lambda: stage.customer.isVisible() and stage.customer.geometry() == QRect(*room)

    def hidden(why: str) -> Callable[[], bool]:
        return lambda: not stage.customer.isVisible() and stage.told[-1][1] == why

    stage.until("one screen", hidden("not_configured"))
    plug(*CUSTOMER)
    stage.until("plugged in", shown_at(1024, 0, 800, 768))
    unplug("CUST")
    stage.until("pulled out", hidden("gone"))
    plug(*CUSTOMER)
    stage.until("plugged in again", shown_at(1024, 0, 800, 768))
    unplug("CUST")
    stage.until("out", hidden("gone"))
    plug(*SMALL)
    stage.until("another resolution", shown_at(1024, 0, 640, 480))
    unplug("CUST")
    stage.until("out again", hidden("gone"))
    plug(*MIRROR)
    stage.until("mirrored", lambda: len(stage.second.screens()) == 2 and not stage.customer.isVisible())
    unplug("CUST")
    stage.until("out a third time", lambda: len(stage.second.screens()) == 1)
    plug(*CUSTOMER)
    stage.until("extended", shown_at(1024, 0, 800, 768))
    stage.main.move(1030, 10)  # the cashier's window comes onto the customer's screen
    stage.until("the cashier came over", lambda: stage.main.screen().name() == "CUST" and not _meets(stage))
    stage.main.move(0, 0)
    stage.until("and went back", shown_at(1024, 0, 800, 768))
    stage.second.pretend_gone(True)
    stage.until("pretended gone", hidden("gone"))
    stage.second.pretend_gone(False)
    stage.until("pretended back", shown_at(1024, 0, 800, 768))
    return 0


if __name__ == "__main__":
    sys.exit(main())
