"""How long to wait before a port is tried again: 0.1 s at first, doubling to 2 s, for ever. Pure."""

from __future__ import annotations

FIRST_S = 0.1
CEILING_S = 2.0


class Backoff:
    """The next wait in seconds."""

    def __init__(self, first_s: float = FIRST_S, ceiling_s: float = CEILING_S) -> None:
        self._first_s = first_s
        self._ceiling_s = ceiling_s
        self._next_s = first_s

    def next_s(self) -> float:
        """The wait that is due now; the one after it is twice as long, up to the ceiling."""
        wait_s = self._next_s
        self._next_s = min(self._ceiling_s, wait_s * 2)
        return wait_s

    def reset(self) -> None:
        """Something has changed: be quick again."""
        self._next_s = self._first_s

    def slow_down(self) -> None:
        """Only a person can help: be patient at once."""
        self._next_s = self._ceiling_s
