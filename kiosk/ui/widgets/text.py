"""Words on a surface: plain text always (a name may hold markup), a tone, a role of size.

1. No label of this program takes rich text: what a gateway sends as a name is data (proof.md, Z25).
2. A text that carries money or state is never cut: it wraps, or its letters get smaller.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kiosk.snapshot import show_yuan
from kiosk.ui.theme import Theme, Tone, Type

LEAST_PX = 18


def retone(widget: QWidget, **properties: str) -> None:
    """Set properties that the stylesheet looks at, and have them looked at again where they changed."""
    changed = [name for name, value in properties.items() if widget.property(name) != value]
    for name in changed:
        widget.setProperty(name, properties[name])
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Words(QLabel):
    """A sentence: plain text, wrapped where ``wrap``, in a tone."""

    def __init__(
        self, theme: Theme, role: Type = Type.BODY, tone: Tone | None = None, wrap: bool = False, text: str = ""
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setWordWrap(wrap)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        if tone is not None:
            self.setProperty("tone", str(tone))

    def tell(self, text: str, tone: Tone | None = None) -> None:
        """Show this text; the same text again costs nothing."""
        if text != self.text():
            self.setText(text)
        if tone is not None:
            retone(self, tone=str(tone))


class ShortWords(Words):
    """One line that may be cut with an ellipsis: an address, a hint. Never money, never state."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class FittedWords(QWidget):
    """One or more lines painted as large as the role says, or smaller until the whole text fits; never cut.

    ``colour`` is a colour of the theme; ``anywhere`` breaks a long number where the line ends. The size hint is for
    one line in the role's size.
    """

    def __init__(
        self, theme: Theme, role: Type, colour: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        wrap: bool = False, anywhere: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._text, self._colour, self._wrap, self._anywhere = "", colour, wrap, anywhere
        self._nominal = theme.font(role)
        self._fitted: QFont | None = None
        upright = align & Qt.AlignmentFlag.AlignVertical_Mask
        self._align = align if upright else align | Qt.AlignmentFlag.AlignVCenter
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What is shown."""
        return self._text

    def tell(self, text: str, colour: str | None = None) -> None:
        """Show this text, in this colour."""
        colour = colour or self._colour
        if (text, colour) != (self._text, self._colour):
            self._text, self._colour, self._fitted = text, colour, None
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._nominal)
        return QSize(metrics.horizontalAdvance(self._text) + 4, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, QFontMetrics(self._nominal).height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fitted = None
        super().resizeEvent(event)

    def fitted_font(self) -> QFont:
        """The font the text is painted with: the largest of at most the role's size in which all of it fits."""
        if self._fitted is None:
            font = QFont(self._nominal)
            while font.pixelSize() > LEAST_PX and not self._fits(font):
                font.setPixelSize(font.pixelSize() - 1)
            self._fitted = font
        return self._fitted

    def fits(self) -> bool:
        """Whether the whole text stands within the widget."""
        return self._fits(self.fitted_font())

    def _fits(self, font: QFont) -> bool:
        needed = QFontMetricsF(font).boundingRect(QRectF(0, 0, self.width(), 10_000), self._flags(), self._text)
        return needed.width() <= self.width() and needed.height() <= self.height() + 1

    def _flags(self) -> int:
        number = self._anywhere and " " not in self._text
        breaks = Qt.TextFlag.TextWrapAnywhere if number else Qt.TextFlag.TextWordWrap
        return int(self._align.value) | (int(breaks.value) if self._wrap or self._anywhere else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.fitted_font())
        painter.setPen(QColor(self._colour))
        painter.drawText(QRectF(self.rect()), self._flags(), self._text)
        painter.end()


class MoneyLabel(FittedWords):
    """An amount, the one widget for it: ``¥1,234.50`` in figures of one width."""

    def __init__(
        self, theme: Theme, role: Type = Type.AMOUNT, colour: str = "",
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignRight,
    ) -> None:  # fmt: skip
        super().__init__(theme, role, colour or theme.ink, align)

    def show_fen(self, amount_fen: int, colour: str | None = None) -> None:
        """Show an amount of fen."""
        self.tell(show_yuan(amount_fen), colour)
