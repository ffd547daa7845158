"""A commit is there or it is not: full disks, failing syncs, and a process that is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import State
from kiosk.journal import Journal, verify
from kiosk.journal.errors import JournalOpenError
from kiosk.ports import JournalError
from tests.journal.failing_disk import FailingDisk, io_error


@pytest.fixture
def disk() -> Iterator[FailingDisk]:
    disk = FailingDisk("failing")
    yield disk
    disk.unregister()


@pytest.fixture
def till(disk: FailingDisk, directory: Path, till_of: Any) -> Iterator[Any]:
    with Journal.open(directory, vfs=disk.name) as journal:
        yield till_of(journal)


def test_a_commit_costs_one_sync(till: Any, disk: FailingDisk) -> None:
    order = till.intent()
    before = disk.syncs
    order = till.to(order, State.PAID)
    till.to(order, State.CREDITED)
    assert disk.syncs == before + 2


FAULTS: dict[str, tuple[str, Callable[[], Exception], bool]] = {
    "the disk is full": ("at_write", lambda: apsw.FullError("full"), False),
    "a write fails": ("at_write", lambda: io_error(apsw.SQLITE_IOERR_WRITE), True),
    "a sync fails": ("at_sync", lambda: io_error(apsw.SQLITE_IOERR_FSYNC), True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_commit_leaves_nothing_half_written(
    till: Any, disk: FailingDisk, directory: Path, fault: str
) -> None:
    where, error, must_reopen = FAULTS[fault]
    order = till.intent()
    head = till.journal.chain_head()
    setattr(disk, where, error)
    with pytest.raises(JournalError) as failed:
        till.to(order, State.PAID)
    assert failed.value.after_sync is must_reopen
    assert till.journal.must_reopen is must_reopen
    assert till.journal.chain_head() == head
    setattr(disk, where, None)
    if must_reopen:
        with pytest.raises(JournalError, match="opened again"):
            till.to(order, State.PAID)
        till.journal.reopen()
    found = till.journal.order(order.order_no)
    # After a failed sync the disk may hold the commit all the same; then it holds all of it.
    assert (found.state, till.journal.notice(order.order_no) is None) in ((State.INTENT, True), (State.PAID, False))
    if found.state is State.INTENT:
        found = till.to(order, State.PAID)
    till.to(found, State.CREDITED)
    till.journal.close()
    assert verify(directory) == (1, [])


def test_an_intent_that_fails_leaves_neither_order_nor_code(till: Any, disk: FailingDisk) -> None:
    till.intent()
    disk.at_write = lambda: apsw.FullError("full")
    with pytest.raises(JournalError, match="full"):
        till.intent(cost_id="B2")
    disk.at_write = None
    assert len(till.journal.open_orders()) == 1
    till.intent(cost_id="B2")


def test_a_disk_that_still_fails_keeps_the_journal_closed_and_the_lock_held(
    till: Any, disk: FailingDisk, directory: Path
) -> None:
    order = till.intent()
    disk.at_sync = lambda: io_error(apsw.SQLITE_IOERR_FSYNC)
    with pytest.raises(JournalError):
        till.to(order, State.PAID)
    disk.at_write = disk.at_sync
    till.journal._vfs = "there is no such disk"
    with pytest.raises(JournalError, match="again"):
        till.journal.reopen()
    with pytest.raises(JournalError):
        till.to(order, State.PAID)
    with pytest.raises(JournalOpenError):
        Journal.open(directory)
    disk.at_write = disk.at_sync = None
    till.journal._vfs = disk.name
    till.journal.reopen()
    assert till.journal.order(order.order_no) is not None


def test_a_failing_checkpoint_refuses_no_commit_but_the_journal_is_opened_again_first(
    till: Any, disk: FailingDisk, directory: Path
) -> None:
    for number in range(60):
        till.credited(cost_id=f"B{number}", known_ids=("x" * 2000,))
    disk.at_sync = lambda: io_error(apsw.SQLITE_IOERR_FSYNC)
    till.journal.tick(till.later())
    assert till.journal.must_reopen
    disk.at_sync = None
    till.journal.reopen()
    till.credited(cost_id="B99")
    till.journal.close()
    assert verify(directory) == (61, [])


_PAYING = """
import sys
from pathlib import Path
from tests.journal.conftest import Till
from kiosk.core.order import State
from kiosk.journal import Journal
till = Till(Journal.open(Path(sys.argv[1])))
till.made = int(sys.argv[2])
while True:
    order = till.intent(cost_id=str(till.made))
    print(order.order_no, "intent", flush=True)
    order = till.to(order, State.PAID)
    print(order.order_no, "paid", flush=True)
    till.to(order, State.CREDITED)
    print(order.order_no, "credited", flush=True)
    till.journal.tick(till.at)
"""
_RANK = {"intent": 0, "paid": 1, "credited": 2}


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_process_loses_no_commit_that_it_acknowledged(directory: Path, seed: int) -> None:
    acknowledged: dict[str, str] = {}
    made = 0
    for life in range(2):
        told = _killed_after(random.Random(seed * 10 + life).randint(1, 150), directory, made)
        for line in told:
            number, state = line.split()
            acknowledged[number] = state
        made += 10_000
    with Journal.open(directory) as journal:
        for number, state in acknowledged.items():
            found = journal.order(number)
            assert found is not None
            assert _RANK[found.state] >= _RANK[state]
            assert (journal.notice(number) is not None) is (found.state is not State.INTENT)
    count, findings = verify(directory)
    assert findings == []
    assert len(acknowledged) <= count <= len(acknowledged) + 2


def _killed_after(lines: int, directory: Path, made: int) -> list[str]:
    """What a paying process acknowledged until it was killed, some time after this many lines."""
    with subprocess.Popen(
        [sys.executable, "-c", _PAYING, str(directory), str(made)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        told += child.stdout.readlines()
    assert child.returncode == -signal.SIGKILL
    # The last line may be cut by the kill.
    return [line for line in told if line.endswith("\n")]


_LIMITED = """
import resource, sys
from pathlib import Path
from tests.journal.conftest import Till
from kiosk.core.order import State
from kiosk.journal import Journal
from kiosk.ports import JournalError
till = Till(Journal.open(Path(sys.argv[1])))
till.credited(cost_id="first")
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
paid = []
try:
    while True:
        paid.append(till.credited(cost_id=str(till.made), known_ids=("x" * 3000,)).order_no)
except JournalError as error:
    print(len(paid), till.journal.must_reopen)
"""


def test_x10_a_file_that_may_not_grow_stops_payments_and_loses_none(directory: Path) -> None:
    pytest.importorskip("resource", reason="limits on a file's size are POSIX's")
    ran = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(directory)], stdout=subprocess.PIPE, text=True, timeout=60, check=True
    )
    paid, must_reopen = ran.stdout.split()
    assert int(paid) > 5
    assert must_reopen == "True"
    with Journal.open(directory) as journal:
        assert len(journal.open_orders()) <= 1
    count, findings = verify(directory)
    assert findings == []
    assert count - int(paid) in (1, 2)


def test_an_exception_within_a_commit_rolls_it_back(till: Any, directory: Path) -> None:
    order = till.intent()
    broken = replace(order, state=State.PAID, paid_ms=10**30)
    with pytest.raises(OverflowError):
        till.journal.append(broken, [Append(EventKind.PAID)], till.later(), b"notice")
    assert till.journal.order(order.order_no) == order
    till.to(order, State.PAID)
    till.journal.close()
    assert verify(directory) == (1, [])
