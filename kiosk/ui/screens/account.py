"""*Account*: who it is, what is owed, and what is to be paid: the bills, or a prepayment.

1. Name and address are masked; the clear texts are painted while a finger holds the button, and no longer.
2. All bills are chosen to begin with (the desk says so); Enter pays what the open tab shows.
3. A question of the desk (a large prepayment) takes the place of the tabs and is answered by its own keys, not by
   Enter: the Enter that sent the amount must not answer it too.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.snapshot import AccountView, Back, Confirm, PayBills, PayPrepayment, Snapshot, show_yuan
from kiosk.ui.screens.account_card import AccountCard
from kiosk.ui.screens.bills import BillList
from kiosk.ui.screens.face import FaceScreen, Tools, card
from kiosk.ui.screens.prepay import PrepayPanel
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.icons import IconMark
from kiosk.ui.widgets.text import FittedWords, MoneyLabel, Words

BILLS, PREPAY, QUESTION = range(3)


class AccountScreen(FaceScreen):
    """The second face."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._customer_no = ""
        self._something_owed: bool | None = None
        self.card = AccountCard(tools, self.offers)
        self.bills = BillList(tools)
        self.prepay = PrepayPanel(tools)
        self.question = QuestionPanel(tools)
        self.pages = QStackedWidget()
        for page in (self.bills, self.prepay, self.question):
            self.pages.addWidget(page)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(8))
        column.addWidget(self.card)
        column.addLayout(self._tabs())
        column.addWidget(self.pages, 1)
        self._fill_bar()
        self.prepay.field.changed.connect(self._tell_sum)

    def _tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(8))
        self.tabs: list[BigButton] = []
        for index, code in ((BILLS, "account.bills"), (PREPAY, "button.prepay")):
            tab = BigButton(self.theme, self.say(code), shortcut="F3" if index == PREPAY else "")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _=False, at=index: self.turn(at))
            self.tabs.append(tab)
            row.addWidget(tab)
        self.note = FittedWords(self.theme, Type.BODY, self.theme.of(Tone.DOUBT).ink, wrap=True)
        self.note.setMinimumHeight(self.theme.px(56))
        row.addWidget(self.note, 1)
        row.addWidget(self.card.age)
        return row

    def _fill_bar(self) -> None:
        back = self.action("button.back", Back, self._back, key=Qt.Key.Key_Escape, icon_name="back")
        self.sum_words = FittedWords(self.theme, Type.BODY, self.theme.ink, Qt.AlignmentFlag.AlignRight)
        self.sum_money = MoneyLabel(self.theme, Type.AMOUNT)
        self.pay_bills = self.action(
            "button.pay", PayBills, self._pay, key=Qt.Key.Key_Return, icon_name="forward", primary=True, hides=False
        )
        self.pay_prepayment = self.action(
            "button.pay", PayPrepayment, self._pay, key=Qt.Key.Key_Return, icon_name="forward", primary=True,
            hides=False,
        )  # fmt: skip
        self.confirm = self.action(
            "button.confirm", Confirm, lambda: self.tools.send(Confirm()), key=Qt.Key.Key_F6, icon_name="check",
            primary=True,
        )  # fmt: skip
        self.bar.addWidget(back.button)
        self.bar.addStretch(1)
        self.bar.addWidget(self.sum_words, 3)
        self.bar.addWidget(self.sum_money, 4)
        for made in (self.pay_bills, self.pay_prepayment, self.confirm):
            made.button.setMinimumWidth(self.theme.px(264))
            self.bar.addWidget(made.button)

    def paint(self, snapshot: Snapshot) -> None:
        super().paint(snapshot)
        view = snapshot.account
        if view is None:
            return
        if view.customer_no != self._customer_no:
            self._customer_no = view.customer_no
            self.prepay.field.show_fen(0)
            self._something_owed = None
        self._open_likely_tab(bool(view.bills or view.received))
        self.card.show_account(view, self.tools.clock())
        self.bills.show_bills(view, snapshot)
        self.prepay.show_limits(view)
        self.note.tell(self.say(view.note) if view.note else "")
        self._ask(view)
        self._tell_sum()

    def _open_likely_tab(self, something_owed: bool) -> None:
        """Once for each customer and each change of whether there are bills; what a person opened after stays."""
        if something_owed != self._something_owed:
            self._something_owed = something_owed
            self.pages.setCurrentIndex(BILLS if something_owed else PREPAY)

    def left(self) -> None:
        self._customer_no = ""
        self.card.cover()

    def _ask(self, view: AccountView) -> None:
        if view.question is not None:
            self.question.ask(self.say(view.question), view.question_fen)
            self.pages.setCurrentIndex(QUESTION)
        elif self.pages.currentIndex() == QUESTION:
            self.pages.setCurrentIndex(PREPAY)

    def turn(self, page: int) -> None:
        """Open a tab."""
        if self.pages.currentIndex() != QUESTION:
            self.pages.setCurrentIndex(page)
        self._tell_sum()

    def _tell_sum(self) -> None:
        view = self.snapshot.account if self.snapshot is not None else None
        if view is None:
            return
        page = self.pages.currentIndex()
        asking = page == QUESTION
        for index, tab in enumerate(self.tabs):
            tab.setVisible(not asking)
            tab.setChecked(index == page)
        self.pay_bills.button.setVisible(page == BILLS)
        self.pay_prepayment.button.setVisible(page == PREPAY)
        self.sum_words.setVisible(page == BILLS)
        self.sum_money.setVisible(page == BILLS)
        if view.chosen_count:
            self.sum_words.tell(self.say("account.chosen_count", count=view.chosen_count))
        else:
            self.sum_words.tell(self.say("account.none_chosen") if view.bills else "")
        self.sum_money.show_fen(view.chosen_fen)

    def tick(self, now_s: float) -> None:
        view = self.snapshot.account if self.snapshot is not None else None
        if view is not None:
            self.card.show_age(view, now_s)

    def key(self, key: int, text: str) -> bool:
        page = self.pages.currentIndex()
        if key == Qt.Key.Key_F3 and page != QUESTION:
            self.turn(PREPAY if page == BILLS else BILLS)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and page == BILLS:
            self.bills.step(1 if key == Qt.Key.Key_Down else -1)
        elif page == PREPAY and self.prepay.key(key, text):
            return True
        else:
            return super().key(key, text)
        return True

    def enter(self) -> bool:
        shown = {BILLS: self.pay_bills, PREPAY: self.pay_prepayment}.get(self.pages.currentIndex())
        if shown is not None and shown.allowed:
            self._pay()
        return True

    def _pay(self) -> None:
        if self.pages.currentIndex() == BILLS:
            self.tools.send(PayBills())
        elif self.pages.currentIndex() == PREPAY:
            self.tools.send(PayPrepayment(self.prepay.field.yuan()))

    def _back(self) -> None:
        self.tools.send(Back())


class QuestionPanel(QWidget):
    """The desk's question, with the amount it is about."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        theme = tools.theme
        ink = theme.of(Tone.DOUBT).ink
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame: QFrame = card(theme, str(Tone.DOUBT))
        outer.addWidget(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(*[theme.px(24)] * 4)
        column.setSpacing(theme.px(8))
        self.amount = MoneyLabel(theme, Type.HUGE, ink, Qt.AlignmentFlag.AlignHCenter)
        self.words = Words(theme, Type.TITLE, wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addStretch()
        column.addWidget(IconMark("warn", ink, theme.px(56)), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.amount)
        column.addWidget(self.words)
        column.addStretch()

    def ask(self, question: str, amount_fen: int) -> None:
        """Show the question."""
        self.words.tell(question)
        self.amount.show_fen(amount_fen)
        self.setAccessibleName(f"{question} {show_yuan(amount_fen)}")
