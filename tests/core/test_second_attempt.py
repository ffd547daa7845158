"""A second attempt beside a live one: when it may begin, and how the journal is told (payment.md, end of part 3)."""

import pytest

from kiosk.core.messages import BESIDE, Append, AskNow, Reshown, Unattended, Withdrawn
from kiosk.core.order import Kind, Mode
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.settling import who_allows_second
from tests.core.story import FINDS, POLICY, Story, accepted

UNKNOWN_GATEWAY = GatewayTraits()


def shown(traits: GatewayTraits = FINDS, policy: PaymentPolicy = POLICY) -> Story:
    story = Story(Mode.SHOW, traits, policy=policy)
    story.called(order_no=story.order.order_no, pay_url="https://x.example/1")
    return story


def refused(story: Story) -> str:
    return story.machine.may_stand_beside(story.order, story.at)


def test_beside_a_qr_that_is_on_a_screen_nothing_may_begin() -> None:
    story = shown()
    story.told(sub_code="0001")
    assert refused(story) == "on_screen"


def test_beside_a_withdrawn_qr_a_question_sent_after_that_must_say_not_paid() -> None:
    story = shown()
    story.hear(Withdrawn())
    assert refused(story) == "not_answered"
    story.told(sub_code="0001", ask=next(iter(story.effects)))
    assert refused(story) == ""


def test_an_answer_to_a_question_sent_before_the_qr_was_withdrawn_allows_nothing() -> None:
    story = shown()
    asked = story.ask()
    sent_s = story.now_s
    story.pass_s(1)
    story.hear(Withdrawn())
    story.told(sub_code="0001", ask=asked, sent_s=sent_s)
    assert refused(story) == "not_answered"
    story.told(sub_code="0001")
    assert refused(story) == ""


@pytest.mark.parametrize("status", ["USERPAYING", "UNKNOW", "PAYERROR"])
def test_any_other_newer_answer_takes_the_permission_back(status: str) -> None:
    story = shown()
    story.hear(Withdrawn())
    story.told(sub_code="0001", ask=next(iter(story.effects)))
    story.told(status)
    assert refused(story) == "not_answered"


def test_a_qr_shown_again_takes_the_permission_back() -> None:
    story = shown()
    story.hear(Withdrawn())
    story.told(sub_code="0001", ask=next(iter(story.effects)))
    story.hear(Reshown())
    assert refused(story) == "on_screen"


def test_1003_allows_it_only_by_a_number_that_proves_something() -> None:
    story = Story(Mode.SHOW, UNKNOWN_GATEWAY)
    story.called(order_no="G1", pay_url="https://x.example/1")
    story.hear(Withdrawn())
    story.told(sub_code="1003", ask=next(iter(story.effects)))
    assert refused(story) == "", "asked by the gateway's own number"
    story.told(sub_code="0001")
    story.told("USERPAYING", order_no="G1")
    story.told(sub_code="1003")
    assert refused(story) == "not_answered", "by ours, and this gateway was never seen to find anything by it"


def test_a_customer_who_left_takes_the_qr_off_the_screens() -> None:
    story = shown()
    story.hear(Unattended())
    story.told(sub_code="0001")
    assert refused(story) == ""


def test_beside_a_scanned_code_nothing_may_begin_before_its_hold_off_is_over() -> None:
    story = accepted()
    story.told(sub_code="0001")
    assert refused(story) == "hold_off"
    story.pass_s(POLICY.hold_off_s)
    assert refused(story) == "not_answered", "the newest answer is to a question sent before"
    story.hear(AskNow())
    story.told(sub_code="0001", ask=next(iter(story.effects)))
    assert refused(story) == ""


def test_beside_a_scanned_code_nothing_may_begin_while_the_customer_is_paying() -> None:
    story = accepted()
    story.pass_s(POLICY.hold_off_s)
    story.hear(AskNow())
    story.told("USERPAYING", ask=next(iter(story.effects)))
    assert refused(story) == "not_answered"


def test_after_a_restart_the_hold_off_begins_again() -> None:
    story = accepted()
    story.pass_s(POLICY.hold_off_s)
    story.restart()
    story.told(sub_code="0001", ask=next(effect for effect in story.effects if hasattr(effect, "number")))
    assert refused(story) == "hold_off"


def test_a_paid_order_has_no_second_attempt_beside_it() -> None:
    story = accepted()
    story.told("SUCCESS")
    assert refused(story) == "state"


def test_a_site_may_forbid_second_attempts_altogether() -> None:
    story = shown(policy=PaymentPolicy(second_attempt="never"))
    story.hear(Withdrawn())
    story.told(sub_code="0001", ask=next(iter(story.effects)))
    assert refused(story) == "never"


def test_a_second_attempt_is_linked_in_the_journal_with_who_and_why() -> None:
    first = shown()
    facts = (("by", "主管"), ("why", "换手机"))
    _, effects = first.machine.begin(Story().order, first.at, ("K1ABCDEFGHIJ0001",), facts)
    append = effects[0]
    assert isinstance(append, Append)
    assert dict(append.facts) == {BESIDE: "K1ABCDEFGHIJ0001", "by": "主管", "why": "换手机"}


@pytest.mark.parametrize(
    ("setting", "kind", "who"),
    [
        ("supervisor", Kind.ARREARS, "supervisor"),
        ("supervisor", Kind.PREPAYMENT, "cashier"),
        ("cashier", Kind.ARREARS, "cashier"),
        ("never", Kind.PREPAYMENT, "never"),
        ("never", Kind.ARREARS, "never"),
    ],
)
def test_who_allows_a_second_attempt(setting: str, kind: Kind, who: str) -> None:
    assert who_allows_second(PaymentPolicy(second_attempt=setting), kind) == who


def test_an_answer_that_names_somebody_else_takes_the_permission_back() -> None:
    story = shown()
    story.hear(Withdrawn())
    story.told(sub_code="0001", ask=next(iter(story.effects)))
    assert refused(story) == ""
    story.told("SUCCESS", order_no="")
    assert refused(story) == "not_answered"
