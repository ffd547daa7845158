"""Buttons: large, and never pressed by a scanner.

1. A scanner that types ends with Enter (or Tab). So **no button is ever pressed by Enter**: Enter belongs to the face,
   which knows what it means there. A button is pressed by touch, by the mouse, by its own function key, or by the
   space bar where Tab has led to it and the frame around it shows so. No code of a wallet or a bill holds a space.
2. Buttons take the focus by Tab alone, never by a touch: after a tap the next figure typed goes where it went before.
3. What acts has an accessible name; the function key stands on the button.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy

from kiosk.ui.theme import BAR_PX, TARGET_PX, Theme, Tone, Type
from kiosk.ui.widgets.icons import icon
from kiosk.ui.widgets.text import retone

ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def behave(button: QAbstractButton) -> None:
    """Give a button the focus rules of this module."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)


def passes_by(event: QKeyEvent) -> bool:
    """Whether a button must leave this key to its face: all but a single press of the space bar (and the Tab keys)."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return not (event.key() == Qt.Key.Key_Space and plain and not event.isAutoRepeat())


class BigButton(QPushButton):
    """A labelled button. ``primary`` is the one filled button of a face; ``shortcut`` is written on it."""

    def __init__(
        self, theme: Theme, text: str, *, icon_name: str = "", primary: bool = False, shortcut: str = "",
        kind: str = "", height_px: int = TARGET_PX,
    ) -> None:  # fmt: skip
        super().__init__()
        self._theme, self._icon_name, self._shortcut = theme, icon_name, shortcut
        self._enter = False
        behave(self)
        self.setFont(theme.font(Type.TITLE if primary else Type.STRONG))
        self.setProperty("kind", "primary" if primary else kind)
        self.setMinimumHeight(theme.px(BAR_PX if primary else height_px))
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.relabel(text)
        if icon_name:
            self._show_icon()

    def relabel(self, text: str) -> None:
        """Change the word; the shortcut stays behind it."""
        shortcut = "⏎" if self._enter else self._shortcut
        shown = f"{text}  {shortcut}" if shortcut else text
        self.setText(f" {shown}" if self._icon_name else shown)
        self.setAccessibleName(text)

    def shortcut_text(self) -> str:
        """The key that is written on it."""
        return self._shortcut

    def rename(self, text: str, shortcut: str) -> None:
        """Change the word and the key behind it."""
        self._shortcut = shortcut
        self.relabel(text)

    def _show_icon(self) -> None:
        act, rest = self._theme.of(Tone.ACT), self._theme.of(Tone.REST)
        colour = act.on_fill if self.property("kind") == "primary" else act.ink
        side = self._theme.px(24)
        self.setIcon(icon(self._icon_name, colour if self.isEnabled() else rest.ink, side))
        self.setIconSize(QSize(side, side))

    def make_primary(self, primary: bool, *, enter: bool = True) -> None:
        """Fill the button, and write Enter on it where Enter presses it; or make it an ordinary one again."""
        kind = "primary" if primary else ""
        if self.property("kind") != kind:
            self.setFont(self._theme.font(Type.TITLE if primary else Type.STRONG))
            retone(self, kind=kind)
            self._enter = primary and enter
            self.relabel(self.accessibleName())
            if self._icon_name:
                self._show_icon()

    def allow(self, allowed: bool) -> None:
        """Enable or disable, icon and all."""
        if allowed != self.isEnabled():
            self.setEnabled(allowed)
            if self._icon_name:
                self._show_icon()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self.font()).horizontalAdvance(self.text())
        beside = self._theme.px(24) + self._theme.px(8) if self._icon_name else 0
        edges = 0 if self.property("kind") == "key" else 2 * self._theme.px(16)
        return QSize(words + beside + edges + 8, self._theme.px(TARGET_PX))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

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
