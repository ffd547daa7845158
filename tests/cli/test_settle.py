"""``kiosk settle``: exit codes, what changes and what does not, and the PIN that nobody may try out (Z21)."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.cli import run
from kiosk.core.lockout import FIRST_WAIT_S, LONGEST_WAIT_S, pin_fault, wait_s
from kiosk.core.machine import Machine
from kiosk.core.messages import Answer, Append, CallAnswered, EventKind, Heard, Message, QueryAnswered
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.journal import Journal, verify
from kiosk.journal.pins import KeptPin

PIN = "246810"
AT = Instant(100.0, 1_790_000_000_000)
Settle = Callable[..., int]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def settings(tmp_path: Path, directory: Path) -> Path:
    file = tmp_path / "settings.toml"
    text = (
        '[counter]\nid = "K1"\n[gateway]\nurl = "http://127.0.0.1:9"\nacq_code = "283499"\n'
        f'[data]\ndirectory = "{directory}"\n'
    )
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def settle(settings: Path, monkeypatch: pytest.MonkeyPatch) -> Settle:
    """Run ``kiosk settle`` with these words and this standard input; its exit code."""

    def call(*words: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return run(["settle", "--config", str(settings), *words])

    return call


class Case:
    """An order on a real disk, driven there by the real machine."""

    def __init__(self, journal: Journal, number: str, cost_id: str = "7") -> None:
        self._journal, self._machine = journal, Machine(PaymentPolicy(), GatewayTraits(finds_by_our_number="true"))
        draft = Order(
            order_no=number, customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SCAN, principal_fen=1000,
            late_fee_fen=50, total_fen=1050, cost_id=cost_id, period="2026-10", created_ms=AT.wall_ms,
        )  # fmt: skip
        order, effects = self._machine.begin(draft, AT)
        self.order = journal.append(order, [e for e in effects if isinstance(e, Append)], AT)

    def hear(self, message: Message) -> None:
        order, effects = self._machine.step(self.order, message, AT)
        events = [effect for effect in effects if isinstance(effect, Append)]
        self.order = self._journal.append(order, events, AT) if events else order

    def success(self) -> None:
        number = self.order.asking.in_flight
        named = Answer(heard=Heard.ANSWERED, sub_code="0000", status="SUCCESS", order_no=self.order.order_no)
        self.hear(QueryAnswered(answer=named, number=number, asked_by=self.order.order_no, sent_s=AT.mono_s))


@pytest.fixture
def doubtful(directory: Path) -> str:
    """An order that waits for a supervisor without a SUCCESS."""
    with Journal.open(directory) as journal:
        case = Case(journal, "K1AAAAAAAAAA0001")
        case.hear(CallAnswered(Answer(heard=Heard.SILENT)))
        order = replace(case.order, state=State.MANUAL, reason="gave_up")
        journal.append(order, [Append(EventKind.MANUAL, (("reason", "gave_up"),))], AT)
    return "K1AAAAAAAAAA0001"


@pytest.fixture
def confirmed(directory: Path) -> str:
    """An order that waits for a supervisor with a SUCCESS: its number existed before."""
    with Journal.open(directory) as journal:
        case = Case(journal, "K1AAAAAAAAAA0002")
        case.hear(CallAnswered(Answer(heard=Heard.ANSWERED, sub_code="1002")))
        case.order = case.order.asking_now(in_flight=1)
        case.success()
        assert case.order.state is State.MANUAL
    return "K1AAAAAAAAAA0002"





def state_of(directory: Path, number: str) -> str:
    with Journal.open(directory) as journal:
        order = journal.order(number)
        assert order is not None
        return str(order.state)


def set_pin(settle: Settle) -> None:
    assert settle("--set-pin", typed=f"{PIN}\n") == 0


@pytest.mark.parametrize("how", ["credited", "failed", "refunded"])
def test_a_case_is_settled_and_the_journal_stays_sound(
    how: str, settle: Settle, doubtful: str, directory: Path
) -> None:
    set_pin(settle)
    assert settle(doubtful, "--as", how, "--reason", "银行已核实", typed=f"{PIN}\n") == 0
    assert state_of(directory, doubtful) == how
    assert verify(directory) == (1, [])


def test_a_release_writes_the_notice_it_owes_and_leaves_the_sending_to_recover(
    settle: Settle, confirmed: str, directory: Path
) -> None:
    set_pin(settle)
    assert settle(confirmed, "--as", "release", "--reason", "银行已核实", typed=f"{PIN}\n") == 0
    with Journal.open(directory) as journal:
        order = journal.order(confirmed)
        assert order is not None
        assert order.state is State.PAID
        assert order.override > 0
        notice = journal.notice(confirmed)
        assert notice is not None
        assert confirmed.encode() in notice
    assert verify(directory) == (1, [])


def test_a_wrong_pin_changes_nothing(settle: Settle, doubtful: str, directory: Path) -> None:
    set_pin(settle)
    assert settle(doubtful, "--as", "failed", "--reason", "银行已核实", typed="135791\n") == 1
    assert state_of(directory, doubtful) == "manual"


@pytest.mark.parametrize(("how", "words"), [("release", "doubtful"), ("failed", "confirmed")])
def test_a_settlement_that_the_evidence_forbids_exits_1(
    how: str, words: str, settle: Settle, directory: Path, request: pytest.FixtureRequest
) -> None:
    number = request.getfixturevalue(words)
    set_pin(settle)
    assert settle(number, "--as", how, "--reason", "银行已核实", typed=f"{PIN}\n") == 1
    assert state_of(directory, number) == "manual"


def test_an_order_that_waits_for_nobody_is_not_settled(settle: Settle, directory: Path) -> None:
    with Journal.open(directory) as journal:
        Case(journal, "K1AAAAAAAAAA0003")
    set_pin(settle)
    assert settle("K1AAAAAAAAAA0003", "--as", "failed", "--reason", "银行已核实", typed=f"{PIN}\n") == 1
    assert state_of(directory, "K1AAAAAAAAAA0003") == "intent"


def test_without_a_pin_an_order_or_a_reason_it_is_wrong_usage(settle: Settle, doubtful: str) -> None:
    asked = (doubtful, "--as", "failed", "--reason", "银行已核实")
    assert settle(*asked, typed=f"{PIN}\n") == 2, "no PIN is set"
    set_pin(settle)
    assert settle("K1NOSUCHORDER", *asked[1:], typed=f"{PIN}\n") == 2
    assert settle(doubtful, "--as", "failed", "--reason", " ", typed=f"{PIN}\n") == 2
    assert settle(*asked, typed="") == 2, "nothing on standard input"
    assert settle(doubtful) == 2
    assert settle(doubtful, "--set-pin") == 2


def test_it_exits_2_while_another_process_holds_the_journal(settle: Settle, doubtful: str, directory: Path) -> None:
    with Journal.open(directory):
        assert settle(doubtful, "--as", "failed", "--reason", "银行已核实", typed=f"{PIN}\n") == 2


def test_a_pin_is_changed_by_the_old_line_and_the_new(settle: Settle, doubtful: str) -> None:
    set_pin(settle)
    assert settle("--set-pin", typed="135791\n864209\n") == 1
    assert settle("--set-pin", typed=f"{PIN}\n864209\n") == 0
    assert settle(doubtful, "--as", "failed", "--reason", "银行已核实", typed=f"{PIN}\n") == 1
    assert settle(doubtful, "--as", "failed", "--reason", "银行已核实", typed="864209\n") == 0


@pytest.mark.parametrize(
    ("pin", "fault"),
    [("12345", "length"), ("1234567890123", "length"), ("12345a", "digits"), ("１２３４５７", "digits"),
     ("111111", "simple"), ("123456", "simple"), ("987654", "simple"), ("246810", "")],
)  # fmt: skip
def test_what_a_pin_may_be(pin: str, fault: str) -> None:
    assert pin_fault(pin) == fault


def test_the_pin_stands_nowhere_in_clear(settle: Settle, doubtful: str, directory: Path) -> None:
    set_pin(settle)
    settle(doubtful, "--as", "failed", "--reason", "银行已核实", typed=f"{PIN}\n")
    for file in directory.rglob("*"):
        if file.is_file():
            assert PIN.encode() not in file.read_bytes(), file.name


def test_z21_wrong_pins_lock_longer_and_longer_across_processes(
    settle: Settle, doubtful: str, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pin(settle)
    clock = [1000.0, AT.wall_ms]
    monkeypatch.setattr("kiosk.cli.settle.SystemClock.now", lambda self: Instant(clock[0], int(clock[1])))
    asked = (doubtful, "--as", "failed", "--reason", "银行已核实")
    for _ in range(5):
        assert settle(*asked, typed="135791\n") == 1
    assert settle(*asked, typed=f"{PIN}\n") == 1, "the right one is not even looked at"
    clock[1] += 10 * 365 * 86_400_000
    assert settle(*asked, typed=f"{PIN}\n") == 1, "setting the wall clock gains nothing"
    clock[0] += FIRST_WAIT_S
    assert settle(*asked, typed="135791\n") == 1, "wrong again: the wait doubles"
    clock[0] += FIRST_WAIT_S
    assert settle(*asked, typed=f"{PIN}\n") == 1
    clock[0] = 5.0
    assert settle(*asked, typed=f"{PIN}\n") == 1, "starting the machine again starts the wait again"
    clock[0] = 2 * FIRST_WAIT_S
    assert settle(*asked, typed=f"{PIN}\n") == 0


def test_z21_a_try_that_was_killed_while_the_pin_was_compared_has_counted(
    settle: Settle, doubtful: str, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_pin(settle)

    def killed(kept: str, pin: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.cli.settle.is_right", killed)
    for _ in range(6):
        assert settle(doubtful, "--as", "failed", "--reason", "银行已核实", typed=f"{PIN}\n") in (1, 3)
    with Journal.open(directory) as journal:
        record = journal.pin()
        assert record is not None
        assert record.failures == 5, "the sixth was not even looked at"


def test_z21_the_wait_grows_to_an_hour_and_no_further() -> None:
    waits = [wait_s(KeptPin("", failures, 100.0), 5, 100.0) for failures in range(40)]
    assert waits[:5] == [0.0] * 5
    assert waits[5:8] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert set(waits[12:]) == {LONGEST_WAIT_S}
