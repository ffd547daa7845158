"""China's days and hours, whatever the machine's zone."""

import pytest

from kiosk.core.calendar import day, day_bounds_ms, iso, ms_to_midnight, time_of_day, to_second

#: 2026-11-23 23:59:58.250 in China, 15:59:58.250 UTC.
LATE_MS = 1_795_449_598_250


def test_a_moment_is_told_in_chinas_time() -> None:
    assert (to_second(LATE_MS), time_of_day(LATE_MS), day(LATE_MS)) == ("2026-11-23 23:59:58", "23:59", "2026-11-23")
    assert iso(LATE_MS) == "2026-11-23T23:59:58.250+08:00"
    assert iso(None) is None


def test_midnight_is_chinas() -> None:
    assert ms_to_midnight(LATE_MS) == 1750
    assert ms_to_midnight(LATE_MS + 1750) == 86_400_000


def test_a_day_begins_and_ends_at_midnight() -> None:
    first, after = day_bounds_ms("2026-11-23")
    assert after - first == 86_400_000
    assert (day(first), day(first - 1), day(after - 1), day(after)) == (
        "2026-11-23", "2026-11-22", "2026-11-23", "2026-11-24",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["2026-02-30", "26-11-23", "today", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not match|out of range"):
        day_bounds_ms(text)
