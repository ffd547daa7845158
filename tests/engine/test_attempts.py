"""The orders in hand, with a real journal that fails when it is told to; answers are put in by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from kiosk.attempts import Attempts, Beginning
from kiosk.core.machine import Machine
from kiosk.core.messages import Answer, Append, EventKind, Heard, Settled, Withdrawn
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.payment_code import payment_code
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.receipt import Letterhead
from kiosk.journal import Journal, verify
from kiosk.parts import Parts
from kiosk.ports import Job, JournalError, Lane
from kiosk.snapshot import CounterView


class Shaky:
    """A real journal; while ``fails`` names a kind of event or a method, that raises as a failing disk would."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.fails: set[str] = set()

    def append(self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None = None) -> Order:
        if self.fails & {str(event.kind) for event in events}:
            raise JournalError("the disk is full")
        return self._journal.append(order, events, at, notice)

    def __getattr__(self, name: str) -> object:
        if name in self.fails:
            return self._fail
        return getattr(self._journal, name)

    def _fail(self, *_: object) -> object:
        raise JournalError("the connection has been closed")


class Hand:
    """The engine around the orders, played by hand: it keeps the jobs and the alarms, and has a clock."""

    def __init__(self, journal: Journal) -> None:
        self.journal = Shaky(journal)
        self.now_s = 1000.0
        self.jobs: list[Job] = []
        self.alarms: list[str] = []
        self.well = True
        policy, traits = PaymentPolicy(), GatewayTraits(finds_by_our_number="true")
        parts = Parts(
            machine=Machine(policy, traits),
            policy=policy,
            journal=self.journal,  # its own kind of JournalPort
            gateways=dict.fromkeys(Lane, self),
            printer=None,
            clock=self,
            counter=CounterView("K1", "厅", "0012"),
            letterhead=Letterhead(branch="厅", counter_id="K1", cashier="0012"),
            say=lambda sentence: sentence.code,
            drawn="ABCDEFGHIJ",
            publish=lambda snapshot: None,
        )
        self.attempts = Attempts(parts, self)

    # --- what is around -----------------------------------------------------------------------------------------

    def now(self) -> Instant:
        return Instant(self.now_s, 1_790_000_000_000 + round(self.now_s * 1000))

    def notice_body(self, order: Order) -> bytes:
        return f"notice of {order.order_no}".encode()

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def guarded(self, work: Callable[..., object], *given: object) -> None:
        work(*given)

    def orders_changed(self, at: Instant) -> None:
        """Nobody looks."""

    def alarm(self, order: Order, code: str) -> None:
        self.alarms.append(code)

    def answered(self, answer: Answer) -> None:
        """No pill."""

    def journal_fails(self) -> None:
        self.well = False

    def journal_is_well(self) -> None:
        self.well = True

    def __getattr__(self, name: str) -> Callable[..., object]:
        return lambda *_: None  # the gateway's calls: a job's work is never done here

    # --- hands --------------------------------------------------------------------------------------------------

    def shown(self, number: str, beside: tuple[str, ...] = ()) -> None:
        order = Order(
            order_no=number, customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SHOW, principal_fen=1000,
            total_fen=1000, cost_id="7", period="2026-10", created_ms=self.now().wall_ms,
        )  # fmt: skip
        self.attempts.begin(order, Beginning(beside=beside), self.now())
        qr = Answer(heard=Heard.ANSWERED, sub_code="0000", order_no=number, pay_url="https://pay.example/1")
        self.attempts.job_done(("call", number), qr)

    def ask(self, number: str) -> tuple[str, ...]:
        """Let the order's next question go out; its job's key."""
        due_s = self.attempts.orders[number].asking.due_s
        assert due_s is not None
        self.now_s = max(self.now_s, due_s)
        self.attempts.whatever_is_due(self.now())
        return next(job.key for job in reversed(self.jobs) if job.key[:2] == ("ask", number))

    def success(self, key: tuple[str, ...]) -> None:
        paid = Answer(heard=Heard.ANSWERED, sub_code="0000", status="SUCCESS", order_no=key[1])
        self.attempts.job_done(key, paid)

    def notices(self) -> list[str]:
        return [job.key[1] for job in self.jobs if job.key[0] == "notice"]

    def open_again(self) -> None:
        self.now_s += 60
        self.attempts.whatever_is_due(self.now())

    def state(self, number: str) -> State:
        return self.attempts.orders[number].state


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def hand(directory: Path) -> Iterator[Hand]:
    with Journal.open(directory) as journal:
        yield Hand(journal)


def two_asked(hand: Hand) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two attempts on one bill, the second beside the first, each with a question on its way."""
    hand.shown("K1A1")
    hand.attempts.step("K1A1", Withdrawn())
    hand.shown("K1A2", ("K1A1",))
    first = next(job.key for job in reversed(hand.jobs) if job.key[:2] == ("ask", "K1A1"))
    return first, hand.ask("K1A2")


@pytest.mark.expects_error_log("kiosk.attempts")
def test_two_successes_kept_while_the_disk_failed_are_still_paid_twice_and_send_one_notice(
    hand: Hand, directory: Path
) -> None:
    first, second = two_asked(hand)
    hand.journal.fails = {"paid"}
    hand.success(first)
    hand.success(second)
    assert not hand.well
    hand.journal.fails = set()
    hand.open_again()
    assert hand.well
    assert sorted((hand.state("K1A1"), hand.state("K1A2"))) == [State.MANUAL, State.PAID]
    assert len(hand.notices()) == 1
    assert "paid_twice" in hand.alarms


@pytest.mark.expects_error_log("kiosk.attempts")
@pytest.mark.parametrize("method", ["order", "twin_paid", "number_taken"])
def test_what_was_kept_stays_kept_where_the_journal_fails_again_while_it_is_stepped(method: str, hand: Hand) -> None:
    first, _ = two_asked(hand)
    hand.journal.fails = {"paid"}
    hand.success(first)
    hand.journal.fails = {method}
    hand.open_again()
    if method == "number_taken":  # not looked at: the answer names the order's own number
        assert hand.state("K1A1") is State.PAID
        return
    assert not hand.well
    assert hand.state("K1A1") is State.SHOWN
    hand.journal.fails = set()
    hand.open_again()
    assert hand.well
    assert hand.state("K1A1") is State.PAID
    assert hand.notices() == ["K1A1"]


def test_a_bill_whose_first_payment_is_a_supervisors_after_its_notice_is_not_credited_by_the_second(
    hand: Hand, directory: Path
) -> None:
    first, second = two_asked(hand)
    hand.success(first)
    hand.attempts.job_done(("notice", "K1A1", "1"), Answer(heard=Heard.ANSWERED, sub_code="0003"))
    assert hand.state("K1A1") is State.MANUAL
    hand.success(second)
    assert hand.state("K1A2") is State.MANUAL
    assert hand.notices() == ["K1A1"], "the first one may have been carried out"


@pytest.mark.expects_error_log("kiosk.attempts")
@pytest.mark.parametrize("first_copy", [True, False])
def test_a_notice_that_cannot_be_read_when_it_is_due_is_sent_when_the_journal_is_open_again(
    first_copy: bool, hand: Hand
) -> None:
    hand.shown("K1A1")
    key = hand.ask("K1A1")
    if first_copy:
        hand.journal.fails = {"notice"}
        hand.success(key)
    else:
        hand.success(key)
        hand.attempts.job_done(("notice", "K1A1", "1"), Answer(heard=Heard.SILENT))
        hand.journal.fails = {"notice"}
        hand.open_again()
    sent = len(hand.notices())
    assert hand.state("K1A1") is State.PAID
    assert not hand.well
    hand.journal.fails = set()
    hand.open_again()
    hand.open_again()
    assert hand.well
    assert len(hand.notices()) == sent + 1


@pytest.mark.expects_error_log("kiosk.attempts")
def test_a_code_of_which_no_byte_left_is_free_again_though_the_journal_failed_just_then(hand: Hand) -> None:
    code = payment_code("134567890123456789")
    order = Order(
        order_no="K1A1", customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SCAN, principal_fen=1000,
        total_fen=1000, cost_id="7", period="2026-10", created_ms=hand.now().wall_ms,
    )  # fmt: skip
    hand.attempts.begin(order, Beginning(code), hand.now())
    hand.journal.fails = {"forget_code"}
    hand.attempts.job_done(("call", "K1A1"), Answer(heard=Heard.NOT_SENT))
    assert hand.state("K1A1") is State.FAILED
    assert hand.journal.code_used(code, hand.now())
    hand.journal.fails = set()
    hand.open_again()
    assert not hand.journal.code_used(code, hand.now())


def test_an_intent_that_fails_leaves_nothing_in_hand(hand: Hand) -> None:
    hand.journal.fails = {str(EventKind.INTENT)}
    with pytest.raises(JournalError):
        hand.shown("K1A1")
    assert hand.attempts.orders == {}
    assert hand.jobs == []


def test_both_books_stay_sound(hand: Hand, directory: Path) -> None:
    for key in two_asked(hand):
        hand.success(key)
    assert verify(directory) == (2, [])


@pytest.mark.expects_error_log("kiosk.attempts")
def test_a_start_whose_first_look_fails_takes_up_when_the_journal_can_be_read(hand: Hand) -> None:
    hand.shown("K1A1")
    hand.attempts.orders.clear()
    hand.journal.fails = {"open_orders"}
    assert not hand.attempts.take_up()
    assert not hand.well, "no payment begins beside orders that nobody asks about"
    hand.open_again()
    assert not hand.well
    hand.journal.fails = set()
    hand.open_again()
    assert hand.well
    assert hand.state("K1A1") is State.SHOWN
    assert any(job.key[:2] == ("ask", "K1A1") for job in hand.jobs)


@pytest.mark.expects_error_log("kiosk.attempts")
def test_a_settlement_that_could_not_be_written_is_not_carried_out_later_behind_the_supervisors_back(
    hand: Hand,
) -> None:
    first, _ = two_asked(hand)
    hand.success(first)
    hand.attempts.job_done(("notice", "K1A1", "1"), Answer(heard=Heard.ANSWERED, sub_code="0003"))
    assert hand.state("K1A1") is State.MANUAL
    hand.journal.fails = {"refunded"}
    assert not hand.attempts.step("K1A1", Settled(to=State.REFUNDED, by="supervisor", why="银行已退款"))
    hand.journal.fails = set()
    hand.open_again()
    assert hand.well
    assert hand.state("K1A1") is State.MANUAL
    assert hand.attempts.step("K1A1", Settled(to=State.CREDITED, by="supervisor", why="已核实入账"))
    assert hand.state("K1A1") is State.CREDITED


@pytest.mark.expects_error_log("kiosk.attempts")
@pytest.mark.parametrize("method", ["reopen", "order"])
def test_a_fault_of_ours_while_the_journal_is_opened_again_is_neither_the_end_nor_tried_without_a_pause(
    method: str, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two_asked(hand)
    hand.journal.fails = {"paid"}
    hand.success(first)
    hand.journal.fails = set()

    def fault(*_: object) -> object:
        raise RuntimeError("nobody foresaw this")

    with monkeypatch.context() as broken:
        broken.setattr(hand.journal._journal, method, fault)
        with pytest.raises(RuntimeError):
            hand.open_again()
    due_s = hand.attempts.next_due_s()
    assert due_s is not None
    assert due_s > hand.now_s
    hand.open_again()
    assert hand.well
    assert hand.state("K1A1") is State.PAID
