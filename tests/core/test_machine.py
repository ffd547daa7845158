"""The payment machine: the ordinary paths of both modes, and what may never become paid or failed."""

from dataclasses import replace

import pytest

from kiosk.core.messages import (
    Answer,
    Append,
    Ask,
    AskNow,
    CallAnswered,
    Due,
    EventKind,
    Heard,
    NoticeAnswered,
    SendCall,
    SendNotice,
    TakenUp,
    Unattended,
)
from kiosk.core.order import Mode, State
from kiosk.core.policy import GatewayTraits
from kiosk.core.turn import IllegalMoveError
from tests.core.story import FINDS, POLICY, TEN_YEARS_MS, Story, accepted, paid


def test_an_intent_is_journalled_before_the_call_is_sent() -> None:
    assert Story().effects == (Append(EventKind.INTENT), SendCall())


def test_a_scanned_payment_is_paid_by_a_query_and_credited_by_a_notice_in_three_commits() -> None:
    story = paid()
    assert SendNotice() in story.effects
    story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code="0000")))
    assert story.order.state is State.CREDITED
    assert story.kinds == [EventKind.INTENT, EventKind.PAID, EventKind.CREDITED]


def test_a_shown_payment_takes_four_commits() -> None:
    story = Story(Mode.SHOW)
    story.called(order_no="G1", pay_url="https://x.example/1")
    assert (story.order.state, story.order.pay_url) == (State.SHOWN, "https://x.example/1")
    story.told("SUCCESS", order_no="G1")
    story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code="0000")))
    assert story.kinds == [EventKind.INTENT, EventKind.SHOWN, EventKind.PAID, EventKind.CREDITED]


def test_a_gateway_number_that_differs_is_committed_before_anything_is_asked() -> None:
    story = Story()
    story.called(order_no="G1")
    assert story.effects == (Append(EventKind.GATEWAY_NUMBER, (("gateway_order_no", "G1"),)),)
    assert story.ask().asked_by == "G1"


def test_0000_on_pay_is_not_paid() -> None:
    assert accepted().order.state is State.INTENT


@pytest.mark.parametrize("heard", [heard for heard in Heard if heard not in (Heard.NOT_SENT, Heard.ANSWERED)])
def test_whatever_is_no_answer_after_a_byte_left_is_doubt_and_never_failed(heard: Heard) -> None:
    story = Story()
    story.called(heard, "")
    assert story.order.state is State.IN_DOUBT


@pytest.mark.parametrize(
    "code", ["0001", "0002", "0003", "0004", "0008", "0009", "1001", "1002", "1003", "1006", "9999", ""]
)
def test_no_code_on_pay_ends_an_attempt(code: str) -> None:
    story = Story()
    story.called(sub_code=code)
    assert story.order.state is State.IN_DOUBT


def test_not_one_byte_sent_frees_the_bill() -> None:
    story = Story()
    story.called(Heard.NOT_SENT, "")
    assert (story.order.state, story.order.bytes_left) == (State.FAILED, False)


@pytest.mark.parametrize("heard", [Heard.SILENT, Heard.BROKEN, Heard.BAD_SIGN, Heard.SERVER_ERROR, Heard.UNREADABLE])
def test_a_unified_call_without_a_qr_is_unseen(heard: Heard) -> None:
    story = Story(Mode.SHOW)
    story.called(heard, "")
    assert story.order.state is State.UNSEEN


def test_a_qr_without_a_number_or_a_fit_address_is_never_shown() -> None:
    for fields in ({"order_no": "G1"}, {"pay_url": "https://x.example/1"}):
        story = Story(Mode.SHOW)
        story.called(**fields)
        assert story.order.state is State.UNSEEN


def test_one_negative_is_not_final_and_two_too_close_are_not_either() -> None:
    story = accepted()
    story.told("PAYERROR")
    story.told("PAYERROR")
    assert story.order.state is State.INTENT


def test_two_equal_negatives_far_enough_apart_end_it() -> None:
    story = accepted()
    story.told("PAYERROR")
    story.pass_s(POLICY.negative_gap_s)
    story.told("PAYERROR")
    assert (story.order.state, story.order.reason) == (State.FAILED, "payerror")


@pytest.mark.parametrize("between", ["USERPAYING", "UNKNOW"])
def test_a_verified_answer_between_two_negatives_starts_the_count_again(between: str) -> None:
    story = accepted()
    story.told("PAYERROR")
    story.pass_s(POLICY.negative_gap_s)
    story.told(between)
    story.told("PAYERROR")
    assert story.order.state is State.INTENT


def test_payerror_never_ends_a_shown_qr() -> None:
    story = Story(Mode.SHOW)
    story.called(order_no="G1", pay_url="https://x.example/1")
    for _ in range(4):
        story.pass_s(POLICY.negative_gap_s)
        story.told("PAYERROR", order_no="G1")
    assert story.order.state is State.SHOWN


def doubt(traits: GatewayTraits = FINDS) -> Story:
    story = Story(traits=traits)
    story.called(Heard.SILENT, "")
    return story


def test_1003_ends_a_doubt_after_the_hold_off_by_three_answers_over_their_span() -> None:
    story = doubt()
    story.pass_s(POLICY.hold_off_s + 1)
    for _ in range(POLICY.not_found_answers):
        story.told(sub_code="1003")
        story.pass_s(POLICY.not_found_span_s / 2)
    assert (story.order.state, story.order.reason) == (State.FAILED, "not_found")


def test_1003_before_the_hold_off_proves_nothing() -> None:
    story = doubt()
    for _ in range(6):
        story.told(sub_code="1003")
    assert story.order.state is State.IN_DOUBT


def test_1003_heard_after_the_hold_off_to_a_question_sent_before_it_proves_nothing() -> None:
    story = doubt()
    for _ in range(6):
        ask = story.ask()
        sent_s = story.order.asking.hold_off_from_s
        story.pass_s(POLICY.hold_off_s + POLICY.not_found_span_s)
        story.told(sub_code="1003", ask=ask, sent_s=sent_s)
    assert story.order.state is State.IN_DOUBT


def test_1003_by_a_number_that_this_gateway_never_found_anything_by_proves_nothing() -> None:
    story = doubt(GatewayTraits())
    story.pass_s(POLICY.hold_off_s + 1)
    for _ in range(6):
        story.told(sub_code="1003")
        story.pass_s(POLICY.not_found_span_s)
    assert story.order.state is State.IN_DOUBT


def test_a_sign_of_the_order_keeps_1003_from_ending_it() -> None:
    story = accepted()
    story.pass_s(POLICY.hold_off_s + 1)
    for _ in range(6):
        story.told(sub_code="1003")
        story.pass_s(POLICY.not_found_span_s)
    assert story.order.state is State.INTENT


def test_what_outlives_its_whole_life_unpaid_ends_as_expired() -> None:
    story = Story(Mode.SHOW)
    story.called(order_no="G1", pay_url="https://x.example/1")
    story.pass_s(POLICY.qr_life_s + POLICY.hold_off_s + 1)
    for _ in range(POLICY.not_found_answers):
        story.told(sub_code="0001")
    assert (story.order.state, story.order.reason) == (State.FAILED, "expired")


def test_a_success_that_names_another_order_is_discarded_and_the_third_goes_to_a_supervisor() -> None:
    story = accepted()
    for _ in range(2):
        story.told("SUCCESS", order_no="SOMEBODY")
        assert story.order.state is State.INTENT
    story.told("SUCCESS", order_no="SOMEBODY")
    assert (story.order.state, story.order.reason) == (State.MANUAL, "stranger")


GATEWAY_NAMES = GatewayTraits(finds_by_our_number="true", query_names="gateway")


def silent_where_the_gateway_names() -> Story:
    story = Story(traits=GATEWAY_NAMES)
    story.called(Heard.SILENT)
    return story


def test_a_number_named_twice_may_be_the_gateways_own_and_is_asked_by_next() -> None:
    story = silent_where_the_gateway_names()
    story.told("USERPAYING", order_no="G7")
    story.pass_s(POLICY.negative_gap_s)
    story.told("USERPAYING", order_no="G7")
    assert story.ask().asked_by == "G7"


@pytest.mark.parametrize(("named", "taken"), [("OURS0002", True), ("", False)])
def test_another_orders_number_is_never_asked_by_however_often_it_is_named(named: str, taken: bool) -> None:
    story = silent_where_the_gateway_names()
    for _ in range(2):
        story.pass_s(POLICY.negative_gap_s)
        story.told("SUCCESS", order_no=named, number_taken=taken)
    assert story.ask().asked_by == story.order.order_no


def test_a_success_that_names_nothing_is_never_a_success() -> None:
    story = accepted()
    story.told("SUCCESS", order_no="")
    assert story.order.state is State.INTENT


def test_z20_a_pay_reply_with_another_orders_number_is_doubt() -> None:
    story = Story()
    story.hear(CallAnswered(Answer(heard=Heard.ANSWERED, sub_code="0000", order_no="G9"), number_taken=True))
    assert (story.order.state, story.order.gateway_order_no) == (State.IN_DOUBT, "")


def test_an_order_answered_1002_at_its_only_sending_is_never_paid() -> None:
    story = Story()
    story.called(sub_code="1002")
    story.told("SUCCESS")
    assert (story.order.state, story.order.reason) == (State.MANUAL, "exists_elsewhere")


def test_a_second_payment_of_one_bill_sends_no_notice() -> None:
    story = accepted()
    story.told("SUCCESS", twin_paid=True)
    assert (story.order.state, story.order.reason) == (State.MANUAL, "paid_twice")
    assert SendNotice() not in story.effects


def test_a_success_after_failed_rings_and_goes_to_a_supervisor() -> None:
    story = accepted()
    story.told("PAYERROR")
    story.pass_s(POLICY.negative_gap_s)
    story.told("PAYERROR")
    story.told("SUCCESS")
    assert story.order.state is State.MANUAL
    assert story.alarms() == ["late_success"]


@pytest.mark.parametrize("heard", [Heard.SILENT, Heard.BROKEN, Heard.SERVER_ERROR, Heard.CALL_FAILED, Heard.BAD_SIGN])
def test_a_notice_goes_on_until_it_is_acknowledged(heard: Heard) -> None:
    story = paid()
    for _ in range(10):
        story.hear(NoticeAnswered(Answer(heard=heard)))
        assert story.order.state is State.PAID
        due_s = story.order.asking.due_s
        assert due_s is not None
        story.pass_s(due_s - story.now_s)
        assert SendNotice() in story.hear(Due())
    story.hear(NoticeAnswered(Answer(heard=Heard.ANSWERED, sub_code="0000")))
    assert story.order.state is State.CREDITED


def test_only_the_newest_questions_answer_counts() -> None:
    story = accepted()
    old = story.ask()
    story.told("USERPAYING", ask=old)
    story.ask()
    story.told("PAYERROR", ask=old)
    assert story.order.asking.negative == ""


def test_beside_an_open_pay_call_only_success_and_userpaying_count() -> None:
    story = Story()
    ask = story.ask()
    story.told(sub_code="0003", ask=ask)
    assert story.order.asking.negative == ""
    story.told("SUCCESS")
    assert story.order.state is State.PAID


@pytest.mark.parametrize(
    ("mode", "state"), [(Mode.SCAN, State.IN_DOUBT), (Mode.SHOW, State.UNSEEN)]
)
def test_an_intent_found_at_a_start_is_doubt_or_was_never_painted(mode: Mode, state: State) -> None:
    story = Story(mode)
    story.order = replace(story.order, asking=type(story.order.asking)())
    effects = story.hear(TakenUp())
    assert story.order.state is state
    assert not any(isinstance(effect, SendCall) for effect in effects)
    assert any(isinstance(effect, Ask) for effect in effects)


def test_a_paid_order_found_at_a_start_sends_its_notice_again() -> None:
    assert SendNotice() in paid().hear(TakenUp())


def test_asking_now_is_at_most_once_a_second() -> None:
    story = accepted()
    assert any(isinstance(effect, Ask) for effect in story.hear(AskNow()))
    story.told("USERPAYING", ask=Ask(story.order.order_no, story.order.asking.in_flight))
    assert story.hear(AskNow()) == ()
    story.pass_s(1.0)
    assert any(isinstance(effect, Ask) for effect in story.hear(AskNow()))


def test_an_order_left_by_the_cashier_is_asked_about_in_the_background() -> None:
    story = accepted()
    story.hear(Unattended())
    assert story.order.asking.attended is False
    assert story.order.asking.due_s is not None


@pytest.mark.parametrize("shift_ms", [-TEN_YEARS_MS, TEN_YEARS_MS])
def test_ten_years_of_wall_clock_change_no_outcome(shift_ms: int) -> None:
    story = accepted()
    story.wall_ms += shift_ms
    story.told("PAYERROR")
    story.pass_s(POLICY.negative_gap_s)
    story.told("PAYERROR")
    assert story.order.state is State.FAILED
    other = accepted()
    other.wall_ms += shift_ms
    other.told("SUCCESS")
    assert other.order.state is State.PAID


def test_an_amount_that_is_not_the_bills_sum_begins_nothing() -> None:
    story = Story()
    with pytest.raises(ValueError, match="not what the bill says"):
        story.machine.begin(replace(story.order, total_fen=1051), story.at)


def test_a_payment_begins_in_intent_only() -> None:
    story = paid()
    with pytest.raises(IllegalMoveError):
        story.machine.begin(story.order, story.at)


# --- after a start, everything that an answer proves it proves again -----------------------------------------------


def taken_up(mode: Mode = Mode.SCAN) -> tuple[Story, Ask]:
    """An order whose call's answer was never read, found by the next start, which asks at once."""
    story = accepted() if mode is Mode.SCAN else Story(mode)
    if mode is Mode.SHOW:
        story.called(order_no="G1", pay_url="https://x.example/1")
    story.restart()
    return story, next(effect for effect in story.effects if isinstance(effect, Ask))


def test_after_a_start_two_negatives_end_an_order() -> None:
    story, ask = taken_up()
    story.told("PAYERROR", ask=ask)
    story.pass_s(POLICY.negative_gap_s)
    story.told("PAYERROR")
    assert (story.order.state, story.order.reason) == (State.FAILED, "payerror")


def test_after_a_start_a_refund_is_a_refund() -> None:
    story, ask = taken_up()
    story.told(sub_code="0002", ask=ask)
    assert story.order.state is State.REFUNDED


def test_after_a_start_the_third_same_stranger_is_a_supervisors_case() -> None:
    story, ask = taken_up()
    story.told("SUCCESS", order_no="SOMEBODY", ask=ask)
    story.told("SUCCESS", order_no="SOMEBODY")
    story.told("SUCCESS", order_no="SOMEBODY")
    assert (story.order.state, story.order.reason) == (State.MANUAL, "stranger")


def test_after_a_start_what_outlives_its_life_expires() -> None:
    story, ask = taken_up(Mode.SHOW)
    story.told(sub_code="0001", ask=ask, order_no="")
    while story.order.state is State.SHOWN:
        story.told(sub_code="0001", order_no="")
    assert (story.order.state, story.order.reason) == (State.FAILED, "expired")


def test_a_machine_that_slept_for_days_asks_before_it_gives_up() -> None:
    story = accepted()
    story.pass_s(3 * POLICY.give_up_s)
    assert any(isinstance(effect, Ask) for effect in story.hear(Due()))
    assert story.order.state is State.INTENT
    story.told("UNKNOW", ask=next(effect for effect in story.effects if isinstance(effect, Ask)))
    story.until_due()
    assert story.order.state is State.MANUAL


def test_two_negatives_that_the_gateway_gave_within_a_moment_are_one() -> None:
    story = accepted()
    story.told("PAYERROR")
    ask = story.ask()
    sent_s = story.now_s
    story.pass_s(POLICY.negative_gap_s)  # the second reply was slow
    story.told("PAYERROR", ask=ask, sent_s=sent_s)
    assert story.order.state is not State.FAILED


def test_a_press_that_comes_too_soon_is_answered_a_moment_later() -> None:
    story = accepted()
    story.hear(AskNow())
    story.told("UNKNOW", ask=Ask(story.order.order_no, story.order.asking.in_flight))
    asked_s = story.order.asking.last_asked_s
    story.hear(AskNow())
    assert story.order.asking.due_s == asked_s + 1.0


def test_the_attended_time_ends_when_it_is_over_and_not_at_some_later_question() -> None:
    story = accepted()
    answered_s = story.order.asking.answered_s
    assert answered_s is not None
    while story.order.asking.attended:
        story.told("USERPAYING")
    assert story.now_s == answered_s + POLICY.attended_scan_s
