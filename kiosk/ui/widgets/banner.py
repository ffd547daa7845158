"""What happened and what to do, always in the same place; the place stays empty where there is nothing to say."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from kiosk.snapshot import Level
from kiosk.ui.theme import BANNER_PX, Theme, Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.pill import LEVEL_TONES
from kiosk.ui.widgets.text import FittedWords, ShortWords, retone

BANNER_ICONS = {Level.OFF: "dot", Level.GOOD: "check", Level.BUSY: "clock", Level.WARN: "warn", Level.BAD: "warn"}


class BannerBar(QFrame):
    """The banner's place. It never changes its height, so that nothing below it moves under a finger.

    Where one press answers what it says, the button stands in it; ``acted`` is emitted with the button's key.
    """

    acted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedHeight(theme.px(BANNER_PX))
        self.setProperty("panel", "plain")
        self._mark = IconMark("warn", theme.ink, theme.px(32))
        self.what = FittedWords(theme, Type.STRONG, theme.ink, wrap=True)
        self.todo = FittedWords(theme, Type.SMALL, theme.ink)
        self.reference = ShortWords(theme, Type.SMALL)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(4), theme.px(16), theme.px(4))
        row.setSpacing(theme.px(16))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch()
        texts.addWidget(self.what)
        texts.addWidget(self.todo)
        texts.addStretch()
        row.addWidget(self._mark)
        row.addLayout(texts, 1)
        row.addWidget(self.reference)
        self._key = 0
        self.act = BigButton(theme, "")
        self.act.clicked.connect(lambda: self.acted.emit(self._key))
        row.addWidget(self.act)
        self.hush()

    def hush(self) -> None:
        """Say nothing; the place stays."""
        for part in (self._mark, self.what, self.todo, self.reference, self.act):
            part.hide()
        retone(self, panel="plain")
        self.setAccessibleName("")

    def offer(self, key: int, word: str, shortcut: str) -> None:
        """Put a button in for what the key of this name does; without a word, none."""
        self._key = key
        self.act.setVisible(bool(word))
        if word and (word, shortcut) != (self.act.accessibleName(), self.act.shortcut_text()):
            self.act.rename(word, shortcut)

    def tell(self, level: Level, what: str, todo: str, reference: str) -> None:
        """Say it."""
        tone = LEVEL_TONES[level]
        ink = self._theme.of(tone).ink if tone is not Tone.REST else self._theme.ink
        retone(self, panel=str(tone))
        self._mark.show_icon(BANNER_ICONS[level], ink)
        self.what.tell(what, ink)
        self.todo.tell(todo, self._theme.ink)
        self.reference.tell(reference)
        self.setAccessibleName(f"{what} {todo} {reference}".strip())
        self._mark.show()
        self.what.show()
        self.todo.setVisible(bool(todo))
        self.what.setFixedHeight(self._theme.px(30 if todo else 60))
        self.reference.setVisible(bool(reference))
