"""Prints that a counter left behind when it ended: interrupted, told, never printed again by themselves."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.commands import NextCustomer, Scanned
from kiosk.core.receipt import ReceiptLine
from kiosk.ports import PrintResult
from kiosk.sandbox.behaviours import sample_code
from kiosk.settings import Settings
from kiosk.snapshot import Face, Outcome
from tests.engine.stand import Seen, to_pay


class Endless:
    """A printer that never comes back from its first job, as when the power goes."""

    def __init__(self) -> None:
        self.begun, self.goes = threading.Event(), threading.Event()

    def print(self, job_id: str, document: Sequence[ReceiptLine]) -> PrintResult:
        self.begun.set()
        self.goes.wait(30)
        raise OSError("the process is gone")


@pytest.mark.expects_error_log("kiosk.lanes")
def test_r26_a_print_without_a_result_is_interrupted_at_the_next_start_and_told(
    settings: Settings, seen: Seen
) -> None:
    stuck = Endless()
    counter = open_counter(settings, seen.publish)
    counter.engine._paper._printer = stuck
    counter.start()
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 61)))
    now = seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.PAID)
    assert stuck.begun.wait(10)
    assert now.result is not None
    counter.engine.stop()  # the power is cut here: no outcome is written
    counter.journal.close()
    stuck.goes.set()

    again = open_counter(settings, seen.publish)
    again.start()
    now = seen.until(lambda now: now.banner is not None)
    assert now.banner is not None
    assert now.banner.what.code == "printing.left"
    again.close()
    counter.close()
    third = open_counter(settings, seen.publish)
    assert third.journal.unfinished_prints() == []
    third.close()


def test_r26_a_print_that_ended_is_not_told(counter: Counter, seen: Seen, settings: Settings) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("0000", 62)))
    seen.until(
        lambda now: now.result is not None
        and now.result.printing is not None
        and now.result.printing.code == "printing.confirmed"
    )
    counter.engine.send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND)
    counter.close()
    again = open_counter(settings, seen.publish)
    again.start()
    now = seen.until(lambda now: now.face is Face.FIND and bool(now.pills))
    assert now.banner is None
    again.close()


