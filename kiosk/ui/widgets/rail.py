"""An entry of the rail on the left: icon over word; the part that is open is filled softly."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kiosk.ui.theme import RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.icons import paint_icon


class RailEntry(QLabel):
    """The entry of the part that is open: there is only one yet, so it tells where one is and does nothing.

    It becomes a button together with the second part.
    """

    def __init__(self, theme: Theme, text: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icon_name = theme, icon_name
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setFont(theme.font(Type.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(72), self._theme.px(80))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        act = theme.of(Tone.ACT)
        painter.setPen(QColor(act.fill))
        painter.setBrush(QColor(act.soft))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        side = theme.px(32)
        paint_icon(
            painter, QRectF((self.width() - side) / 2, theme.px(10), side, side), self._icon_name, QColor(act.ink)
        )
        painter.setPen(QColor(act.ink))
        painter.setFont(self.font())
        top = theme.px(44)
        room = QRectF(0, top, self.width(), self.height() - top - 4)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), self.text())
        painter.end()
