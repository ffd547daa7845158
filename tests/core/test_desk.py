"""The desk: what is legal where, and what it waits for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core import commands as c
from kiosk.core.account import Beside
from kiosk.core.bills import Bill, Customer
from kiosk.core.calendar import to_second
from kiosk.core.desk import Desk
from kiosk.core.hours import ClosedHours
from kiosk.core.messages import Answer, ArrearsAnswer, CustomerAnswer, Found, Heard
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.permissions import ALLOWED_FOR_S
from kiosk.core.policy import PaymentPolicy
from kiosk.core.run import BeginWish, LeaveWish, LookUpWish, ReceiptWish, ReshowWish, WithdrawWish
from kiosk.core.sentence import Face

NOON_MS = 1_790_000_000_000
ANSWERED = Answer(heard=Heard.ANSWERED, sub_code="0000")
CODE = "134567890123456789"
DAY_MS = 86_400_000


class At:
    """A desk with a customer who owes two bills, its orders, and a clock."""

    def __init__(self, policy: PaymentPolicy | None = None, hours: ClosedHours | None = None) -> None:
        self.desk = Desk(policy or PaymentPolicy(), closed_hours=hours or ClosedHours())
        self.orders: dict[str, Order] = {}
        self.now = Instant(1000.0, NOON_MS)

    def send(self, command: c.Command) -> list[object]:
        return list(self.desk.command(command, self.orders, self.now))

    def pass_s(self, seconds: float) -> None:
        self.now = Instant(self.now.mono_s + seconds, self.now.wall_ms + round(seconds * 1000))

    def look_up(self, *bills: Bill) -> None:
        wish = next(wish for wish in self.send(c.LookUp("6100000101")) if isinstance(wish, LookUpWish))
        customer = CustomerAnswer(answer=ANSWERED, found=Found.FOUND, customer=Customer("6100000101", "张三"))
        arrears = ArrearsAnswer(answer=ANSWERED, found=Found.FOUND, bills=bills)
        self.desk.looked_up(wish.token, customer, arrears, Beside(), self.now)

    def begin(self, mode: Mode, number: str = "K1A1", state: State = State.INTENT) -> Order:
        order = Order(
            order_no=number, customer_no="6100000101", kind=Kind.ARREARS, mode=mode, principal_fen=1000, total_fen=1000,
            cost_id="7", period="2026-10", created_ms=self.now.wall_ms,
        )  # fmt: skip
        self.orders[number] = replace(order, state=state).asking_now(attended=True)
        self.desk.began(self.orders[number], self.now)
        return self.orders[number]

    def becomes(self, state: State, number: str = "K1A1", **asking: object) -> list[object]:
        self.orders[number] = replace(self.orders[number], state=state).asking_now(**asking)
        return list(self.desk.order_changed(self.orders, self.now))


@pytest.fixture
def at() -> At:
    made = At()
    made.look_up(Bill("7", 1000, 0, "2026-10"), Bill("8", 2000, 0, "2026-11"))
    return made


def armed(at: At) -> None:
    at.send(c.ChooseBill("8", False))
    at.send(c.PayBills())
    assert at.desk.face is Face.PAY


def test_a_scanned_code_begins_a_payment_only_on_the_pay_face(at: At) -> None:
    assert at.send(c.Scanned(CODE)) == []
    armed(at)
    (wish,) = at.send(c.Scanned(CODE))
    assert isinstance(wish, BeginWish)
    assert wish.mode is Mode.SCAN


def test_while_a_qr_is_shown_a_scanned_code_begins_nothing(at: At) -> None:
    armed(at)
    at.begin(Mode.SHOW, state=State.SHOWN)
    assert at.send(c.Scanned(CODE)) == []
    assert at.desk.banner is not None
    assert at.desk.banner.what.code == "code.qr_is_shown"


def test_a_shown_qr_can_be_withdrawn_and_shown_again_and_it_is_the_same(at: At) -> None:
    armed(at)
    at.begin(Mode.SHOW, state=State.SHOWN)
    assert c.WithdrawQr.__name__ in at.desk.legal(at.orders)
    assert c.ShowQr.__name__ not in at.desk.legal(at.orders)
    assert at.send(c.WithdrawQr()) == [WithdrawWish("K1A1")]
    at.becomes(State.SHOWN, hidden_s=at.now.mono_s)
    assert at.send(c.ShowQr()) == [ReshowWish("K1A1")]


def test_a_qr_of_yesterday_is_shown_again_only_after_its_amount_was_told(at: At) -> None:
    armed(at)
    at.begin(Mode.SHOW, state=State.SHOWN)
    at.becomes(State.SHOWN, hidden_s=at.now.mono_s)
    at.now = Instant(at.now.mono_s + 86_400, at.now.wall_ms + DAY_MS)
    assert at.send(c.ShowQr()) == []
    assert at.desk.banner is not None
    assert at.desk.banner.what.code == "pay.old_qr"
    assert at.send(c.ShowQr()) == [ReshowWish("K1A1")]


def test_a_second_attempt_that_was_allowed_arms_the_counter_and_lets_the_first_go_on(at: At) -> None:
    armed(at)
    at.begin(Mode.SHOW, state=State.SHOWN)
    at.becomes(State.SHOWN, hidden_s=at.now.mono_s)
    assert LeaveWish("K1A1") in at.desk.allow_second("K1A1", "supervisor", "换手机", at.now)
    assert at.desk.order is None
    (wish,) = at.send(c.Scanned(CODE))
    assert isinstance(wish, BeginWish)
    at.desk.allowed.use(("K1A1",))
    assert not at.desk.allowed


def test_the_receipt_waits_for_the_credit_and_no_longer_than_it_may(at: At) -> None:
    armed(at)
    at.begin(Mode.SCAN)
    assert at.becomes(State.PAID) == []
    assert at.desk.due_s() == at.now.mono_s + PaymentPolicy().receipt_wait_s
    at.pass_s(PaymentPolicy().receipt_wait_s)
    assert at.desk.tick(at.orders, at.now) == [ReceiptWish(("K1A1",))]
    assert at.desk.due_s() is None


def test_what_was_paid_and_is_a_supervisors_now_leaves_no_deadline_behind(at: At) -> None:
    armed(at)
    at.begin(Mode.SCAN)
    at.becomes(State.PAID)
    at.becomes(State.MANUAL)
    assert at.desk.due_s() is None


def test_a_run_goes_on_to_its_next_bill_and_stops_at_the_first_that_is_not_paid(at: At) -> None:
    at.send(c.PayBills())
    at.begin(Mode.SCAN)
    at.becomes(State.CREDITED)
    assert at.desk.run is not None
    assert at.desk.run.position == 1
    at.begin(Mode.SCAN, "K1A2")
    at.becomes(State.FAILED, "K1A2")
    assert at.desk.face is Face.RESULT
    assert c.TryAgain.__name__ in at.desk.legal(at.orders)


def test_beside_an_unknown_result_nothing_offers_to_pay_again(at: At) -> None:
    armed(at)
    at.begin(Mode.SCAN)
    at.becomes(State.IN_DOUBT, attended=False)
    legal = at.desk.legal(at.orders)
    assert at.desk.face is Face.RESULT
    assert {c.AskNow.__name__, c.PrintSlip.__name__, c.NextCustomer.__name__} <= legal
    assert not {c.TryAgain.__name__, c.PayBills.__name__, c.GoOn.__name__} & legal


def test_a_permission_that_nobody_used_is_forgotten(at: At) -> None:
    armed(at)
    at.begin(Mode.SHOW, state=State.SHOWN)
    at.desk.allow_second("K1A1", "supervisor", "换手机", at.now)
    at.pass_s(ALLOWED_FOR_S)
    at.desk.tick(at.orders, at.now)
    assert "K1A1" in at.desk.allowed
    at.pass_s(1)
    at.desk.tick(at.orders, at.now)
    assert not at.desk.allowed


@pytest.mark.parametrize(("state", "face"), [(State.PAID, Face.RESULT), (State.FAILED, Face.RESULT)])
def test_while_a_second_attempt_is_armed_the_end_of_the_first_is_what_the_desk_shows(
    at: At, state: State, face: Face
) -> None:
    armed(at)
    at.begin(Mode.SHOW, state=State.SHOWN)
    at.desk.allow_second("K1A1", "supervisor", "换手机", at.now)
    assert at.desk.order is None
    at.becomes(state)
    assert at.desk.order is at.orders["K1A1"]
    assert at.desk.face is face
    assert not at.desk.allowed
    assert at.send(c.Scanned(CODE)) == []


def test_no_order_stands_as_an_original_on_two_receipts(at: At) -> None:
    at.send(c.PayBills())
    at.begin(Mode.SCAN)
    at.becomes(State.CREDITED)
    at.begin(Mode.SHOW, "K1A2", State.SHOWN)
    at.desk.order_changed(at.orders, at.now)
    assert ReceiptWish(("K1A1",)) in at.send(c.StopWaiting())
    at.desk.allow_second("K1A2", "supervisor", "换手机", at.now)
    at.begin(Mode.SCAN, "K1A3")
    assert at.becomes(State.CREDITED, "K1A3") == [ReceiptWish(("K1A3",))]
    assert at.send(c.PrintSlip()) == [ReceiptWish(("K1A1",)), ReceiptWish(("K1A3",))]


# --- the hours without payments ------------------------------------------------------------------------------------


def after_hours(at: At) -> At:
    """The same clock, with a counter that closes in five minutes for an hour."""
    closes, opens = (to_second(at.now.wall_ms + more * 60_000)[11:16] for more in (5, 65))
    made = At(hours=ClosedHours([f"{closes}-{opens}"]))
    made.look_up(Bill("7", 1000, 0, "2026-10"))
    return made


def test_in_the_closed_hours_and_the_minute_before_nothing_is_begun_and_why_is_told(at: At) -> None:
    late = after_hours(at)
    armed(late)
    late.pass_s(5 * 60)
    assert late.send(c.Scanned(CODE)) == []
    assert late.send(c.ShowQr()) == []
    assert late.desk.shut is not None
    assert late.desk.shut.what.code == "banner.after_hours"
    late.send(c.Back())
    assert not {"PayBills", "PayPrepayment"} & late.desk.legal(late.orders)
    assert {"LookUp", "Refresh"} <= late.desk.legal(late.orders)


def test_what_began_before_the_closed_hours_goes_on_in_them(at: At) -> None:
    late = after_hours(at)
    armed(late)
    late.begin(Mode.SHOW, state=State.SHOWN)
    late.pass_s(10 * 60)
    late.desk.tick(late.orders, late.now)
    assert {"AskNow", "WithdrawQr"} <= late.desk.legal(late.orders)
    late.becomes(State.CREDITED)
    assert late.desk.face is Face.RESULT


def test_when_the_hours_are_over_the_desk_wakes_by_itself_and_payments_begin_again(at: At) -> None:
    late = after_hours(at)
    armed(late)
    late.pass_s(10 * 60)
    late.desk.tick(late.orders, late.now)
    due_s = late.desk.due_s()
    assert due_s is not None
    late.pass_s(due_s - late.now.mono_s)
    late.desk.tick(late.orders, late.now)
    assert late.desk.shut is None
    (wish,) = late.send(c.Scanned(CODE))
    assert isinstance(wish, BeginWish)


def test_a_question_asked_before_the_hours_is_not_answered_yes_in_them(at: At) -> None:
    late = after_hours(at)
    late.send(c.PayPrepayment("5000"))
    assert late.desk.question is not None
    late.pass_s(5 * 60)
    assert late.send(c.Confirm()) == []
    assert late.desk.face is Face.ACCOUNT
