"""Asking: which question goes out now, by which number, and when an order is looked at again.

Rules
1. Questions of one order never overlap (payment.md part 4); what is in flight is in ``asking.in_flight``.
2. When is arithmetic of polling.py; what the answers prove is proof.py's. Nothing here changes a state.
"""

from __future__ import annotations

import msgspec

from kiosk.core.messages import Answer, Ask
from kiosk.core.order import UNDECIDED, Instant, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.polling import attended_until, next_question_s
from kiosk.core.table import Row
from kiosk.core.turn import Turn

#: "The customer says: paid" asks at most this often.
ASK_NOW_GAP_S = 1.0
#: States about which a question may still bring something.
_WATCHED = UNDECIDED | {State.UNSEEN, State.FAILED, State.MANUAL}


class Questions:
    """When and how one site's gateway is asked."""

    def __init__(self, policy: PaymentPolicy, traits: GatewayTraits) -> None:
        self._policy = policy
        self._traits = traits

    def ask(self, turn: Turn, at: Instant) -> Turn:
        """A question now, unless one is in flight."""
        order = turn.order
        if order.asking.in_flight:
            return turn
        number = order.asking.asked + 1
        turn = turn.asking(
            in_flight=number,
            asked=number,
            step=order.asking.step + 1,
            last_asked_s=at.mono_s,
            due_s=order.asking.due_s if order.state is State.PAID else None,
        )
        return turn.doing(Ask(self._number_to_ask(order), number))

    def ask_now(self, turn: Turn, at: Instant) -> Turn:
        """A person wants a question now; at most one a second: a press that comes too soon is kept until then."""
        asking, state = turn.order.asking, turn.order.state
        if state not in _WATCHED:
            return turn
        soon_s = asking.last_asked_s + ASK_NOW_GAP_S
        if not asking.asked or at.mono_s >= soon_s:
            return self.ask(turn, at)
        if asking.in_flight or (asking.due_s is not None and asking.due_s <= soon_s):
            return turn
        return turn.asking(due_s=soon_s)

    def ask_by_ours(self, turn: Turn, at: Instant) -> Turn:
        """Until it is known whether this gateway finds orders by our number: once an accepted order, after it is done,
        when the question delays nobody (rule 11 c)."""
        order = turn.order
        if self._traits.finds_by_our_number != "learn" or order.gateway_order_no in ("", order.order_no):
            return turn
        return self.ask(turn.asking(ask_other=True), at)

    def _number_to_ask(self, order: Order) -> str:
        asking = order.asking
        if asking.stranger_is_free and asking.stranger_count >= 2 and not order.gateway_order_no:
            return asking.stranger
        known = order.gateway_order_no or order.order_no
        other = order.order_no if known != order.order_no else known
        return other if asking.ask_other else known

    # --- the customer comes and goes -------------------------------------------------------------------------------

    def leave(self, turn: Turn, at: Instant) -> Turn:
        """The customer goes, or the attended time is over: the background's gaps, and the QR leaves the screens."""
        asking = turn.order.asking
        hidden_s = at.mono_s if asking.hidden_s is None else asking.hidden_s
        return turn.asking(attended=False, step=0, hidden_s=hidden_s)

    def attended_is_over(self, order: Order, at: Instant) -> bool:
        """Whether the counter has waited as long as it waits for a customer."""
        until = attended_until(self._policy, order.mode, order.asking)
        return order.asking.attended and until is not None and at.mono_s >= until

    def withdrawn(self, turn: Turn, at: Instant) -> Turn:
        """The QR is off every screen: a question sent from now on may allow a second attempt."""
        if turn.order.state is not State.SHOWN or turn.order.asking.hidden_s is not None:
            return turn
        return self.ask(turn.asking(hidden_s=at.mono_s, unpaid_sent_s=None), at)

    def reshown(self, turn: Turn, at: Instant) -> Turn:
        """The same QR again (rule 5), and another attended time."""
        if turn.order.state is not State.SHOWN:
            return turn
        turn = turn.asking(hidden_s=None, unpaid_sent_s=None, attended=True, answered_s=at.mono_s, step=0)
        return self.rest(turn, at)

    # --- when it is looked at again --------------------------------------------------------------------------------

    def rest(self, turn: Turn, at: Instant, answer: Answer | None = None, *, slower: bool = False) -> Turn:
        """When this order is to be looked at again, after whatever happened."""
        if turn.order.state is State.FAILED and turn.order.asking.late_from_s is None:
            turn = turn.asking(late_from_s=at.mono_s)
        order, asking = turn.order, turn.order.asking
        if asking.in_flight or order.state is State.PAID:
            return turn
        due_s = self._next_look_s(order, at, slower=slower)
        if due_s is not None and answer is not None and answer.retry_after_s:
            due_s = max(due_s, at.mono_s + answer.retry_after_s)
        return turn.asking(due_s=due_s)

    def _next_look_s(self, order: Order, at: Instant, *, slower: bool) -> float | None:
        asking, policy = order.asking, self._policy
        match order.state:
            case State.INTENT if asking.calling:
                return max(at.mono_s, asking.last_asked_s + policy.scan_gap_s) if order.mode is Mode.SCAN else None
            case State.INTENT | State.IN_DOUBT | State.SHOWN:
                if order.reason in (Row.NOT_AUTHORISED, Row.TRANSACTION_FAILED) and not asking.asked:
                    return at.mono_s  # "ask soon"
                due_s = next_question_s(policy, order.mode, asking, at.mono_s, slower=slower)
                until_s = attended_until(policy, order.mode, asking) if asking.attended else None
                return due_s if until_s is None else min(due_s, max(at.mono_s, until_s))
            case State.UNSEEN if at.mono_s - asking.since_s < policy.unseen_watch_s:
                return next_question_s(policy, order.mode, msgspec.structs.replace(asking, attended=False), at.mono_s)
            case State.MANUAL:
                return max(at.mono_s, asking.last_asked_s + policy.background_gaps_s[-1])
            case State.FAILED if order.bytes_left:
                return self._next_late_look_s(order, at)
        return None

    def _next_late_look_s(self, order: Order, at: Instant) -> float | None:
        """The next of ``late_asks_s``, counted from when the order failed, or was found so at the start."""
        begun = order.asking.late_from_s
        later = [gap for gap in self._policy.late_asks_s if begun is not None and begun + gap > at.mono_s]
        return begun + min(later) if begun is not None and later else None
