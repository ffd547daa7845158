"""What the banner's place tells, of all that a snapshot holds.

1. That a guarded command was carried out is told for a while, or until something else happens on the screen.
2. Else the snapshot's banner; where one press answers it, the button stands in it.
3. Else, while another page is open, how the payment at the counter goes.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from kiosk.snapshot import Banner, Face, GoTo, Level, Outcome, Page, Snapshot, WithdrawQr, show_yuan
from kiosk.ui.screens.face import Tools
from kiosk.ui.sheets.second import second_of
from kiosk.ui.widgets.banner import BannerBar

#: So long it is told that a guarded command was carried out.
TOLD_S = 8.0
_ENDED = {Outcome.PAID: Level.GOOD, Outcome.NOT_PAID: Level.BAD, Outcome.UNKNOWN: Level.WARN}
#: The answers that stand in a banner: by the beginning of its code the key, the key's name, and the button's word.
_ANSWERS = {
    "alarm.": (Qt.Key.Key_F12, "F12", "rail.pending"),
    "code.qr_is_shown": (Qt.Key.Key_F7, "F7", "button.withdraw_qr"),
    "code.qr_withdrawn": (Qt.Key.Key_F3, "F3", "button.second"),
}


class News:
    """Fills one banner."""

    def __init__(self, tools: Tools, banner: BannerBar) -> None:
        self._tools, self._banner = tools, banner
        self._pin_count, self._done_until_s = 0, 0.0
        self._done_over: tuple[Page, Face, Banner | None] | None = None

    def paint(self, snapshot: Snapshot) -> None:
        """Show what this snapshot has to tell."""
        if snapshot.pin_count > self._pin_count and snapshot.pin_done:
            self._done_until_s = self._tools.clock() + TOLD_S
            self._done_over = (snapshot.page, snapshot.face, snapshot.banner)
        self._pin_count = snapshot.pin_count
        self._tell(snapshot)

    def tick(self, snapshot: Snapshot, now_s: float) -> None:
        """What was told for a while is over."""
        if self._done_until_s and now_s >= self._done_until_s:
            self._done_until_s = 0.0
            self._tell(snapshot)

    def _tell(self, snapshot: Snapshot) -> None:
        if self._is_just_done(snapshot) and snapshot.pin_told is not None:
            self._banner.tell(Level.GOOD, self._tools.say(snapshot.pin_told), "", "")
            self._banner.offer(0, "", "")
        elif snapshot.banner is not None:
            self._tell_banner(snapshot.banner)
            self._offer_answer(snapshot, snapshot.banner.what.code)
        elif snapshot.page is not Page.COLLECT and snapshot.face in (Face.PAY, Face.RESULT):
            self._tell_of_the_counter(snapshot)
        else:
            self._banner.hush()

    def _is_just_done(self, snapshot: Snapshot) -> bool:
        unmoved = self._done_over == (snapshot.page, snapshot.face, snapshot.banner)
        return snapshot.pin_done and unmoved and self._tools.clock() < self._done_until_s

    def _tell_banner(self, told: Banner) -> None:
        say = self._tools.say
        what, reference = say(told.what), told.reference
        reference = "" if reference in what else say("banner.reference", reference=reference)
        self._banner.tell(told.level, what, say(told.todo) if told.todo else "", reference)

    def _offer_answer(self, snapshot: Snapshot, code: str) -> None:
        may: dict[str, Callable[[], bool]] = {
            "alarm.": lambda: snapshot.pending_count > 0 and snapshot.allows(GoTo),
            "code.qr_is_shown": lambda: snapshot.face is Face.PAY and snapshot.allows(WithdrawQr),
            "code.qr_withdrawn": lambda: snapshot.face is Face.PAY and second_of(snapshot) is not None,
        }
        begins = next((begins for begins in _ANSWERS if code.startswith(begins)), "")
        if begins and snapshot.page is Page.COLLECT and may[begins]():
            key, name, word = _ANSWERS[begins]
            self._banner.offer(key, self._tools.say(word), name)
        else:
            self._banner.offer(0, "", "")

    def _tell_of_the_counter(self, snapshot: Snapshot) -> None:
        """How the payment goes that the page covers, and the way back to it."""
        say, pay, result = self._tools.say, snapshot.pay, snapshot.result
        if result is not None:
            level, now, name, fen = _ENDED[result.outcome], result.headline, result.name_masked, result.total_fen
        elif pay is not None:
            level, now, name, fen = Level.BUSY, pay.sentence, pay.name_masked, pay.amount_fen
        else:
            self._banner.hush()
            return
        what = say("pending.counter_pays", name=name, amount=show_yuan(fen))
        self._banner.tell(level, what, say(now), "")
        self._banner.offer(Qt.Key.Key_F11, say("button.to_collect"), "F11")
