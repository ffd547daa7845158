"""Virtual time: what happens when, on one heap; and the counter's two clocks over it.

Rules
1. Things of the same moment happen in the order in which they were planned: a count, never an identity, decides.
2. The monotonic clock begins anew with each start of the program; the wall clock jumps as the seed says (rule 15).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from kiosk.core.order import Instant

#: 2026-11-24 09:00 in China, in milliseconds: a working morning.
MORNING_MS = 1_795_482_000_000


class Schedule:
    """What is to happen, in order."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._heap: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def at(self, moment_s: float, happen: Callable[..., None], *given: Any) -> None:
        """Plan ``happen(*given)``; a moment that has passed is now."""
        self._count += 1
        heapq.heappush(self._heap, (max(moment_s, self.now_s), self._count, happen, given))

    def after(self, wait_s: float, happen: Callable[..., None], *given: Any) -> None:
        """The same, so many seconds from now."""
        self._count += 1
        heapq.heappush(self._heap, (self.now_s + max(wait_s, 0.0), self._count, happen, given))

    def next_s(self) -> float | None:
        """The moment of what comes next; None: nothing does."""
        return self._heap[0][0] if self._heap else None

    def step(self) -> None:
        """Go on to what comes next and let it happen."""
        self.now_s, _, happen, given = heapq.heappop(self._heap)
        happen(*given)


class VirtualClock:
    """The clocks of one process of the counter (``ports.Clock``)."""

    def __init__(self, schedule: Schedule, started_s: float) -> None:
        self._schedule = schedule
        #: What the monotonic clock showed when the simulation began: another number in every process.
        self.zero_s = started_s
        #: How far the wall clock is off, in milliseconds.
        self._off_ms = 0
        # Asked for some hundred times a payment, mostly within one moment.
        self._at_s = -1.0
        self._now = Instant(0.0, 0)

    def set_off(self, by_ms: int) -> None:
        """The wall clock is set: off by this much from now on."""
        self._off_ms = by_ms
        self._at_s = -1.0

    def now(self) -> Instant:
        """The present moment."""
        now_s = self._schedule.now_s
        if now_s != self._at_s:
            self._at_s = now_s
            self._now = Instant(now_s + self.zero_s, MORNING_MS + round(now_s * 1000) + self._off_ms)
        return self._now
