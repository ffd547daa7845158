"""When to ask: the schedules of payment.md part 4. Pure arithmetic on moments of the monotonic clock.

Rules
1. While the customer stands there, the first questions come by a list, later gaps grow slowly to a limit: exponential
   back-off is the worst choice there.
2. Without the customer: the background list, whose last gap repeats.
3. A gap counts from the question's own sending, so that a slow answer does not slow the next question; a question is
   never sent while another of the same order is in flight.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.core.order import Asking, Mode
from kiosk.core.policy import PaymentPolicy


def attended_until(policy: PaymentPolicy, mode: Mode, asking: Asking) -> float | None:
    """When the attended time is over; None before the pay or unified call was answered."""
    if asking.answered_s is None:
        return None
    return asking.answered_s + (policy.attended_scan_s if mode is Mode.SCAN else policy.attended_show_s)


def next_question_s(policy: PaymentPolicy, mode: Mode, asking: Asking, now_s: float, *, slower: bool = False) -> float:
    """When the next question is due, given ``asking.step`` questions asked on the present schedule."""
    if not asking.attended or asking.answered_s is None:
        gap = repeated(policy.background_gaps_s, asking.step)
        return max(now_s, asking.last_asked_s + gap)
    if slower:
        return max(now_s, asking.last_asked_s + policy.gap_max_s)
    return max(now_s, _attended(policy, mode, asking, asking.answered_s))


def _attended(policy: PaymentPolicy, mode: Mode, asking: Asking, answered_s: float) -> float:
    first = policy.scan_asks_s if mode is Mode.SCAN else (policy.show_first_s,)
    if asking.step < len(first):
        return answered_s + first[asking.step]
    start, growth = (
        (policy.scan_gap_s, policy.scan_gap_growth)
        if mode is Mode.SCAN
        else (policy.show_gap_s, policy.show_gap_growth)
    )
    return asking.last_asked_s + growing_gap(start, growth, asking.step - len(first), policy.gap_max_s)


def growing_gap(start_s: float, growth: float, index: int, limit_s: float) -> float:
    """``start_s`` grown ``index`` times, at most ``limit_s``; safe for any index."""
    gap = start_s
    for _ in range(index):
        gap *= growth
        if gap >= limit_s:
            return limit_s
    return min(gap, limit_s)


def repeated(gaps_s: Sequence[float], index: int) -> float:
    """The gap at ``index`` of a list whose last entry repeats."""
    return gaps_s[min(index, len(gaps_s) - 1)]
