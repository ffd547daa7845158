"""A pair of hands and eyes for the real windows: keys, touches, waiting, pictures. Drives ``kiosk demo --walkthrough``.

Rules
1. It does what a cashier does: real key and mouse events to the window that is shown; no method of a screen is called.
2. It waits for what the windows show (the newest snapshot), never for a fixed time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from kiosk.snapshot import Snapshot
from kiosk.ui.shell import Shell

_KEYS = {"Enter": Qt.Key.Key_Return, "Esc": Qt.Key.Key_Escape, "Down": Qt.Key.Key_Down} | {
    f"F{number}": Qt.Key(Qt.Key.Key_F1 + number - 1) for number in range(1, 13)
}
_GAP_PX = 16
_LOOK_MS = 20


class StoryError(Exception):
    """Something on the screen was not what it should be."""


class Robot:
    """Hands and eyes for the windows of a shell."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        QTest.keyClicks(self._shell.main, text)

    def press(self, key: str) -> None:
        """Press ``Enter``, ``Esc``, ``Down``, or a function key."""
        QTest.keyClick(self._shell.main, _KEYS[key])

    def touch(self, name: str) -> None:
        """Touch the button of this accessible name or text. Raises :class:`StoryError` where none can be touched."""
        for button in self._shell.main.findChildren(QAbstractButton):
            if button.isVisible() and button.isEnabled() and name in (button.accessibleName(), button.text()):
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)
                return
        raise StoryError(f"there is no button {name!r} to touch")

    def wait(self, what: str, holds: Callable[[Snapshot], bool], timeout_s: float) -> Snapshot:
        """Wait until the windows show it. Raises :class:`StoryError` with ``what`` when the time is over."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            seen = self._shell.bridge.latest
            if seen is not None and holds(seen):
                QTest.qWait(_LOOK_MS)  # what is shown is also painted
                return seen
            if time.monotonic() >= deadline_s:
                raise StoryError(f"waited {timeout_s:g} s in vain: {what}")
            QTest.qWait(_LOOK_MS)

    def second_screen(self, *, gone: bool) -> None:
        """Pull the customer's screen out, or plug it in again."""
        self._shell.second.pretend_gone(gone)

    def picture(self, path: Path) -> None:
        """Save both windows side by side as PNG."""
        left, right = self._shell.main.grab(), self._shell.customer.grab()
        both = QPixmap(left.width() + _GAP_PX + right.width(), max(left.height(), right.height()))
        both.fill(Qt.GlobalColor.darkGray)
        painter = QPainter(both)
        painter.drawPixmap(0, 0, left)
        if self._shell.customer.isVisible():
            painter.drawPixmap(left.width() + _GAP_PX, 0, right)
        painter.end()
        if not both.save(str(path), "PNG"):
            raise StoryError(f"the picture {path} could not be saved")

    def customer_png(self) -> bytes:
        """What the customer's window shows, as PNG."""
        return _png(self._shell.customer)


def _png(window: QWidget) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    buffer.close()
    return bytes(held.data())
