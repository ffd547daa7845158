"""Where Tab leads: down and to the right, as one reads, and never to what is hidden or greyed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

#: Middles that lie closer than this stand in one line.
LINE_PX = 24


def in_reading_order(part: QWidget) -> list[QWidget]:
    """What takes the focus by Tab within ``part``, line by line from the left."""
    able = [
        child
        for child in part.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled()
    ]

    def place(child: QWidget) -> tuple[int, int]:
        middle = child.mapTo(part, child.rect().center())
        return middle.y() // LINE_PX, middle.x()

    return sorted(able, key=place)


def lead(window: QWidget, able: Sequence[QWidget], forward: bool) -> None:
    """Move the focus to the next of these, round and round."""
    if not able:
        return
    focused = window.focusWidget()
    at = able.index(focused) if focused in able else (-1 if forward else len(able))
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    able[(at + (1 if forward else -1)) % len(able)].setFocus(reason)
