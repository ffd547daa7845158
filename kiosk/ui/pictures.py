"""Pictures of every face in every size, theme and language, to be looked at by a person.

python -m kiosk.ui.pictures DIRECTORY [--size 1024x768 ..] [--theme light ..] [--locale en ..] [--name pay ..]

Beside the pictures lies ``contact-sheet-SIZE-THEME-LOCALE.png``, all of one look small on one, and
``contact-sheet.png`` with every picture of all: a row for each face, a column for each look. What a change did is seen
in a minute.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter

from kiosk.snapshot import Snapshot
from kiosk.ui.application import create_application
from kiosk.ui.bridge import Bridge
from kiosk.ui.customer_window import CustomerWindow
from kiosk.ui.examples import NOW_S, SHEETS, WALL_S, examples
from kiosk.ui.main_window import MainWindow
from kiosk.ui.theme import FAMILY, THEMES, scale_for
from kiosk.wording import LOCALES, Wording

#: The contact sheet: pictures in a row, the width of each, and the room around it.
SHEET_COLUMNS, SMALL_PX, GAP_PX, NAME_PX = 6, 320, 8, 24
#: The sheet of all: the width of each picture on it, and the room for the face's name before its row.
TINY_PX, ROW_NAME_PX = 160, 240
SIZES = ("1024x768", "1366x768", "1920x1080")


def save_pictures(folder: Path, size: QSize, theme: str, locale: str, shown: dict[str, Snapshot]) -> list[Path]:
    """Paint these snapshots into both windows and save a PNG of each; the paths written."""
    looks = THEMES[theme].scaled(scale_for(size))
    bridge, wording = Bridge(lambda _: None), Wording(locale)
    main = MainWindow(bridge, wording, looks, clock=lambda: NOW_S, wall_clock=lambda: WALL_S, ticking=False)
    customer = CustomerWindow(bridge, wording, looks, clock=lambda: NOW_S, ticking=False, beside=True)
    written = []
    for window in (main, customer):
        window.resize(size)
        window.show()
    application = create_application([])
    for name, snapshot in shown.items():
        bridge.publish(snapshot)
        application.processEvents()
        application.processEvents()
        for window, side in ((main, "counter"), (customer, "customer")):
            path = folder / f"{name}-{side}-{size.width()}x{size.height()}-{theme}-{locale}.png"
            window.grab().save(str(path))
            written.append(path)
    written += _save_sheets(folder, f"{size.width()}x{size.height()}-{theme}-{locale}", main, bridge, shown)
    for window in (main, customer):
        window.close()
        window.deleteLater()
    return written


def _save_sheets(
    folder: Path, suffix: str, main: MainWindow, bridge: Bridge, shown: dict[str, Snapshot]
) -> list[Path]:
    """The sheets that lie over those of the snapshots that are shown."""
    application, written = create_application([]), []
    for name, (below, sheet) in SHEETS.items():
        if below not in shown:
            continue
        bridge.latest = None  # an older example may come again
        bridge.publish(shown[below])
        application.processEvents()
        main.open_sheet(sheet)
        application.processEvents()
        path = folder / f"sheet-{name}-counter-{suffix}.png"
        main.grab().save(str(path))
        written.append(path)
        main.sheets[sheet].close_sheet()
    return written


def smaller(picture: Path | QImage, width_px: int) -> QImage:
    """The picture at this width."""
    return QImage(picture).scaledToWidth(width_px, Qt.TransformationMode.SmoothTransformation)


def face_of(picture: Path) -> str:
    """What a picture shows, without the look it shows it in."""
    return picture.stem.rsplit("-", 3)[0]


def _black_paper(width_px: int, height_px: int) -> tuple[QImage, QPainter]:
    sheet = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.black)
    painter = QPainter(sheet)
    font = QFont(FAMILY)
    font.setPixelSize(NAME_PX - 8)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    return sheet, painter


def _save(sheet: QImage, painter: QPainter, path: Path) -> None:
    painter.end()
    if not sheet.save(str(path)):
        raise OSError(f"{path} could not be saved")


def save_contact_sheet(path: Path, small: Sequence[tuple[str, QImage]]) -> None:
    """All these pictures of one look, each over its name."""
    wide, tall = SMALL_PX + GAP_PX, max(each.height() for _, each in small) + NAME_PX
    rows = -(-len(small) // SHEET_COLUMNS)
    sheet, painter = _black_paper(wide * SHEET_COLUMNS + GAP_PX, tall * rows + GAP_PX)
    for at, (name, each) in enumerate(small):
        left, top = GAP_PX + at % SHEET_COLUMNS * wide, GAP_PX + at // SHEET_COLUMNS * tall
        painter.drawImage(left, top, each)
        room = QRect(left, top + each.height(), SMALL_PX, NAME_PX)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
    _save(sheet, painter, path)


def save_sheet_of_all(path: Path, looks: Mapping[str, Sequence[tuple[str, QImage]]]) -> None:
    """Every picture: a row for each face, a column for each look; every look holds the same faces."""
    faces = [name for name, _ in next(iter(looks.values()))]
    wide, tall = TINY_PX + GAP_PX, max(each.height() for row in looks.values() for _, each in row) + GAP_PX
    head = 2 * NAME_PX + 2 * GAP_PX
    sheet, painter = _black_paper(ROW_NAME_PX + wide * len(looks) + GAP_PX, head + tall * len(faces) + GAP_PX)
    for row, face in enumerate(faces):
        painter.drawText(
            QRect(GAP_PX, head + row * tall, ROW_NAME_PX - GAP_PX, tall - GAP_PX), Qt.AlignmentFlag.AlignVCenter, face
        )
    for column, (look, tiny) in enumerate(looks.items()):
        left = ROW_NAME_PX + column * wide
        size, _, rest = look.partition("-")
        painter.drawText(QRect(left, GAP_PX, TINY_PX, 2 * NAME_PX), Qt.AlignmentFlag.AlignLeft, f"{size}\n{rest}")
        for row, (_, each) in enumerate(tiny):
            painter.drawImage(left, head + row * tall, each)
    _save(sheet, painter, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="pictures of every face")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--size", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--theme", nargs="+", choices=list(THEMES), default=list(THEMES))
    parser.add_argument("--locale", nargs="+", choices=list(LOCALES), default=list(LOCALES))
    parser.add_argument("--name", nargs="+", default=None)
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = create_application(["pictures"])
    chosen.directory.mkdir(parents=True, exist_ok=True)
    shown = {name: made for name, made in examples().items() if chosen.name is None or name in chosen.name}
    looks: dict[str, list[tuple[str, QImage]]] = {}
    for size, theme, locale in product(chosen.size, chosen.theme, chosen.locale):
        width, height = map(int, size.split("x"))
        written = save_pictures(chosen.directory, QSize(width, height), theme, locale, shown)
        small = [(face_of(picture), smaller(picture, SMALL_PX)) for picture in written]
        save_contact_sheet(chosen.directory / f"contact-sheet-{size}-{theme}-{locale}.png", small)
        looks[f"{size}-{theme}-{locale}"] = [(name, smaller(each, TINY_PX)) for name, each in small]
    save_sheet_of_all(chosen.directory / "contact-sheet.png", looks)
    print(f"{sum(map(len, looks.values()))} pictures in {chosen.directory}")
    application.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
