"""Rule 17 and Z28: a disk that is full, fails, or may only be read, at every operation of a payment.

The payment is driven as the engine does it: a commit that fails is tried again; where the journal says so, it is
opened again first and the order read again. Then the power goes off, for what a failed sync forgot is lost only then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.order import Order, State
from kiosk.journal import Journal, verify
from kiosk.journal.errors import JournalOpenError
from kiosk.ports import JournalError
from kiosk.simulator.disk import DiskFault, SimulatedDisk

#: How many operations a payment makes, its journal's opening left out: more than enough, the last ones hit nothing.
OPERATIONS = 70
MUST_REOPEN = {
    DiskFault.FULL: False,
    DiskFault.WRITE_ERROR: True,
    DiskFault.SYNC_ERROR: True,
    DiskFault.READ_ONLY: True,
}


@pytest.fixture
def disk() -> Iterator[SimulatedDisk]:
    disk = SimulatedDisk("disk faults", seed=17)
    yield disk
    disk.unregister()


@dataclass
class Engine:
    """What the engine does with the journal, without its thread: nothing is sent before its commit."""

    till: Any
    disk: SimulatedDisk
    errors: list[JournalError] = field(default_factory=list)

    def commit(self, order: Order, state: State) -> Order:
        """Until it is on the disk; the fault goes away at some time."""
        while True:
            try:
                return self.till.to(order, state)
            except JournalError as error:
                self.errors.append(error)
            assert self.errors[-1].after_sync is self.till.journal.must_reopen
            found = self.read_again(order)
            if found.state is state:
                return found

    def read_again(self, order: Order) -> Order:
        while self.till.journal.must_reopen:
            try:
                self.till.journal.reopen()
            except JournalError:
                self.disk.heal()
        found = self.till.journal.order(order.order_no)
        assert found is not None
        return found


def _pay(engine: Engine, **fields: Any) -> list[Order]:
    """Two payments and the quiet work between them; an intent that fails begins nothing."""
    done = []
    for cost_id in ("B1", "B2"):
        try:
            order = engine.till.intent(cost_id=cost_id)
        except JournalError as error:
            engine.errors.append(error)
            order = engine.till.fresh(cost_id=cost_id)
            while engine.till.journal.must_reopen:
                try:
                    engine.till.journal.reopen()
                except JournalError:
                    engine.disk.heal()
            continue
        done.append(engine.commit(engine.commit(order, State.PAID), State.CREDITED))
        engine.till.journal._wal_pages = 1 << 20
        engine.till.journal.tick(engine.till.later(10.0))
    return done


@pytest.mark.parametrize("count", [1, 4, None], ids=["once", "four times", "until it is mended"])
@pytest.mark.parametrize("fault", DiskFault)
def test_z28_no_fault_of_the_disk_at_any_operation_loses_what_was_paid(
    place: Callable[[str], Path], disk: SimulatedDisk, till_of: Any, fault: DiskFault, count: int | None
) -> None:
    met = 0
    for operation in range(1, OPERATIONS + 1):
        directory = place(str(operation))
        journal = Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy)
        engine = Engine(till_of(journal), disk)
        disk.fail(fault, disk.operations + operation, count)
        healing = _HealsAfter(disk, engine, 5)
        done = _pay(healing)
        disk.heal()
        met += bool(healing.errors)
        disk.cut()
        journal.close()
        disk.restore(random.Random(operation))
        _compare(directory, disk, done)
    assert met > (3 if fault is DiskFault.SYNC_ERROR else OPERATIONS / 4)


class _HealsAfter(Engine):
    """The fault goes away after so many failed commits: a full disk is emptied by somebody."""

    def __init__(self, disk: SimulatedDisk, engine: Engine, failures: int) -> None:
        super().__init__(engine.till, disk)
        self._failures = failures

    def read_again(self, order: Order) -> Order:
        if len(self.errors) >= self._failures:
            self.disk.heal()
        return super().read_again(order)


def _compare(directory: Path, disk: SimulatedDisk, done: list[Order]) -> None:
    with Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy) as journal:
        assert [order.state for order in done] == [State.CREDITED] * len(done)
        for order in done:
            found = journal.order(order.order_no)
            assert found is not None
            assert found.state is State.CREDITED
            assert journal.notice(order.order_no) is not None
    assert verify(directory)[1] == []


@pytest.mark.parametrize("fault", DiskFault)
def test_the_error_says_whether_the_journal_must_be_opened_again(
    tmp_path: Path, disk: SimulatedDisk, till_of: Any, fault: DiskFault
) -> None:
    with Journal.open(tmp_path / "data", vfs=disk.name, open_copy=disk.open_copy) as journal:
        order = till_of(journal).intent()
        till = till_of(journal)
        disk.fail(fault)
        with pytest.raises(JournalError) as failed:
            till.to(order, State.PAID)
        assert failed.value.after_sync is MUST_REOPEN[fault]
        assert journal.must_reopen is MUST_REOPEN[fault]
        disk.heal()
        if journal.must_reopen:
            journal.reopen()
        assert till.to(journal.order(order.order_no), State.PAID).state is State.PAID


def test_a_disk_that_was_mounted_read_only_is_told_at_the_open_and_nothing_is_begun(
    tmp_path: Path, disk: SimulatedDisk, till_of: Any
) -> None:
    with Journal.open(tmp_path / "data", vfs=disk.name, open_copy=disk.open_copy) as journal:
        till_of(journal).intent()
    disk.fail(DiskFault.READ_ONLY)
    with pytest.raises(JournalOpenError):
        Journal.open(tmp_path / "data", vfs=disk.name, open_copy=disk.open_copy)
    disk.heal()
    Journal.open(tmp_path / "data", vfs=disk.name, open_copy=disk.open_copy).close()
    assert verify(tmp_path / "data") == (1, [])


def test_a_copy_whose_sync_failed_is_written_again(tmp_path: Path, disk: SimulatedDisk, till_of: Any) -> None:
    for seed in range(10):
        directory = tmp_path / str(seed)
        journal = Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy, copy_sync_s=0.0)
        till = till_of(journal)
        till.credited()
        order = till.intent(cost_id="B2")
        # The intent's line waits for a sync; this one forgets it.
        disk.fail(DiskFault.SYNC_ERROR, count=1)
        journal.tick(till.later(5.0))
        assert not journal.must_reopen
        journal.tick(till.later(5.0))
        disk.cut()
        journal.close()
        disk.restore(random.Random(seed))
        assert order.order_no.encode() in (directory / "journal.events.txt").read_bytes()
