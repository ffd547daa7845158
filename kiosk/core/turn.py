"""One step in the making: the order so far, and the effects so far.

Rules
1. A state changes in :meth:`Turn.to` alone, only along :data:`LEAVES_TO`, and never without an ``Append``: what is not
   in the journal has not happened. An illegal move raises and changes nothing. ``manual`` is left by
   :meth:`Turn.settled` alone.
2. An alarm rings once an order and code.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk.core.messages import Alarm, Append, Effect, EventKind
from kiosk.core.order import Order, State

#: Where each state may lead by itself (payment.md part 1).
LEAVES_TO: dict[State, frozenset[State]] = {
    State.INTENT: frozenset(
        {State.IN_DOUBT, State.FAILED, State.SHOWN, State.UNSEEN, State.PAID, State.REFUNDED, State.MANUAL}
    ),
    State.IN_DOUBT: frozenset({State.PAID, State.FAILED, State.REFUNDED, State.MANUAL}),
    State.SHOWN: frozenset({State.PAID, State.FAILED, State.REFUNDED, State.MANUAL}),
    State.UNSEEN: frozenset({State.FAILED, State.MANUAL}),
    State.PAID: frozenset({State.CREDITED, State.MANUAL, State.REFUNDED}),
    State.CREDITED: frozenset({State.MANUAL}),
    State.FAILED: frozenset({State.MANUAL}),
    State.REFUNDED: frozenset(),
    State.MANUAL: frozenset(),
}

#: What a supervisor may make of ``manual``.
SETTLES_TO = frozenset({State.PAID, State.CREDITED, State.FAILED, State.REFUNDED})

_EVENT = {state: EventKind(state.value) for state in State}


class IllegalMoveError(Exception):
    """A state was to be left for one it does not lead to: a bug of ours, never the gateway's."""


class Turn(msgspec.Struct, frozen=True):
    """One step in the making: the order so far and the effects so far. A struct: a payment makes a hundred of them."""

    order: Order
    effects: tuple[Effect, ...] = ()

    def doing(self, *effects: Effect) -> Turn:
        return Turn(self.order, self.effects + effects)

    def now(self, order: Order) -> Turn:
        """The same effects, and the order as it is now."""
        return Turn(order, self.effects)

    def asking(self, **changes: Any) -> Turn:
        order = self.order
        return Turn(order.changed(asking=msgspec.structs.replace(order.asking, **changes)), self.effects)

    def ring(self, code: str) -> Turn:
        """Alarm once per order and code."""
        if code in self.order.asking.rang:
            return self
        return self.asking(rang=self.order.asking.rang | {code}).doing(Alarm(code))

    def to(self, state: State, reason: str = "", *facts: tuple[str, str], **changes: Any) -> Turn:
        """Move to a state and journal it; raises :class:`IllegalMoveError`."""
        order = _moved(self.order, state, reason, **changes)
        noted = (("reason", reason), *facts) if reason else facts
        return self.now(order).doing(Append(_EVENT[state], noted))

    def settled(self, state: State, reason: str, *facts: tuple[str, str], **changes: Any) -> Turn:
        """A person's way out of ``manual``; raises :class:`IllegalMoveError`."""
        order = _moved(self.order, state, reason, hand=True, **changes)
        return self.now(order).doing(Append(_EVENT[state], (("reason", reason), *facts)))


def _moved(order: Order, state: State, reason: str, *, hand: bool = False, **changes: Any) -> Order:
    leads = (SETTLES_TO if order.state is State.MANUAL else frozenset()) if hand else LEAVES_TO[order.state]
    if state not in leads:
        raise IllegalMoveError(f"{order.order_no}: {order.state} does not lead to {state}")
    return order.changed(state=state, reason=reason, **changes)
