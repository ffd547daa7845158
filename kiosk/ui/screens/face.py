"""What every face of *Collect* is made of.

1. :meth:`FaceScreen.paint` shows a snapshot, :meth:`FaceScreen.tick` counts seconds, :meth:`FaceScreen.key` answers
   whether a key was its own. Nothing is kept but what is being typed.
2. What a person may do stands in the action bar at the foot, in the same place on every face; the filled button is
   the rightmost. An :class:`Action` lives because its command is legal.
3. Enter is the primary action of the faces that name one; the *Pay* face names none, because a scanner's Enter may
   arrive there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import Command, Sentence, Snapshot
from kiosk.ui.theme import BAR_PX, Theme
from kiosk.ui.widgets.buttons import ENTER_KEYS, BigButton
from kiosk.wording import Wording

KEY_NAMES = {
    Qt.Key.Key_Return: "⏎", Qt.Key.Key_Escape: "Esc", Qt.Key.Key_F2: "F2", Qt.Key.Key_F3: "F3", Qt.Key.Key_F5: "F5",
    Qt.Key.Key_F6: "F6", Qt.Key.Key_F7: "F7", Qt.Key.Key_F8: "F8", Qt.Key.Key_F9: "F9", Qt.Key.Key_F10: "F10",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tools:
    """What a screen is given: how to look, how to speak, where to send, what second it is (monotonic)."""

    theme: Theme
    wording: Wording
    send: Callable[[Command], None]
    clock: Callable[[], float]

    def say(self, sentence: Sentence | str, **fields: str | int) -> str:
        """The text of a sentence or of a code."""
        return self.wording.say(sentence, **fields)


@dataclass(slots=True)
class Action:
    """A button and the command it is there for; hidden or greyed while the command is not legal."""

    button: BigButton
    command: type
    key: Qt.Key | None
    hides: bool
    allowed: bool = False

    def follow(self, snapshot: Snapshot) -> None:
        """Be there as the snapshot allows."""
        self.allowed = snapshot.allows(self.command)
        if self.hides:
            self.button.setVisible(self.allowed)
        self.button.allow(self.allowed)


class FaceScreen(QWidget):
    """A face: a body over the action bar."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.tools, self.theme, self.say = tools, tools.theme, tools.say
        self.offers: list[Action] = []
        self.snapshot: Snapshot | None = None
        gap = self.theme.px(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self.body = QWidget()
        bar = QWidget()
        bar.setFixedHeight(self.theme.px(BAR_PX))
        self.bar = QHBoxLayout(bar)
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.bar.setSpacing(gap)
        column.addWidget(self.body, 1)
        column.addWidget(bar)

    def action(
        self, code: str, command: type, press: Callable[[], None], *, key: Qt.Key | None = None, icon_name: str = "",
        primary: bool = False, hides: bool = True,
    ) -> Action:  # fmt: skip
        """Make a button for a command and let it follow what is legal; whoever asked places it."""
        shortcut = KEY_NAMES[key] if key is not None else ""
        button = BigButton(self.theme, self.say(code), icon_name=icon_name, primary=primary, shortcut=shortcut)
        button.setMinimumHeight(self.theme.px(BAR_PX))
        made = Action(button, command, key, hides)
        button.clicked.connect(press)
        self.offers.append(made)
        return made

    def paint(self, snapshot: Snapshot) -> None:
        """Show this snapshot. Called only while this face is the one that is shown."""
        self.snapshot = snapshot
        for action in self.offers:
            action.follow(snapshot)

    def entered(self) -> None:
        """This face has just come up: nobody's button has the focus."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self) -> None:
        """Another face has come up."""

    def tick(self, now_s: float) -> None:
        """Count seconds."""

    def key(self, key: int, text: str) -> bool:
        """Whether this key was meant for this face: the key of an action that is allowed."""
        if key in ENTER_KEYS:
            return self.enter()
        meant = [action for action in self.offers if action.key == key]
        live = next((action for action in meant if action.allowed and not action.button.isHidden()), None)
        if live is not None:
            live.button.click()
        return bool(meant)

    def enter(self) -> bool:
        """What Enter means here; nothing, where a face does not say."""
        return True


def card(theme: Theme, panel: str = "card") -> QFrame:
    """A framed surface."""
    frame = QFrame()
    frame.setProperty("panel", panel)
    return frame


def clock_text(seconds: float) -> str:
    """Seconds left as ``m:ss``, never below zero."""
    left = max(0, int(seconds))
    return f"{left // 60}:{left % 60:02d}"
