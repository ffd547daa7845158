"""When no payment is begun: ``[counter] closed_hours``, the site's own hours or its bank's day cut.

Rules
1. Nothing is begun within the hours, nor in the minute before them: a payment that begins then would still be asked
   about when the bank has closed its day.
2. What has begun goes on: these hours end no order, and no answer depends on them.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.core.calendar import local

_DAY_MIN = 24 * 60
_MINUTE_MS = 60_000


class ClosedHours:
    """Spans such as ``22:00-06:00`` or ``22:00-24:00`` of every day, in the counter's own time."""

    def __init__(self, spans: Sequence[str] = ()) -> None:
        """``spans`` as the settings took them; one whose ends are the same is the whole day."""
        closed = {minute % _DAY_MIN for span in spans for minute in _minutes(span)}
        self._shut = closed | {(minute - 1) % _DAY_MIN for minute in closed}

    def __bool__(self) -> bool:
        return bool(self._shut)

    def opens_at(self, wall_ms: int) -> str | None:
        """``06:00``, when payments may begin again, or ``24:00`` where they never may; None: they may now."""
        now = _minute_of_day(wall_ms)
        if now not in self._shut:
            return None
        left = (minute % _DAY_MIN for minute in range(now, now + _DAY_MIN))
        opens = next((minute for minute in left if minute not in self._shut), _DAY_MIN)
        return f"{opens // 60:02d}:{opens % 60:02d}"

    def ms_to_change(self, wall_ms: int) -> int | None:
        """Milliseconds until that changes; None: it never does."""
        now = _minute_of_day(wall_ms)
        is_shut = now in self._shut
        for ahead in range(1, _DAY_MIN):
            if ((now + ahead) % _DAY_MIN in self._shut) is not is_shut:
                return ahead * _MINUTE_MS - wall_ms % _MINUTE_MS
        return None


def _minute_of_day(wall_ms: int) -> int:
    now = local(wall_ms)
    return now.hour * 60 + now.minute


def _minutes(span: str) -> range:
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in span.split("-"))
    return range(begin, end if end > begin else end + _DAY_MIN)
