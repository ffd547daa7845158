"""Rule 11: what proves that an order cannot be paid. Silence never does.

Rules
1. One negative is never final (11 b); 1003 proves something only by a number by which this gateway finds orders, after
   the hold-off, and with no sign of the order (11 c); what outlives the order's whole life ends it (11 d).
2. A question counts by when it was *sent*: an answer received after the hold-off to a question sent before it proves
   nothing (payment.md part 6).
3. A second attempt beside a doubtful one stands on the same ground, but proves less: it may be paid twice, and is then
   told as such (:meth:`Proof.refuses_beside`).
"""

from __future__ import annotations

from kiosk.core.messages import QueryAnswered
from kiosk.core.order import UNDECIDED, Instant, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.table import Row
from kiosk.core.turn import Turn

_DECIDABLE = UNDECIDED | {State.UNSEEN}


def clear_negatives(turn: Turn) -> Turn:
    """Something verified came between: the counts of rule 11 b and c begin again."""
    return turn.asking(negative="", not_found=0)


class Proof:
    """The counts that may end an order as ``failed``, for one site."""

    def __init__(self, policy: PaymentPolicy, traits: GatewayTraits) -> None:
        self._policy = policy
        self._traits = traits

    def speaks_of_the_order(self, order: Order, row: Row) -> bool:
        """0008 and 0009 on a query may mean that the query failed; they count only by the profile (rule 11 b) or
        where the pay call itself was answered so."""
        return row in self._traits.final_query_codes or (order.state is State.IN_DOUBT and order.reason == row)

    def negative(self, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        """Rule 11 b: the same negative twice, far enough apart, with nothing verified between."""
        order = turn.order
        if order.state in (State.PAID, State.CREDITED):
            return turn.to(State.MANUAL, f"contradicted_{row}").ring("contradicted")
        turn = turn.asking(unpaid_sent_s=None)
        if order.state is State.SHOWN and row is Row.PAYERROR:
            return self.expiring(clear_negatives(turn), row, message, at)  # that try failed, the QR lives on
        if order.state not in _DECIDABLE:
            return turn
        turn = turn.asking(not_found=0, expired=0)
        if order.asking.negative != row:
            return turn.asking(negative=str(row), negative_at_s=at.mono_s)
        if message.sent_s - order.asking.negative_at_s < self._policy.negative_gap_s:
            return turn  # counted from hearing the first to asking the second: the gateway's own gap is longer
        return turn.to(State.FAILED, str(row))

    def absent(self, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        """Rule 11 c and d: 1003 proves something only by a number by which this gateway finds orders."""
        order = turn.order
        turn = turn.asking(negative="", ask_other=not order.asking.ask_other)
        admitted = self._admits(order, message)
        if not admitted:
            return turn
        turn = turn.asking(unpaid_sent_s=message.sent_s)
        if order.state not in _DECIDABLE:
            return turn
        turn = self.expiring(turn, row, message, at)
        if turn.order.state is State.FAILED or order.state is State.SHOWN or order.asking.sign:
            return turn
        if order.gateway_order_no or not self._after_hold_off(order, message.sent_s):
            return turn
        first_s = order.asking.not_found_at_s if order.asking.not_found else at.mono_s
        count = order.asking.not_found + 1
        turn = turn.asking(not_found=count, not_found_at_s=first_s)
        if count < self._policy.not_found_answers or at.mono_s - first_s < self._policy.not_found_span_s:
            return turn
        return turn.to(State.FAILED, "not_found")

    def expiring(self, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        """Rule 11 d: negatives to questions sent after the order's whole life and the hold-off."""
        order = turn.order
        if order.state not in _DECIDABLE or not self.life_over(order, message.sent_s):
            return turn
        count = order.asking.expired + 1
        turn = turn.asking(expired=count)
        return turn if count < self._policy.not_found_answers else turn.to(State.FAILED, "expired")

    def refuses_beside(self, order: Order, at: Instant) -> str:
        """Why no second attempt on this order's bill may begin beside it now, as a code; empty: it may.

        The QR must be off every screen and a question sent after that answered "not paid" (or "no such order", by a
        number that proves it); beside a scanned code only after its hold-off (payment.md part 3).
        """
        asking = order.asking
        if order.state not in UNDECIDED or asking.calling:
            return "state"
        if order.mode is Mode.SHOW:
            from_s = asking.hidden_s
        else:
            from_s = None if asking.hold_off_from_s is None else asking.hold_off_from_s + self._policy.hold_off_s
        if from_s is None or at.mono_s < from_s:
            return "on_screen" if order.mode is Mode.SHOW else "hold_off"
        unpaid_s = asking.unpaid_sent_s
        return "" if unpaid_s is not None and unpaid_s >= from_s else "not_answered"

    def _admits(self, order: Order, message: QueryAnswered) -> bool:
        if order.gateway_order_no and message.asked_by == order.gateway_order_no:
            return True
        trait = self._traits.finds_by_our_number
        return trait == "true" or (trait == "learn" and message.finds_by_ours is True)

    def _after_hold_off(self, order: Order, sent_s: float) -> bool:
        begun = order.asking.hold_off_from_s
        return begun is not None and sent_s >= begun + self._policy.hold_off_s

    def life_over(self, order: Order, moment_s: float) -> bool:
        begun = order.asking.life_from_s
        life_s = self._policy.scan_life_s if order.mode is Mode.SCAN else self._policy.qr_life_s
        return begun is not None and moment_s >= begun + life_s + self._policy.hold_off_s
