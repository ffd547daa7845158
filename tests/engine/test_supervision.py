"""The pending page, second attempts and settlements through the real engine, journal and gateway."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.commands import (
    AllowSecond,
    AskAbout,
    Command,
    GoTo,
    LookUp,
    NextCustomer,
    NoteWallet,
    OpenCase,
    PrintCase,
    Scanned,
    SeekEvidence,
    SetPin,
    Settle,
    ShowQr,
    StopWaiting,
    WithdrawQr,
)
from kiosk.core.messages import BESIDE
from kiosk.core.order import State
from kiosk.journal import JournalReader, verify
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.run import SandboxServer
from kiosk.sandbox.scenario_file import load_scenario
from kiosk.settings import Settings
from kiosk.snapshot import CaseView, Face, Level, Outcome, Page, ResultView, Snapshot
from tests.engine.stand import POLICY, Seen, result, to_pay

PIN = "246810"
WALLET_NO = "4200001234202611241234567890"


def tell(counter: Counter, seen: Seen, command: Command, *, done: bool = True) -> Snapshot:
    """Send what is guarded by a PIN and wait for the word on it."""
    assert seen.latest is not None
    before = seen.latest.pin_count
    counter.engine.send(command)
    now = seen.until(lambda now: now.pin_count > before and not now.pin_checking)
    assert now.pin_done is done, now.pin_told
    return now


@pytest.fixture
def with_pin(counter: Counter, seen: Seen) -> Counter:
    seen.until(lambda now: now.version > 0)
    tell(counter, seen, SetPin(PIN))
    return counter


def show_qr(counter: Counter, seen: Seen, customer_no: str) -> str:
    to_pay(counter, seen, customer_no)
    counter.engine.send(ShowQr())
    pay = seen.until(lambda now: now.pay is not None and bool(now.pay.qr_text)).pay
    assert pay is not None
    return pay.qr_text


def phone_pays(pay_url: str) -> None:
    with urllib.request.urlopen(pay_url, data=b"", timeout=5) as page:
        page.read()


def may_go_on(now: Snapshot) -> bool:
    return now.pay is not None and now.pay.second is not None and now.pay.second.refused is None


def ended(seen: Seen) -> ResultView:
    view = result(seen).result
    assert view is not None
    return view


def book(sandbox: SandboxServer) -> dict[str, object]:
    return sandbox.ledger.as_json(sandbox.gateway.now_s())


def withdraw(counter: Counter, seen: Seen) -> str:
    """Take the QR off the screens and wait until a second attempt may be allowed; the first order's number."""
    counter.engine.send(WithdrawQr())
    gone = seen.until(lambda now: now.pay is not None and now.pay.withdrawn)
    assert gone.pay is not None
    assert (gone.pay.qr_text, gone.customer.qr_text) == ("", "")
    asked = seen.until(may_go_on)
    assert asked.pay is not None
    return asked.pay.order_no


def test_a_withdrawn_qr_and_a_supervisors_word_arm_the_scanner_for_a_second_attempt(
    with_pin: Counter, seen: Seen, sandbox: SandboxServer, settings: Settings
) -> None:
    show_qr(with_pin, seen, "6100000101")
    first = withdraw(with_pin, seen)
    with_pin.engine.send(Scanned(sample_code("0000", 1)))
    told = seen.until(lambda now: now.banner is not None)
    assert told.banner is not None
    assert told.banner.what.code == "code.qr_withdrawn"
    tell(with_pin, seen, AllowSecond(first, "客户改用付款码", PIN))
    seen.until(lambda now: now.pay is not None and now.pay.scan_armed)
    with_pin.engine.send(Scanned(sample_code("0000", 2)))
    shown = seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    assert shown.result is not None
    assert book(sandbox)["totals"] == {"paid_fen": 12850, "credited_fen": 12850}
    with JournalReader(settings.data_directory) as reader:
        second = next(order for order in reader.orders() if order.order_no != first)
        facts = reader.events(second.order_no)[0].facts_told()
    assert second.override > 0
    assert facts == {BESIDE: first, "by": "supervisor", "why": "客户改用付款码"}
    assert verify(settings.data_directory) == (2, [])


def test_without_the_pin_no_second_attempt_begins(with_pin: Counter, seen: Seen) -> None:
    show_qr(with_pin, seen, "6100000101")
    first = withdraw(with_pin, seen)
    told = tell(with_pin, seen, AllowSecond(first, "客户改用付款码", "135791"), done=False)
    assert told.pin_told is not None
    assert told.pin_told.code == "pin.wrong"
    assert told.pay is not None
    assert not told.pay.scan_armed


def test_a_qr_on_the_screen_allows_no_second_attempt(with_pin: Counter, seen: Seen) -> None:
    show_qr(with_pin, seen, "6100000101")
    assert seen.latest is not None
    assert seen.latest.pay is not None
    told = tell(with_pin, seen, AllowSecond(seen.latest.pay.order_no, "客户改用付款码", PIN), done=False)
    assert told.pin_told is not None
    assert told.pin_told.code == "second.on_screen"


def test_the_same_qr_comes_back_when_it_is_shown_again(counter: Counter, seen: Seen) -> None:
    text = show_qr(counter, seen, "6100000101")
    withdraw(counter, seen)
    counter.engine.send(ShowQr())
    again = seen.until(lambda now: now.pay is not None and bool(now.pay.qr_text))
    assert again.pay is not None
    assert again.pay.qr_text == text
    assert not again.pay.withdrawn


def paid_twice(with_pin: Counter, seen: Seen, sandbox: SandboxServer) -> str:
    """The customer pays a QR that they had photographed after the second attempt was paid; the first order's number."""
    pay_url = show_qr(with_pin, seen, "6100000101")
    first = withdraw(with_pin, seen)
    tell(with_pin, seen, AllowSecond(first, "客户改用付款码", PIN))
    seen.until(lambda now: now.pay is not None and now.pay.scan_armed)
    with_pin.engine.send(Scanned(sample_code("0000", 1)))
    seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    rung = seen.latest.rings if seen.latest is not None else 0
    phone_pays(pay_url)
    with_pin.engine.send(GoTo(Page.PENDING))
    with_pin.engine.send(OpenCase(first))
    with_pin.engine.send(AskAbout())
    seen.until(lambda now: now.rings > rung)
    return first


def case_of(now: Snapshot) -> CaseView | None:
    return now.pending.case if now.pending is not None else None


def case(seen: Seen, holds: Callable[[CaseView], bool]) -> CaseView:
    found = case_of(seen.until(lambda now: (view := case_of(now)) is not None and holds(view)))
    assert found is not None
    return found


def test_paid_twice_is_told_sends_no_second_notice_and_offers_the_refund(
    with_pin: Counter, seen: Seen, sandbox: SandboxServer
) -> None:
    paid_twice(with_pin, seen, sandbox)
    shown = case(seen, lambda view: view.row.level is Level.BAD)
    assert shown.why.code == "case.manual_paid_twice"
    assert shown.prints == "refund"
    assert shown.settle_as == ("credited", "refunded"), "neither release nor failed"
    assert book(sandbox)["totals"] == {"paid_fen": 25700, "credited_fen": 12850}
    with_pin.engine.send(PrintCase())
    case(seen, lambda view: view.printing is not None and view.printing.code != "printing.now")


def test_a_case_is_settled_on_the_page_and_leaves_it(with_pin: Counter, seen: Seen, sandbox: SandboxServer) -> None:
    first = paid_twice(with_pin, seen, sandbox)
    case(seen, lambda view: view.row.level is Level.BAD)
    tell(with_pin, seen, Settle("refunded", "银行已退款", "135791"), done=False)
    assert with_pin.engine.orders[first].state is State.MANUAL
    tell(with_pin, seen, Settle("refunded", "银行已退款", PIN))
    seen.until(lambda now: now.pending is not None and not now.pending.rows)
    assert [order.state for order in (with_pin.journal.order(first),) if order] == [State.REFUNDED]


def test_a_wallets_number_is_typed_or_scanned_and_kept_with_the_case(counter: Counter, seen: Seen) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("4000", 1)))
    seen.until(lambda now: now.allows(StopWaiting))
    counter.engine.send(StopWaiting())
    number = ended(seen).reference
    counter.engine.send(NextCustomer())
    counter.engine.send(GoTo(Page.PENDING))
    counter.engine.send(Scanned(number))
    case(seen, lambda view: view.row.order_no == number)
    counter.engine.send(Scanned(WALLET_NO))
    case(seen, lambda view: view.wallet_no == WALLET_NO)
    counter.engine.send(NoteWallet("no number!"))
    seen.until(lambda now: now.banner is not None and now.banner.what.code == "case.wallet_no_unfit")
    for command in (Scanned(sample_code("0000", 2)), NoteWallet(sample_code("0000", 2))):
        counter.engine.send(OpenCase(number))
        seen.until(lambda now: now.banner is None)
        counter.engine.send(command)
        seen.until(lambda now: now.banner is not None and now.banner.what.code == "code.is_payment_code")
    assert counter.journal.evidence(number) == [("wallet_no", WALLET_NO)]


def test_the_arrears_are_evidence_for_a_paid_order_whose_notice_is_never_taken(counter: Counter, seen: Seen) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("7009", 1)))
    number = ended(seen).reference
    counter.engine.send(NextCustomer())
    counter.engine.send(GoTo(Page.PENDING))
    counter.engine.send(OpenCase(number))
    shown = case(seen, lambda view: view.row.order_no == number)
    assert shown.row.level is Level.BUSY
    counter.engine.send(SeekEvidence())
    case(seen, lambda view: "case.evidence_owed" in [line.code for line in view.evidence])


def test_a_doubtful_bill_is_free_at_the_next_look_up_once_a_second_attempt_was_allowed(
    settings: Settings, seen: Seen, sandbox: SandboxServer
) -> None:
    quick = replace(settings, payment=replace(POLICY, hold_off_s=0.5, background_gaps_s=(0.2,), attended_scan_s=0.5))
    counter = open_counter(quick, seen.publish)
    counter.start()
    seen.until(lambda now: now.version > 0)
    tell(counter, seen, SetPin(PIN))
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("4001", 1)))  # 0001 for ever
    number = ended(seen).reference
    counter.engine.send(NextCustomer())
    counter.engine.send(GoTo(Page.PENDING))
    counter.engine.send(OpenCase(number))
    case(seen, lambda view: view.second_refused is None)
    tell(counter, seen, AllowSecond(number, "客户说没有付", PIN))
    counter.engine.send(GoTo(Page.COLLECT))
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 2)))
    assert ended(seen).outcome is Outcome.PAID
    counter.engine.send(NextCustomer())
    counter.engine.send(LookUp("6100000101"))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    counter.close()
    assert book(sandbox)["totals"] == {"paid_fen": 12850, "credited_fen": 12850}


def test_a_permission_that_frees_a_renamed_bill_is_used_and_noted_by_its_attempt(
    settings: Settings, seen: Seen
) -> None:
    policy = replace(POLICY, hold_off_s=0.5, background_gaps_s=(0.2,), attended_scan_s=0.5)
    with SandboxServer(scenario=load_scenario("fresh_cost_ids")) as sandbox:
        endpoint = replace(settings.gateway, url=sandbox.url)
        counter = open_counter(replace(settings, payment=policy, gateway=endpoint), seen.publish)
        counter.start()
        seen.until(lambda now: now.version > 0)
        tell(counter, seen, SetPin(PIN))
        to_pay(counter, seen, "6100000101")
        counter.engine.send(Scanned(sample_code("4001", 1)))  # 0001 for ever
        first = ended(seen).reference
        counter.engine.send(NextCustomer())
        counter.engine.send(GoTo(Page.PENDING))
        counter.engine.send(OpenCase(first))
        case(seen, lambda view: view.second_refused is None)
        tell(counter, seen, AllowSecond(first, "客户说没有付", PIN))
        counter.engine.send(GoTo(Page.COLLECT))
        to_pay(counter, seen, "6100000101")  # under another id
        counter.engine.send(Scanned(sample_code("2000", 2)))
        second = ended(seen).reference
        assert first not in counter.engine.desk.allowed
        counter.close()
    with JournalReader(settings.data_directory) as reader:
        facts = reader.events(second)[0].facts_told()
    assert facts == {BESIDE: first, "by": "supervisor", "why": "客户说没有付"}


@pytest.fixture
def cashier_allows(settings: Settings, seen: Seen) -> Iterator[Counter]:
    made = open_counter(replace(settings, payment=replace(POLICY, second_attempt="cashier")), seen.publish)
    made.start()
    yield made
    made.close()


def test_where_the_cashier_may_allow_it_a_reason_is_asked_for_and_no_pin(cashier_allows: Counter, seen: Seen) -> None:
    show_qr(cashier_allows, seen, "6100000101")
    first = withdraw(cashier_allows, seen)
    told = tell(cashier_allows, seen, AllowSecond(first, " "), done=False)
    assert told.pin_told is not None
    assert told.pin_told.code == "pin.needs_reason"
    tell(cashier_allows, seen, AllowSecond(first, "客户改用付款码"))
    seen.until(lambda now: now.pay is not None and now.pay.scan_armed)


def test_a_permission_is_used_once(with_pin: Counter, seen: Seen) -> None:
    show_qr(with_pin, seen, "6100000101")
    first = withdraw(with_pin, seen)
    tell(with_pin, seen, AllowSecond(first, "客户改用付款码", PIN))
    seen.until(lambda now: now.pay is not None and now.pay.scan_armed)
    with_pin.engine.send(Scanned(sample_code("2000", 1)))
    assert ended(seen).outcome is Outcome.NOT_PAID
    assert not with_pin.engine.desk.allowed


def test_a_site_that_forbids_second_attempts_offers_none(settings: Settings, seen: Seen) -> None:
    counter = open_counter(replace(settings, payment=replace(POLICY, second_attempt="never")), seen.publish)
    counter.start()
    show_qr(counter, seen, "6100000101")
    counter.engine.send(WithdrawQr())
    gone = seen.until(lambda now: now.pay is not None and now.pay.withdrawn)
    counter.close()
    assert gone.pay is not None
    assert gone.pay.second is None
    assert not gone.allows(AllowSecond)


def test_an_armed_second_attempt_begins_nothing_once_the_first_one_was_paid(
    with_pin: Counter, seen: Seen, sandbox: SandboxServer
) -> None:
    pay_url = show_qr(with_pin, seen, "6100000101")
    first = withdraw(with_pin, seen)
    tell(with_pin, seen, AllowSecond(first, "客户改用付款码", PIN))
    seen.until(lambda now: now.pay is not None and now.pay.scan_armed)
    phone_pays(pay_url)
    shown = seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited", 20)
    assert shown.result is not None
    assert shown.result.reference == first
    with_pin.engine.send(Scanned(sample_code("0000", 1)))
    assert book(sandbox)["totals"] == {"paid_fen": 12850, "credited_fen": 12850}


def test_a_bill_that_was_credited_since_the_look_up_begins_nothing(
    counter: Counter, seen: Seen, sandbox: SandboxServer, settings: Settings
) -> None:
    to_pay(counter, seen, "6100000101")
    run = counter.engine.desk.run
    counter.engine.send(Scanned(sample_code("0000", 1)))
    seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    counter.engine.desk.run, counter.engine.desk.face = run, Face.PAY  # the same bill, as another window still shows it
    counter.engine.send(Scanned(sample_code("0000", 2)))
    told = seen.until(lambda now: now.banner is not None)
    assert told.banner is not None
    assert told.banner.what.code == "lock.credited"
    assert book(sandbox)["totals"] == {"paid_fen": 12850, "credited_fen": 12850}
