"""How an order stands, as everywhere on *Pending*: an icon and a word on a soft ground, never a colour alone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.snapshot import Level
from kiosk.ui.theme import RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.icons import paint_icon

#: The looks of an order's level: BAD needs a supervisor, WARN is in doubt, BUSY is being credited.
STATE_LOOKS = {
    Level.BAD: ("warn", Tone.DANGER), Level.WARN: ("question", Tone.DOUBT), Level.BUSY: ("clock", Tone.PAID),
    Level.GOOD: ("check", Tone.PAID), Level.OFF: ("dot", Tone.REST),
}  # fmt: skip
BADGE_PX = 40


def badge_width(theme: Theme, word: str) -> float:
    """How wide a badge with this word is at least."""
    return QFontMetricsF(theme.font(Type.SMALL)).horizontalAdvance(word) + theme.px(48)


def paint_badge(painter: QPainter, box: QRectF, theme: Theme, level: Level, word: str) -> None:
    """Paint the badge over the whole of ``box``."""
    icon_name, tone = STATE_LOOKS[level]
    paint = theme.of(tone)
    painter.setPen(QPen(QColor(paint.fill), 1))
    painter.setBrush(QColor(paint.soft))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.px(RADIUS_PX), theme.px(RADIUS_PX))
    side = theme.px(22)
    mark = QRectF(box.left() + theme.px(10), box.center().y() - side / 2, side, side)
    paint_icon(painter, mark, icon_name, QColor(paint.ink), 2.6)
    painter.setFont(theme.font(Type.SMALL))
    painter.setPen(QColor(paint.ink))
    room = QRectF(mark.right() + theme.px(6), box.top(), box.right() - mark.right() - theme.px(8), box.height())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), word)


class StateBadge(QWidget):
    """The badge as a widget."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._level, self._word = theme, Level.OFF, ""
        self.setFixedHeight(theme.px(BADGE_PX))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, level: Level, word: str) -> None:
        """Show this state."""
        if (level, word) != (self._level, self._word):
            self._level, self._word = level, word
            self.setAccessibleName(word)
            self.updateGeometry()
            self.update()

    def word(self) -> str:
        """What is shown."""
        return self._word

    def sizeHint(self) -> QSize:
        return QSize(int(badge_width(self._theme, self._word)) + 1, self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_badge(painter, QRectF(self.rect()), self._theme, self._level, self._word)
        painter.end()
