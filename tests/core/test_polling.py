"""When to ask: the schedules of payment.md part 4."""

from itertools import pairwise

import pytest

from kiosk.core.order import Asking, Mode
from kiosk.core.policy import PaymentPolicy
from kiosk.core.polling import attended_until, growing_gap, next_question_s, repeated

POLICY = PaymentPolicy()


def moments(mode: Mode, until_s: float) -> list[float]:
    """When questions are sent after an answer at 0, each answered at once."""
    asking, sent = Asking(answered_s=0.0, attended=True), []
    while not sent or sent[-1] < until_s:
        now_s = sent[-1] if sent else 0.0
        due_s = next_question_s(POLICY, mode, asking, now_s)
        sent.append(round(due_s, 6))
        asking = Asking(answered_s=0.0, attended=True, step=len(sent), last_asked_s=due_s)
    return sent


def test_a_scanned_code_is_asked_about_by_the_list_and_then_ever_slower() -> None:
    sent = moments(Mode.SCAN, 60)
    assert sent[:5] == [0.3, 1.2, 1.8, 2.6, 4.5]
    gaps = [later - earlier for earlier, later in pairwise(sent[4:])]
    assert gaps[:2] == pytest.approx([2.0, 2.2])
    assert gaps == sorted(gaps)
    assert max(gaps) == pytest.approx(POLICY.gap_max_s)


def test_a_shown_qr_is_asked_about_from_the_fourth_second_on() -> None:
    sent = moments(Mode.SHOW, 60)
    assert sent[0] == 4.0
    assert [later - earlier for earlier, later in pairwise(sent[:3])] == pytest.approx([1.5, 1.59])


def test_the_gap_counts_from_the_questions_own_sending() -> None:
    asking = Asking(answered_s=0.0, attended=True, step=6, last_asked_s=10.0)
    assert next_question_s(POLICY, Mode.SCAN, asking, 13.5) == 13.5, "a slow answer does not slow the next question"
    assert next_question_s(POLICY, Mode.SCAN, asking, 10.1) == pytest.approx(12.2)


def test_without_the_customer_the_backgrounds_gaps_count_and_the_last_repeats() -> None:
    gaps = POLICY.background_gaps_s
    for step in (0, 5, 6, 15, 16, 400):
        asking = Asking(answered_s=0.0, attended=False, step=step, last_asked_s=100.0)
        assert next_question_s(POLICY, Mode.SCAN, asking, 100.0) == 100.0 + repeated(gaps, step)
    assert [repeated(gaps, step) for step in (0, 5, 6, 15, 16, 400)] == [5, 5, 30, 30, 300, 300]


def test_a_gateway_that_asks_for_patience_gets_the_longest_gap() -> None:
    asking = Asking(answered_s=0.0, attended=True, step=1, last_asked_s=1.0)
    assert next_question_s(POLICY, Mode.SCAN, asking, 1.0, slower=True) == 1.0 + POLICY.gap_max_s


def test_attention_begins_with_the_answer() -> None:
    assert attended_until(POLICY, Mode.SCAN, Asking()) is None
    assert attended_until(POLICY, Mode.SCAN, Asking(answered_s=5.0)) == 65.0
    assert attended_until(POLICY, Mode.SHOW, Asking(answered_s=5.0)) == 185.0


def test_a_gap_grows_to_its_limit_and_never_overflows() -> None:
    assert growing_gap(2.0, 1.1, 0, 5.0) == 2.0
    assert growing_gap(2.0, 1.1, 10**6, 5.0) == 5.0
