"""Somebody turns every dial of the demo while customers pay: each payment is credited, once, and none waits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.commands import LookUp, NextCustomer, PayPrepayment, Scanned
from kiosk.demo.dials import dials
from kiosk.demo.world import World
from kiosk.journal import JournalReader
from kiosk.sandbox.behaviours import sample_code
from kiosk.settings import Settings
from kiosk.snapshot import Face, Outcome
from kiosk.ui.demo_bar import DemoBar, Turn
from tests.engine.stand import POLICY, Seen

CUSTOMER = "6100000104"
#: The longest that any of these payments may take, with two cores that others use as well.
PATIENCE_S = 8.0
_codes = itertools.count(500)


@pytest.fixture
def settings(world: World) -> Settings:
    return world.settings(replace(POLICY, prepay_min="1.00"))


@pytest.fixture
def counter(settings: Settings, seen: Seen) -> Iterator[Counter]:
    made = open_counter(settings, seen.publish)
    made.start()
    yield made
    made.close()


def _pay(counter: Counter, seen: Seen, yuan: int) -> None:
    counter.engine.send(LookUp(CUSTOMER))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    counter.engine.send(PayPrepayment(f"{yuan}.00"))
    seen.until(lambda now: now.face is Face.PAY)
    counter.engine.send(Scanned(sample_code("0000", next(_codes))))
    seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.PAID, PATIENCE_S)
    counter.engine.send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND)


def test_every_dial_is_turned_during_payments_and_each_is_credited_once(
    counter: Counter, seen: Seen, world: World, settings: Settings
) -> None:
    gone: list[bool] = []
    every = dials(world, gone.append)
    paid = 0
    for dial in every:
        dial.turn(True)
        paid += 1
        _pay(counter, seen, paid)
        dial.turn(False)
    for dial in every:  # and all of them at once
        dial.turn(True)
    paid += 1
    _pay(counter, seen, paid)
    for dial in every:
        dial.turn(False)
    paid += 1
    _pay(counter, seen, paid)
    assert gone == [True, False, True, False]
    end = time.monotonic() + 15
    while True:
        with JournalReader(settings.data_directory) as reader:
            orders = reader.orders()
        if all(order.state == "credited" for order in orders) or time.monotonic() > end:
            break
        time.sleep(0.1)
    assert [order.state for order in orders] == ["credited"] * paid
    totals = world.sandbox.ledger.as_json(world.sandbox.gateway.now_s())["totals"]
    due_fen = sum(range(1, paid + 1)) * 100
    assert totals == {"paid_fen": due_fen, "credited_fen": due_fen}


def test_a_dial_says_how_to_undo_it(qapp: object) -> None:
    turned: list[bool] = []
    turn = Turn("pull", "plug", turned.append, in_window=True)
    bar = DemoBar("demo", [("pay", lambda: None)], [turn], "note", "dials")
    (dial,) = bar.dials
    for words in ("plug", "pull"):
        dial.click()
        assert dial.text() == dial.accessibleName() == words
    assert turned == [True, False]
    bar.deleteLater()
