"""Power cuts at every operation of a journal's life: what was acknowledged is there, and nothing by halves.

A life is written down as it is acknowledged (:class:`Witness`); then the power goes off, the disk keeps some of what
no sync had covered, the journal is opened again (where the power may go off again), and all is compared.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.payment_code import PaymentCode
from kiosk.journal import Journal, JournalReader, verify
from kiosk.journal.append import BESIDE
from kiosk.journal.errors import JournalOpenError
from kiosk.ports import JournalError
from kiosk.simulator.disk import DiskFault, SimulatedDisk

NAME = "power cuts"
PREPAYMENT = {"kind": Kind.PREPAYMENT, "cost_id": "", "period": "", "late_fee_fen": 0, "total_fen": 12_345}


@dataclass
class Witness:
    """What the journal acknowledged, and the one commit that was under way when it stopped answering."""

    head: str = "0" * 64
    orders: dict[str, Order] = field(default_factory=dict)
    codes: list[PaymentCode] = field(default_factory=list)
    prints: int = 0
    learned: bool = False
    #: Tries of the PIN that were counted; None: none is set.
    pin_tries: int | None = None
    #: The order of the commit under way, as it would be.
    begun: Order | None = None
    commits: int = 0


class Life:
    """Writes orders into the journal and tells the witness; stops by the journal's error."""

    def __init__(self, directory: Path, witness: Witness, till_of: Any) -> None:
        self.directory, self.witness, self.till_of = directory, witness, till_of
        self.till: Any = None
        self.made = 0

    def open(self, disk: SimulatedDisk) -> None:
        journal = Journal.open(self.directory, vfs=NAME, open_copy=disk.open_copy)
        made, at = (self.till.made, self.till.at) if self.till else (0, None)
        self.till = self.till_of(journal)
        self.till.made, self.till.at = made, at or self.till.at

    @property
    def journal(self) -> Journal:
        journal: Journal = self.till.journal
        return journal

    def _written(self, write: Callable[[], Order], begun: Order) -> Order:
        self.witness.begun = begun
        order = write()
        self.witness.begun = None
        self.witness.orders[order.order_no] = order
        self.witness.head = self.journal.chain_head()
        self.witness.commits += 1
        return order

    def intent(self, *facts: tuple[str, str], code: PaymentCode | None = None, **fields: Any) -> Order:
        order = self.till.fresh(**fields)
        if code is not None:
            self.journal.remember_code(code, order.order_no, self.till.at)
        events = [Append(EventKind.INTENT, facts)]
        order = self._written(lambda: self.journal.append(order, events, self.till.later()), order)
        if code is not None:
            self.witness.codes.append(code)
        return order

    def to(self, order: Order, state: State, **changes: Any) -> Order:
        return self._written(lambda: self.till.to(order, state, **changes), replace(order, state=state, **changes))

    def tell(self, order: Order, kind: EventKind, *facts: tuple[str, str], **changes: Any) -> Order:
        changed = replace(order, **changes)
        events = [Append(kind, facts)]
        return self._written(lambda: self.journal.append(changed, events, self.till.later()), changed)

    def set_pin(self) -> None:
        self.journal.set_pin("argon2 text", self.till.later())
        self.witness.pin_tries, self.witness.head = 0, self.journal.chain_head()

    def try_pin(self) -> None:
        self.journal.pin_tried(self.till.later())
        assert self.witness.pin_tries is not None
        self.witness.pin_tries += 1

    def print(self, order: Order) -> None:
        self.journal.printed([order.order_no], 1, "printing", self.till.later())
        self.witness.prints += 1
        self.journal.printed([order.order_no], 1, "confirmed", self.till.later())


CODE = PaymentCode("281234567890123456", "alipay")


def _a_day(life: Life, disk: SimulatedDisk) -> None:
    """One of everything that the engine may write, with two restarts and a log carried over in between."""
    if life.till is None:
        life.open(disk)
    scan = life.intent(code=CODE, name_masked="张*")
    scan = life.to(scan, State.PAID)
    scan = life.to(scan, State.CREDITED)
    life.print(scan)
    life.set_pin()
    life.try_pin()
    life.try_pin()
    show = life.intent(customer_no="1002", mode=Mode.SHOW)
    show = life.to(show, State.SHOWN, pay_url="https://pay.example/q", gateway_order_no="G1")
    life.journal.tick(life.till.later(5.0))
    prepaid = life.intent(customer_no="1003", **PREPAYMENT)
    prepaid = life.tell(prepaid, EventKind.GATEWAY_NUMBER, ("number", "G2"), gateway_order_no="G2")
    prepaid = life.tell(prepaid, EventKind.LEARNED, ("finds_by_our_number", "true"))
    life.witness.learned = True
    life.journal.close()
    life.open(disk)
    doubt = life.to(life.intent(customer_no="1004"), State.IN_DOUBT)
    beside = life.intent((BESIDE, doubt.order_no), customer_no="1004")
    life.to(beside, State.FAILED, reason="declined")
    _carry_over(life)
    manual = life.to(doubt, State.MANUAL, reason="paid_twice")
    manual = life.tell(manual, EventKind.EVIDENCE, ("status", "SUCCESS"), success_seen=True)
    life.to(manual, State.PAID)
    life.to(prepaid, State.PAID)
    _carry_over(life)
    life.to(show, State.REFUNDED)
    life.to(life.intent(customer_no="1005", mode=Mode.SHOW), State.UNSEEN)
    life.journal.close()


def _carry_over(life: Life) -> None:
    """Let a quiet moment empty the log, however short it is."""
    life.journal._wal_pages = 1 << 20
    life.journal.tick(life.till.later())


def _live(life: Life, disk: SimulatedDisk) -> None:
    """A day until the power goes off; the journal is closed in any case, as a dead process's files are."""
    try:
        _a_day(life, disk)
    except (JournalError, JournalOpenError, OSError):
        assert disk.is_off
    finally:
        disk.cut()
        if life.till is not None:
            with contextlib.suppress(OSError):
                life.journal.close()


def _compare(directory: Path, witness: Witness, disk: SimulatedDisk) -> None:
    """The journal after the power cut against what it acknowledged."""
    if not (directory / "journal.db").exists():
        assert witness.orders == {}
        return
    with Journal.open(directory, vfs=NAME, open_copy=disk.open_copy) as journal:
        found = {number: journal.order(number) for number in witness.orders}
        begun = witness.begun
        for number, order in witness.orders.items():
            assert found[number] is not None, f"{number} is lost"
            if begun is not None and begun.order_no == number and found[number] != order:
                assert found[number].state is begun.state
                assert (found[number].success_seen, found[number].gateway_order_no) == (
                    begun.success_seen,
                    begun.gateway_order_no,
                )
            else:
                assert found[number] == order
            assert (journal.notice(number) is not None) is ("paid" in _kinds(journal, number))
        if begun is None and witness.pin_tries is not None:
            assert journal.chain_head() == witness.head
        if witness.pin_tries is not None:
            kept = journal.pin()
            assert kept is not None
            assert kept.failures in (witness.pin_tries, witness.pin_tries + 1)
        assert not journal.awaiting_acceptance
        at = Instant(1e6, 1_795_399_260_000)
        assert all(journal.code_used(code, at) for code in witness.codes)
        assert journal.copies(["7AB3KQ9XW2M00001"]) in (witness.prints, witness.prints + 1)
        assert journal.finds_by_our_number() or not witness.learned
    count, findings = verify(directory, anchor=witness.head)
    assert findings == []
    assert len(witness.orders) <= count <= len(witness.orders) + 1
    lines = (directory / "journal.events.txt").read_bytes().splitlines()
    with JournalReader(directory) as reader:
        written = sum(len(reader.events(order.order_no)) for order in reader.orders())
        assert len(lines) == written + len(reader.events(""))


def _kinds(journal: Journal, order_no: str) -> list[str]:
    rows: list[Any] = journal._db.execute("SELECT kind FROM events WHERE order_no = ?", (order_no,)).fetchall()
    return [str(row[0]) for row in rows]


@pytest.fixture
def disk() -> Iterator[SimulatedDisk]:
    disk = SimulatedDisk(NAME)
    yield disk
    disk.unregister()


def _cut_and_compare(
    directory: Path, disk: SimulatedDisk, till_of: Any, cut: int, chance: random.Random, again: bool
) -> Witness:
    witness = Witness()
    disk.cut_at(disk.operations + cut)
    _live(Life(directory, witness, till_of), disk)
    disk.restore(chance)
    if again:
        _cut_the_recovery(directory, disk, chance)
    _compare(directory, witness, disk)
    return witness


def _cut_the_recovery(directory: Path, disk: SimulatedDisk, chance: random.Random) -> None:
    """The power goes off again while the journal is being opened or closed."""
    disk.cut_at(disk.operations + chance.randint(1, 12))
    with contextlib.suppress(JournalOpenError, JournalError, OSError):
        Journal.open(directory, vfs=NAME, open_copy=disk.open_copy).close()
    disk.cut()
    disk.restore(chance)


def test_the_day_has_everything_in_it(directory: Path, disk: SimulatedDisk, till_of: Any) -> None:
    witness = Witness()
    _a_day(Life(directory, witness, till_of), disk)
    assert witness.commits == 19
    assert {order.state for order in witness.orders.values()} >= {
        State.CREDITED, State.PAID, State.FAILED, State.REFUNDED, State.UNSEEN,
    }  # fmt: skip
    assert verify(directory, anchor=witness.head)[1] == []


@pytest.mark.long_counts
def test_no_acknowledged_commit_is_lost_and_none_is_there_by_halves(
    place: Callable[[str], Path], disk: SimulatedDisk, till_of: Any, count: Callable[[int, int], int]
) -> None:
    _a_day(Life(place("whole"), Witness(), till_of), disk)
    operations = disk.operations
    cuts = count(300, 2000)
    chance = random.Random(20261123)
    # Every operation in turn, spread evenly where there are more of them than cuts; then random ones.
    chosen = [1 + index * operations // min(cuts, operations) for index in range(min(cuts, operations))]
    chosen += [chance.randint(1, operations) for _ in range(cuts - len(chosen))]
    begun = 0
    for index, cut in enumerate(chosen):
        outcome = random.Random(cut * 1_000_003 + index)
        witness = _cut_and_compare(place(str(index)), disk, till_of, cut, outcome, again=index % 3 == 0)
        begun += witness.begun is not None
    assert begun > cuts / 3


@pytest.mark.long_counts
def test_a_cut_while_the_journal_is_opened_again_after_a_failed_sync_loses_nothing_either(
    place: Callable[[str], Path], disk: SimulatedDisk, till_of: Any, count: Callable[[int, int], int]
) -> None:
    met = 0
    for index in range(count(60, 600)):
        directory, witness, chance = place(str(index)), Witness(), random.Random(index)
        life = Life(directory, witness, till_of)
        life.open(disk)
        disk.fail(DiskFault.SYNC_ERROR, disk.operations + chance.randint(1, 200), 20)
        with contextlib.suppress(JournalError, JournalOpenError):
            _a_day(life, disk)
        disk.heal()
        met += life.journal.must_reopen
        disk.cut_at(disk.operations + chance.randint(1, 40))
        with contextlib.suppress(JournalError, JournalOpenError, OSError):
            _open_again(life, witness)
        disk.cut()
        with contextlib.suppress(OSError):
            life.journal.close()
        disk.restore(chance)
        _compare(directory, witness, disk)
    assert met > 20


def _open_again(life: Life, witness: Witness) -> None:
    """What the engine reads after it opened the journal again is as good as acknowledged."""
    if not life.journal.must_reopen:
        return
    life.journal.reopen()
    begun = witness.begun
    found = life.journal.order(begun.order_no) if begun is not None else None
    if found is not None and begun is not None and found.state is begun.state:
        witness.orders[found.order_no] = found
    witness.begun, witness.head = None, life.journal.chain_head()
    for number in range(5):
        life.to(life.intent(cost_id=f"after {number}"), State.FAILED)
    life.journal.close()
