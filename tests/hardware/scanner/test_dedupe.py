"""A scanner's bounce against a second scan."""

import pytest

from hardware.scanner.dedupe import BounceFilter
from hardware.scanner.framing import Frame


def frame(raw, started_at_s, ended_at_s=None):
    return Frame(raw, started_at_s, started_at_s if ended_at_s is None else ended_at_s, b"\r")


def test_s18_the_same_code_120_ms_later_is_a_bounce():
    bounce = BounceFilter()
    assert not bounce.is_bounce(frame(b"AAAA", 10.0))
    assert bounce.is_bounce(frame(b"AAAA", 10.12))


def test_s19_the_same_code_five_seconds_later_is_a_second_scan():
    bounce = BounceFilter()
    bounce.is_bounce(frame(b"AAAA", 10.0))
    assert not bounce.is_bounce(frame(b"AAAA", 15.0))


@pytest.mark.parametrize(("gap_s", "expected"), [(0.0, True), (0.299, True), (0.301, False)])
def test_the_window_runs_from_the_end_of_one_to_the_start_of_the_next(gap_s, expected):
    bounce = BounceFilter()
    bounce.is_bounce(frame(b"AAAA", 0.0, 0.5))
    assert bounce.is_bounce(frame(b"AAAA", 0.5 + gap_s, 9.0)) is expected


def test_a_different_code_is_never_a_bounce():
    bounce = BounceFilter()
    assert not any(bounce.is_bounce(frame(raw, 0.0)) for raw in (b"AAAA", b"BBBB", b"AAAA"))


def test_a_scanner_that_repeats_while_it_sees_the_code_gives_it_once():
    bounce = BounceFilter()
    assert [bounce.is_bounce(frame(b"AAAA", index * 0.2)) for index in range(10)].count(False) == 1


def test_a_code_that_was_not_taken_may_come_again_at_once():
    bounce = BounceFilter()
    bounce.is_bounce(frame(b"AAAA", 0.0))
    bounce.forget()
    assert not bounce.is_bounce(frame(b"AAAA", 0.1))
