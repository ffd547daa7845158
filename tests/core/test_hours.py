"""The hours in which no payment is begun."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.calendar import day_bounds_ms
from kiosk.core.hours import ClosedHours

MIDNIGHT_MS, _ = day_bounds_ms("2026-11-27")
MINUTES = st.integers(0, 24 * 60 - 1)


def ms(clock: str) -> int:
    """``22:00:30`` of that day."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return MIDNIGHT_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@pytest.mark.parametrize(
    ("at", "opens_at"),
    [
        ("21:58:59", None),
        ("21:59:00", "06:00"),  # nothing begins in the minute before
        ("22:00:00", "06:00"),
        ("23:59:59", "06:00"),
        ("00:00:00", "06:00"),
        ("05:59:59", "06:00"),
        ("06:00:00", None),
        ("12:00:00", None),
    ],
)
@pytest.mark.parametrize("spans", [("22:00-06:00",), ("22:00-24:00", "00:00-06:00"), ("00:00-06:00", "22:00-01:00")])
def test_nothing_begins_within_the_hours_nor_in_the_minute_before(spans, at, opens_at):
    assert ClosedHours(spans).opens_at(ms(at)) == opens_at


def test_without_hours_a_counter_is_always_open():
    hours = ClosedHours()
    assert not hours
    assert hours.opens_at(ms("03:00:00")) is None
    assert hours.ms_to_change(ms("03:00:00")) is None


def test_a_whole_day_never_opens():
    hours = ClosedHours(("00:00-24:00",))
    assert hours.opens_at(ms("12:00:00")) == "24:00"
    assert hours.ms_to_change(ms("12:00:00")) is None


def test_the_bell_is_told_to_the_millisecond():
    hours = ClosedHours(("12:00-13:00",))
    assert hours.ms_to_change(ms("11:58:59") + 250) == 750
    assert hours.ms_to_change(ms("11:59:00")) == 61 * 60_000
    assert hours.ms_to_change(ms("13:00:00")) == (24 * 60 - 61) * 60_000


@given(st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=3), st.integers(0, 86_399_999))
def test_at_the_moment_told_it_changes_and_not_before(spans, at_ms):
    hours = ClosedHours([f"{clock(begin)}-{clock(end)}" for begin, end in spans])
    change_ms = hours.ms_to_change(MIDNIGHT_MS + at_ms)
    if change_ms is None:
        return
    at = MIDNIGHT_MS + at_ms
    before, last, after = (hours.opens_at(at + more) for more in (0, change_ms - 1, change_ms))
    assert (before is None) == (last is None) != (after is None)
    if before is not None:
        assert before == last
