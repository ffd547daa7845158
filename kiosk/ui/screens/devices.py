"""*Devices*: how each device is, what to do about it, and a way to try it that is nobody's payment.

1. It is a page over *Collect* as *Pending* is: a payment at the counter goes on behind it, and Esc leads back.
2. What is scanned while it is open is shown here and goes nowhere else.
3. The customer's screen is chosen here among those there are (``screens`` names them); the choice holds until the
   program ends, and the sheet tells what to write into the settings.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import DeviceRow, DevicesView, GoTo, Level, Page, ScanTried, Sentence, Snapshot, TryDevice
from kiosk.ui.screens.face import FaceScreen, Tools
from kiosk.ui.theme import TARGET_PX, Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.state_badge import StateBadge
from kiosk.ui.widgets.text import FittedWords, ShortWords

DEVICES = ("scanner", "printer", "display", "pole", "sound")
NAME_PX = 176
BUTTON_PX = 200
#: From so many seconds on a state's age is told in minutes, and in hours.
MINUTES_FROM_S, HOURS_FROM_S = 120, 7200
#: So long a scan on this page is told as the newest thing.
SCAN_SHOWN_S = 60.0


class DevicesScreen(FaceScreen):
    """The third page. ``wanted`` asks the window for a sheet: ``screens`` or ``diagnostics``."""

    wanted = Signal(str)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._has_screens = False
        self._make_actions()
        self.cards = {
            device: DeviceCard(tools, device, self.tests[device].button if device in self.tests else None)
            for device in DEVICES
        }
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(8))
        for shown in self.cards.values():
            column.addWidget(shown, 1)
        column.addStretch()

    def _make_actions(self) -> None:
        key = Qt.Key
        self.back = self.action("button.to_collect", GoTo, self._back, key=key.Key_Escape, icon_name="back")
        self.diagnostics = self.action(
            "button.diagnostics", GoTo, lambda: self.wanted.emit("diagnostics"), key=key.Key_F8, icon_name="search"
        )
        self.tests = {
            device: self.action(f"devices.try_{device}", TryDevice, partial(self._try, device), key=function_key)
            for device, function_key in (("printer", key.Key_F9), ("pole", key.Key_F6), ("sound", key.Key_F5))
        }
        self.tests["display"] = self.action(
            "devices.try_display", GoTo, lambda: self.wanted.emit("screens"), key=key.Key_F7
        )
        self.bar.addWidget(self.back.button)
        self.bar.addStretch(1)
        self.bar.addWidget(self.diagnostics.button)

    def offer_screens(self, there_are_some: bool) -> None:
        """Whether the customer's screen can be chosen here (there is a second window to place)."""
        self._has_screens = there_are_some

    def paint(self, snapshot: Snapshot) -> None:
        super().paint(snapshot)
        view = snapshot.devices or DevicesView()
        for row in view.rows:
            self.cards[row.device].show_row(row)
            test = self.tests.get(row.device)
            if test is not None:
                test.allowed = test.allowed and (row.can_try or (row.device == "display" and self._has_screens))
                test.button.setVisible(test.allowed)
        self.tick(self.tools.clock())

    def tick(self, now_s: float) -> None:
        view = self.snapshot.devices if self.snapshot is not None else None
        if view is None:
            return
        for row in view.rows:
            self.cards[row.device].tick(row, now_s)
            if row.device == "scanner":
                self.cards["scanner"].show_scan(row, view.scan, now_s)

    def _try(self, device: str) -> None:
        self.tools.send(TryDevice(device))

    def _back(self) -> None:
        self.tools.send(GoTo(Page.COLLECT))


class DeviceCard(QFrame):
    """One device: its name and state, what that means and what to do, since when and where; and how to try it.

    What came of trying it stands where nothing is wrong in place of the advice, else under it.
    """

    def __init__(self, tools: Tools, device: str, button: BigButton | None) -> None:
        super().__init__()
        self._tools, self.device, self._tried = tools, device, ""
        theme, say = tools.theme, tools.say
        self.setProperty("panel", "card")
        self.setMinimumHeight(theme.px(88))
        self.setMaximumHeight(theme.px(120))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(2), theme.px(16), theme.px(2))
        row.setSpacing(theme.px(16))
        row.addWidget(IconMark(device, theme.of(Tone.REST).ink, theme.px(40)))
        row.addWidget(self._head(say(f"device.{device}")))
        row.addLayout(self._words(), 1)
        if button is not None:
            button.setMinimumHeight(theme.px(TARGET_PX))
            button.setFixedWidth(theme.px(BUTTON_PX))
            row.addWidget(button)

    def _head(self, name: str) -> QWidget:
        theme, head = self._tools.theme, QWidget()
        head.setFixedWidth(theme.px(NAME_PX))
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        self.name = FittedWords(theme, Type.STRONG, theme.ink)
        self.name.tell(name)
        self.badge = StateBadge(theme)
        column.addStretch(1)
        column.addWidget(self.name)
        column.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return head

    def _words(self) -> QVBoxLayout:
        theme = self._tools.theme
        self.advice = FittedWords(theme, Type.BODY, theme.ink, wrap=True)
        self.advice.setFixedHeight(theme.px(54))
        self.facts = ShortWords(theme, Type.SMALL, Tone.REST)
        column = QVBoxLayout()
        column.setSpacing(theme.px(2))
        column.addStretch(1)
        column.addWidget(self.advice)
        column.addWidget(self.facts)
        column.addStretch(1)
        return column

    def show_row(self, row: DeviceRow) -> None:
        """Show this device."""
        say = self._tools.say
        self.badge.show_state(row.level, say(row.word))
        self._tried = say(row.tried) if row.tried is not None else ""
        is_well = row.level is Level.GOOD
        self.advice.tell(self._tried if self._tried and is_well else say(row.advice))
        if is_well:
            self._tried = ""

    def show_scan(self, row: DeviceRow, scan: ScanTried | None, now_s: float) -> None:
        """The newest thing that was scanned on the page, or that one may scan."""
        say = self._tools.say
        if row.level is Level.OFF and scan is None:
            return
        if scan is not None and now_s - scan.at_s <= SCAN_SHOWN_S:
            fields: dict[str, str | int | Sentence] = {
                "text": scan.text, "length": scan.length, "meaning": scan.meaning, "count": scan.count,
            }  # fmt: skip
            self.advice.tell(say(Sentence.of("devices.scanned", **fields)))
        elif row.level is Level.GOOD:
            self.advice.tell(say("devices.scan_something"))

    def tick(self, row: DeviceRow, now_s: float) -> None:
        """Count how long it has been so."""
        say = self._tools.say
        parts = [] if row.since_s is None else [say(self._age(now_s - row.since_s))]
        parts += [f"{say(name)} {count}" for name, count in row.counters]
        parts.append(row.place)
        self.facts.tell(self._tried or " · ".join(part for part in parts if part))

    def _age(self, seconds: float) -> Sentence:
        whole = max(0, int(seconds))
        if whole < MINUTES_FROM_S:
            return Sentence.of("devices.since_s", seconds=whole)
        if whole < HOURS_FROM_S:
            return Sentence.of("devices.since_min", minutes=whole // 60)
        return Sentence.of("devices.since_h", hours=whole // 3600)
