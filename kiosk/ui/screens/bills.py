"""The bills of a customer as rows, oldest first as they came."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QScroller, QVBoxLayout, QWidget

from kiosk.snapshot import AccountView, ChooseBill, Snapshot
from kiosk.ui.screens.face import Tools
from kiosk.ui.theme import Theme, Tone, Type
from kiosk.ui.widgets.bill_row import BillButton, column_rooms
from kiosk.ui.widgets.text import Words

HEAD_PX = 28


class BillHead(QWidget):
    """The names of the columns, over them."""

    def __init__(self, theme: Theme, names: tuple[str, ...]) -> None:
        super().__init__()
        self._theme, self._names = theme, names
        self.setFixedHeight(theme.px(HEAD_PX))

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(480), self._theme.px(HEAD_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(Type.SMALL))
        painter.setPen(QColor(self._theme.of(Tone.REST).ink))
        for index, room in enumerate(column_rooms(self._theme, self.width(), self.height())):
            side = Qt.AlignmentFlag.AlignRight if index else Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(room), int(side | Qt.AlignmentFlag.AlignVCenter), self._names[index])
        painter.end()


class KeylessArea(QScrollArea):
    """A scrolling area that leaves every key to the face: the arrows lead through the bills there."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


class BillList(QWidget):
    """Head, rows in a scrolling area, and the hint of one code a bill; or what was received and could not be read."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools, theme = tools, tools.theme
        say = tools.say
        names = ("receipt.period", "receipt.principal", "receipt.late_fee", "receipt.subtotal")
        self.head = BillHead(theme, tuple(say(name) for name in names))
        self.rows: list[BillButton] = []
        self._pressed_at = 0
        self.received = Words(theme, Type.SMALL, wrap=True)
        self.hint = Words(theme, Type.SMALL, Tone.REST, wrap=True)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        self._column.addWidget(self.received)
        self._column.addStretch()
        self.area = KeylessArea()
        self.area.setWidgetResizable(True)
        self.area.setWidget(inside)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        QScroller.grabGesture(self.area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self.head)
        column.addWidget(self.area, 1)
        column.addWidget(self.hint)

    def show_bills(self, view: AccountView, snapshot: Snapshot) -> None:
        """Show these bills."""
        self._grow(len(view.bills))
        choosable = snapshot.allows(ChooseBill)
        for index, button in enumerate(self.rows):
            button.setVisible(index < len(view.bills))
            if index < len(view.bills):
                row = view.bills[index]
                reason = self._tools.say(row.locked) if row.locked else ""
                button.show_row(row, reason, choosable and row.locked is None)
        self.head.setVisible(bool(view.bills))
        self.received.setVisible(bool(view.received))
        self.received.tell(view.received)
        several = view.chosen_count > 1
        self.hint.setVisible(several)
        if several:
            self.hint.tell(self._tools.say("account.one_code_a_bill", count=view.chosen_count))

    def _grow(self, count: int) -> None:
        for at in range(len(self.rows), count):
            button = BillButton(self._tools.theme)
            button.pressed.connect(self._touched)
            button.clicked.connect(partial(self._press, at))
            self._column.insertWidget(at, button)
            self.rows.append(button)

    def _touched(self) -> None:
        self._pressed_at = self.area.verticalScrollBar().value()

    def _press(self, index: int, _checked: bool = False) -> None:
        """A finger that drags the rows keeps its row under it: that is no touch of the row."""
        row = self.rows[index].row
        if row is not None and self._pressed_at == self.area.verticalScrollBar().value():
            self._tools.send(ChooseBill(row.cost_id, not row.chosen))

    def step(self, by: int) -> None:
        """Lead the focus up or down the rows that can be pressed."""
        able = [row for row in self.rows if not row.isHidden() and row.isEnabled()]
        if not able:
            return
        focused = self.window().focusWidget()
        at = next((index for index, row in enumerate(able) if row is focused), -1 if by > 0 else len(able))
        chosen = able[max(0, min(len(able) - 1, at + by))]
        chosen.setFocus(Qt.FocusReason.TabFocusReason)
        self.area.ensureWidgetVisible(chosen)
