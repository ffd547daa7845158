"""*Pending*: the orders that are still owed something, and one of them laid open.

1. It is a page over *Collect*: a payment at the counter goes on behind it, and Esc leads back step by step, from the
   case to the list to *Collect*, never out of a payment.
2. Enter opens the row under the frame. On a case Enter means nothing: its wallet number is scanned there.
3. What needs a reason or the PIN is asked on a sheet (``wanted`` names it).
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.snapshot import (
    AllowSecond,
    AskAbout,
    CaseRow,
    CaseView,
    CloseCase,
    GoTo,
    Level,
    NoteWallet,
    OpenCase,
    Page,
    PendingView,
    PrintCase,
    SeekEvidence,
    Settle,
    Snapshot,
)
from kiosk.ui.screens.case import CasePanel
from kiosk.ui.screens.face import Action, FaceScreen, Tools, card
from kiosk.ui.sheets.second import second_of
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.case_list import CaseHead, CaseList, needs_a_person
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.text import FittedWords, Words

#: From so many seconds on they are told in minutes.
MINUTES_FROM_S = 100
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -1_000_000, Qt.Key.Key_End: 1_000_000}


class PendingScreen(FaceScreen):
    """The second page. ``wanted`` asks the window for a sheet: ``settle``, ``second`` or ``wallet``."""

    wanted = Signal(str)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._make_actions()
        self.list_page, self.empty_page = self._list_page(), self._empty_page()
        self.case = CasePanel(tools, self.next_words, self.seek.button, self.note.button)
        self.pages = QStackedWidget()
        for page in (self.list_page, self.empty_page, self.case):
            self.pages.addWidget(page)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)

    # --- built once ------------------------------------------------------------------------------------------------

    def _list_page(self) -> QWidget:
        theme, say = self.theme, self.say
        page = QWidget()
        self.count = FittedWords(theme, Type.TITLE, theme.ink)
        self.for_supervisor = FittedWords(
            theme, Type.STRONG, theme.of(Tone.DANGER).ink, Qt.AlignmentFlag.AlignRight
        )
        names = tuple(say(f"pending.{name}") for name in ("begun", "who", "what", "amount", "state"))
        self.head = CaseHead(theme, names)
        self.list = CaseList(theme, say, self.next_words, say("pending.title"))
        self.list.chosen.connect(self._open)
        self.list.verticalScrollBar().rangeChanged.connect(self._leave_room)
        self.more = Words(theme, Type.SMALL, Tone.REST)
        top = QHBoxLayout()
        top.addWidget(self.count, 1)
        top.addWidget(self.for_supervisor, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addLayout(top)
        column.addWidget(self.head)
        column.addWidget(self.list, 1)
        column.addWidget(self.more)
        return page

    def _empty_page(self) -> QWidget:
        theme, centre = self.theme, Qt.AlignmentFlag.AlignHCenter
        frame = card(theme)
        column = QVBoxLayout(frame)
        column.setContentsMargins(*[theme.px(24)] * 4)
        column.setSpacing(theme.px(8))
        title = FittedWords(theme, Type.HEAD, theme.ink, centre)
        title.tell(self.say("pending.empty"))
        hint = FittedWords(theme, Type.BODY, theme.of(Tone.REST).ink, centre, wrap=True)
        hint.tell(self.say("pending.empty_hint"))
        hint.setMinimumHeight(theme.px(64))
        column.addStretch()
        column.addWidget(IconMark("check", theme.of(Tone.PAID).ink, theme.px(96)), 0, centre)
        column.addWidget(title)
        column.addWidget(hint)
        column.addStretch()
        return frame

    def _make_actions(self) -> None:
        send, key = self.tools.send, Qt.Key
        self.back = self.action("button.to_collect", GoTo, self._back, key=key.Key_Escape, icon_name="back")
        self.print = self.action("button.print_case_slip", PrintCase, lambda: send(PrintCase()), key=key.Key_F9)
        self.second = self.action("button.second", AllowSecond, lambda: self.wanted.emit("second"), key=key.Key_F3)
        self.ask = self.action("button.ask_again", AskAbout, lambda: send(AskAbout()), key=key.Key_F8)
        self.settle = self.action("button.settle", Settle, lambda: self.wanted.emit("settle"), key=key.Key_F6)
        self.open = self.action("button.open_case", OpenCase, self._open_framed, icon_name="forward")
        self.seek = self.action(
            "button.seek_evidence", SeekEvidence, lambda: send(SeekEvidence()), key=key.Key_F5, icon_name="search"
        )
        self.note = self.action(
            "button.note_wallet", NoteWallet, lambda: self.wanted.emit("wallet"), key=key.Key_F2, icon_name="phone"
        )
        self.bar.addWidget(self.back.button)
        self.bar.addWidget(self.print.button)
        self.bar.addWidget(self.second.button)
        self.bar.addStretch(1)
        for made in (self.ask, self.settle, self.open):
            self.bar.addWidget(made.button)
        self.open.button.make_primary(True)
        self.open.button.setMinimumWidth(self.theme.px(264))

    # --- a snapshot ------------------------------------------------------------------------------------------------

    def paint(self, snapshot: Snapshot) -> None:
        super().paint(snapshot)
        view = snapshot.pending or PendingView()
        self._show_list(view)
        if view.case is not None:
            self._show_case(view.case, snapshot)
            self.pages.setCurrentWidget(self.case)
        else:
            self.pages.setCurrentWidget(self.list_page if view.rows else self.empty_page)
        self._follow(view, snapshot)

    def _show_list(self, view: PendingView) -> None:
        self.list.show_rows(view.rows)
        self.count.tell(f"{self.say('pending.title')} · {self.say('pending.count', count=len(view.rows) + view.more)}")
        waiting = needs_a_person(view.rows)
        self.for_supervisor.tell(self.say("pending.for_supervisor", count=waiting) if waiting else "")
        self.more.setVisible(view.more > 0)
        self.more.tell(self.say("pending.more", count=view.more) if view.more else "")

    def _show_case(self, case: CaseView, snapshot: Snapshot) -> None:
        self.case.show_case(case)
        self.print.button.relabel(
            self.say("button.print_refund" if case.prints == "refund" else "button.print_case_slip")
        )

    def _follow(self, view: PendingView, snapshot: Snapshot) -> None:
        """What may be pressed, beyond what is legal: what the view holds; and which one is filled."""
        case = view.case
        self._let(self.open, case is None and bool(view.rows))
        self._let(self.second, case is not None and second_of(snapshot) is not None)
        self._let(self.settle, case is not None and bool(case.settle_as))
        self._let(self.print, case is not None and bool(case.prints))
        for made in (self.ask, self.seek, self.note):
            self._let(made, case is not None)
        self.back.button.relabel(self.say("button.to_list" if case is not None else "button.to_collect"))
        self.settle.button.make_primary(self.settle.allowed, enter=False)
        self.ask.button.make_primary(self.ask.allowed and not self.settle.allowed, enter=False)

    def _let(self, action: Action, there_is_one: bool) -> None:
        action.allowed = action.allowed and there_is_one
        action.button.setVisible(action.allowed)

    def left(self) -> None:
        self.list.to_top()

    def next_words(self, row: CaseRow) -> str:
        """When this order is asked or told next, counted down."""
        if row.next_s is None:
            return self.say("pending.by_nobody")
        tells = row.level is Level.BUSY
        left_s = int(row.next_s - self.tools.clock() + 0.999)
        if left_s <= 0:
            return self.say("pending.telling" if tells else "pending.asking")
        if left_s >= MINUTES_FROM_S:
            minutes = (left_s + 59) // 60
            return self.say("pending.tell_in_min" if tells else "pending.ask_in_min", minutes=minutes)
        return self.say("pending.tell_in_s" if tells else "pending.ask_in_s", seconds=left_s)

    def tick(self, now_s: float) -> None:
        view = self.snapshot.pending if self.snapshot is not None else None
        if view is not None and view.case is not None:
            self.case.tick(view.case)
        elif view is not None:
            self.list.viewport().update()

    def _leave_room(self, least: int, most: int) -> None:
        scrolls = most > least
        self.head.leave_room(self.list.verticalScrollBar().sizeHint().width() if scrolls else 0)

    # --- keys ------------------------------------------------------------------------------------------------------

    def key(self, key: int, text: str) -> bool:
        step = _STEPS.get(Qt.Key(key), 0)
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = self.list.page() * (1 if key == Qt.Key.Key_PageDown else -1)
        if step and self.pages.currentWidget() is self.list_page:
            self.list.step(step)
            return True
        return super().key(key, text)

    def enter(self) -> bool:
        if self.open.allowed:
            self._open_framed()
        return True

    def _open_framed(self) -> None:
        if self.list.current():
            self._open(self.list.current())

    def _open(self, order_no: str) -> None:
        if self.open.allowed:
            self.tools.send(OpenCase(order_no))

    def _back(self) -> None:
        view = self.snapshot.pending if self.snapshot is not None else None
        self.tools.send(CloseCase() if view is not None and view.case is not None else GoTo(Page.COLLECT))
