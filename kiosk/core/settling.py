"""A supervisor's hand: what may become of ``manual``, and who may allow a second attempt.

Rules (payment.md part 1 and the end of part 3)
1. Only ``manual`` is settled, with a reason, and the journal tells who did it.
2. A release sends the notice: only with a verified SUCCESS in the journal, and where no other order of the bill is
   paid. An order with a verified SUCCESS is not settled as failed: its money was taken.
3. Settling never touches the gateway; what the release owes is the machine's ordinary ``paid``.
"""

from __future__ import annotations

import re

from kiosk.core.crediting import RELEASED, Crediting
from kiosk.core.messages import Settled
from kiosk.core.order import Instant, Kind, Order, State
from kiosk.core.policy import PaymentPolicy
from kiosk.core.turn import SETTLES_TO, Turn

#: The settlements by the words of the command line; ``release`` is the way back to ``paid``.
SETTLEMENTS = {
    "credited": State.CREDITED,
    "failed": State.FAILED,
    "refunded": State.REFUNDED,
    "release": State.PAID,
}
#: A run of digits as long as a payment code's has no place in a reason that is kept for ever (rule 3).
_LONG_NUMBER = re.compile(r"\d{16,}")
#: A reason shorter than this tells nobody anything.
LEAST_REASON = 2
MOST_REASON = 200


def refuses_settlement(order: Order, to: State, *, twin_paid: bool) -> str:
    """Why a supervisor may not settle it so, as a code; empty: it may be."""
    if order.state is not State.MANUAL or to not in SETTLES_TO:
        return "not_manual"
    if to is State.PAID and not order.success_seen:
        return "no_success"
    if to is State.PAID and twin_paid:
        return "paid_twice"
    if to is State.FAILED and order.success_seen:
        return "success_seen"
    return ""


def reason_in(text: str) -> str:
    """The reason as it is journalled: one line, trimmed; empty where it says too little or too much, or holds a number
    that could be a payment code."""
    reason = " ".join(text.split())
    fit = all(character.isprintable() for character in reason) and _LONG_NUMBER.search(reason.replace(" ", "")) is None
    return reason if fit and LEAST_REASON <= len(reason) <= MOST_REASON else ""


def settled(turn: Turn, message: Settled, at: Instant, crediting: Crediting) -> Turn:
    """Carry a settlement out; one that may not be changes nothing."""
    if refuses_settlement(turn.order, message.to, twin_paid=message.twin_paid):
        return turn
    facts = (("by", message.by), ("why", message.why))
    match message.to:
        case State.PAID:
            sent_before = turn.order.paid_ms is not None
            turn = turn.settled(State.PAID, RELEASED, *facts, paid_ms=turn.order.paid_ms or at.wall_ms)
            return crediting.released(turn, at, sent_before=sent_before)
        case State.CREDITED:
            turn = turn.settled(State.CREDITED, "settled", *facts, credited_ms=at.wall_ms)
        case _:
            turn = turn.settled(message.to, "settled", *facts)
    return turn.asking(due_s=None)


def who_allows_second(policy: PaymentPolicy, kind: Kind) -> str:
    """Whose word a second attempt needs: ``never``, ``supervisor`` or ``cashier`` (a prepayment's key is free for more:
    the customer may want to pay twice)."""
    if policy.second_attempt == "never" or kind is Kind.ARREARS:
        return policy.second_attempt
    return "cashier"
