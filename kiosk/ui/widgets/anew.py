"""Taking a window's contents down, so that they can be built anew in another language."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def take_down(window: QWidget) -> None:
    """Remove the layout of a window and all that stands in it; the window itself stays, where and as it is."""
    layout = window.layout()
    if layout is None:
        return
    heap = QWidget()
    heap.setLayout(layout)  # a layout takes its widgets along
    heap.hide()
    heap.deleteLater()
