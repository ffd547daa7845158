"""The card of a customer: masked name, number, masked address, balance, and how old the figures are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QGridLayout

from kiosk.snapshot import AccountView, Refresh, show_yuan
from kiosk.ui.screens.face import Action, Tools
from kiosk.ui.theme import Tone, Type
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.text import FittedWords, ShortWords, Words

STALE_S = 300


class AccountCard(QFrame):
    """One card over the tabs. ``actions`` gets the refresh button's action; ``age`` is placed by the face."""

    def __init__(self, tools: Tools, actions: list[Action]) -> None:
        super().__init__()
        self._tools, self._view = tools, AccountView("", "", "")
        theme = tools.theme
        self.setProperty("panel", "card")
        self.name = FittedWords(theme, Type.TITLE, theme.ink)
        self.number = Words(theme, Type.BODY)
        self.address = ShortWords(theme, Type.SMALL, Tone.REST)
        self.balance = Words(theme, Type.SMALL)
        self.age = Words(theme, Type.SMALL, Tone.REST)
        self.age.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.hold = BigButton(theme, tools.say("account.hold"), icon_name="eye")
        self.hold.setAccessibleName(tools.say("account.hold_to_show"))
        self.hold.pressed.connect(self.uncover)
        self.hold.released.connect(self.cover)
        self.refresh = BigButton(theme, tools.say("button.refresh"), icon_name="refresh", shortcut="F5")
        self.refresh.clicked.connect(lambda: tools.send(Refresh()))
        actions.append(Action(self.refresh, Refresh, Qt.Key.Key_F5, hides=False))
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(0)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.number, 0, 1)
        grid.addWidget(self.address, 1, 0)
        grid.addWidget(self.balance, 1, 1)
        grid.addWidget(self.hold, 0, 2, 2, 1)
        grid.addWidget(self.refresh, 0, 3, 2, 1)
        grid.setColumnStretch(0, 1)

    def show_account(self, view: AccountView, now_s: float) -> None:
        """Show this customer."""
        self._view = view
        say = self._tools.say
        if not self.hold.isDown():
            self.cover()
        self.number.tell(f"{say('account.customer_no')} {view.customer_no}")
        known = view.balance_fen is not None
        self.balance.setVisible(known)
        if view.balance_fen is not None:
            sign = "-" if view.balance_fen < 0 else ""
            self.balance.tell(f"{say('account.balance')} {sign}{show_yuan(abs(view.balance_fen))}")
        self.show_age(view, now_s)

    def show_age(self, view: AccountView, now_s: float) -> None:
        """Say how old the figures are."""
        age_s = max(0, int(now_s - view.fetched_s))
        if view.refreshing:
            self.age.tell(self._tools.say("account.refreshing"), Tone.ACT)
        elif age_s >= STALE_S:
            self.age.tell(self._tools.say("account.age_minutes", minutes=age_s // 60), Tone.DOUBT)
        elif age_s >= 60:
            self.age.tell(self._tools.say("account.age_minutes", minutes=age_s // 60), Tone.REST)
        else:
            self.age.tell(self._tools.say("account.age_seconds", seconds=age_s), Tone.REST)

    def uncover(self) -> None:
        """Show name and address in clear, while held."""
        view = self._view
        self._tell(view.name or view.name_masked, view.address or view.address_masked)

    def cover(self) -> None:
        """Show them masked again."""
        self._tell(self._view.name_masked, self._view.address_masked)

    def _tell(self, name: str, address: str) -> None:
        self.name.tell(name)
        self.address.tell(address)

    def hideEvent(self, event: QHideEvent) -> None:
        self.cover()
        super().hideEvent(event)
