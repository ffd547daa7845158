"""The waits between two tries of a port."""

from hardware.scanner.backoff import Backoff


def test_waits_double_from_a_tenth_to_two_seconds_and_stay_there():
    backoff = Backoff()
    assert [round(backoff.next_s(), 3) for _ in range(7)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_change_makes_it_quick_again():
    backoff = Backoff()
    for _ in range(9):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() == 0.1


def test_what_only_a_person_can_mend_is_tried_slowly():
    backoff = Backoff()
    backoff.slow_down()
    assert backoff.next_s() == 2.0
