"""Days and times as the counters of one country read them.

China keeps one time, UTC+8, without summer time since 1991; a bill's late fee grows at its midnight, and a day of the
journal is a day there, whatever the machine's own zone says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")


def local(wall_ms: int) -> datetime:
    """The moment on a wall clock at the counter."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(CHINA)


def iso(wall_ms: int | None) -> str | None:
    """ISO 8601 with offset, to the millisecond; None stays None."""
    return None if wall_ms is None else local(wall_ms).isoformat(timespec="milliseconds")


def to_second(wall_ms: int) -> str:
    """``2026-11-22 09:30:05``, as receipts carry it."""
    return local(wall_ms).strftime("%Y-%m-%d %H:%M:%S")


def time_of_day(wall_ms: int) -> str:
    """``09:30``, as the header's clock shows it."""
    return local(wall_ms).strftime("%H:%M")


def day(wall_ms: int) -> str:
    """``2026-11-22``."""
    return local(wall_ms).strftime("%Y-%m-%d")


def ms_to_midnight(wall_ms: int) -> int:
    """Milliseconds until the next midnight."""
    now = local(wall_ms)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return round((midnight - now).total_seconds() * 1000)


def day_bounds_ms(day_text: str) -> tuple[int, int]:
    """The first millisecond of ``2026-11-22``, and of the day after; raises :class:`ValueError` for no day, and
    :class:`OverflowError` for the last one that the calendar has."""
    begin = datetime.strptime(day_text, "%Y-%m-%d").replace(tzinfo=CHINA)
    return round(begin.timestamp() * 1000), round((begin + timedelta(days=1)).timestamp() * 1000)
