"""A sheet over the window: a card in the middle, everything behind it veiled and out of reach.

1. While a sheet is up, keys and Tab are its own; Esc closes it and sends nothing. The payment behind goes on.
2. A sheet closes by itself when the snapshot no longer holds what it was opened for.
3. The filled button stands at the right end of its foot; Enter presses it where it is enabled.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import Snapshot
from kiosk.ui.screens.face import Tools, card
from kiosk.ui.theme import BAR_PX, VEIL, Type
from kiosk.ui.widgets.buttons import ENTER_KEYS, BigButton
from kiosk.ui.widgets.focus import in_reading_order, lead
from kiosk.ui.widgets.text import FittedWords

EDGE_PX = 24


class Sheet(QWidget):
    """``closed`` is emitted when it goes. ``width_px`` is the card's width at scale 1."""

    closed = Signal()

    def __init__(self, tools: Tools, parent: QWidget, title: str, confirm: str, width_px: int) -> None:
        super().__init__(parent)
        self.tools, self.theme, self.say = tools, tools.theme, tools.say
        self._window = parent
        self.snapshot: Snapshot | None = None
        #: The column on the right, where there is one.
        self.beside: QWidget | None = None
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        theme, edge = self.theme, self.theme.px(EDGE_PX)
        self.card: QFrame = card(theme)
        self.card.setFixedWidth(theme.px(width_px))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.card, 0, Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(edge, theme.px(16), edge, edge)
        column.setSpacing(theme.px(16))
        self.title = FittedWords(theme, Type.TITLE, theme.ink)
        self.title.tell(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(8))
        column.addWidget(self.title)
        column.addLayout(self.body)
        column.addLayout(self._foot(confirm))
        self.hide()

    def _foot(self, confirm: str) -> QHBoxLayout:
        self.cancel = BigButton(self.theme, self.say("button.cancel"), shortcut="Esc")
        self.cancel.setMinimumHeight(self.theme.px(BAR_PX))
        self.cancel.clicked.connect(self.close_sheet)
        self.confirm = BigButton(self.theme, confirm)
        self.confirm.make_primary(True)
        self.confirm.setMinimumHeight(self.theme.px(BAR_PX))
        self.confirm.setMinimumWidth(self.theme.px(264))
        self.confirm.clicked.connect(self.submit)
        foot = QHBoxLayout()
        foot.setSpacing(self.theme.px(16))
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        foot.addWidget(self.confirm)
        return foot

    # --- what a sheet says for itself ------------------------------------------------------------------------------

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether the snapshot holds what this sheet is about."""
        return True

    def begin(self, snapshot: Snapshot) -> None:
        """It was opened: nothing of the last time is left."""

    def refresh(self, snapshot: Snapshot) -> None:
        """Show this snapshot's part."""

    def submit(self) -> None:
        """The filled button was pressed."""

    def type(self, key: int, text: str) -> bool:
        """Whether this key was its own; Esc and Enter never come here."""
        return False

    # --- opening and closing ---------------------------------------------------------------------------------------

    def open(self, snapshot: Snapshot) -> bool:
        """Come up, where the snapshot holds what it is about; whether it did."""
        if not self.fits(snapshot):
            return False
        self.snapshot = snapshot
        self.begin(snapshot)
        self.refresh(snapshot)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def close_sheet(self) -> None:
        """Go, and send nothing."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def paint(self, snapshot: Snapshot) -> None:
        """Follow the snapshot while up."""
        if self.isHidden():
            return
        self.snapshot = snapshot
        if self.fits(snapshot):
            self.refresh(snapshot)
        else:
            self.close_sheet()

    def key(self, key: int, text: str) -> None:
        """A key that no field of it took."""
        if key == Qt.Key.Key_Escape:
            self.close_sheet()
        elif key in ENTER_KEYS:
            if self.confirm.isEnabled():
                self.confirm.click()
        else:
            self.type(key, text)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays within the sheet."""
        able = in_reading_order(self.card)
        lead(self.window(), sorted(able, key=self._column_of), forward)
        return True

    def _column_of(self, child: QWidget) -> int:
        """What stands beside comes after what it stands beside, the foot last."""
        if child in (self.cancel, self.confirm):
            return 2
        return 1 if self.beside is not None and self.beside.isAncestorOf(child) else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(VEIL))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A touch beside the card is nobody's."""
        event.accept()
