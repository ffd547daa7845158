"""One press of the trigger, one code: the bounce of a scanner that sends the same code twice.

1. Pure; seconds of a monotonic clock are passed in.
2. Only the very same bytes, beginning within the window after the end of the last, are a bounce. A different
   code is never dropped, nor the same code scanned again later: that is a person's doing, and the
   application's to judge.
3. A bounce starts the window anew, so a scanner that repeats a code while it sees it gives one code.
"""

from __future__ import annotations

from hardware.scanner.framing import Frame

BOUNCE_WINDOW_S = 0.300


class BounceFilter:
    """Tells a scanner's repetition from a second scan."""

    def __init__(self, window_s: float = BOUNCE_WINDOW_S) -> None:
        self._window_s = window_s
        self._last: Frame | None = None

    def is_bounce(self, frame: Frame) -> bool:
        """True when `frame` repeats the one before it; either way it is the last one from now on."""
        last, self._last = self._last, frame
        return (
            last is not None
            and last.raw == frame.raw
            and 0 <= frame.started_at_s - last.ended_at_s <= self._window_s
        )

    def forget(self) -> None:
        """The last code was not taken, or the line is new: the next one is no bounce, whatever it is."""
        self._last = None
