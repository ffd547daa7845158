"""The rail on the left: a button for each part of the program, the open one softly filled.

1. What waits is counted on *Pending*, in amber; while another page covers a payment, *Collect* bears its mark.
2. Only the parts that exist stand here. The function key stands under the word.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from kiosk.ui.theme import RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import behave, passes_by
from kiosk.ui.widgets.icons import paint_icon

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Mark:
    """What a part has to tell from behind another: an icon in a tone, and its word."""

    icon_name: str
    tone: Tone
    word: str


class RailButton(QAbstractButton):
    """The way to one part of the program."""

    def __init__(self, theme: Theme, text: str, icon_name: str, shortcut: str) -> None:
        super().__init__()
        self._theme, self._icon_name, self._shortcut = theme, icon_name, shortcut
        self._open, self._count = False, 0
        self.mark: Mark | None = None
        behave(self)
        self.setText(text)
        self.setAccessibleName(text)
        self.setFont(theme.font(Type.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_part(self, is_open: bool, count: int = 0, mark: Mark | None = None) -> None:
        """Show whether it is open, how much waits in it, and what it has to tell."""
        if (is_open, count, mark) != (self._open, self._count, self.mark):
            self._open, self._count, self.mark = is_open, count, mark
            said = [self.text(), self.badge(), mark.word if mark is not None else ""]
            self.setAccessibleName(" ".join(part for part in said if part))
            self.update()

    def badge(self) -> str:
        """The count that is shown."""
        if not self._count:
            return ""
        return str(self._count) if self._count <= MOST_COUNTED else f"{MOST_COUNTED}+"

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(80), self._theme.px(104))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def texts_fit(self) -> bool:
        """Whether the word stands in its room."""
        return QFontMetricsF(self.font()).horizontalAdvance(self.text()) <= self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_box(painter)
        ink = theme.of(Tone.ACT).ink if self._open else theme.of(Tone.REST).ink
        side = theme.px(32)
        box = QRectF((self.width() - side) / 2, theme.px(10), side, side)
        paint_icon(painter, box, self._icon_name, QColor(ink))
        painter.setPen(QColor(ink))
        painter.setFont(self.font())
        line, middle = theme.px(24), int(Qt.AlignmentFlag.AlignCenter)
        painter.drawText(QRectF(0, theme.px(44), self.width(), line), middle, self.text())
        painter.setPen(QColor(theme.of(Tone.REST).ink))
        painter.drawText(QRectF(0, theme.px(68), self.width(), line), middle, self._shortcut)
        self._paint_badge(painter)
        painter.end()

    def _paint_box(self, painter: QPainter) -> None:
        theme, act = self._theme, self._theme.of(Tone.ACT)
        if not (self._open or self.isDown() or self.hasFocus()):
            return
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(theme.focus if focused else act.fill), 3 if focused else 1))
        painter.setBrush(QColor(theme.sunk if self.isDown() else act.soft if self._open else theme.surface))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), radius, radius)

    def _paint_badge(self, painter: QPainter) -> None:
        theme, tall = self._theme, self._theme.px(26)
        text, mark = self.badge(), self.mark
        if not text and mark is None:
            return
        paint = theme.of(mark.tone if mark is not None else Tone.DOUBT)
        font = QFont(theme.font(Type.SMALL))
        font.setBold(True)
        wide = max(tall, QFontMetricsF(font).horizontalAdvance(text) + theme.px(12)) if text else tall
        box = QRectF(self.width() - wide - 2, theme.px(4), wide, tall)
        painter.setPen(QPen(QColor(theme.surface), 2))
        painter.setBrush(QColor(paint.fill))
        painter.drawRoundedRect(box, tall / 2, tall / 2)
        if mark is not None:
            paint_icon(painter, box.adjusted(5, 5, -5, -5), mark.icon_name, QColor(paint.on_fill), 3)
            return
        painter.setPen(QColor(paint.on_fill))
        painter.setFont(font)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if passes_by(event):
            event.ignore()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if passes_by(event):
            event.ignore()
            return
        super().keyReleaseEvent(event)
