"""The engine with a real journal on disk and a real gateway over HTTP; real clocks, short waits."""

from __future__ import annotations

import time

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.commands import LookUp, NextCustomer, PayBills, Refresh, Scanned, ShowQr, StopWaiting
from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Order, State
from kiosk.journal import Journal, verify
from kiosk.ports import JournalError
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.run import SandboxServer
from kiosk.settings import Settings
from kiosk.snapshot import Face, Outcome
from tests.engine.stand import Seen, result, to_pay


def test_three_actions_pay_a_bill_and_credit_it(counter: Counter, seen: Seen, sandbox: SandboxServer) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 1)))
    shown = seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    assert shown.result is not None
    assert shown.result.outcome is Outcome.PAID
    book = sandbox.ledger.as_json(sandbox.gateway.now_s())
    assert book["totals"] == {"paid_fen": 12850, "credited_fen": 12850}
    assert book["breaches"] == []


def test_the_same_code_twice_in_a_moment_is_one_order(counter: Counter, seen: Seen, sandbox: SandboxServer) -> None:
    to_pay(counter, seen, "6100000101")
    for _ in range(2):
        counter.engine.send(Scanned(sample_code("1001", 1)))
    result(seen)
    assert len(sandbox.ledger.as_json(sandbox.gateway.now_s())["orders"]) == 1


def test_a_used_code_is_refused_before_anything_is_sent(counter: Counter, seen: Seen, sandbox: SandboxServer) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("2000", 1)))
    assert result(seen).result.outcome is Outcome.NOT_PAID
    counter.engine.send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND)
    to_pay(counter, seen, "6100000103")
    counter.engine.send(Scanned(sample_code("2000", 1)))
    refused = seen.until(lambda now: now.banner is not None)
    assert refused.banner is not None
    assert refused.banner.what.code == "code.used"
    assert len(sandbox.ledger.as_json(sandbox.gateway.now_s())["orders"]) == 1


def test_the_next_customer_is_served_while_a_doubt_goes_on_and_its_bill_stays_locked(
    counter: Counter, seen: Seen
) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("4000", 1)))
    seen.until(lambda now: now.allows(StopWaiting))
    counter.engine.send(StopWaiting())
    assert result(seen).result.outcome is Outcome.UNKNOWN
    counter.engine.send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND and now.pending_count == 1)
    to_pay(counter, seen, "6100000103")
    counter.engine.send(Scanned(sample_code("0000", 2)))
    seen.until(lambda now: now.pay is not None and now.pay.position == 2)
    counter.engine.send(LookUp("6100000101"))  # not legal in the middle of a payment: dropped
    counter.engine.send(Scanned(sample_code("0000", 3)))
    assert result(seen).result.outcome is Outcome.PAID
    counter.engine.send(LookUp("6100000101"))
    account = seen.until(lambda now: now.account is not None and now.account.customer_no == "6100000101").account
    assert account is not None
    assert account.bills[0].locked is not None
    assert account.bills[0].locked.code == "lock.open_attempt"


def test_a_restart_takes_every_open_order_up_and_a_paid_one_is_credited(
    settings: Settings, seen: Seen, sandbox: SandboxServer
) -> None:
    first = open_counter(settings, seen.publish)
    first.start()
    to_pay(first, seen, "6100000101")
    first.engine.send(Scanned(sample_code("7002", 1)))  # its notice is refused twice before it is taken
    seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.PAID)
    first.close()
    again = Seen()
    second = open_counter(settings, again.publish)
    second.start()
    deadline_s = time.monotonic() + 10
    while sandbox.ledger.as_json(sandbox.gateway.now_s())["totals"]["credited_fen"] != 12850:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    again.until(lambda now: now.pending_count == 0)
    second.close()


class FailingOnce:
    """A real journal whose next commit of one kind fails, as a full disk would have it."""

    def __init__(self, journal: Journal, kind: EventKind) -> None:
        self._journal, self._kind = journal, kind
        self.failed = 0

    def append(self, order: Order, events: list[Append], at: Instant, notice: bytes | None = None) -> Order:
        if self.failed == 0 and any(event.kind is self._kind for event in events):
            self.failed += 1
            raise JournalError("the disk is full")
        return self._journal.append(order, events, at, notice)

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)


def failing(counter: Counter, kind: EventKind) -> FailingOnce:
    journal = FailingOnce(counter.journal, kind)
    object.__setattr__(counter.engine._parts, "journal", journal)
    return journal


@pytest.mark.expects_error_log("kiosk.begin")
def test_an_intent_that_cannot_be_written_sends_nothing(settings: Settings, seen: Seen, sandbox: SandboxServer) -> None:
    counter = open_counter(settings, seen.publish)
    journal = failing(counter, EventKind.INTENT)
    counter.start()
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 1)))
    shown = seen.until(lambda now: now.banner is not None)
    assert not shown.allows(ShowQr)
    assert journal.failed == 1
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["orders"] == []
    seen.until(lambda now: now.allows(ShowQr))  # the journal was opened again: the counter goes on
    counter.close()


@pytest.mark.expects_error_log("kiosk.attempts")
def test_a_paid_fact_that_cannot_be_written_is_kept_and_written_later(
    settings: Settings, seen: Seen, sandbox: SandboxServer
) -> None:
    counter = open_counter(settings, seen.publish)
    journal = failing(counter, EventKind.PAID)
    counter.start()
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 1)))
    seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    assert journal.failed == 1
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["totals"]["credited_fen"] == 12850
    counter.close()
    with_it = Journal.open(settings.data_directory)
    assert with_it.open_orders() == []
    with_it.close()
    assert State.PAID not in {order.state for order in counter.engine.orders.values()}


class FaultyOnce:
    """A real part of which one method fails once by a fault that nobody foresaw."""

    def __init__(self, part: object, method: str, after: int = 0) -> None:
        self._part, self._method, self._after = part, method, after
        self.failed = 0

    def __getattr__(self, name: str) -> object:
        if name == self._method and self.failed == 0:
            self._after -= 1
            if self._after < 0:
                return self._fail
        return getattr(self._part, name)

    def _fail(self, *_: object) -> object:
        self.failed += 1
        raise RuntimeError("nobody foresaw this")


@pytest.mark.expects_error_log("kiosk")
@pytest.mark.parametrize("method", ["notice", "number_taken", "twin_paid"])
def test_a_fault_of_ours_at_any_step_neither_loses_nor_repeats_a_payment(
    method: str, settings: Settings, seen: Seen, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.attempts.FAULT_GAP_S", 0.2)
    counter = open_counter(settings, seen.publish)
    journal = FaultyOnce(counter.journal, method, after=1 if method == "twin_paid" else 0)  # not when it begins
    object.__setattr__(counter.engine._parts, "journal", journal)
    counter.start()
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 1)))
    seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    counter.close()
    book = sandbox.ledger.as_json(sandbox.gateway.now_s())
    assert journal.failed == 1
    assert book["totals"] == {"paid_fen": 12850, "credited_fen": 12850}
    assert book["breaches"] == []
    assert verify(settings.data_directory) == (1, [])


@pytest.mark.expects_error_log("kiosk.engine")
def test_a_fault_with_one_order_does_not_keep_the_others_from_being_taken_up(
    settings: Settings, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for customer_no, serial in (("6100000101", 1), ("6100000107", 2)):
        seen = Seen()
        counter = open_counter(settings, seen.publish)
        counter.start()
        to_pay(counter, seen, customer_no)
        counter.engine.send(Scanned(sample_code("1508", serial)))  # paid after eight seconds
        seen.until(lambda now: now.allows(StopWaiting))
        counter.close()
    monkeypatch.setattr("kiosk.attempts.FAULT_GAP_S", 0.2)
    again = Seen()
    counter = open_counter(settings, again.publish)
    object.__setattr__(counter.engine._parts, "machine", FaultyOnce(counter.engine._parts.machine, "step"))
    counter.start()
    again.until(lambda now: now.pending_count == 2)
    again.until(lambda now: now.pending_count == 0, timeout_s=30)
    counter.close()
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["totals"]["credited_fen"] == 12851


class ShutFor:
    """A real journal of which one read fails once, as a closed connection would have it."""

    def __init__(self, journal: Journal, method: str) -> None:
        self._journal, self._method = journal, method
        self.failed = 0

    def __getattr__(self, name: str) -> object:
        if name == self._method and self.failed == 0:
            return self._fail
        return getattr(self._journal, name)

    def _fail(self, *_: object) -> object:
        self.failed += 1
        raise JournalError("the connection has been closed")


@pytest.mark.expects_error_log("kiosk")
@pytest.mark.parametrize("method", ["attempts", "live_attempts", "code_used", "twin_paid", "number_taken"])
def test_a_journal_that_is_shut_when_it_is_read_stops_payments_for_a_moment_and_nothing_else(
    method: str, settings: Settings, seen: Seen, sandbox: SandboxServer
) -> None:
    counter = open_counter(settings, seen.publish)
    journal = ShutFor(counter.journal, method)
    object.__setattr__(counter.engine._parts, "journal", journal)
    counter.start()
    counter.engine.send(LookUp("6100000101"))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    if method == "attempts":
        shut = seen.until(lambda now: now.banner is not None)
        assert shut.banner is not None
        assert shut.banner.what.code == "banner.journal"
        assert shut.account is not None
        assert shut.account.bills == (), "which of them are locked is not known"
        seen.until(lambda now: now.allows(Refresh) and now.banner is None)
        counter.engine.send(Refresh())
    seen.until(lambda now: now.allows(PayBills))
    counter.engine.send(PayBills())
    seen.until(lambda now: now.face is Face.PAY)
    counter.engine.send(Scanned(sample_code("0000", 1)))
    if method in ("live_attempts", "code_used", "twin_paid"):
        seen.until(lambda now: now.banner is not None and now.banner.what.code == "banner.journal")
        seen.until(lambda now: now.allows(ShowQr))
        counter.engine.send(Scanned(sample_code("0000", 2)))
    seen.until(lambda now: now.result is not None and now.result.advice.code == "result.credited")
    counter.close()
    assert journal.failed == 1
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["totals"] == {"paid_fen": 12850, "credited_fen": 12850}


def test_a_journal_built_anew_from_its_copy_takes_no_payment_and_goes_on_with_the_open_ones(
    settings: Settings, seen: Seen, sandbox: SandboxServer
) -> None:
    counter = open_counter(settings, seen.publish)
    counter.start()
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("1503", 1)))  # paid after three seconds
    seen.until(lambda now: now.allows(StopWaiting))
    counter.close()
    for database in settings.data_directory.glob("journal.db*"):
        database.write_bytes(b"\xff" * 8192)
    again = Seen()
    counter = open_counter(settings, again.publish)
    counter.start()
    shut = again.until(lambda now: now.banner is not None)
    assert shut.banner is not None
    assert shut.banner.what.code == "banner.copy_not_accepted"
    again.until(lambda now: now.pending_count == 0, timeout_s=20)
    counter.engine.send(LookUp("6100000103"))
    account = again.until(lambda now: now.face is Face.ACCOUNT)
    counter.close()
    assert not account.allows(PayBills)
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["totals"] == {"paid_fen": 12850, "credited_fen": 12850}
