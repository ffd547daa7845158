"""*Result*: paid, not paid, or not known yet; what it was, what the customer can do, what comes next.

1. The buttons are what the desk allows: never "pay again" beside an unknown result.
2. A paid result leaves by itself when its time is over, or on the next key; a figure typed there is the beginning of
   the next customer's number and is kept (``typed``).
3. One that ended while another page was open is seen for a moment before it leaves.
4. An unknown or unpaid result stays until a person leaves it. Enter asks again there rather than leaving.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import (
    AllowSecond,
    AskNow,
    GoOn,
    NextCustomer,
    Outcome,
    PrintSlip,
    ResultLine,
    ResultView,
    Snapshot,
    TryAgain,
)
from kiosk.ui.screens.face import Action, FaceScreen, Tools, card
from kiosk.ui.theme import TARGET_PX, Theme, Tone, Type
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.text import FittedWords, MoneyLabel, Words, retone

TONES = {Outcome.PAID: Tone.PAID, Outcome.NOT_PAID: Tone.DANGER, Outcome.UNKNOWN: Tone.DOUBT}
ICONS = {Outcome.PAID: "check", Outcome.NOT_PAID: "cross", Outcome.UNKNOWN: "warn"}
LINES_SHOWN = 6
#: However late it is looked at, a result is seen so long.
LEAST_SEEN_S = 2.0


class ResultScreen(FaceScreen):
    """The fourth face. ``typed`` carries what was typed for the next customer, ``wanted`` asks for a sheet."""

    typed = Signal(str)
    wanted = Signal(str)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._left_version: int | None = None
        self._seen_s: float | None = None
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(12))
        column.addWidget(self._band())
        column.addWidget(self._advice_card())
        self.lines = LineList(tools)
        column.addWidget(self.lines, 1)
        self.second = self.action(
            "button.second", AllowSecond, lambda: self.wanted.emit("second"), key=Qt.Key.Key_F3
        )
        self.second.button.setMinimumHeight(self.theme.px(TARGET_PX))
        column.addWidget(self.second.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._fill_bar()

    def _band(self) -> QFrame:
        theme = self.theme
        self.band = card(theme, "plain")
        self.band.setFixedHeight(theme.px(120))
        row = QHBoxLayout(self.band)
        row.setContentsMargins(theme.px(24), theme.px(8), theme.px(24), theme.px(8))
        row.setSpacing(theme.px(20))
        self.mark = IconMark("check", theme.ink, theme.px(72))
        self.headline = FittedWords(theme, Type.HEAD, theme.ink)
        self.who = FittedWords(theme, Type.BODY, theme.ink)
        self.amount = MoneyLabel(theme, Type.AMOUNT)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(self.headline)
        words.addWidget(self.who)
        words.addStretch()
        row.addWidget(self.mark)
        row.addLayout(words, 1)
        row.addWidget(self.amount, 1)
        return self.band

    def _advice_card(self) -> QFrame:
        theme = self.theme
        frame = card(theme)
        column = QVBoxLayout(frame)
        column.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        column.setSpacing(theme.px(4))
        self.advice = FittedWords(theme, Type.TITLE, theme.ink, wrap=True)
        self.advice.setMinimumHeight(theme.px(72))
        foot = QHBoxLayout()
        self.printing = Words(theme, Type.BODY, Tone.REST)
        self.reference = Words(theme, Type.SMALL, Tone.REST)
        foot.addWidget(self.printing)
        foot.addStretch()
        foot.addWidget(self.reference)
        column.addWidget(self.advice)
        column.addLayout(foot)
        return frame

    def _fill_bar(self) -> None:
        send, key = self.tools.send, Qt.Key
        self.leaves = Words(self.theme, Type.BODY, Tone.REST)
        self.print = self.action("button.print_slip", PrintSlip, lambda: send(PrintSlip()), key=key.Key_F9,
                                 )  # fmt: skip
        self.next = self.action("button.next_customer", NextCustomer, lambda: send(NextCustomer()),
                                key=key.Key_Escape)  # fmt: skip
        self.ask = self.action("button.ask_again", AskNow, lambda: send(AskNow()), key=key.Key_F8)
        self.again = self.action("button.again", TryAgain, lambda: send(TryAgain()), key=key.Key_F6)  # fmt: skip
        self.go_on = self.action("button.go_on", GoOn, lambda: send(GoOn()), key=key.Key_F7)
        self.bar.addWidget(self.print.button)
        self.bar.addStretch(1)
        self.bar.addWidget(self.leaves)
        for made in (self.next, self.ask, self.again, self.go_on):
            self.bar.addWidget(made.button)

    def paint(self, snapshot: Snapshot) -> None:
        super().paint(snapshot)
        view = snapshot.result
        if view is None:
            return
        paint = self.theme.of(TONES[view.outcome])
        retone(self.band, band=str(TONES[view.outcome]))
        self.mark.show_icon(ICONS[view.outcome], paint.on_fill)
        self.headline.tell(self.say(view.headline), paint.on_fill)
        self.who.tell(f"{view.name_masked}  {view.customer_no}", paint.on_fill)
        self.amount.show_fen(view.total_fen, paint.on_fill)
        self.advice.tell(self.say(view.advice))
        self.printing.tell(self.say(view.printing) if view.printing else "")
        self.reference.tell(self.say("banner.reference", reference=view.reference) if view.reference else "")
        self.lines.show_lines(view)
        paid = any(line.outcome is Outcome.PAID for line in view.lines)
        self.print.button.relabel(self.say("button.print_receipt" if paid else "button.print_slip"))
        may_try = view.second is not None and view.second.refused is None
        self.second.allowed = self.second.allowed and may_try
        self.second.button.setVisible(self.second.allowed)
        self._choose_primary(view)
        self.tick(self.tools.clock())

    def entered(self) -> None:
        super().entered()
        self._seen_s = self.tools.clock()

    def left(self) -> None:
        self._seen_s = None

    def _choose_primary(self, view: ResultView) -> None:
        """One filled button, at the right end: what is most likely wanted of what is allowed."""
        wanted = [self.go_on, self.again, self.next]
        if view.outcome is Outcome.UNKNOWN:
            wanted = [self.ask, self.next]
        self.primary: Action | None = next((action for action in wanted if action.allowed), None)
        for action in (self.next, self.ask, self.again, self.go_on):
            action.button.make_primary(action is self.primary)
        if self.primary is not None and self.bar.indexOf(self.primary.button) != self.bar.count() - 1:
            self.bar.removeWidget(self.primary.button)
            self.bar.addWidget(self.primary.button)

    def tick(self, now_s: float) -> None:
        snapshot = self.snapshot
        view = snapshot.result if snapshot is not None else None
        if snapshot is None or view is None or view.leaves_s is None:
            self.leaves.hide()
            return
        seen_s = now_s if self._seen_s is None else self._seen_s
        left_s = max(view.leaves_s, seen_s + LEAST_SEEN_S) - now_s
        self.leaves.show()
        self.leaves.tell(self.say("result.leaves", seconds=max(0, int(left_s + 0.999))))
        if left_s <= 0 and self._left_version != snapshot.version and snapshot.allows(NextCustomer):
            self._left_version = snapshot.version
            self.tools.send(NextCustomer())

    def key(self, key: int, text: str) -> bool:
        if super().key(key, text):
            return True
        view = self.snapshot.result if self.snapshot is not None else None
        if view is None or view.leaves_s is None or not text or not text.isprintable() or not self.next.allowed:
            return False
        if not text.isspace():
            self.typed.emit(text.upper())
        self.tools.send(NextCustomer())
        return True

    def enter(self) -> bool:
        if self.primary is not None and self.primary.allowed:
            self.primary.button.click()
        return True


class LineList(QWidget):
    """How each bill of the run ended: icon, word, title, amount. Shown where there are several."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(tools.theme.px(20), 0, tools.theme.px(20), 0)
        self._grid.setVerticalSpacing(tools.theme.px(4))
        self._grid.setHorizontalSpacing(tools.theme.px(16))
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(LINES_SHOWN + 1, 1)
        self._rows = [LineRow(tools.theme) for _ in range(LINES_SHOWN)]
        for at, row in enumerate(self._rows):
            row.place(self._grid, at)
        self.more = Words(tools.theme, Type.BODY, Tone.REST)
        self._grid.addWidget(self.more, LINES_SHOWN, 1)

    def show_lines(self, view: ResultView) -> None:
        """Show these lines; of more than fit the last ones are counted."""
        lines = view.lines if len(view.lines) > 1 else ()
        for at, row in enumerate(self._rows):
            row.show_line(lines[at] if at < len(lines) else None, self._tools)
        hidden = max(0, len(lines) - LINES_SHOWN)
        self.more.setVisible(bool(hidden))
        self.more.tell(self._tools.say("result.more_lines", count=hidden) if hidden else "")


class LineRow:
    """The widgets of one line."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.mark = IconMark("dot", theme.ink, theme.px(24))
        self.title = Words(theme, Type.BODY)
        self.state = Words(theme, Type.STRONG)
        self.money = MoneyLabel(theme, Type.TITLE)
        self.money.setMinimumWidth(theme.px(160))

    def place(self, grid: QGridLayout, row: int) -> None:
        """Take a row of the grid."""
        for column, part in enumerate((self.mark, self.title, self.state, self.money)):
            grid.addWidget(part, row, column)

    def show_line(self, line: ResultLine | None, tools: Tools) -> None:
        """Show this line, or nothing."""
        for part in (self.mark, self.title, self.state, self.money):
            part.setVisible(line is not None)
        if line is None:
            return
        tone = TONES[line.outcome] if line.outcome is not None else Tone.REST
        self.mark.show_icon(ICONS[line.outcome] if line.outcome is not None else "dot", self._theme.of(tone).ink)
        self.title.tell(tools.say(line.title))
        self.state.tell(tools.say(line.state), tone)
        self.money.show_fen(line.amount_fen)
