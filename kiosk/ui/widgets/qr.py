"""The QR: drawn module by module in whole pixels, black on white in every theme.

1. Never a scaled picture: each module is a square of the same whole number of pixels, at least
   :data:`LEAST_MODULE_PX`, so that a phone reads it from an arm's length away (domain.md, showing a QR).
2. Error correction M, a quiet zone of 4 modules painted by us, no logo.
3. The matrix of a text is made once. Where the widget is too small for whole modules nothing is painted but the
   question to enlarge it: a QR that cannot be read is worse than none.
"""

from __future__ import annotations

from functools import lru_cache

import qrcode
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from qrcode.constants import ERROR_CORRECT_M

LEAST_MODULE_PX = 4
QUIET_MODULES = 4


@lru_cache(maxsize=8)
def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of this text, True is black, without the quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text.encode("utf-8"), optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def module_px(modules: int, room_px: int) -> int:
    """Whole pixels a module in a square of ``room_px`` with the quiet zone; 0 where it is less than the least."""
    pixels = room_px // (modules + 2 * QUIET_MODULES)
    return pixels if pixels >= LEAST_MODULE_PX else 0


class QrView(QWidget):
    """Paints one QR as large as whole pixels allow, in the middle of itself."""

    def __init__(self, name: str, too_small: str) -> None:
        super().__init__()
        self._text, self._too_small = "", too_small
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def text(self) -> str:
        """What the QR says."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show this text, or nothing."""
        if text != self._text:
            self._text = text
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 360)

    def painted_square(self) -> QRect:
        """Where the QR with its quiet zone stands; empty where there is none."""
        if not self._text:
            return QRect()
        count = len(matrix(self._text))
        side = module_px(count, min(self.width(), self.height())) * (count + 2 * QUIET_MODULES)
        return QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._text:
            return
        painter = QPainter(self)
        square = self.painted_square()
        painter.fillRect(square if square.width() else self.rect(), Qt.GlobalColor.white)
        if square.width():
            self._paint_modules(painter, square)
        else:
            painter.setPen(Qt.GlobalColor.black)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self._too_small)
        painter.end()

    def _paint_modules(self, painter: QPainter, square: QRect) -> None:
        rows = matrix(self._text)
        pixels = square.width() // (len(rows) + 2 * QUIET_MODULES)
        left, top = square.left() + QUIET_MODULES * pixels, square.top() + QUIET_MODULES * pixels
        for y, row in enumerate(rows):
            start = 0
            while start < len(row):
                end = start + 1
                while end < len(row) and row[end] == row[start]:
                    end += 1
                if row[start]:
                    painter.fillRect(
                        left + start * pixels, top + y * pixels, (end - start) * pixels, pixels, Qt.GlobalColor.black
                    )
                start = end
