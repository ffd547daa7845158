"""Whether money that was taken is ever stuck: from here on the network works, time goes on, nobody is asked to help.

The real schedules run here, deadline by deadline, with the gateway telling the truth at once: a paid order must end
``credited``, ``refunded`` or ``manual``; by a time limit (``gave_up``) only where the gateway cannot find it, and its
number was never told. An order of which the gateway says "closed" must end ``failed``: no bill is blocked for nothing.
"""

from __future__ import annotations

from kiosk.core.messages import ArrearsSeen, Ask, CallAnswered, Due, Message, NoticeAnswered, QueryAnswered, SendNotice
from kiosk.core.order import Instant, Order, State
from tests.search import gateway, moments
from tests.search.attempt import Attempt
from tests.search.gateway import OURS, THEIRS, Held
from tests.search.steps import Attempts

MOST_STEPS = 1500
_ENDS = frozenset({State.CREDITED, State.REFUNDED, State.MANUAL})


def ends_well(kind: Attempts, attempt: Attempt, known: dict[Attempt, str]) -> str:
    """Empty, or the property that breaks: ``stuck``, ``silent`` (a payment nobody hears of), ``given_up``."""
    key = attempt._replace(notices=(), spell=gateway.Spell.OVER, notice_sent=True, acknowledged=True)
    found = known.get(key)
    if found is None:
        found = known[key] = _Fair(kind, attempt).run()
    return found


class _Fair:
    def __init__(self, kind: Attempts, attempt: Attempt) -> None:
        self._kind, self._site = kind, kind.site
        self._order: Order = kind.concrete(attempt)
        self._attempt = attempt
        self._now_s = moments.NOW_S
        self._asked_by = attempt.question.asked_by if attempt.question else ""
        self._told = attempt.told
        self._credited = attempt.credited > 0
        self._held = attempt.held
        # Where the limit had passed before the fair time (the computer slept a day), the case is a person's at once.
        self._late = attempt.mind.created_ms < moments.WALL_MS

    @property
    def _at(self) -> Instant:
        return Instant(self._now_s, moments.WALL_MS + round((self._now_s - moments.NOW_S) * 1000))

    def run(self) -> str:
        for _ in range(MOST_STEPS):
            order = self._order
            if order.state in _ENDS:
                return self._verdict()
            if self._held is Held.DEAD and order.state in (State.FAILED, State.UNSEEN):
                return ""
            message = self._next_message()
            if message is None:
                return "silent" if order.state in (State.FAILED, State.UNSEEN) else "stuck"
            self._order, effects = self._kind.machine.step(order, message, self._at)
            for effect in effects:
                if isinstance(effect, Ask):
                    self._asked_by = effect.asked_by
                if isinstance(effect, SendNotice):
                    self._credited = True
        return "stuck"

    @property
    def _found(self) -> bool:
        return self._told or self._site.finds_ours

    def _verdict(self) -> str:
        order = self._order
        if order.state is not State.MANUAL or order.reason != "gave_up" or self._late or not self._found:
            return ""
        return "blocked_for_nothing" if self._held is Held.DEAD else "given_up"

    def _next_message(self) -> Message | None:
        asking = self._order.asking
        if asking.calling:
            number = THEIRS if self._site.own_numbers else OURS
            self._told = True
            return CallAnswered(gateway.said("0000", "", number, pay_url=gateway.PAY_URL))
        if asking.in_flight:
            return self._answer()
        if asking.notice_in_flight and self._order.state is State.PAID:
            self._credited = True
            return NoticeAnswered(gateway.said("0000"))
        if asking.arrears_in_flight:
            return ArrearsSeen(not self._credited)
        if asking.due_s is None:
            return None
        self._now_s = max(self._now_s, asking.due_s)
        return Due()

    def _answer(self) -> QueryAnswered:
        if gateway.finds(self._site, self._asked_by, Held.PAID):
            named = gateway.named_by(self._site, self._asked_by)
            answer = gateway.said("0003") if self._held is Held.DEAD else gateway.said("0000", "SUCCESS", named)
        else:
            answer = gateway.NOT_FOUND
        return QueryAnswered(
            answer=answer, number=self._order.asking.in_flight, asked_by=self._asked_by, sent_s=self._now_s
        )
