"""The steps of a payment: 未提交 → 已提交 → 等待客户确认 → 已支付 → 已入账, with the one it stands at lit.

A step that is over has a check, the one that runs has a ring that turns with the seconds, one to come has its number:
never colour alone. The clock is the face's: :meth:`StepTrack.show_stage` is told how many seconds it has been.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.snapshot import Stage
from kiosk.ui.theme import Theme, Tone, Type
from kiosk.ui.widgets.icons import paint_icon

STAGES = tuple(Stage)


class StepTrack(QWidget):
    """All stages in a row; ``names`` in the order of :class:`Stage`."""

    def __init__(self, theme: Theme, names: tuple[str, ...]) -> None:
        super().__init__()
        self._theme, self._names = theme, names
        self._at, self._turn = 0, 0
        self.setFixedHeight(theme.px(104))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_stage(self, stage: Stage, elapsed_s: float) -> None:
        """Stand at this stage, which began so many seconds ago."""
        at, turn = STAGES.index(stage), int(elapsed_s * 4) % 12
        if (at, turn) != (self._at, self._turn):
            self._at, self._turn = at, turn
            self.setAccessibleName(self._names[at])
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(480), self.height())

    def label_font(self) -> QFont:
        """The largest font, of 18 px at least, in which every name stands in its column on two lines at most."""
        return self._theme.font(Type.SMALL)

    def names_fit(self) -> bool:
        """Whether no name is cut."""
        metrics = QFontMetricsF(self.label_font())
        return all(self._label_fits(metrics, name) for name in self._names)

    def _label_fits(self, metrics: QFontMetricsF, name: str) -> bool:
        room = self._label_room(0)
        needed = metrics.boundingRect(QRectF(0, 0, room.width(), 1000), self._flags(), name)
        return needed.width() <= room.width() and needed.height() <= room.height() + 1

    def _flags(self) -> int:
        return int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)

    def _column(self) -> float:
        return self.width() / len(self._names)

    def _label_room(self, index: int) -> QRectF:
        top = self._theme.px(44)
        return QRectF(index * self._column() + 2, top, self._column() - 4, self.height() - top)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(len(self._names)):
            if index:
                self._paint_line(painter, index)
        for index, name in enumerate(self._names):
            self._paint_disc(painter, index)
            self._paint_name(painter, index, name)
        painter.end()

    def _centre(self, index: int) -> tuple[float, float]:
        return (index + 0.5) * self._column(), self._theme.px(20)

    def _paint_line(self, painter: QPainter, index: int) -> None:
        gap = self._theme.px(26)
        (left, y), (right, _) = self._centre(index - 1), self._centre(index)
        done = index <= self._at
        painter.setPen(QPen(QColor(self._theme.of(Tone.ACT).fill if done else self._theme.line), self._theme.px(4)))
        painter.drawLine(int(left + gap), int(y), int(right - gap), int(y))

    def _paint_disc(self, painter: QPainter, index: int) -> None:
        theme = self._theme
        act, radius = theme.of(Tone.ACT), theme.px(17)
        x, y = self._centre(index)
        disc = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
        over = index < self._at or (index == self._at == len(self._names) - 1)
        painter.setBrush(QColor(act.fill if over else theme.surface))
        painter.setPen(QPen(QColor(act.fill if index <= self._at else theme.line), theme.px(3)))
        painter.drawEllipse(disc)
        if over:
            paint_icon(painter, disc.adjusted(7, 7, -7, -7), "check", QColor(act.on_fill), 3)
        elif index == self._at:
            self._paint_running(painter, disc)
        else:
            painter.setPen(QColor(theme.of(Tone.REST).ink))
            painter.setFont(theme.font(Type.SMALL))
            painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter), str(index + 1))

    def _paint_running(self, painter: QPainter, disc: QRectF) -> None:
        colour = QColor(self._theme.of(Tone.ACT).fill)
        if self._at == 0:
            painter.setBrush(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(disc.center(), self._theme.px(7), self._theme.px(7))
            return
        painter.setPen(QPen(colour, self._theme.px(5)))
        painter.drawArc(disc.adjusted(7, 7, -7, -7), -self._turn * 30 * 16, 250 * 16)

    def _paint_name(self, painter: QPainter, index: int, name: str) -> None:
        here = index == self._at
        font = self.label_font()
        painter.setFont(font)
        painter.setPen(QColor(self._theme.of(Tone.ACT if here else Tone.REST).ink))
        painter.drawText(self._label_room(index), self._flags(), name)
