"""One case: the amount first; what was sent, what came back, what comes next; its numbers, and what speaks for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.snapshot import CaseRow, CaseView, Level
from kiosk.ui.screens.bills import KeylessArea
from kiosk.ui.screens.face import Tools, card
from kiosk.ui.theme import Theme, Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.state_badge import StateBadge
from kiosk.ui.widgets.text import FittedWords, MoneyLabel, ShortWords, Words

NUMBERS_PX = 344
LABEL_PX = 88


class CasePanel(QWidget):
    """``next_words`` tells when a row is asked; ``seek`` and ``note`` are placed here and lived by the screen."""

    def __init__(
        self, tools: Tools, next_words: Callable[[CaseRow], str], seek: BigButton, note: BigButton
    ) -> None:
        super().__init__()
        self._tools, self._next_words = tools, next_words
        theme = tools.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self._head())
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self._story(seek), 1)
        row.addWidget(self._numbers(note))
        column.addLayout(row, 1)

    def _head(self) -> QFrame:
        theme = self._tools.theme
        frame = card(theme)
        frame.setFixedHeight(theme.px(96))
        self.amount = MoneyLabel(theme, Type.AMOUNT, align=Qt.AlignmentFlag.AlignLeft)
        self.title = FittedWords(theme, Type.STRONG, theme.ink)
        self.who = ShortWords(theme, Type.BODY, Tone.REST)
        self.badge = StateBadge(theme)
        self.next = FittedWords(theme, Type.SMALL, theme.ink, Qt.AlignmentFlag.AlignRight)
        self.next.setMinimumWidth(theme.px(200))
        words, state = QVBoxLayout(), QVBoxLayout()
        for layout in (words, state):
            layout.setSpacing(theme.px(4))
        words.addStretch()
        words.addWidget(self.title)
        words.addWidget(self.who)
        words.addStretch()
        state.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignRight)
        state.addWidget(self.next)
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        row.setSpacing(theme.px(16))
        row.addWidget(self.amount, 3)
        row.addLayout(words, 3)
        row.addLayout(state, 2)
        return frame

    def _story(self, seek: BigButton) -> QFrame:
        theme, say = self._tools.theme, self._tools.say
        frame = card(theme)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, theme.px(LABEL_PX))
        self.lines = {
            name: _Line(theme, say(f"pending.{name}"), Type.STRONG if name == "why" else Type.SMALL)
            for name in ("sent", "heard", "why", "evidence", "second", "printing")
        }
        for at, line in enumerate(self.lines.values()):
            line.place(grid, at)
        grid.setRowStretch(len(self.lines), 1)
        self.area = KeylessArea()
        self.area.setWidgetResizable(True)
        self.area.setWidget(inside)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(frame)
        column.setContentsMargins(theme.px(16), theme.px(12), theme.px(8), theme.px(12))
        column.setSpacing(theme.px(8))
        column.addWidget(self.area, 1)
        column.addWidget(seek, 0, Qt.AlignmentFlag.AlignLeft)
        return frame

    def _numbers(self, note: BigButton) -> QFrame:
        theme, say = self._tools.theme, self._tools.say
        frame = card(theme)
        frame.setFixedWidth(theme.px(NUMBERS_PX))
        column = QVBoxLayout(frame)
        column.setContentsMargins(*[theme.px(16)] * 4)
        column.setSpacing(theme.px(4))
        self.numbers: dict[str, FittedWords] = {}
        for name, lines in (("order_no", 2), ("gateway_order_no", 2), ("wallet_no", 3)):
            shown = FittedWords(
                theme, Type.SMALL, theme.ink, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, anywhere=True
            )
            shown.setFixedHeight(theme.px(26 * lines + 2))
            self.numbers[name] = shown
            column.addWidget(Words(theme, Type.SMALL, Tone.REST, text=say(f"pending.{name}")))
            column.addWidget(shown)
        column.addStretch(1)
        column.addWidget(note)
        return frame

    def show_case(self, view: CaseView) -> None:
        """Show this case."""
        say, row = self._tools.say, view.row
        self.amount.show_fen(row.amount_fen)
        self.title.tell(say(row.title))
        self.who.tell(f"{row.name_masked}  {row.customer_no}")
        self.badge.show_state(row.level, say(row.state))
        evidence = "\n".join(f"· {say(each)}" for each in view.evidence) or say("pending.no_evidence")
        in_doubt = row.level is Level.WARN
        told = {
            "sent": say(view.sent),
            "heard": say(view.heard),
            "why": say(view.why),
            "evidence": evidence,
            "second": say(view.second_refused) if view.second_refused is not None and in_doubt else "",
            "printing": say(view.printing) if view.printing is not None else "",
        }
        for name, text in told.items():
            self.lines[name].tell(text)
        rest = self._tools.theme.of(Tone.REST).ink
        ink = self._tools.theme.ink
        gateway = view.gateway_order_no
        self.numbers["order_no"].tell(row.order_no)
        self.numbers["gateway_order_no"].tell(gateway or say("pending.gateway_same"), ink if gateway else rest)
        wallet = view.wallet_no
        self.numbers["wallet_no"].tell(wallet or say("pending.wallet_none"), ink if wallet else rest)
        self.tick(view)

    def tick(self, view: CaseView) -> None:
        """Count down to the next question."""
        self.next.tell(self._next_words(view.row))


class _Line:
    """A label and what it tells; gone where it has nothing to tell."""

    def __init__(self, theme: Theme, label: str, role: Type) -> None:
        self.label = Words(theme, Type.SMALL, Tone.REST, text=label)
        self.words = Words(theme, role, wrap=True)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Take a row of the grid."""
        grid.addWidget(self.label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.words, row, 1, Qt.AlignmentFlag.AlignTop)

    def tell(self, text: str) -> None:
        """Show this text, or nothing."""
        self.words.tell(text)
        for part in (self.label, self.words):
            part.setVisible(bool(text))
