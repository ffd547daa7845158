"""What is typed: a number of a customer, an amount. Fields of our own, and why not a line edit.

A field here has no undo, no clipboard, no selection, no context menu and no input method: a scanner that types cannot
leave a payment code behind in any of them (proof.md, Z14), a pinyin window never opens over a number, and there is no
place inside the text where a figure could land by mistake. The face gives the keys; the field keeps what they make.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.snapshot import show_yuan
from kiosk.ui.theme import KEY_PX, RADIUS_PX, Theme, Tone, Type
from kiosk.ui.widgets.icons import paint_icon
from kiosk.ui.widgets.keypad import BACKSPACE, CLEAR

NUMBER_LIMIT = 40
#: From this many figures on a text is more like a payment code than a customer's number: not kept after it was sent.
CODE_LIKE = 16
AMOUNT_FIGURES = 9
PIN_FIGURES = 12


class Field(QWidget):
    """The frame all fields share: one line in a box, and a caret at its end where keys land in it."""

    changed = Signal()

    def __init__(self, theme: Theme, role: Type, height_px: int, name: str) -> None:
        super().__init__()
        self._theme, self._role = theme, role
        self.setFont(theme.font(role))
        self.setFixedHeight(theme.px(height_px))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhPreferLatin)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self.height())

    def _frame(self, painter: QPainter, wrong: bool = False) -> QRectF:
        """Paint the box and return the room for the text."""
        theme, width = self._theme, 3
        edge = theme.of(Tone.DANGER).fill if wrong else theme.of(Tone.ACT).fill
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(theme.surface))
        radius = theme.px(RADIUS_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), radius, radius)
        return QRectF(self.rect()).adjusted(theme.px(16), 4, -theme.px(16), -4)


class NumberField(Field):
    """A customer's number: figures and letters, at most :data:`NUMBER_LIMIT`, kept as typed."""

    def __init__(self, theme: Theme, name: str, hint: str, icon_name: str = "search") -> None:
        super().__init__(theme, Type.HEAD, KEY_PX, name)
        self._text, self._hint, self._icon_name = "", hint, icon_name

    def text(self) -> str:
        """What was typed."""
        return self._text

    def take(self, key: str) -> None:
        """One key of the keypad or one typed character; what cannot be in a number is dropped."""
        if key == CLEAR:
            self._set("")
        elif key == BACKSPACE:
            self._set(self._text[:-1])
        elif key.isprintable() and not key.isspace():
            self._set((self._text + key)[:NUMBER_LIMIT])

    def sent(self) -> None:
        """The text was sent: one that may be a payment code is forgotten at once, never to be read on the screen."""
        if sum(sign.isdigit() for sign in self._text) >= CODE_LIKE:
            self._set("")

    def _set(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.changed.emit()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = self._frame(painter)
        side = self._theme.px(30)
        mark = QRectF(room.left(), room.center().y() - side / 2, side, side)
        paint_icon(painter, mark, self._icon_name, QColor(self._theme.of(Tone.ACT).ink))
        room.setLeft(mark.right() + self._theme.px(12))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if self._text:
            painter.setPen(QColor(self._theme.ink))
            metrics = QFontMetricsF(self.font())
            shown = metrics.elidedText(self._text, Qt.TextElideMode.ElideLeft, room.width() - 8)
            painter.drawText(room, left, shown)
            caret = room.left() + metrics.horizontalAdvance(shown) + 3
        else:
            painter.setPen(QColor(self._theme.of(Tone.REST).ink))
            painter.setFont(self._theme.font(Type.SMALL))
            painter.drawText(room.adjusted(10, 0, 0, 0), int(left) | int(Qt.TextFlag.TextWordWrap), self._hint)
            caret = room.left()
        tall = self._theme.px(36)
        painter.fillRect(QRectF(caret, room.center().y() - tall / 2, 3, tall), QColor(self._theme.of(Tone.ACT).fill))
        painter.end()


class AmountField(Field):
    """An amount typed from the right: ``1`` ``2`` ``3`` makes ¥1.23.

    A figure too many (a scanner's code typed into it) does not make a smaller, likely amount: the field says that it
    holds none, and takes no figure until it is cleared.
    """

    def __init__(self, theme: Theme, name: str, too_long: str) -> None:
        super().__init__(theme, Type.AMOUNT, 80, name)
        self._figures, self._too_long = "", too_long
        self._overflowed = False

    def amount_fen(self) -> int:
        """Fen typed so far; 0 where nothing usable is there."""
        return 0 if self._overflowed else int(self._figures or "0")

    def yuan(self) -> str:
        """The amount as yuan with two decimals, as a command carries it."""
        return f"{self.amount_fen() // 100}.{self.amount_fen() % 100:02d}"

    def take(self, key: str) -> None:
        """One key: a figure, ``00``, backspace, clear; anything else is nothing."""
        if key in (CLEAR, BACKSPACE) and (key == CLEAR or self._overflowed):
            self._figures, self._overflowed = "", False
        elif key == BACKSPACE:
            self._figures = self._figures[:-1]
        elif key.isascii() and key.isdigit() and not self._overflowed:
            self._figures = (self._figures + key).lstrip("0")
            self._overflowed = len(self._figures) > AMOUNT_FIGURES
        self._tell()

    def show_fen(self, amount_fen: int) -> None:
        """Put a whole amount in: a chip was touched."""
        self._figures, self._overflowed = str(amount_fen) if amount_fen else "", False
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleDescription(self._too_long if self._overflowed else show_yuan(self.amount_fen()))
        self.changed.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = self._frame(painter, wrong=self._overflowed)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        if self._overflowed:
            painter.setFont(self._theme.font(Type.STRONG))
            painter.setPen(QColor(self._theme.of(Tone.DANGER).ink))
            painter.drawText(room, int(right) | int(Qt.TextFlag.TextWordWrap), self._too_long)
        else:
            painter.setPen(QColor(self._theme.ink if self._figures else self._theme.of(Tone.REST).ink))
            painter.drawText(room, right, show_yuan(self.amount_fen()))
        painter.end()


class PinField(Field):
    """A PIN: figures shown as dots, never in clear and never said; :meth:`taken` hands it out once and forgets it.

    A figure too many (a payment code scanned into it) empties the field, which takes none until it is cleared.
    """

    def __init__(self, theme: Theme, name: str, too_long: str) -> None:
        super().__init__(theme, Type.HEAD, KEY_PX, name)
        self._figures, self._too_long = "", too_long
        self._overflowed = False

    def length(self) -> int:
        """How many figures were typed; 0 where they were too many."""
        return len(self._figures)

    def taken(self) -> str:
        """What was typed; the field is empty from then on."""
        figures = self._figures
        self.take(CLEAR)
        return figures

    def take(self, key: str) -> None:
        """One key: a figure, ``00``, backspace, clear; anything else is nothing."""
        if key in (CLEAR, BACKSPACE) and (key == CLEAR or self._overflowed):
            self._figures, self._overflowed = "", False
        elif key == BACKSPACE:
            self._figures = self._figures[:-1]
        elif key.isascii() and key.isdigit() and not self._overflowed:
            self._figures += key
            if len(self._figures) > PIN_FIGURES:
                self._figures, self._overflowed = "", True
        self.setAccessibleDescription(self._too_long if self._overflowed else "")
        self.changed.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = self._frame(painter, wrong=self._overflowed)
        if self._overflowed:
            painter.setFont(self._theme.font(Type.SMALL))
            painter.setPen(QColor(self._theme.of(Tone.DANGER).ink))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._too_long)
        else:
            self._paint_dots(painter, room)
        painter.end()

    def _paint_dots(self, painter: QPainter, room: QRectF) -> None:
        side, step, tall = self._theme.px(14), self._theme.px(22), self._theme.px(36)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.ink))
        x, y = room.left(), room.center().y()
        for _ in self._figures:
            painter.drawEllipse(QRectF(x, y - side / 2, side, side))
            x += step
        painter.fillRect(QRectF(x, y - tall / 2, 3, tall), QColor(self._theme.of(Tone.ACT).fill))
