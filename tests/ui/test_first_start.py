"""The windows over the real engine and a real journal, at the first start of a counter and at the second."""

import contextlib
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kiosk.app import open_counter
from kiosk.demo.world import World
from kiosk.snapshot import Snapshot
from kiosk.ui.shell import Shell
from kiosk.wording import Wording

PIN = "246813"


@pytest.fixture
def world():
    with World() as made:
        yield made


@contextlib.contextmanager
def started(world: World):
    """The counter as ``kiosk run`` starts it, without its event loop."""
    wording = Wording()
    shell = Shell(wording, "light", size=(1024, 768), beside=True)
    counter = open_counter(world.settings(), shell.bridge.publish, wording=wording)
    with contextlib.closing(counter):
        shell.bridge.attach(counter.engine.send)
        shell.ask_first_pin()
        counter.start()
        counter.display_is(shell.show())
        yield shell
        shell.close()
        for window in (shell.main, shell.customer):
            window.deleteLater()


def wait(shell: Shell, holds: Callable[[Snapshot], bool]) -> None:
    for _ in range(500):
        if shell.bridge.latest is not None and holds(shell.bridge.latest):
            QTest.qWait(20)
            return
        QTest.qWait(20)
    raise AssertionError("the windows never showed it")


def test_the_first_start_asks_for_a_pin_and_the_second_does_not(world: World, qapp) -> None:
    with started(world) as shell:
        wait(shell, lambda now: True)
        sheet = shell.main.sheets["first_pin"]
        assert sheet.isVisible()
        for _ in range(2):
            QTest.keyClicks(shell.main, PIN)
            QTest.keyClick(shell.main, Qt.Key.Key_Return)
        wait(shell, lambda now: now.pin_is_set)
        assert not sheet.isVisible()
    with started(world) as shell:
        wait(shell, lambda now: True)
        assert shell.bridge.latest.pin_is_set
        assert not shell.main.sheets["first_pin"].isVisible()
