"""A printer in trouble beside payments: no payment waits for it, and each result is told as what it is."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.commands import NextCustomer, PrintSlip, Scanned
from kiosk.demo.world import World
from kiosk.drivers import PrinterWatch
from kiosk.journal import JournalReader
from kiosk.sandbox.behaviours import sample_code
from kiosk.settings import Settings
from kiosk.snapshot import Face, Level, Outcome, Snapshot
from tests.engine.stand import POLICY, Seen, to_pay

CUSTOMERS = ("6100000101", "6100000106", "6100000107")
_codes = itertools.count(900)


@pytest.fixture
def settings(world: World) -> Settings:
    return world.settings(replace(POLICY, receipt_wait_s=0.2))


@pytest.fixture
def counter(settings: Settings, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    monkeypatch.setattr("kiosk.app.PrinterWatch", partial(PrinterWatch, every_s=0.3))
    made = open_counter(settings, seen.publish)
    made.start()
    yield made
    made.close()


def _pay(counter: Counter, seen: Seen, customer_no: str) -> Snapshot:
    to_pay(counter, seen, customer_no)
    counter.engine.send(Scanned(sample_code("0000", next(_codes))))
    return seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.PAID)


def _told(seen: Seen, code: str, timeout_s: float = 15.0) -> None:
    seen.until(
        lambda now: now.result is not None and now.result.printing is not None and now.result.printing.code == code,
        timeout_s,
    )


@pytest.mark.parametrize(
    ("trouble", "mend", "code"),
    [
        (lambda printer: None, lambda printer: None, "printing.confirmed"),
        (lambda printer: printer.mute_status(True), lambda printer: printer.mute_status(False),
         "printing.sent_unconfirmed"),
        (lambda printer: printer.paper_out(), lambda printer: printer.load_paper(), "printing.refused"),
        (lambda printer: printer.open_cover(), lambda printer: printer.close_cover(), "printing.refused"),
        (lambda printer: printer.power_off(), lambda printer: printer.power_on(), "printing.not_sent"),
        (lambda printer: printer.load_paper(rows=150), lambda printer: printer.load_paper(), "printing.interrupted"),
    ],
)  # fmt: skip
def test_each_result_of_a_print_is_told_and_kept_as_what_it_is(
    counter: Counter, seen: Seen, world: World, settings: Settings, code: str,
    trouble: Callable[[object], None], mend: Callable[[object], None],
) -> None:  # fmt: skip
    trouble(world.printer)
    _pay(counter, seen, CUSTOMERS[0])
    _told(seen, code)
    mend(world.printer)
    may_be_there = code in ("printing.confirmed", "printing.sent_unconfirmed", "printing.interrupted")
    papers = len(world.printer.wait_for(1, 10)) if may_be_there else 0
    counter.engine.send(PrintSlip())
    _told(seen, "printing.confirmed")
    receipts = world.printer.wait_for(papers + 1, 10)
    assert len(receipts) == papers + 1  # one wish, one paper: nothing that waited came out by itself
    assert ("补打" in receipts[-1].text) or not may_be_there
    with JournalReader(settings.data_directory) as reader:
        order = reader.orders()[0]
        assert order.state == "credited"


def test_a_dead_printer_delays_no_payment(counter: Counter, seen: Seen, world: World) -> None:
    """Its port takes connections and never reads: the worst a printer can do. Three customers pay meanwhile."""
    world.printer.stall(True)
    began = time.monotonic()
    for customer_no in CUSTOMERS:
        now = _pay(counter, seen, customer_no)
        assert now.result is not None
        counter.engine.send(NextCustomer())
        seen.until(lambda now: now.face is Face.FIND)
    assert time.monotonic() - began < 10.0
    seen.until(
        lambda now: any(pill.device == "printer" and pill.level is Level.BAD for pill in now.pills), timeout_s=20.0
    )


def test_an_empty_roll_is_told_before_a_customer_pays(counter: Counter, seen: Seen, world: World) -> None:
    seen.until(lambda now: any(pill.device == "printer" and pill.level is Level.GOOD for pill in now.pills))
    world.printer.paper_out()
    now = seen.until(
        lambda now: any(pill.device == "printer" and pill.level is Level.BAD for pill in now.pills), timeout_s=10.0
    )
    pill = next(pill for pill in now.pills if pill.device == "printer")
    assert pill.advice is not None
    assert pill.advice.code == "health.paper_out"
    world.printer.load_paper()
    seen.until(
        lambda now: any(pill.device == "printer" and pill.level is Level.GOOD for pill in now.pills), timeout_s=10.0
    )
    assert world.printer.receipts == []


