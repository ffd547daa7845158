"""One bill as one row: a tick, the period, principal, late fee and sum in columns; or a lock and the reason.

The row keeps no truth: a press asks for the other choice, and the next snapshot says what is chosen.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from kiosk.snapshot import BillRow, show_yuan
from kiosk.ui.theme import RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import behave, passes_by
from kiosk.ui.widgets.icons import paint_icon

ROW_PX = 64
#: Shares of the width after the tick, for period, principal, late fee, sum.
COLUMNS = (0.27, 0.25, 0.21, 0.27)


def column_rooms(theme: Theme, width: int, height: int) -> list[QRectF]:
    """Where the four columns stand in a row of this size; the head over the rows uses the same."""
    left, right = theme.px(64), width - theme.px(16)
    rooms, x = [], float(left)
    for share in COLUMNS:
        rooms.append(QRectF(x, 0, (right - left) * share, height))
        x += (right - left) * share
    return rooms


class BillButton(QAbstractButton):
    """A :class:`BillRow` to press. ``reason`` is the lock's sentence, already said."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.row: BillRow | None = None
        self._reason = ""
        behave(self)
        self.setMinimumHeight(theme.px(ROW_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_row(self, row: BillRow, reason: str, choosable: bool) -> None:
        """Show this bill; ``choosable`` where the command is legal and the bill is not locked."""
        self.setEnabled(choosable)
        if (row, reason) == (self.row, self._reason):
            return
        self.row, self._reason = row, reason
        state = reason or ("✓" if row.chosen else "")
        self.setAccessibleName(f"{row.period} {show_yuan(row.total_fen)} {state}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(480), self._theme.px(ROW_PX))

    def texts(self) -> list[str]:
        """What the columns say."""
        if self.row is None:
            return []
        if self._reason:
            return [self.row.period, self._reason, show_yuan(self.row.total_fen)]
        amounts = (self.row.principal_fen, self.row.late_fee_fen, self.row.total_fen)
        return [self.row.period, *map(show_yuan, amounts)]

    def texts_fit(self) -> bool:
        """Whether every column's text stands in its room."""
        return all(
            QFontMetricsF(self._theme.font(role)).boundingRect(room, flags, text).width() <= room.width() + 1
            and QFontMetricsF(self._theme.font(role)).boundingRect(room, flags, text).height() <= room.height() + 1
            for room, flags, role, text in self._cells()
        )

    def _cells(self) -> list[tuple[QRectF, int, Type, str]]:
        """Room, flags, font and text of each cell."""
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        rooms, texts = column_rooms(self._theme, self.width(), self.height()), self.texts()
        if len(texts) == 3:
            middle = rooms[1].united(rooms[2])
            middle.setLeft(rooms[0].left() + self._theme.px(112))
            wrapped = left | int(Qt.TextFlag.TextWordWrap)
            return [
                (rooms[0], left, Type.STRONG, texts[0]),
                (middle, wrapped, Type.SMALL, texts[1]),
                (rooms[3], right, Type.STRONG, texts[2]),
            ]
        roles = (Type.STRONG, Type.BODY, Type.BODY, Type.TITLE)
        return [
            (room, right if index else left, role, text)
            for index, (room, role, text) in enumerate(zip(rooms, roles, texts, strict=True))
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.row is None:
            return
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_box(painter)
        self._paint_mark(painter)
        ink = theme.of(Tone.DOUBT).ink if self._reason else theme.ink
        for room, flags, role, text in self._cells():
            painter.setFont(theme.font(role))
            painter.setPen(QColor(ink))
            painter.drawText(room, flags, text)
        painter.end()

    def _paint_box(self, painter: QPainter) -> None:
        theme, row = self._theme, self.row
        assert row is not None
        chosen = row.chosen and not self._reason
        fill = theme.of(Tone.DOUBT).soft if self._reason else theme.of(Tone.ACT).soft if chosen else theme.surface
        edge, width = (theme.of(Tone.ACT).fill, 2) if chosen or self.isDown() else (theme.line, theme.border_px)
        if self.hasFocus():
            edge, width = theme.focus, 3
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(theme.sunk if self.isDown() else fill))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), radius, radius)

    def _paint_mark(self, painter: QPainter) -> None:
        theme, row = self._theme, self.row
        assert row is not None
        side = theme.px(30)
        box = QRectF(theme.px(17), (self.height() - side) / 2, side, side)
        if self._reason:
            paint_icon(painter, box, "lock", QColor(theme.of(Tone.DOUBT).ink))
            return
        act = theme.of(Tone.ACT)
        painter.setPen(QPen(QColor(act.fill if row.chosen else theme.of(Tone.REST).ink), 2))
        painter.setBrush(QColor(act.fill if row.chosen else theme.surface))
        painter.drawRoundedRect(box, 5, 5)
        if row.chosen:
            paint_icon(painter, box.adjusted(4, 4, -4, -4), "check", QColor(act.on_fill), 3)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

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
