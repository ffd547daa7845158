"""How everything looks: one table of colours, sizes, radii and spacing, turned into one stylesheet.

Rules
1. A colour, a size or a distance stands here and nowhere else; widgets ask the theme.
2. Text that carries money or state has a contrast of at least 7:1 with what it stands on, in every theme
   (a test computes it for each pair of :meth:`Theme.pairs`). The label of a filled button carries neither: 4.5:1.
3. Green ``#00706B`` is for what one may do, green for paid, amber for doubt, red for failed and danger, grey for the
   rest, violet for training. A colour never stands alone: an icon and a word say the same.
4. Distances are multiples of 8 (4 inside a widget). ``scale`` enlarges everything for a screen with finer pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont

FAMILY = "Noto Sans SC"


class Tone(StrEnum):
    """What a colour means."""

    ACT = "act"
    PAID = "paid"
    DOUBT = "doubt"
    DANGER = "danger"
    REST = "rest"
    TRAIN = "train"


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of one tone: text on a surface; a strong fill and the text on it; a soft fill for a panel."""

    ink: str
    fill: str
    on_fill: str
    soft: str


class Type(StrEnum):
    """Sizes of text by their role. None is under 18 px."""

    SMALL = "small"
    BODY = "body"
    STRONG = "strong"
    TITLE = "title"
    HEAD = "head"
    AMOUNT = "amount"
    HUGE = "huge"


#: Pixels, and whether bold, at scale 1.
TYPES: dict[Type, tuple[int, bool]] = {
    Type.SMALL: (18, False),
    Type.BODY: (20, False),
    Type.STRONG: (20, True),
    Type.TITLE: (24, True),
    Type.HEAD: (34, True),
    Type.AMOUNT: (44, True),
    Type.HUGE: (84, True),
}

TARGET_PX = 56
KEY_PX = 72
BAR_PX = 72
HEADER_PX = 64
RIBBON_PX = 32
BANNER_PX = 72
RAIL_PX = 88
RADIUS_PX = 10
#: What lies over the window behind a dialog.
VEIL = "#99000000"


@dataclass(frozen=True, slots=True)
class Theme:
    """The table. ``scale`` 1.0 is meant for 1024x768; see :func:`scale_for`."""

    name: str
    page: str
    surface: str
    sunk: str
    line: str
    ink: str
    focus: str
    tones: tuple[tuple[Tone, Paint], ...]
    border_px: int = 1
    scale: float = 1.0

    def of(self, tone: Tone) -> Paint:
        """The colours of a tone."""
        return dict(self.tones)[tone]

    def px(self, pixels: int) -> int:
        """A distance of the table in pixels of this screen."""
        return round(pixels * self.scale)

    def font(self, role: Type) -> QFont:
        """The font for a role; figures of this family are all of one width (make_font.py, rule 2)."""
        pixels, bold = TYPES[role]
        font = QFont(FAMILY)
        font.setPixelSize(self.px(pixels))
        font.setBold(bold)
        return font

    def colour(self, text: str) -> QColor:
        """A colour of the table for a painter."""
        return QColor(text)

    def scaled(self, scale: float) -> Theme:
        """The same looks, larger."""
        return replace(self, scale=scale)

    def pairs(self) -> list[tuple[str, str, str]]:
        """Every (what, text colour, background) that may carry money or state."""
        found = [("ink on page", self.ink, self.page), ("ink on surface", self.ink, self.surface)]
        found.append(("ink on sunk", self.ink, self.sunk))
        for tone, paint in self.tones:
            found += [
                (f"{tone} on surface", paint.ink, self.surface),
                (f"{tone} on page", paint.ink, self.page),
                (f"{tone} on soft", paint.ink, paint.soft),
                (f"ink on {tone} soft", self.ink, paint.soft),
            ]
            if tone is not Tone.ACT:
                found.append((f"text on {tone} fill", paint.on_fill, paint.fill))
        return found


LIGHT = Theme(
    "light", page="#EEF1F2", surface="#FFFFFF", sunk="#E3E8EA", line="#B9C2C6", ink="#14191C", focus="#0B57D0",
    tones=(
        (Tone.ACT, Paint("#004F4B", "#00706B", "#FFFFFF", "#E0F2F0")),
        (Tone.PAID, Paint("#0B4F2A", "#0E5C31", "#FFFFFF", "#E1F5E7")),
        (Tone.DOUBT, Paint("#663800", "#FFB524", "#1F1400", "#FFF2D2")),
        (Tone.DANGER, Paint("#7E1010", "#9B1C1C", "#FFFFFF", "#FDE7E7")),
        (Tone.REST, Paint("#3F464C", "#4A5258", "#FFFFFF", "#E3E8EA")),
        (Tone.TRAIN, Paint("#4A1A8C", "#5B21A6", "#FFFFFF", "#EDE4FA")),
    ),
)  # fmt: skip

DARK = Theme(
    "dark", page="#0F1416", surface="#1B2327", sunk="#252F34", line="#45535A", ink="#F1F5F6", focus="#9CC4FF",
    tones=(
        (Tone.ACT, Paint("#6FDDD4", "#4CC9BF", "#04201E", "#0E3331")),
        (Tone.PAID, Paint("#86E6AE", "#6FDB9B", "#06210F", "#10331F")),
        (Tone.DOUBT, Paint("#FFCB66", "#FFB524", "#1F1400", "#3A2A08")),
        (Tone.DANGER, Paint("#FFB4AD", "#FF9C93", "#2B0503", "#44150F")),
        (Tone.REST, Paint("#C3CDD2", "#AEBAC0", "#10161A", "#252F34")),
        (Tone.TRAIN, Paint("#D3BDFF", "#C2A3FF", "#1B0640", "#2E1A55")),
    ),
)  # fmt: skip

CONTRAST = Theme(
    "contrast", page="#FFFFFF", surface="#FFFFFF", sunk="#FFFFFF", line="#000000", ink="#000000", focus="#C4007A",
    tones=(
        (Tone.ACT, Paint("#003D3A", "#003D3A", "#FFFFFF", "#FFFFFF")),
        (Tone.PAID, Paint("#003D14", "#003D14", "#FFFFFF", "#FFFFFF")),
        (Tone.DOUBT, Paint("#4D2A00", "#FFD400", "#000000", "#FFFFFF")),
        (Tone.DANGER, Paint("#6B0000", "#7A0000", "#FFFFFF", "#FFFFFF")),
        (Tone.REST, Paint("#1A1A1A", "#1A1A1A", "#FFFFFF", "#FFFFFF")),
        (Tone.TRAIN, Paint("#3B0A80", "#3B0A80", "#FFFFFF", "#FFFFFF")),
    ),
    border_px=2,
)  # fmt: skip

THEMES: dict[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}


def scale_for(size: QSize) -> float:
    """How much larger than at 1024x768 everything is drawn on a screen of this size; from 1.0 to 1.4 in steps."""
    room = min(size.width() / 1024, size.height() / 768)
    return max(step for step in (1.0, 1.2, 1.4) if step <= max(room, 1.0))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((_luminance(QColor(one)), _luminance(QColor(other))), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    red, green, blue = map(_linear, (colour.red(), colour.green(), colour.blue()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _buttons(theme: Theme) -> str:
    act, danger, edge = theme.of(Tone.ACT), theme.of(Tone.DANGER), theme.border_px
    radius, pad = theme.px(RADIUS_PX), theme.px(16)
    return f"""
QPushButton {{ border: {edge}px solid {theme.line}; border-radius: {radius}px; padding: 0 {pad}px;
  background: {theme.surface}; color: {act.ink}; min-height: {theme.px(TARGET_PX) - 2 * edge}px; }}
QPushButton:pressed, QPushButton[down="true"] {{ background: {act.fill}; color: {act.on_fill}; }}
QPushButton:disabled {{ background: {theme.sunk}; color: {theme.of(Tone.REST).ink}; border-style: dashed; }}
QPushButton:focus {{ border: 3px solid {theme.focus}; }}
QPushButton:checked {{ background: {act.soft}; color: {act.ink}; border: 3px solid {act.fill}; }}
QPushButton[kind="primary"] {{ background: {act.fill}; color: {act.on_fill}; border-color: {act.fill}; }}
QPushButton[kind="primary"]:pressed {{ background: {act.ink}; color: {theme.surface}; }}
QPushButton[kind="primary"]:focus {{ border: 3px solid {theme.focus}; }}
QPushButton[kind="primary"]:disabled {{ background: {theme.sunk}; color: {theme.of(Tone.REST).ink};
  border-color: {theme.line}; }}
QPushButton[kind="danger"] {{ color: {danger.ink}; border-color: {danger.fill}; }}
QLineEdit[kind="reason"] {{ background: {theme.surface}; color: {theme.ink}; border: {edge}px solid {theme.line};
  border-radius: {radius}px; padding: 0 {pad}px; selection-background-color: {act.fill};
  placeholder-text-color: {theme.of(Tone.REST).ink}; }}
QLineEdit[kind="reason"]:focus {{ border: 3px solid {theme.focus}; }}
QPushButton[kind="key"] {{ color: {theme.ink}; padding: 0; }}
QPushButton[kind="key"]:pressed, QPushButton[kind="key"][down="true"] {{ background: {act.fill};
  color: {act.on_fill}; }}
"""


def _tones(theme: Theme) -> str:
    rules = []
    for tone, paint in theme.tones:
        rules.append(f'QLabel[tone="{tone}"] {{ color: {paint.ink}; }}')
        rules.append(
            f'QFrame[panel="{tone}"] {{ background: {paint.soft}; border: 2px solid {paint.fill};'
            f" border-radius: {theme.px(RADIUS_PX)}px; }}"
        )
        rules.append(f'QFrame[band="{tone}"] {{ background: {paint.fill}; border: none; }}')
        rules.append(f'QFrame[band="{tone}"] QLabel {{ color: {paint.on_fill}; }}')
    return "\n".join(rules)


def stylesheet(theme: Theme) -> str:
    """The whole table as one stylesheet. Fonts are set by code (:meth:`Theme.font`), so none stands here."""
    edge, radius = theme.border_px, theme.px(RADIUS_PX)
    return f"""
QWidget#window {{ background: {theme.page}; }}
QWidget#window[training="true"] {{ background: {theme.of(Tone.TRAIN).soft}; }}
QLabel {{ color: {theme.ink}; background: transparent; border: none; }}
QFrame[panel="card"] {{ background: {theme.surface}; border: {edge}px solid {theme.line}; border-radius: {radius}px; }}
QFrame[panel="header"] {{ background: {theme.surface}; border: none; border-bottom: {edge}px solid {theme.line}; }}
QFrame[panel="rail"] {{ background: {theme.surface}; border: none; border-right: {edge}px solid {theme.line}; }}
QFrame[panel="plain"] {{ background: transparent; border: none; }}
QFrame[panel="white"] {{ background: #FFFFFF; border: {edge}px solid {theme.line}; border-radius: {radius}px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: {theme.px(24)}px; background: {theme.sunk}; border: none; }}
QScrollBar::handle:vertical {{ background: {theme.of(Tone.REST).ink}; min-height: {theme.px(56)}px;
  border-radius: {theme.px(8)}px; margin: 4px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
{_buttons(theme)}{_tones(theme)}
"""
