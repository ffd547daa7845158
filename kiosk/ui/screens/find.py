"""*Find*: a number, by keyboard, keypad or scanner, or one of the last customers again.

Whatever is typed while this face is up lands in the number field, wherever the focus is.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from kiosk.snapshot import LookUp, Recent, Snapshot
from kiosk.ui.screens.face import FaceScreen, Tools, card
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.entry import NumberField
from kiosk.ui.widgets.keypad import BACKSPACE, CLEAR, Keypad
from kiosk.ui.widgets.text import FittedWords, Words

RECENT_SHOWN = 5
RIGHT_PX = 344


class FindScreen(FaceScreen):
    """The first face."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        gap = self.theme.px(16)
        self.number = NumberField(self.theme, self.say("account.customer_no"), self.say("find.hint"))
        self.keypad = Keypad(self.theme, key_words(tools), letters=True)
        self.keypad.key.connect(self._typed)
        self.doing = FittedWords(self.theme, Type.BODY, self.theme.of(Tone.ACT).ink)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap)
        left = QVBoxLayout()
        left.setSpacing(self.theme.px(8))
        left.addWidget(self.number)
        left.addWidget(self.doing)
        left.addWidget(self.keypad, 1)
        recent = self._recent_card()
        recent.setFixedWidth(self.theme.px(RIGHT_PX))
        row.addLayout(left, 1)
        row.addWidget(recent)
        self.look_up = self.action(
            "button.look_up", LookUp, self.submit, key=Qt.Key.Key_Return, icon_name="search", primary=True, hides=False
        )
        self.look_up.button.setFixedWidth(self.theme.px(RIGHT_PX))
        self.bar.addStretch()
        self.bar.addWidget(self.look_up.button)

    def _recent_card(self) -> QFrame:
        frame = card(self.theme)
        column = QVBoxLayout(frame)
        column.setContentsMargins(*[self.theme.px(16)] * 4)
        column.setSpacing(self.theme.px(8))
        column.addWidget(Words(self.theme, Type.STRONG, text=self.say("find.recent")))
        self.recent: list[BigButton] = []
        for index in range(RECENT_SHOWN):
            button = BigButton(self.theme, "")
            button.setFont(self.theme.font(Type.BODY))
            button.clicked.connect(lambda _=False, at=index: self._take_up(at))
            button.hide()
            self.recent.append(button)
            column.addWidget(button)
        column.addStretch()
        return frame

    def paint(self, snapshot: Snapshot) -> None:
        super().paint(snapshot)
        searching = snapshot.find.searching
        self.doing.tell(self.say("find.searching", customer_no=searching) if searching else "")
        self._show_recent(snapshot.find.recent, snapshot.allows(LookUp))

    def _show_recent(self, recent: tuple[Recent, ...], allowed: bool) -> None:
        for index, button in enumerate(self.recent):
            known = index < len(recent)
            button.setVisible(known)
            if known:
                button.relabel(f"{recent[index].name_masked}  {recent[index].customer_no}".replace("&", "&&"))
                button.allow(allowed)

    def _take_up(self, index: int) -> None:
        if self.snapshot is not None and index < len(self.snapshot.find.recent):
            self.tools.send(LookUp(self.snapshot.find.recent[index].customer_no))

    def entered(self) -> None:
        self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self) -> None:
        self.number.take(CLEAR)
        self.keypad.first_page()

    def key(self, key: int, text: str) -> bool:
        if key == Qt.Key.Key_Backspace:
            self._type(BACKSPACE)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Escape):
            self._type(CLEAR)
        elif text and text.isprintable() and not text.isspace():
            self._type(text.upper())
        else:
            return super().key(key, text)
        return True

    def _type(self, key: str) -> None:
        """A key of the keyboard: shown on the keypad, typed into the field, the focus back where it belongs."""
        self.keypad.press(key)
        self._typed(key)

    def _typed(self, key: str) -> None:
        self.number.take(key)
        if self.isVisible():
            self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter(self) -> bool:
        if self.look_up.allowed:
            self.submit()
        return True

    def submit(self) -> None:
        """Look the typed number up; the same number once while it is being looked up."""
        text = self.number.text()
        searching = self.snapshot.find.searching if self.snapshot is not None else ""
        if text and text != searching:
            self.tools.send(LookUp(text))
            self.number.sent()


def key_words(tools: Tools) -> dict[str, str]:
    """The spoken names of the keypad's keys."""
    return {
        BACKSPACE: tools.say("button.delete"),
        CLEAR: tools.say("button.clear"),
        "letters": tools.say("button.letters"),
        "figures": tools.say("button.digits"),
    }
