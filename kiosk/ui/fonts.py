"""The bundled fonts, loaded before the first window; no counter runs with characters it cannot draw.

A machine at a counter may have no Chinese font at all. Without one every word of this program would be a row of empty
boxes, so a missing glyph is an error at start and not a surprise at the first customer.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QRawFont

from kiosk.ui.theme import FAMILY

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FILES = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")
#: One of each that the windows cannot do without: a Chinese character, the sign of money.
NEEDED = "电户缴费¥"


class FontError(Exception):
    """The bundled fonts cannot be used; the text says which and why."""


def load_fonts(folder: Path = FOLDER) -> str:
    """Load the bundled fonts and return their family. Needs an application.

    Raises :class:`FontError` where a file is missing or damaged, or cannot draw what the windows need.
    """
    families: set[str] = set()
    for name in FILES:
        number = QFontDatabase.addApplicationFont(str(folder / name))
        if number < 0:
            raise FontError(f"字体无法载入 / the font cannot be loaded: {folder / name}")
        families.update(QFontDatabase.applicationFontFamilies(number))
    if FAMILY not in families:
        raise FontError(f"字体文件不是 {FAMILY} / the files hold {', '.join(sorted(families))}")
    require_glyphs()
    return FAMILY


def require_glyphs(family: str = FAMILY, needed: str = NEEDED) -> None:
    """Raise :class:`FontError` where this family itself (no substitute) cannot draw one of these characters."""
    drawn = QRawFont.fromFont(QFont(family))
    missing = [sign for sign in needed if not drawn.supportsCharacter(ord(sign))]
    if drawn.familyName() != family or missing:
        raise FontError(f"字体缺字 / the font {family} cannot draw: {' '.join(missing) or needed}")
