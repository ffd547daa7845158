"""The rows of *Pending*, painted: five hundred of them cost what the visible ones cost.

The list keeps no truth: it shows rows, leads a frame up and down over them, and emits the number of the one that was
touched. Keys come from the screen; the frame stays on its order when rows come and go.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QScroller,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from kiosk.snapshot import CaseRow, Level, Sentence, show_yuan
from kiosk.ui.theme import RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.state_badge import BADGE_PX, badge_width, paint_badge

ROW_PX = 88
HEAD_PX = 28
#: Shares of the width for when, who, what, how much, and how it stands.
COLUMNS = (0.14, 0.22, 0.18, 0.19, 0.27)

Say = Callable[[Sentence], str]
Index = QModelIndex | QPersistentModelIndex
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_ROOT = QModelIndex()
Cell = tuple[QRectF, int, Type, str, str]


def column_rooms(theme: Theme, box: QRectF) -> list[QRectF]:
    """Where the columns stand in a row; the head over the rows uses the same."""
    edge, gap = theme.px(16), theme.px(16)
    width = box.width() - 2 * edge
    rooms, x = [], box.left() + edge
    for share in COLUMNS:
        rooms.append(QRectF(x, box.top(), width * share - gap, box.height()))
        x += width * share
    return rooms


class CaseHead(QWidget):
    """The names of the columns, over them."""

    def __init__(self, theme: Theme, names: tuple[str, ...]) -> None:
        super().__init__()
        self._theme, self._names, self._beside = theme, names, 0
        self.setFixedHeight(theme.px(HEAD_PX))

    def leave_room(self, pixels: int) -> None:
        """The list's scroll bar takes so many pixels on the right."""
        if pixels != self._beside:
            self._beside = pixels
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(480), self._theme.px(HEAD_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(Type.SMALL))
        painter.setPen(QColor(self._theme.of(Tone.REST).ink))
        box = QRectF(self.rect()).adjusted(0, 0, -self._beside, 0)
        for at, (room, name) in enumerate(zip(column_rooms(self._theme, box), self._names, strict=True)):
            painter.drawText(room, _RIGHT if at == 3 else _LEFT, name)
        painter.end()


class _Rows(QAbstractListModel):
    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say
        self.rows: tuple[CaseRow, ...] = ()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.AccessibleTextRole or not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        said = (row.begun_at, row.name_masked, row.customer_no, self._say(row.title), show_yuan(row.amount_fen))
        return " ".join((*said, self._say(row.state)))

    def replace(self, rows: tuple[CaseRow, ...]) -> None:
        if len(rows) == len(self.rows):
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(max(0, len(rows) - 1)))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()


class CaseList(QListView):
    """Emits ``chosen`` with the order number of a row that was touched. ``next_words`` tells when a row is asked."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, say: Say, next_words: Callable[[CaseRow], str], name: str) -> None:
        super().__init__()
        self.theme, self.say, self.next_words = theme, say, next_words
        self._rows = _Rows(say)
        self._frame_on, self._pressed_at = "", 0
        self.setModel(self._rows)
        self.setItemDelegate(_RowPainter(self))
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setStyleSheet("background: transparent;")
        self.verticalScrollBar().setSingleStep(theme.px(ROW_PX) // 2)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.clicked.connect(self._touched)

    def rows(self) -> tuple[CaseRow, ...]:
        """What is shown."""
        return self._rows.rows

    def show_rows(self, rows: tuple[CaseRow, ...]) -> None:
        """Show these rows; the frame stays on its order, or goes to the one that took its place."""
        if rows == self._rows.rows and self._frame_on:
            return
        at, held = max(0, self.currentIndex().row()), self.verticalScrollBar().value()
        self._rows.replace(rows)
        numbers = [row.order_no for row in rows]
        found = numbers.index(self._frame_on) if self._frame_on in numbers else min(at, len(rows) - 1)
        self.verticalScrollBar().setValue(held)
        self._lead_to(found, follow=False)

    def current(self) -> str:
        """The order number under the frame; empty where there is no row."""
        return self._frame_on

    def step(self, by: int) -> None:
        """Lead the frame up or down so many rows."""
        self._lead_to(max(0, min(len(self.rows()) - 1, self.currentIndex().row() + by)))

    def to_top(self) -> None:
        """From now on the frame begins at the first row again, whatever that will be."""
        self._frame_on = ""
        self.setCurrentIndex(_ROOT)
        self.verticalScrollBar().setValue(0)

    def page(self) -> int:
        """How many whole rows are seen."""
        return max(1, self.viewport().height() // self.theme.px(ROW_PX))

    def _lead_to(self, at: int, *, follow: bool = True) -> None:
        rows = self.rows()
        self._frame_on = rows[at].order_no if 0 <= at < len(rows) else ""
        index = self._rows.index(at)
        self.setAutoScroll(follow)
        self.setCurrentIndex(index)
        if follow:
            self.scrollTo(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = self.verticalScrollBar().value()
        super().mousePressEvent(event)

    def _touched(self, index: QModelIndex) -> None:
        """A finger that drags the list keeps its row under it: that is no touch of the row."""
        if self._pressed_at != self.verticalScrollBar().value():
            return
        if 0 <= index.row() < len(self.rows()):
            self._lead_to(index.row(), follow=False)
            self.chosen.emit(self.rows()[index.row()].order_no)

    def cells(self, row: CaseRow, box: QRectF) -> list[Cell]:
        """Room, flags, role, colour and text of each text of a row but the badge."""
        theme, rooms = self.theme, column_rooms(self.theme, box)
        rest, wrapped = theme.of(Tone.REST).ink, _LEFT | int(Qt.TextFlag.TextWordWrap)
        upper, lower = _halves(rooms[1], theme)
        return [
            (rooms[0], wrapped, Type.SMALL, theme.ink, row.begun_at),
            (upper, _LEFT, Type.STRONG, theme.ink, self._cut(row.name_masked, Type.STRONG, upper)),
            (lower, _LEFT, Type.SMALL, rest, row.customer_no),
            (rooms[2], wrapped, Type.SMALL, theme.ink, self.say(row.title)),
            (rooms[3], _RIGHT, self._amount_role(row, rooms[3]), theme.ink, show_yuan(row.amount_fen)),
            (self._next_room(rooms[4]), _LEFT, Type.SMALL, rest, self.next_words(row)),
        ]

    def _cut(self, name: str, role: Type, room: QRectF) -> str:
        """A name may be cut with an ellipsis: it is neither money nor state, and its number stands below."""
        return QFontMetricsF(self.theme.font(role)).elidedText(name, Qt.TextElideMode.ElideRight, room.width())

    def _amount_role(self, row: CaseRow, room: QRectF) -> Type:
        """As large as it stands in its column whole."""
        wide = QFontMetricsF(self.theme.font(Type.TITLE)).horizontalAdvance(show_yuan(row.amount_fen))
        return Type.TITLE if wide <= room.width() else Type.STRONG

    def badge_room(self, row: CaseRow, box: QRectF) -> QRectF:
        """Where the badge stands."""
        room, theme = column_rooms(self.theme, box)[4], self.theme
        wide = min(room.width(), badge_width(theme, self.say(row.state)))
        return QRectF(room.left(), room.top() + theme.px(8), wide, theme.px(BADGE_PX - 4))

    def _next_room(self, room: QRectF) -> QRectF:
        theme = self.theme
        return QRectF(room.left() + theme.px(10), room.top() + theme.px(46), room.width() - theme.px(10), theme.px(32))

    def texts_fit(self) -> bool:
        """Whether every text of every row stands in its room."""
        box = QRectF(0, 0, self.viewport().width(), self.theme.px(ROW_PX))
        return all(self._row_fits(row, box) for row in self.rows())

    def _row_fits(self, row: CaseRow, box: QRectF) -> bool:
        badge = badge_width(self.theme, self.say(row.state)) <= column_rooms(self.theme, box)[4].width() + 1
        for room, flags, role, _, text in self.cells(row, box):
            needed = QFontMetricsF(self.theme.font(role)).boundingRect(room, flags, text)
            if needed.width() > room.width() + 1 or needed.height() > room.height() + 1:
                return False
        return badge

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


def _halves(room: QRectF, theme: Theme) -> tuple[QRectF, QRectF]:
    upper = QRectF(room.left(), room.top() + theme.px(12), room.width(), theme.px(32))
    return upper, upper.translated(0, theme.px(32))


class _RowPainter(QStyledItemDelegate):
    def __init__(self, shown: CaseList) -> None:
        super().__init__(shown)
        self._list = shown

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._list.theme.px(400), self._list.theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rows, theme = self._list.rows(), self._list.theme
        if not 0 <= index.row() < len(rows):
            return
        row, box = rows[index.row()], QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        framed = row.order_no == self._list.current()
        act = theme.of(Tone.ACT)
        edge = theme.focus if act.soft == theme.surface else act.fill  # where no soft ground tells the row apart
        painter.setPen(QPen(QColor(edge if framed else theme.line), 3 if framed else theme.border_px))
        painter.setBrush(QColor(act.soft if framed else theme.surface))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(box.adjusted(2, 2, -2, -theme.px(8) + 2), radius, radius)
        inner = box.adjusted(0, 0, 0, -theme.px(4))
        for room, flags, role, ink, text in self._list.cells(row, inner):
            painter.setFont(theme.font(role))
            painter.setPen(QColor(ink))
            painter.drawText(room, flags, text)
        paint_badge(painter, self._list.badge_room(row, inner), theme, row.level, self._list.say(row.state))
        painter.restore()


def needs_a_person(rows: tuple[CaseRow, ...]) -> int:
    """How many of these rows wait for a supervisor."""
    return sum(row.level is Level.BAD for row in rows)
