"""The points at which a test kills the program: told where misspelt, ignored where money is real."""

import logging

import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.errors import UsageError
from kiosk.ports import PrintResult
from kiosk.stop_at import POINTS, VARIABLE, StopAt, stop_at
from kiosk.wording import Wording


class Killed(BaseException):
    """The process is gone."""


def killed():
    raise Killed


class Recorder:
    """A port that notes what reached it."""

    def __init__(self, *open_orders):
        self.calls = []
        self._open = list(open_orders)

    def append(self, order, events, at, notice=None):
        self.calls.append(("append", notice))
        return order

    def open_orders(self):
        return self._open

    def pay(self, order, code):
        self.calls.append("pay")
        return "answer"

    def customer(self, number):
        self.calls.append("customer")

    def print(self, job_id, document):
        self.calls.append("print")
        return PrintResult.CONFIRMED


def point(name, nth=1):
    return StopAt(name, nth, killed)


def test_nothing_is_wrapped_where_nothing_is_asked_for():
    assert stop_at({}, gateway_is_here=True) is None


@pytest.mark.parametrize("wanted", ["after_payed", "after_paid:0", "after_paid:x", "after_paid:-1"])
def test_a_misspelt_point_is_a_sentence_that_names_the_right_ones(wanted):
    with pytest.raises(UsageError) as told:
        stop_at({VARIABLE: wanted}, gateway_is_here=True)
    assert told.value.exit_code == 2
    for locale in ("zh_CN", "en"):
        sentence = told.value.told(Wording(locale).say)
        assert wanted in sentence
        assert "after_paid" in sentence


def test_it_is_ignored_with_a_line_in_the_log_where_the_gateway_is_another_machine(caplog):
    with caplog.at_level(logging.WARNING):
        assert stop_at({VARIABLE: "after_paid"}, gateway_is_here=False) is None
        assert stop_at({VARIABLE: "nonsense"}, gateway_is_here=False) is None
    assert [VARIABLE in record.getMessage() for record in caplog.records] == [True, True]


def test_before_a_commit_nothing_of_it_reaches_the_journal_and_after_it_all():
    paid = [Append(EventKind.PAID)]
    before = Recorder()
    with pytest.raises(Killed):
        point("before_paid").journal(before).append("order", paid, "at", b"notice")
    assert before.calls == []
    after = Recorder()
    with pytest.raises(Killed):
        point("after_paid").journal(after).append("order", paid, "at", b"notice")
    assert after.calls == [("append", b"notice")]


def test_a_call_is_stopped_before_it_leaves_or_when_its_answer_has_come():
    before, after = Recorder(), Recorder()
    with pytest.raises(Killed):
        point("before_call").gateway(before).pay("order", "code")
    with pytest.raises(Killed):
        point("after_call").gateway(after).pay("order", "code")
    assert (before.calls, after.calls) == ([], ["pay"])


def test_the_nth_time_is_the_one():
    recorder = Recorder()
    gateway = point("before_call", 3).gateway(recorder)
    assert [gateway.pay("order", "code") for _ in range(2)] == ["answer", "answer"]
    with pytest.raises(Killed):
        gateway.pay("order", "code")


def test_look_ups_and_other_points_are_let_through():
    recorder = Recorder()
    gateway = point("before_notice").gateway(recorder)
    gateway.customer("1001")
    gateway.pay("order", "code")
    assert recorder.calls == ["customer", "pay"]


def test_a_print_is_stopped_on_both_sides():
    before, after = Recorder(), Recorder()
    with pytest.raises(Killed):
        point("before_print").printer(before).print("job", ())
    with pytest.raises(Killed):
        point("after_print").printer(after).print("job", ())
    assert (before.calls, after.calls) == ([], ["print"])


def test_a_start_with_nothing_open_is_no_recovery():
    assert point("in_recover").journal(Recorder()).open_orders() == []
    with pytest.raises(Killed):
        point("in_recover").journal(Recorder("order")).open_orders()


def test_every_event_of_the_journal_and_every_call_that_moves_money_is_a_point():
    named = {name.partition("_")[2] for name in POINTS if name != "in_recover"}
    assert {kind.value for kind in EventKind} < named
    assert named - {kind.value for kind in EventKind} == {"call", "query", "notice", "print"}
