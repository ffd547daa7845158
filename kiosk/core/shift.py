"""A shift (班次): who was at the counter from when to when, and what was left open at its end.

Rules
1. A shift is a range of the journal's events, never of clock readings: it begins after the end of the shift before it
   (the counter's first one: after its own opening) and ends with its own closing. So the shifts lie end to end, and a
   payment confirmed between two of them, or before the next one is opened, is in the next one's report.
2. An order belongs to the shift in which it was confirmed paid. What is open at the end goes on by itself; it is named
   in the closing event, and whoever hands over or takes over must have seen it.
3. Shifts are numbered 1, 2, 3 ... without gaps; a shift's Z report bears its number and the closing event's hash.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.order import State

Facts = tuple[tuple[str, str], ...]


class ShiftTurn(StrEnum):
    """What a person may do with the shift."""

    OPEN = "open"
    HAND_OVER = "hand_over"  # one is closed and the next one opened, in one commit
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Left:
    """An order that was open when a shift ended or began."""

    order_no: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift as the journal tells it. ``closed_event`` 0: it is open; ``after_event``: its range begins after it.

    ``head``: the closing event's hash (rule 3). ``after_print`` and ``last_print``: the same range in the record of
    prints, which stands beside the chain; ``last_print`` None while it is open.
    """

    number: int
    cashier: str
    opened_event: int
    opened_ms: int
    after_event: int
    after_print: int = 0
    closed_event: int = 0
    closed_ms: int | None = None
    closed_by: str = ""
    handed_over: bool = False
    left: tuple[Left, ...] = ()
    head: str = ""
    last_print: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.closed_event == 0


def refuses_turn(turn: ShiftTurn, is_open: bool, left: Collection[Left], seen: Collection[str]) -> str:
    """Why the shift may not be turned so, as a code; empty: it may be."""
    if turn is ShiftTurn.OPEN and is_open:
        return "open_already"
    if turn is not ShiftTurn.OPEN and not is_open:
        return "not_open"
    return "" if {order.order_no for order in left} <= set(seen) else "not_seen"


def opened_facts(number: int, cashier: str, left: Collection[Left], prints: int) -> Facts:
    """What the event ``shift_opened`` tells; ``prints``: the newest print's number."""
    return (("shift", str(number)), ("cashier", cashier), ("prints", str(prints)), ("left", _left_text(left)))


def closed_facts(number: int, by: str, left: Collection[Left], prints: int, *, handed_over: bool) -> Facts:
    """What the event ``shift_closed`` tells."""
    facts: Facts = (("shift", str(number)), ("by", by), ("prints", str(prints)), ("left", _left_text(left)))
    return (*facts, ("handed_over", "true")) if handed_over else facts


def number_in(facts: Mapping[str, str]) -> int:
    """The shift's number. Raises :class:`ValueError` where the facts are no shift's."""
    return _whole(facts, "shift")


def prints_in(facts: Mapping[str, str]) -> int:
    """The newest print at that moment. Raises as :func:`number_in`."""
    return _whole(facts, "prints")


def left_in(facts: Mapping[str, str]) -> tuple[Left, ...]:
    """The orders that were open then. Raises as :func:`number_in`."""
    pairs = [word.partition(":") for word in facts.get("left", "").split()]
    return tuple(Left(order_no, State(state)) for order_no, _, state in pairs)


def _left_text(left: Collection[Left]) -> str:
    return " ".join(f"{order.order_no}:{order.state}" for order in left)


def _whole(facts: Mapping[str, str], name: str) -> int:
    text = facts.get(name, "")
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} of a shift is {text!r}")
    return int(text)
