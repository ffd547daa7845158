"""Health in the header: icon, word and colour; a tap opens what is wrong and what to do."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from kiosk.snapshot import Level
from kiosk.ui.theme import RADIUS_PX, TARGET_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import BigButton, behave, passes_by
from kiosk.ui.widgets.icons import paint_icon
from kiosk.ui.widgets.text import Words

LEVEL_TONES = {
    Level.OFF: Tone.REST, Level.GOOD: Tone.PAID, Level.BUSY: Tone.REST, Level.WARN: Tone.DOUBT, Level.BAD: Tone.DANGER,
}  # fmt: skip
LEVEL_ICONS = {
    Level.OFF: "off", Level.GOOD: "check", Level.BUSY: "clock", Level.WARN: "warn", Level.BAD: "cross",
}  # fmt: skip


class StatusPill(QAbstractButton):
    """A device's pill: its name over its word, and the icon of its level; loud only where something is wrong."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme, self.name = theme, name
        self.level, self._word, self.advice = Level.OFF, "", ""
        behave(self)
        self.setFont(theme.font(Type.SMALL))
        self.setFixedHeight(theme.px(TARGET_PX))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_health(self, level: Level, word: str, advice: str) -> None:
        """Show this state."""
        if (level, word, advice) != (self.level, self._word, self.advice):
            self.level, self._word, self.advice = level, word, advice
            self.setAccessibleName(f"{self.name} {word}")
            self.setAccessibleDescription(advice)
            self.updateGeometry()
            self.update()

    def word(self) -> str:
        """The word that is shown."""
        return self._word

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        words = max(metrics.horizontalAdvance(self.name), metrics.horizontalAdvance(self._word))
        return QSize(words + self._theme.px(48), self._theme.px(TARGET_PX))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        paint = theme.of(LEVEL_TONES[self.level])
        loud = self.level in (Level.WARN, Level.BAD)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        edge = QPen(QColor(theme.focus), 3) if self.hasFocus() else QPen(QColor(paint.fill), 2 if loud else 1)
        painter.setPen(edge if loud or self.hasFocus() or self.isDown() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.sunk if self.isDown() else paint.soft))
        painter.drawRoundedRect(box, theme.px(RADIUS_PX), theme.px(RADIUS_PX))
        side = theme.px(22)
        mark = QRectF(box.left() + theme.px(8), box.center().y() - side / 2, side, side)
        paint_icon(painter, mark, LEVEL_ICONS[self.level], QColor(paint.ink), 2.6)
        painter.setFont(self.font())
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        upper = QRectF(mark.right() + theme.px(8), box.top() + theme.px(3), box.width(), box.height() / 2 - theme.px(3))
        for room, text, ink in (
            (upper, self.name, theme.ink),
            (upper.translated(0, upper.height()), self._word, paint.ink),
        ):
            painter.setPen(QColor(ink))
            painter.drawText(room, middle | int(Qt.TextFlag.TextDontClip), text)
        painter.end()

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


class PendingPill(QAbstractButton):
    """How many orders wait, in amber; a touch leads to them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        behave(self)
        self.setFont(theme.font(Type.STRONG))
        self.setFixedHeight(theme.px(TARGET_PX))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def tell(self, text: str) -> None:
        """Show this text."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + self._theme.px(56), self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def texts_fit(self) -> bool:
        """Whether the text stands in it."""
        return self.width() >= self.sizeHint().width()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        paint = theme.of(Tone.DOUBT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(QColor(theme.focus), 3) if self.hasFocus() else QPen(QColor(paint.fill), 2))
        painter.setBrush(QColor(theme.sunk if self.isDown() else paint.soft))
        painter.drawRoundedRect(box, theme.px(RADIUS_PX), theme.px(RADIUS_PX))
        side = theme.px(22)
        mark = QRectF(box.left() + theme.px(10), box.center().y() - side / 2, side, side)
        paint_icon(painter, mark, "clock", QColor(paint.ink), 2.6)
        painter.setPen(QColor(paint.ink))
        painter.setFont(self.font())
        room = QRectF(mark.right() + theme.px(8), box.top(), box.right() - mark.right() - theme.px(8), box.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        painter.end()

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


class Popover(QFrame):
    """What is wrong and what to do, under the pill that was touched. A child of the window: it takes no focus.

    Emits ``led`` where the way to the page that tells more was taken.
    """

    led = Signal()

    def __init__(self, theme: Theme, close_word: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._window = theme, parent
        self.setProperty("panel", "card")
        self._title = Words(theme, Type.TITLE)
        self._advice = Words(theme, Type.BODY, wrap=True)
        self._close = BigButton(theme, close_word)
        self._close.clicked.connect(self.hide)
        self._lead = BigButton(theme, "", icon_name="forward")
        self._lead.clicked.connect(self._follow)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.px(16)] * 4)
        column.setSpacing(theme.px(8))
        for part in (self._title, self._advice, self._lead, self._close):
            column.addWidget(part)
        self.hide()

    def _follow(self) -> None:
        self.hide()
        self.led.emit()

    def open_under(self, anchor: QWidget, title: str, advice: str, lead: str = "") -> None:
        """Open below ``anchor``, wholly inside the window; ``lead`` names the page that tells more, where one does."""
        self._lead.relabel(lead)
        self._lead.setVisible(bool(lead))
        self._title.tell(title)
        self._advice.tell(advice)
        self._advice.setVisible(bool(advice))
        width = self._theme.px(400)
        self.setFixedWidth(width)
        self.setFixedHeight(self._column.totalHeightForWidth(width))
        at = anchor.mapTo(self._window, QPoint(0, anchor.height()))
        self.move(max(8, min(at.x(), self._window.width() - width - 8)), at.y() + 4)
        self.show()
        self.raise_()
