"""From paid to credited: repeats, contradictions, and notices that may not be repeated blindly."""

from dataclasses import replace

import pytest

from kiosk.core.bills import Bill, still_owed
from kiosk.core.messages import (
    Answer,
    ArrearsSeen,
    Ask,
    AskArrears,
    EventKind,
    Heard,
    NoticeAnswered,
    SeekCredit,
    SendNotice,
)
from kiosk.core.order import Kind, State
from kiosk.core.policy import GatewayTraits
from tests.core.story import FINDS, POLICY, Story, accepted, paid

ONCE_ONLY = replace(FINDS, notices_idempotent=False)
UNCLEAR = Answer(heard=Heard.SILENT)
DONE = Answer(heard=Heard.ANSWERED, sub_code="0000")


def unclear() -> Story:
    story = paid(traits=ONCE_ONLY)
    story.hear(NoticeAnswered(UNCLEAR))
    return story


def test_a_notice_that_is_not_idempotent_waits_the_hold_off_and_asks_for_the_arrears_first() -> None:
    story = unclear()
    assert story.order.state is State.PAID
    begun_s = story.now_s
    assert story.until_due() == (AskArrears(),)
    assert story.now_s - begun_s == POLICY.hold_off_s


def test_a_bill_that_is_still_owed_gets_the_same_notice_again() -> None:
    story = unclear()
    story.until_due()
    assert story.hear(ArrearsSeen(owed=True)) == (SendNotice(),)
    story.hear(NoticeAnswered(DONE))
    assert story.order.state is State.CREDITED


def test_a_bill_that_is_gone_is_credited_and_marked_so_where_notices_are_not_idempotent() -> None:
    story = unclear()
    story.until_due()
    story.hear(ArrearsSeen(owed=False))
    assert (story.order.state, story.order.reason) == (State.CREDITED, "gone_from_arrears")


def test_arrears_that_tell_nothing_send_nothing_and_are_asked_for_again() -> None:
    story = unclear()
    for _ in range(3):
        assert AskArrears() in story.until_due()
        assert story.hear(ArrearsSeen(owed=None)) == ()
    assert story.order.state is State.PAID


def test_arrears_that_tell_nothing_for_a_day_are_a_supervisors_case() -> None:
    story = unclear()
    while story.order.state is State.PAID:
        story.until_due()
        story.hear(ArrearsSeen(owed=None))
    assert story.order.state is State.MANUAL
    assert story.now_s > POLICY.give_up_s


def test_a_prepayments_notice_that_is_not_idempotent_is_sent_once_by_itself() -> None:
    story = paid(traits=ONCE_ONLY, kind=Kind.PREPAYMENT)
    story.hear(NoticeAnswered(UNCLEAR))
    assert (story.order.state, story.alarms()) == (State.MANUAL, ["notice_unclear"])


def test_a_notice_of_which_no_byte_left_may_go_again_whatever_the_profile_says() -> None:
    story = paid(traits=ONCE_ONLY)
    story.hear(NoticeAnswered(Answer(heard=Heard.NOT_SENT)))
    assert story.until_due() == (SendNotice(),)


def test_after_a_restart_a_notice_that_is_not_idempotent_is_not_sent_before_the_arrears_were_seen() -> None:
    story = paid(traits=ONCE_ONLY)
    story.restart()
    assert story.effects == ()
    begun_s = story.now_s
    assert story.until_due() == (AskArrears(),)
    assert story.now_s - begun_s == POLICY.hold_off_s


def test_1002_that_does_not_mean_credited_asks_for_the_arrears_at_once() -> None:
    story = paid(traits=replace(FINDS, exists_means_credited=False))
    story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code="1002")))
    assert story.order.state is State.PAID
    assert story.until_due() == (AskArrears(),)
    assert story.hear(ArrearsSeen(owed=True)) == (SendNotice(),)


def test_1002_that_does_not_mean_credited_and_a_bill_that_is_gone_is_a_supervisors_case() -> None:
    story = paid(traits=replace(FINDS, exists_means_credited=False))
    story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code="1002")))
    story.until_due()
    story.hear(ArrearsSeen(owed=False))
    assert (story.order.state, story.order.reason) == (State.MANUAL, "gone_from_arrears")


def test_a_bill_that_is_gone_does_not_credit_where_notices_are_idempotent() -> None:
    story = paid()
    story.hear(NoticeAnswered(UNCLEAR))
    assert story.hear(SeekCredit()) == (AskArrears(),)
    story.hear(ArrearsSeen(owed=False))
    assert story.order.state is State.PAID
    assert (story.kinds[-1], story.facts()) == (EventKind.EVIDENCE, {"arrears": "gone"})


def test_the_same_evidence_is_journalled_once() -> None:
    story = paid()
    for _ in range(3):
        story.hear(SeekCredit())
        story.hear(ArrearsSeen(owed=True))
    assert story.kinds.count(EventKind.EVIDENCE) == 1


def test_an_acknowledgement_after_a_contradiction_is_evidence_for_the_supervisor() -> None:
    story = paid()
    ask_number = story.order.asking.asked
    assert story.order.asking.notice_in_flight
    story.order = replace(story.order, state=State.MANUAL)
    story.hear(NoticeAnswered(DONE))
    assert story.order.state is State.MANUAL
    assert story.facts() == {"notice": "0000"}
    assert story.order.asking.asked == ask_number


def test_a_prepayment_has_no_arrears_to_look_at() -> None:
    story = paid(kind=Kind.PREPAYMENT)
    assert story.hear(SeekCredit()) == ()


def test_an_order_that_is_not_paid_is_not_looked_for_in_the_arrears() -> None:
    assert accepted().hear(SeekCredit()) == ()


@pytest.mark.parametrize(
    ("bills", "owed"),
    [
        ([], False),
        ([Bill("7", 1000, 60, "2026-10")], True),
        ([Bill("8", 900, 0, "2026-11")], False),
        ([Bill("7", 900, 0, "2026-11")], None),
        ([Bill("9", 1000, 0, "2026-10")], None),
    ],
)
def test_a_bill_is_owed_gone_or_not_to_be_told(bills: list[Bill], owed: bool | None) -> None:
    assert still_owed("7", "2026-10", 1000, bills) is owed


@pytest.mark.parametrize(("restarted", "alarms"), [(False, ["credited_before"]), (True, [])])
def test_1002_rings_only_where_it_answers_the_first_and_only_copy(restarted: bool, alarms: list[str]) -> None:
    story = paid()
    if restarted:
        story.restart()
    story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code="1002")))
    assert (story.order.state, story.alarms()) == (State.CREDITED, alarms)


@pytest.mark.parametrize("code", ["0001", "1003"])
def test_a_notice_that_is_refused_for_a_day_is_a_supervisors_case_though_the_query_says_paid(code: str) -> None:
    story = paid()
    while story.order.state is State.PAID:
        if story.order.asking.notice_in_flight:
            story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code=code)))
            asked = next(effect for effect in story.effects if isinstance(effect, Ask))
            story.told("SUCCESS", ask=asked)
        story.until_due()
    assert (story.order.state, story.order.reason) == (State.MANUAL, "notice_refused")
    assert story.now_s > POLICY.give_up_s


def test_a_look_at_the_arrears_never_keeps_an_owed_notice_from_going_again() -> None:
    story = paid()
    story.hear(NoticeAnswered(UNCLEAR))
    story.hear(SeekCredit())
    assert SendNotice() in story.until_due(), "while the look-up is on its way"
    story.hear(ArrearsSeen(owed=True))
    story.hear(NoticeAnswered(UNCLEAR))
    assert SendNotice() in story.until_due()


def test_arrears_that_a_person_asked_for_within_the_hold_off_let_no_notice_go_again() -> None:
    story = unclear()
    begun_s = story.now_s
    story.pass_s(1)
    assert story.hear(SeekCredit()) == (AskArrears(),)
    assert SendNotice() not in story.hear(ArrearsSeen(owed=True))
    assert story.facts() == {"arrears": "owed"}, "evidence, and no more"
    assert story.until_due() == (AskArrears(),)
    assert story.now_s - begun_s == POLICY.hold_off_s
    assert story.hear(ArrearsSeen(owed=True)) == (SendNotice(),)


def test_arrears_asked_for_before_and_heard_after_the_hold_off_are_asked_for_again() -> None:
    story = unclear()
    story.pass_s(POLICY.hold_off_s - 1)
    story.hear(SeekCredit())
    story.until_due()
    story.pass_s(2)
    assert SendNotice() not in story.hear(ArrearsSeen(owed=True))
    assert story.until_due() == (AskArrears(),)


@pytest.mark.parametrize("seeks", [0, 1])
@pytest.mark.parametrize("traits", [FINDS, ONCE_ONLY, replace(FINDS, exists_means_credited=False)])
@pytest.mark.parametrize("code", ["", "0001", "1002"])
def test_a_paid_order_always_has_a_next_step(traits: GatewayTraits, code: str, seeks: int) -> None:
    answer = Answer(heard=Heard.ANSWERED, sub_code=code) if code else UNCLEAR
    story = paid(traits=traits)
    for owed in (None, True, False, True, None):
        if story.order.asking.notice_in_flight:
            story.hear(NoticeAnswered(answer))
        for _ in range(seeks):
            story.hear(SeekCredit())
            story.hear(ArrearsSeen(owed))
        if story.order.state is not State.PAID:
            return
        asking = story.order.asking
        assert asking.due_s is not None or asking.notice_in_flight
        if asking.due_s is not None:
            story.until_due()
        if story.order.asking.arrears_in_flight:
            story.hear(ArrearsSeen(owed))
