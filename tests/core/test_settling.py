"""A supervisor's settlement of ``manual``: what may be, what may not, and what it leads to."""

from dataclasses import replace

import pytest

from kiosk.core.messages import (
    Answer,
    Append,
    ArrearsSeen,
    Ask,
    AskArrears,
    EventKind,
    Heard,
    NoticeAnswered,
    SendNotice,
    Settled,
)
from kiosk.core.order import Kind, Order, State
from kiosk.core.settling import MOST_REASON, reason_in, refuses_settlement
from tests.core.story import FINDS, POLICY, Story, accepted, paid


def doubtful() -> Story:
    """A case without a SUCCESS: nobody knows after a whole day."""
    story = accepted()
    while story.order.state is not State.MANUAL:
        story.told("UNKNOW")
    return story


def late_success() -> Story:
    """A case with a SUCCESS after the order had ended."""
    story = accepted()
    story.told("PAYERROR")
    story.pass_s(10)
    story.told("PAYERROR")
    assert story.order.state is State.FAILED
    story.told("SUCCESS")
    assert story.order.state is State.MANUAL
    return story


def settle(story: Story, to: State, *, twin_paid: bool = False) -> None:
    story.hear(Settled(to=to, by="主管", why="客户出示钱包账单", twin_paid=twin_paid))


@pytest.mark.parametrize("to", [State.CREDITED, State.FAILED, State.REFUNDED])
def test_a_case_is_settled_with_who_and_why_in_the_journal(to: State) -> None:
    story = doubtful()
    settle(story, to)
    assert story.order.state is to
    assert story.facts() == {"reason": "settled", "by": "主管", "why": "客户出示钱包账单"}


def test_a_release_sends_the_notice() -> None:
    story = late_success()
    settle(story, State.PAID)
    assert (story.order.state, story.kinds[-1]) == (State.PAID, EventKind.PAID)
    assert story.until_due() == (SendNotice(),)


def test_a_release_needs_a_verified_success() -> None:
    story = doubtful()
    settle(story, State.PAID)
    assert (story.order.state, story.effects) == (State.MANUAL, ())
    assert refuses_settlement(story.order, State.PAID, twin_paid=False) == "no_success"


def test_a_release_needs_a_bill_that_no_other_order_paid() -> None:
    story = late_success()
    settle(story, State.PAID, twin_paid=True)
    assert (story.order.state, story.effects) == (State.MANUAL, ())
    assert refuses_settlement(story.order, State.PAID, twin_paid=True) == "paid_twice"


def test_an_order_with_a_success_is_never_settled_as_failed() -> None:
    story = late_success()
    settle(story, State.FAILED)
    assert story.order.state is State.MANUAL
    assert refuses_settlement(story.order, State.FAILED, twin_paid=False) == "success_seen"


@pytest.mark.parametrize("state", [state for state in State if state is not State.MANUAL])
def test_only_manual_is_settled(state: State) -> None:
    story = paid()
    order = Order(**{**{name: getattr(story.order, name) for name in _FIELDS}, "state": state})
    assert refuses_settlement(order, State.CREDITED, twin_paid=False) == "not_manual"


_FIELDS = tuple(name for name in Order.__dataclass_fields__ if name != "state")


def test_an_order_settled_as_failed_is_still_asked_late_and_a_success_makes_it_a_case_again() -> None:
    story = doubtful()
    settle(story, State.FAILED)
    story.told("SUCCESS")
    assert (story.order.state, story.order.reason) == (State.MANUAL, "late_success")


def test_a_settled_order_is_not_asked_about_any_more() -> None:
    story = doubtful()
    settle(story, State.CREDITED)
    assert story.order.asking.due_s is None
    assert not [effect for effect in story.effects if isinstance(effect, Ask)]


@pytest.mark.parametrize("text", ["", " ", "x", "x" * (MOST_REASON + 1), "a\x00b\x07", "码 1345 6789 0123 4567 89"])
def test_a_reason_must_say_something_printable(text: str) -> None:
    assert reason_in(text) == ""


def test_a_reason_is_one_trimmed_line() -> None:
    assert reason_in("  客户\n 出示账单 ") == "客户 出示账单"


ONCE_ONLY = replace(FINDS, notices_idempotent=False)


def unclear(kind: Kind) -> Story:
    """Paid, and its notice, which may not be repeated, got no answer: a supervisor's case."""
    story = paid(traits=ONCE_ONLY, kind=kind)
    story.hear(NoticeAnswered(Answer(heard=Heard.SILENT)))
    if kind is Kind.ARREARS:
        story.order = replace(story.order, state=State.MANUAL, reason="notice_refused")
    assert story.order.state is State.MANUAL
    return story


def test_a_released_notice_that_may_have_gone_before_waits_for_the_arrears() -> None:
    story = unclear(Kind.ARREARS)
    settle(story, State.PAID)
    begun_s = story.now_s
    assert story.until_due() == (AskArrears(),)
    assert story.now_s - begun_s == POLICY.hold_off_s
    assert story.hear(ArrearsSeen(owed=True)) == (SendNotice(),)


def test_a_released_prepayment_is_noticed_once_and_the_journal_knows_before() -> None:
    story = unclear(Kind.PREPAYMENT)
    settle(story, State.PAID)
    story.restart()  # kiosk settle ends here: the next start sends it
    assert story.effects == (Append(EventKind.EVIDENCE, (("notice", "begun"),)), SendNotice())
    story.restart()  # and dies: nobody knows whether it went
    assert (story.order.state, story.order.reason) == (State.MANUAL, "notice_restarted")
    assert SendNotice() not in story.effects


def test_a_released_prepayment_that_was_never_noticed_is_noticed_at_once() -> None:
    story = paid(traits=ONCE_ONLY, kind=Kind.PREPAYMENT)
    story.order = replace(story.order, state=State.MANUAL, reason="late_success", paid_ms=None).asking_now(
        notice_in_flight=False
    )
    settle(story, State.PAID)
    assert SendNotice() in story.until_due()
    assert story.order.reason == "released_sent"
