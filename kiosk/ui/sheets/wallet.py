"""The wallet's own transaction number, typed for the open case; a scanned one comes by itself and closes the sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from kiosk.snapshot import NoteWallet, Snapshot
from kiosk.ui.screens.face import Tools
from kiosk.ui.screens.find import key_words
from kiosk.ui.sheets.settle import case_of
from kiosk.ui.sheets.sheet import Sheet
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.entry import NumberField
from kiosk.ui.widgets.keypad import BACKSPACE, CLEAR, Keypad
from kiosk.ui.widgets.text import FittedWords

WIDTH_PX = 720
UNFIT = "case.wallet_no_unfit"


class WalletSheet(Sheet):
    """A field over a keypad with letters."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(tools, parent, tools.say("pending.wallet_no"), tools.say("button.save"), WIDTH_PX)
        theme, say = self.theme, self.say
        self._order_no = self._before = self._sent = ""
        self.number = NumberField(theme, say("pending.wallet_no"), say("pending.wallet_hint"), "phone")
        self.note = FittedWords(theme, Type.SMALL, theme.of(Tone.DANGER).ink)
        self.keypad = Keypad(theme, key_words(tools), letters=True)
        self.keypad.setMinimumHeight(theme.px(320))
        self.keypad.key.connect(self._take)
        for part in (self.number, self.note, self.keypad):
            self.body.addWidget(part)
        self.number.changed.connect(self._follow)

    def fits(self, snapshot: Snapshot) -> bool:
        case = case_of(snapshot)
        if case is None or not snapshot.allows(NoteWallet):
            return False
        return self.isHidden() or (case.row.order_no == self._order_no and case.wallet_no == self._before)

    def begin(self, snapshot: Snapshot) -> None:
        case = case_of(snapshot)
        assert case is not None
        self._order_no, self._before, self._sent = case.row.order_no, case.wallet_no, ""
        self.number.take(CLEAR)
        self.keypad.first_page()
        self.note.tell("")
        self._follow()

    def refresh(self, snapshot: Snapshot) -> None:
        unfit = snapshot.banner is not None and snapshot.banner.what.code == UNFIT
        if self._sent and unfit:
            self.note.tell(self.say(UNFIT))

    def submit(self) -> None:
        self._sent = self.number.text()
        if self._sent == self._before:
            self.close_sheet()
        elif self._sent:
            self.tools.send(NoteWallet(self._sent))

    def close_sheet(self) -> None:
        self.number.take(CLEAR)
        super().close_sheet()

    def type(self, key: int, text: str) -> bool:
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._take(BACKSPACE if key == Qt.Key.Key_Backspace else CLEAR)
        elif text and text.isascii() and text.isalnum():
            self.keypad.press(text.upper())
            self._take(text.upper())
        else:
            return False
        return True

    def _take(self, key: str) -> None:
        self.note.tell("")
        self.number.take(key)

    def _follow(self) -> None:
        self.confirm.allow(bool(self.number.text()))
