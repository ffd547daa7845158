"""From ``paid`` to ``credited``: the notice, its repeats, and the arrears where a repeat could credit twice.

Rules (payment.md part 2 and the notice column of part 3)
1. The notice is stored with ``paid`` and sent again as it is; that it is owed never ends but by an answer, the
   gateway's contradiction, or a supervisor (rules 7 and 8).
2. ``credited`` is an acknowledgement's word (rule 9). A bill that is gone from the arrears credits by itself only
   where the site's notices are not idempotent, marked so; else it is evidence for a supervisor.
3. Where notices are not idempotent, an unclear answer is followed by the hold-off and a look at the arrears; the
   notice goes again only if the bill is still owed. A prepayment leaves no such trace: it goes to a supervisor, and
   when one releases it, that it is sent is journalled before it is.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.core.messages import Answer, Append, ArrearsSeen, AskArrears, EventKind, NoticeAnswered, SendNotice
from kiosk.core.order import Instant, Kind, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.polling import repeated
from kiosk.core.questions import Questions
from kiosk.core.table import Cell, Move, Row
from kiosk.core.turn import Turn

OWED, GONE = "owed", "gone"
#: The reason of a ``paid`` order that a supervisor released; and of one whose notice may have gone since.
RELEASED, RELEASED_SENT = "released", "released_sent"


class Crediting:
    """What becomes of paid orders, for one site."""

    def __init__(self, policy: PaymentPolicy, traits: GatewayTraits, questions: Questions) -> None:
        self._policy = policy
        self._traits = traits
        self._questions = questions

    def send(self, turn: Turn) -> Turn:
        """The notice, now."""
        notices = turn.order.asking.notices + 1
        return turn.asking(notices=notices, notice_in_flight=True, check_arrears=False, due_s=None).doing(SendNotice())

    def answered(self, turn: Turn, cell: Cell, row: Row, message: NoticeAnswered, at: Instant) -> Turn:
        """What a notice's answer means."""
        turn = turn.asking(notice_refused=cell.move is Move.ASK_AND_WAIT)
        match cell.move:
            case Move.CREDIT:
                turn = turn.to(State.CREDITED, "", credited_ms=at.wall_ms)
                return turn if message.finds_by_ours else self._questions.ask_by_ours(turn, at)
            case Move.EXISTS if self._traits.exists_means_credited:
                first_and_only = turn.order.asking.notices == 1
                turn = turn.to(State.CREDITED, "exists", credited_ms=at.wall_ms)
                return turn.ring("credited_before") if first_and_only else turn
            case Move.EXISTS:
                return self._check(turn, f"notice_{row}", at.mono_s)
            case Move.ASK_AND_SETTLE:
                return self._questions.ask(turn.to(State.MANUAL, f"notice_{row}"), at)
        if not self._traits.notices_idempotent and row is not Row.NOT_SENT:
            turn = self._check(turn, f"notice_{row}", at.mono_s + self._policy.hold_off_s)
        else:
            slow = cell.move in (Move.REPEAT_SLOW, Move.ASK_AND_WAIT)
            turn = self._later(turn, message.answer, at, slow=slow)
        return self._questions.ask(turn, at) if cell.move is Move.ASK_AND_WAIT and _is_paid(turn) else turn

    def taken_up(self, turn: Turn, at: Instant) -> Turn:
        """Paid before this start: the notice may have been sent, and may be on its way still; so the next one counts as
        a second copy, of which "exists already" is no surprise."""
        turn = turn.asking(notices=1)
        if self._traits.notices_idempotent:
            return self.send(turn)
        if _is_once_only_release(turn.order):
            return self._send_once(turn)
        return self._check(turn, "notice_restarted", at.mono_s + self._policy.hold_off_s)

    def due(self, turn: Turn, at: Instant) -> Turn:
        """The deadline of a paid order has come: the notice again, or first a look at the arrears."""
        turn = self._overdue(turn, at)
        asking = turn.order.asking
        if not _is_paid(turn) or asking.notice_in_flight:
            return turn
        if asking.check_arrears:
            return self.seek(turn, at)
        once = not self._traits.notices_idempotent and _is_once_only_release(turn.order)
        return self._send_once(turn) if once else self.send(turn)

    def released(self, turn: Turn, at: Instant, *, sent_before: bool) -> Turn:
        """A supervisor let the notice go: at once, unless it may have gone before and may not go twice."""
        turn = turn.asking(paid_s=at.mono_s, due_s=at.mono_s)
        if sent_before and not self._traits.notices_idempotent and turn.order.kind is Kind.ARREARS:
            return self._check(turn, RELEASED, at.mono_s + self._policy.hold_off_s)
        return turn

    def _send_once(self, turn: Turn) -> Turn:
        turn = turn.now(replace(turn.order, reason=RELEASED_SENT))
        return self.send(turn.doing(Append(EventKind.EVIDENCE, (("notice", "begun"),))))

    # --- the arrears -----------------------------------------------------------------------------------------------

    def seek(self, turn: Turn, at: Instant) -> Turn:
        """Ask whether the bill is still owed; a prepayment is no bill."""
        order = turn.order
        if order.kind is not Kind.ARREARS or order.asking.arrears_in_flight:
            return turn
        return turn.asking(arrears_in_flight=True, arrears_asked_s=at.mono_s).doing(AskArrears())

    def arrears_seen(self, turn: Turn, message: ArrearsSeen, at: Instant) -> Turn:
        """Whether the bill is still owed: evidence, and for the notice that may not be repeated blindly the way on."""
        if not turn.order.asking.arrears_in_flight:
            return turn
        turn = turn.asking(arrears_in_flight=False)
        asking = turn.order.asking
        if not (_is_paid(turn) and asking.check_arrears):
            return _noted(turn, message.owed)
        if asking.arrears_asked_s < asking.check_from_s:  # somebody asked early: the first notice may still arrive
            return _noted(turn, message.owed).asking(due_s=max(at.mono_s, asking.check_from_s))
        if message.owed:
            return self.send(turn.asking(arrears=OWED))
        if message.owed is None:
            return turn.asking(due_s=at.mono_s + self._policy.notice_gaps_s[-1])
        if self._traits.notices_idempotent:  # 1002 that does not mean credited, and the bill is gone: paid elsewhere?
            return _noted(turn, owed=False).to(State.MANUAL, "gone_from_arrears").ring("notice_unclear")
        return turn.to(State.CREDITED, "gone_from_arrears", credited_ms=at.wall_ms)

    def _check(self, turn: Turn, reason: str, from_s: float) -> Turn:
        """Look at the arrears from this moment on, before the notice may go again."""
        if turn.order.kind is not Kind.ARREARS:
            return turn.to(State.MANUAL, reason).ring("notice_unclear")
        return turn.asking(check_arrears=True, check_from_s=from_s, due_s=from_s)

    # --- later -----------------------------------------------------------------------------------------------------

    def _later(self, turn: Turn, answer: Answer, at: Instant, *, slow: bool) -> Turn:
        gaps = self._policy.notice_gaps_s
        gap = gaps[-1] if slow else repeated(gaps, turn.order.asking.notices - 1)
        return turn.asking(due_s=at.mono_s + max(gap, answer.retry_after_s or 0.0))

    def _overdue(self, turn: Turn, at: Instant) -> Turn:
        """Rule 8: paid and not credited rings after ``alarm_s``; what lasts ``give_up_s`` without a way on goes to a
        supervisor."""
        order = turn.order
        age_s = max(at.mono_s - order.asking.paid_s, (at.wall_ms - (order.paid_ms or at.wall_ms)) / 1000)
        if age_s >= self._policy.alarm_s:
            turn = turn.ring("not_credited")
        unclear = order.asking.check_arrears and at.mono_s - order.asking.paid_s >= self._policy.give_up_s
        if (order.asking.notice_refused and age_s >= self._policy.give_up_s) or unclear:
            return turn.to(State.MANUAL, "notice_refused").ring("notice_refused")
        return turn


def _is_once_only_release(order: Order) -> bool:
    return order.kind is Kind.PREPAYMENT and order.reason == RELEASED


def _is_paid(turn: Turn) -> bool:
    return turn.order.state is State.PAID


def _noted(turn: Turn, owed: bool | None) -> Turn:
    """Keep what the arrears said, in the journal where it is news."""
    order: Order = turn.order
    said = {True: OWED, False: GONE, None: ""}[owed]
    if not said or said == order.asking.arrears or order.state not in (State.PAID, State.MANUAL):
        return turn
    return turn.asking(arrears=said).doing(Append(EventKind.EVIDENCE, (("arrears", said),)))
