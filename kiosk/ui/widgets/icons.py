"""Icons painted as plain shapes: sharp at every size, in any colour, without a file.

Every icon is drawn inside a square of 24 units.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

Pen = Callable[[QPainter], None]


def _lines(*points: tuple[float, float]) -> Pen:
    def draw(painter: QPainter) -> None:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))

    return draw


def _circle(x: float, y: float, radius: float, filled: bool = False) -> Pen:
    def draw(painter: QPainter) -> None:
        painter.setBrush(painter.pen().brush() if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, y), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    return draw


def _box(x: float, y: float, width: float, height: float, radius: float = 1.5) -> Pen:
    def draw(painter: QPainter) -> None:
        painter.drawRoundedRect(QRectF(x, y, width, height), radius, radius)

    return draw


def _arc(x: float, y: float, radius: float, start: int, span: int) -> Pen:
    def draw(painter: QPainter) -> None:
        painter.drawArc(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), start * 16, span * 16)

    return draw


def _cloud(painter: QPainter) -> None:
    path = QPainterPath()
    path.addEllipse(QRectF(2, 10, 9, 9))
    path.addEllipse(QRectF(6, 4, 11, 11))
    path.addEllipse(QRectF(13, 9, 9, 10))
    path.addRect(QRectF(6, 12, 12, 7))
    painter.drawPath(path.simplified())


ICONS: dict[str, tuple[Pen, ...]] = {
    "check": (_lines((4, 13), (10, 19), (20, 6)),),
    "cross": (_lines((6, 6), (18, 18)), _lines((18, 6), (6, 18))),
    "question": (_arc(12, 8.5, 4.5, 180, -230), _lines((12, 13), (12, 15.5)), _circle(12, 20, 0.8, True)),
    "warn": (_lines((12, 3), (22, 21), (2, 21), (12, 3)), _lines((12, 10), (12, 15)), _circle(12, 18, 0.6, True)),
    "clock": (_circle(12, 12, 9), _lines((12, 7), (12, 12), (16, 14))),
    "lock": (_box(5, 11, 14, 10), _arc(12, 11, 4.5, 0, 180)),
    "gateway": (_cloud,),
    "scanner": (_lines((3, 8), (3, 4), (7, 4)), _lines((17, 4), (21, 4), (21, 8)), _lines((21, 16), (21, 20), (17, 20)),
                _lines((7, 20), (3, 20), (3, 16)), _lines((3, 12), (21, 12))),
    "printer": (_lines((7, 9), (7, 3), (17, 3), (17, 9)), _box(3, 9, 18, 8), _box(7, 14, 10, 7, 0.5)),
    "display": (_box(3, 4, 18, 12), _lines((12, 16), (12, 20)), _lines((8, 20), (16, 20))),
    "search": (_circle(10, 10, 6), _lines((15, 15), (21, 21))),
    "back": (_lines((11, 5), (4, 12), (11, 19)), _lines((4, 12), (20, 12))),
    "forward": (_lines((13, 5), (20, 12), (13, 19)), _lines((4, 12), (20, 12))),
    "refresh": (_arc(12, 12, 8, 30, 290), _lines((21, 3), (19.5, 8.5), (14, 7.5))),
    "erase": (_lines((8, 5), (22, 5), (22, 19), (8, 19), (2, 12), (8, 5)), _lines((11, 9), (17, 15)),
              _lines((17, 9), (11, 15))),
    "qr": (_box(3, 3, 7, 7, 0.5), _box(14, 3, 7, 7, 0.5), _box(3, 14, 7, 7, 0.5), _lines((14, 14), (17, 14), (17, 17)),
           _lines((21, 14), (21, 16)), _lines((14, 20), (15, 20)), _lines((19, 20), (21, 20))),
    "phone": (_box(6, 2, 12, 20, 2), _lines((10.5, 18.5), (13.5, 18.5))),
    "collect": (_box(2, 5, 20, 14, 2), _lines((8, 8.5), (12, 13), (16, 8.5)), _lines((12, 13), (12, 16.5)),
                _lines((9, 14), (15, 14))),
    "eye": (_arc(12, 18, 11, 42, 96), _arc(12, 6, 11, 222, 96), _circle(12, 12, 3)),
    "dot": (_circle(12, 12, 3, True),),
    "off": (_circle(12, 12, 9), _lines((6, 18), (18, 6))),
    "ask": (_circle(12, 12, 9), _lines((12, 6), (12, 13)), _circle(12, 17, 0.8, True)),
    "inbox": (_lines((3, 13), (8, 13), (9.5, 16), (14.5, 16), (16, 13), (21, 13)),
              _lines((3, 13), (6, 4), (18, 4), (21, 13), (21, 20), (3, 20), (3, 13))),
    "withdraw": (_box(3, 4, 18, 12), _lines((9, 7.5), (15, 12.5)), _lines((15, 7.5), (9, 12.5)),
                 _lines((8, 20), (16, 20))),
    "pole": (_box(2, 3, 20, 8), _lines((6, 7), (9, 7)), _lines((12, 7), (18, 7)), _lines((12, 11), (12, 20)),
             _lines((8, 20), (16, 20))),
    "sound": (_lines((3, 9), (7, 9), (12, 5), (12, 19), (7, 15), (3, 15), (3, 9)), _arc(12, 12, 5, -50, 100),
              _arc(12, 12, 9, -50, 100)),
    "devices": (_box(3, 3, 18, 8, 1.5), _box(3, 14, 18, 7, 1.5), _lines((6, 7), (7, 7)), _lines((6, 17.5), (7, 17.5)),
                _lines((11, 7), (18, 7)), _lines((11, 17.5), (18, 17.5))),
    "globe": (_circle(12, 12, 9), _lines((3, 12), (21, 12)), _arc(2, 12, 13.5, -42, 84), _arc(22, 12, 13.5, 138, 84)),
    "bolt": (_lines((13, 2), (5, 14), (11, 14), (10, 22), (19, 9), (13, 9), (13, 2)),),
}  # fmt: skip


def paint_icon(painter: QPainter, box: QRectF, name: str, colour: QColor, stroke: float = 2.2) -> None:
    """Paint the icon ``name`` into the middle of ``box``."""
    side = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center().x() - side / 2, box.center().y() - side / 2)
    painter.scale(side / 24, side / 24)
    pen = QPen(colour, stroke)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for shape in ICONS[name]:
        shape(painter)
    painter.restore()


def icon(name: str, colour: str, side: int) -> QIcon:
    """The icon for a button that stands in one colour."""
    picture = QPixmap(QSize(side, side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_icon(painter, QRectF(0, 0, side, side), name, QColor(colour))
    painter.end()
    return QIcon(picture)


class IconMark(QWidget):
    """One icon of a fixed size; says nothing to a screen reader, since a word always stands beside it."""

    def __init__(self, name: str, colour: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._colour = name, colour
        self.setFixedSize(side, side)

    def show_icon(self, name: str, colour: str) -> None:
        """Change what is painted."""
        if (name, colour) != (self._name, self._colour):
            self._name, self._colour = name, colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, QRectF(self.rect()), self._name, QColor(self._colour))
        painter.end()
