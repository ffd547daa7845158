"""What goes along with the windows: sounds, and the pole display. It hears what the windows are shown, and which order
was paid.

Rules
1. "Received" is said of an order whose payment the gateway's own verified word confirmed and the journal holds, while
   the customer stands there; once an order, and never again at a start. Whoever hears it lets the customer go.
2. The pole shows the customer's view and nothing else, and its amount is the very text that the windows paint.
3. Nothing here waits, and nothing that goes wrong here reaches the engine.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from hardware.display.pole import Lamp, Shown
from hardware.sound.player import ATTENTION, ERROR, PAID
from kiosk.core.money import show_yuan
from kiosk.core.order import Order
from kiosk.core.sentence import Banner
from kiosk.snapshot import CustomerState, CustomerView, Outcome, Snapshot

#: By the customer's state: a word for displays with letters, and the lamp of those with digits alone.
_SHOWN = {
    CustomerState.IDLE: ("", Lamp.OFF),
    CustomerState.AMOUNT: ("TOTAL", Lamp.TOTAL),
    CustomerState.QR: ("PLEASE SCAN", Lamp.TOTAL),
    CustomerState.CONFIRM: ("PLEASE CONFIRM", Lamp.TOTAL),
    CustomerState.PAID: ("PAID", Lamp.RECEIVED),
    CustomerState.NOT_PAID: ("NOT PAID", Lamp.OFF),
    CustomerState.WAIT: ("PLEASE WAIT", Lamp.TOTAL),
    CustomerState.CLOSED: ("CLOSED", Lamp.OFF),
}
#: States in which the pole shows the amount. One that was not paid is not to be read there as owed or taken.
_WITH_AMOUNT = frozenset(
    {CustomerState.AMOUNT, CustomerState.QR, CustomerState.CONFIRM, CustomerState.WAIT, CustomerState.PAID}
)


#: The journal lets an order be paid once; this many are remembered all the same.
SAID_KEPT = 1000


class Sounds(Protocol):
    """What is asked of a player; each returns at once."""

    def play(self, name: str) -> None: ...

    def play_amount(self, amount_fen: int) -> None: ...


class Screen(Protocol):
    """What is asked of a pole display; returns at once."""

    def show(self, shown: Shown) -> None: ...


def on_the_pole(view: CustomerView) -> Shown:
    """What a pole display shows of the customer's view."""
    word, lamp = _SHOWN[view.state]
    with_amount = view.state in _WITH_AMOUNT and view.amount_fen > 0
    return Shown(word, show_yuan(view.amount_fen) if with_amount else "", lamp if with_amount else Lamp.OFF)


class Beside:
    """Sounds and pole of one counter; called on the engine's thread."""

    def __init__(self, sounds: Sounds | None, pole: Screen | None, *, speaks: bool) -> None:
        self._sounds, self._pole, self._speaks = sounds, pole, speaks
        self._said: deque[str] = deque(maxlen=SAID_KEPT)
        self._shown: Shown | None = None
        self._rings = 0
        self._banner: Banner | None = None
        self._outcome: Outcome | None = None

    def paid(self, order: Order) -> None:
        """An order was paid, while its customer stands at the counter."""
        if self._sounds is None or order.order_no in self._said:
            return
        self._said.append(order.order_no)
        if self._speaks:
            self._sounds.play_amount(order.total_fen)
        else:
            self._sounds.play(PAID)

    def shows(self, snapshot: Snapshot) -> None:
        """The windows show this now."""
        shown = on_the_pole(snapshot.customer)
        if self._pole is not None and shown != self._shown:
            self._shown = shown  # the same again would wipe out a test pattern that somebody looks at
            self._pole.show(shown)
        if self._sounds is not None:
            self._sound_of(snapshot, self._sounds)

    def _sound_of(self, snapshot: Snapshot, sounds: Sounds) -> None:
        outcome = snapshot.result.outcome if snapshot.result is not None else None
        refused = snapshot.banner is not None and snapshot.banner.what.code.startswith("code.")
        if snapshot.rings > self._rings:
            sounds.play(ATTENTION)
        elif (refused and snapshot.banner != self._banner) or (
            outcome in (Outcome.NOT_PAID, Outcome.UNKNOWN) and outcome is not self._outcome
        ):
            sounds.play(ERROR)
        self._rings, self._banner, self._outcome = snapshot.rings, snapshot.banner, outcome
