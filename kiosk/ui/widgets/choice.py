"""A choice as a large card: a ring to be filled, its word, and one plain sentence of what it means."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from kiosk.ui.theme import RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import behave, passes_by

CHOICE_PX = 96


class ChoiceCard(QAbstractButton):
    """One of several; which one is chosen, its sheet knows."""

    def __init__(self, theme: Theme, word: str, meaning: str) -> None:
        super().__init__()
        self._theme, self.word, self.meaning = theme, word, meaning
        behave(self)
        self.setCheckable(True)
        self.setAccessibleName(word)
        self.setAccessibleDescription(meaning)
        self.setFixedHeight(theme.px(CHOICE_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self._theme.px(CHOICE_PX))

    def _rooms(self) -> tuple[QRectF, QRectF]:
        """Where the word and the sentence stand: together in the middle."""
        theme = self._theme
        left, width, word = theme.px(56), self.width() - theme.px(56 + 12), theme.px(30)
        metrics, wrapped = QFontMetricsF(theme.font(Type.SMALL)), int(Qt.TextFlag.TextWordWrap)
        tall = metrics.boundingRect(QRectF(0, 0, width, 1000), wrapped, self.meaning).height()
        top = max(4.0, (self.height() - word - tall) / 2)
        return QRectF(left, top, width, word), QRectF(left, top + word, width, self.height() - 4 - top - word)

    def texts_fit(self) -> bool:
        """Whether both texts stand in their rooms."""
        upper, lower = self._rooms()
        metrics = QFontMetricsF(self._theme.font(Type.SMALL))
        needed = metrics.boundingRect(lower, int(Qt.TextFlag.TextWordWrap), self.meaning)
        word = QFontMetricsF(self._theme.font(Type.STRONG)).horizontalAdvance(self.word)
        return word <= upper.width() and needed.height() <= lower.height() + 1 and needed.width() <= lower.width() + 1

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, act, painter = self._theme, self._theme.of(Tone.ACT), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        edge, width = (act.fill, 3) if chosen else (theme.line, theme.border_px)
        if self.hasFocus():
            edge, width = theme.focus, 3
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(theme.sunk if self.isDown() else act.soft if chosen else theme.surface))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), radius, radius)
        self._paint_ring(painter, chosen)
        left = int(Qt.AlignmentFlag.AlignLeft)
        upper, lower = self._rooms()
        painter.setPen(QColor(theme.ink))
        painter.setFont(theme.font(Type.STRONG))
        painter.drawText(upper, left | int(Qt.AlignmentFlag.AlignVCenter), self.word)
        painter.setFont(theme.font(Type.SMALL))
        painter.drawText(lower, left | int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap), self.meaning)
        painter.end()

    def _paint_ring(self, painter: QPainter, chosen: bool) -> None:
        theme, act, side = self._theme, self._theme.of(Tone.ACT), self._theme.px(26)
        ring = QRectF(theme.px(16), (self.height() - side) / 2, side, side)
        painter.setPen(QPen(QColor(act.fill if chosen else theme.of(Tone.REST).ink), 2))
        painter.setBrush(QColor(theme.surface))
        painter.drawEllipse(ring)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(act.fill))
            painter.drawEllipse(ring.adjusted(6, 6, -6, -6))

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
