"""The header that never moves: whose counter this is; on the right the health of what it stands on, and the clock."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from kiosk.snapshot import Level, Pill, Sentence, Snapshot, time_of_day
from kiosk.ui.screens.face import Tools
from kiosk.ui.theme import HEADER_PX, RIBBON_PX, Tone, Type
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.pill import PendingPill, StatusPill
from kiosk.ui.widgets.text import FittedWords, ShortWords, Words, retone

DEVICES = ("gateway", "scanner", "printer", "display")


class Header(QFrame):
    """Emits ``asked`` with the pill that was touched, and ``pending_asked`` for the count of what waits."""

    asked = Signal(object)
    pending_asked = Signal()

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools, theme = tools, tools.theme
        self.setProperty("panel", "header")
        self.setFixedHeight(theme.px(HEADER_PX))
        self.branch = ShortWords(theme, Type.STRONG)
        self.counter = ShortWords(theme, Type.SMALL, Tone.REST)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        row.setSpacing(theme.px(8))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addStretch()
        names.addWidget(self.branch)
        names.addWidget(self.counter)
        names.addStretch()
        row.addLayout(names, 1)
        self.pills = {device: StatusPill(theme, tools.say(f"device.{device}")) for device in DEVICES}
        for pill in self.pills.values():
            pill.clicked.connect(partial(self.asked.emit, pill))
            row.addWidget(pill)
        self.pending = PendingPill(theme)
        self.pending.clicked.connect(self.pending_asked)
        self.pending.hide()
        row.addWidget(self.pending)
        self.time = Words(theme, Type.TITLE)
        row.addWidget(self.time)

    def paint(self, snapshot: Snapshot) -> None:
        """Show this snapshot's head."""
        say, counter = self._tools.say, snapshot.counter
        self.branch.tell(counter.branch)
        parts = [counter.counter_id, counter.cashier]
        self.counter.tell(" · ".join(part for part in parts if part))
        told = {pill.device: pill for pill in snapshot.pills}
        for device, button in self.pills.items():
            pill = told.get(device, Pill(device, Level.OFF, Sentence.of(f"pill.{device}.off")))
            button.show_health(pill.level, say(pill.word), say(pill.advice) if pill.advice else "")
        self.pending.tell(say("display.pending", count=snapshot.pending_count))
        self.pending.setVisible(snapshot.pending_count > 0)

    def tick(self, wall_s: float) -> None:
        """Show the time of day, as receipts and orders tell it, whatever the machine's zone."""
        self.time.tell(time_of_day(round(wall_s * 1000)))


class Ribbon(QFrame):
    """Under the header on every screen where it must not be forgotten: training, an unencrypted gateway."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools, theme = tools, tools.theme
        self.setFixedHeight(theme.px(RIBBON_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.training = self._part("banner.training", Tone.TRAIN)
        self.plain_http = self._part("banner.plain_http", Tone.DANGER)
        row.addWidget(self.training)
        row.addWidget(self.plain_http)
        self.hide()

    def _part(self, code: str, tone: Tone) -> QFrame:
        theme = self._tools.theme
        part = QFrame()
        part.setProperty("band", str(tone))
        row = QHBoxLayout(part)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        row.setSpacing(theme.px(8))
        words = FittedWords(theme, Type.SMALL, theme.of(tone).on_fill, Qt.AlignmentFlag.AlignHCenter)
        words.tell(self._tools.say(code))
        row.addWidget(IconMark("warn", theme.of(tone).on_fill, theme.px(22)))
        row.addWidget(words, 1)
        return part

    def paint(self, snapshot: Snapshot) -> None:
        """Be there where it is needed."""
        counter = snapshot.counter
        self.training.setVisible(counter.training)
        self.plain_http.setVisible(counter.plain_http)
        self.setVisible(counter.training or counter.plain_http)
        retone(self.window(), training="true" if counter.training else "false")
