"""Time in the walk: the few moments that matter, and an order seen relative to them.

Rules
1. The real policy numbers are used and the real arithmetic runs; the walk only chooses among jumps of the clock:
   half a hold-off (longer than the negative gap, the not-found span and a scan's attended time), a whole life, a day.
2. An order is kept as if it were ``NOW``: of a moment's age only the class counts that some limit tells apart. The
   classes are closed under the jumps, so that the walk is finite though time is not.
3. A deadline is kept as "set" or "not set" and may come at once: a person may press *ask now* at any time, so an early
   question is no new behaviour. (Late ones come by the jumps.) Only the wait before a notice that may not be repeated
   blindly is kept: nobody can shorten it.
4. Whether the customer stands there decides nothing but deadlines (rule 3), and whether the QR is hidden, which has
   messages of its own. Alarms, words, counts of questions and what else decides nothing is dropped.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from kiosk.core.order import Asking, Instant, Mode, Order, State

NOW_S = 10_000_000.0
WALL_MS = 1_700_000_000_000
AT = Instant(NOW_S, WALL_MS)

HALF_S, LIFE_S, DAY_S = 90.0, 7980.0, 86_400.0
HOLD_OFF_S = 180.0
#: Longer than any limit of a day.
LONG_S = 90_000.0
#: A question sent before the pay call was answered.
BESIDE = -1.0

#: Notice answers which the machine remembers in ``heard``.
_REFUSALS = ("notice.0001", "notice.1003")
#: Reasons that somebody looks at: rule 11 b in ``in_doubt``, the properties in ``manual`` and ``credited``.
_REASONS = ("0008", "0009", "gone_from_arrears", "paid_twice")


def age_class(age_s: float) -> float:
    """The youngest age that no limit tells from this one."""
    for least in (LONG_S, LIFE_S, HOLD_OFF_S, HALF_S):
        if age_s >= (DAY_S if least == LONG_S else least):
            return least
    return 0.0


def _day_class(age_s: float) -> float:
    return LONG_S if age_s >= DAY_S else 0.0


def _half_class(age_s: float) -> float:
    return HALF_S if age_s >= HALF_S else 0.0


def _late_class(age_s: float) -> float:
    return age_class(age_s) if age_s >= LIFE_S else 0.0


def sent_offset(asking: Asking) -> float:
    """When a question that leaves now is sent, as seconds after the pay call's answer, by class."""
    begun = asking.hold_off_from_s
    if begun is None:
        return BESIDE
    return age_class(NOW_S - begun)


def sent_s(order: Order, offset_s: float) -> float:
    """The moment on the order's present scale at which a question of this offset was sent."""
    begun = order.asking.hold_off_from_s
    return NOW_S - 0.5 if begun is None else begun + min(offset_s, LIFE_S)


_BLANK = Asking()


def as_of_now(order: Order, shift_s: float = 0.0) -> Order:
    """The order after ``shift_s`` more seconds, every moment moved into its class (rules 2 to 4)."""
    now_s, now_ms = NOW_S + shift_s, WALL_MS + shift_s * 1000
    paid_age_s = 0.0 if order.paid_ms is None else _day_class((now_ms - order.paid_ms) / 1000)
    changes = {
        "created_ms": WALL_MS - int(_day_class((now_ms - order.created_ms) / 1000)) * 1000,
        "paid_ms": None if order.paid_ms is None else WALL_MS - int(paid_age_s) * 1000,
        "credited_ms": None if order.credited_ms is None else WALL_MS,
        "reason": order.reason if order.reason in _REASONS else "",
    }
    if any(getattr(order, name) != value for name, value in changes.items()):
        order = replace(order, **changes)
    return order.with_asking(_asking_as_of(order, now_s))


def without_asking(order: Order) -> Order:
    """What the journal keeps of it."""
    return order.with_asking(_BLANK)


def _asking_as_of(order: Order, now_s: float) -> Asking:
    asking = order.asking
    begun = asking.hold_off_from_s
    begun = None if begun is None else NOW_S - age_class(now_s - begun)
    hidden_s, unpaid_s = _second_attempt_moments(order)
    return msgspec.structs.replace(
        asking,
        since_s=NOW_S - _day_class(now_s - asking.since_s) if order.state is State.UNSEEN else NOW_S,
        attended=False,
        due_s=_due(asking, now_s),
        in_flight=min(asking.in_flight, 1),
        asked=min(asking.asked, 1),
        ask_other=asking.ask_other and len(order.numbers) > 1,
        last_asked_s=NOW_S - 10.0,
        step=0,
        answered_s=None if asking.answered_s is None else begun,
        hold_off_from_s=begun,
        life_from_s=None if asking.life_from_s is None else NOW_S - age_class(now_s - asking.life_from_s),
        negative_at_s=NOW_S - _half_class(now_s - asking.negative_at_s) if asking.negative else 0.0,
        not_found=min(asking.not_found, 3),
        not_found_at_s=NOW_S - _half_class(now_s - asking.not_found_at_s) if asking.not_found else 0.0,
        expired=min(asking.expired, 3),
        stranger_at_s=NOW_S - _half_class(now_s - asking.stranger_at_s) if asking.stranger else 0.0,
        unreadable=0,
        notices=min(asking.notices, 2),
        hidden_s=hidden_s,
        unpaid_sent_s=unpaid_s,
        paid_s=NOW_S - _day_class(now_s - asking.paid_s) if order.state is State.PAID else 0.0,
        rang=frozenset(),
        late_from_s=None if asking.late_from_s is None else NOW_S - _late_class(now_s - asking.late_from_s),
        heard=asking.heard if order.state is State.PAID and asking.heard in _REFUSALS else "",
        words="",
        heard_at_ms=None,
    )


def _due(asking: Asking, now_s: float) -> float | None:
    """Set or not set; but the wait before a notice that is not idempotent is repeated is a hold-off, and kept."""
    if asking.due_s is None or not asking.check_arrears:
        return None if asking.due_s is None else NOW_S
    left_s = asking.due_s - now_s
    return NOW_S + next(least for least in (0.0, HALF_S, HOLD_OFF_S, LONG_S) if left_s <= least)


def _second_attempt_moments(order: Order) -> tuple[float | None, float | None]:
    """``hidden_s`` and ``unpaid_sent_s``: only whether the answer stands on the right side of its limit counts."""
    asking = order.asking
    if order.mode is Mode.SHOW:
        if asking.hidden_s is None:
            return None, None
        stands = asking.unpaid_sent_s is not None and asking.unpaid_sent_s >= asking.hidden_s
        return NOW_S - 1.0, NOW_S if stands else None
    begun = asking.hold_off_from_s
    stands = asking.unpaid_sent_s is not None and begun is not None and asking.unpaid_sent_s >= begun + HOLD_OFF_S
    return None, NOW_S if stands else None
