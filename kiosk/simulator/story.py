"""One story: a counter, its customers, its gateway, from the first look-up until everything is settled.

Rules
1. Events come in the order of virtual time; of the engine's own deadlines and the world's events the earlier is next.
2. When the people are done the network is healthy again; then every order must be settled within limited time.
3. The first violation ends the story: what follows a broken rule proves nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.commands import Command
from kiosk.core.messages import Append, EventKind, Settled
from kiosk.core.order import Order, State
from kiosk.journal import Journal, verify
from kiosk.journal.errors import JournalHeldError, JournalOpenError
from kiosk.ports import JournalError
from kiosk.simulator.bank import Bank, Debt
from kiosk.simulator.disk import DiskFault, SimulatedDisk
from kiosk.simulator.faults import Fault
from kiosk.simulator.network import Network
from kiosk.simulator.people import Cashier, Customers
from kiosk.simulator.places import Template, fixed_bytes
from kiosk.simulator.plan import Plan
from kiosk.simulator.process import Killed, Process
from kiosk.simulator.schedule import Schedule
from kiosk.simulator.watch import Violation, Watch
from kiosk.snapshot import Snapshot

#: How much of a story is told with a violation.
TOLD_EVENTS = 60
#: Events in one story; more is a loop of ours.
EVENT_LIMIT = 60_000
#: Turns at one moment that leave the same deadline: a thread that never waits.
SPIN_LIMIT = 20
ROUNDING_S = 1e-6
#: After the people are gone, at most so many lives of an order until all is settled.
_LIVES_TO_SETTLE = 9
#: One story in so many: its journal is verified, its files are searched for payment codes, a second writer is refused.
_LOOKED_INTO = 20

Told = tuple[float, str, str]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an order ended, for comparing two runs."""

    customer_no: str
    kind: str
    mode: str
    state: State
    reason: str


@dataclass(slots=True)
class Outcome:
    """What came of a story."""

    seed: int
    payments: int
    faults: Counter[Fault]
    virtual_s: float
    violations: list[Violation]
    last: tuple[Told, ...]
    ends: tuple[Ended, ...]
    #: SHA-256 over everything that happened, where it was asked for.
    digest: str = ""


class Story:
    """The world of one seed; :meth:`run` plays it."""

    def __init__(self, plan: Plan, template: Template, directory: Path, *, keep_all: bool = False) -> None:
        self._plan, self._directory = plan, directory
        self._schedule = Schedule()
        self._faults: Counter[Fault] = Counter()
        self._told: deque[Told] = deque(maxlen=None if keep_all else TOLD_EVENTS)
        self._keep_all = keep_all
        self._watch = Watch(plan, self._schedule)
        self._watch.told = self._tell
        self._bank = Bank(plan, self._schedule, self._strike, self._watch.money_moved, self._watch.credited)
        self._watch.bank = self._bank
        self._network = Network(plan, self._schedule, self._bank, self._watch, self._strike)
        self._customers = Customers(plan, self._schedule, self._bank, self._strike)
        numbers = self._owing()
        self._cashier: Cashier | None = Cashier(plan, numbers, self._press, self._strike)
        self._crashes = list(plan.crashes)
        self._until_crash: float = self._crashes[0][1] if self._crashes else -1
        self._healed_s: float | None = None
        self._files = template.copy_to(directory)
        self._disk = self._simulated_disk()
        self._process: Process | None = None
        self._seen: Snapshot | None = None
        self._events = self._spins = 0
        self._is_supervised = False
        self._is_down = False

    def run(self) -> Outcome:
        """Play the story to its end, or to its first violation."""
        try:
            with _own_faults(self._watch):
                self._play()
        finally:
            if self._process is not None:
                self._process.die()
            if self._disk is not None:
                self._disk.unregister()
        return self._outcome()

    # --- the course of events --------------------------------------------------------------------------------------

    def _play(self) -> None:
        for moment_s, by_ms in self._plan.jumps:
            self._schedule.at(moment_s, self._clock_jumps, by_ms)
        try:
            self._start()
        except Killed as killed:
            self._died(power=killed.power)
        self._schedule.after(0.1, self._cashier_looks)
        violations, happen = self._watch.violations, self._happen
        while not violations and (self._cashier is not None or not self._is_over()):
            self._events += 1
            if self._events > EVENT_LIMIT:
                self._watch.violated("ours", "a story without an end")
            try:
                happen()
            except Killed as killed:
                self._died(power=killed.power)
        if not violations:
            self._last_look()

    def _happen(self) -> None:
        """The next thing, the world's or the engine's."""
        process, next_s = self._process, self._schedule.next_s()
        due_s = process.due_s if process is not None else None
        if due_s is not None and process is not None and (next_s is None or due_s <= next_s):
            # A deadline of another zero may be a rounding away from the moment it names.
            self._schedule.now_s = max(due_s, self._schedule.now_s) + (ROUNDING_S if self._spins else 0.0)
            self._tell("due", "")
            process.turn(None)
            self._spins = self._spins + 1 if process.due_s == due_s else 0
            if self._spins >= SPIN_LIMIT:
                self._watch.violated("ours", f"the engine is due and does nothing, at {due_s:.3f} s")
        elif next_s is not None:
            self._schedule.step()
        if self._crashes:
            self._at_point("at_any")

    def _is_over(self) -> bool:
        if self._is_down or self._bank.pending or self._customers.pending:
            return False
        if self._healed_s is None:
            self._healed_s = self._schedule.now_s
        if self._watch.all_settled and not self._watch.journal_failed:
            if self._is_supervised:
                return True
            self._is_supervised = True
            self._supervisor_settles()
            return False
        life_s = max(self._plan.policy.qr_life_s, self._plan.policy.hold_off_s)
        return self._schedule.now_s > self._healed_s + _LIVES_TO_SETTLE * life_s

    def _last_look(self) -> None:
        self._watch.at_the_end()
        if self._process is None:
            return
        self._watch.overdue(self._process.engine.orders)
        try:
            if self._process.journal.must_reopen:
                self._process.journal.reopen()
            self._compare_with(self._process.journal)
        except JournalError as error:
            self._watch.violated("17", f"the journal cannot be read at the end, on a disk that is well: {error}")
        if self._plan.seed % _LOOKED_INTO == 0:
            self._look_into_the_files()

    # --- the process -----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._is_down = False
        self._watch.started_s = self._schedule.now_s
        journal = self._opened()
        if journal is None:
            return
        self._compare_with(journal)
        self._process = Process(
            self._plan, self._schedule, self._network, self._watch, journal,
            struck=self._strike, published=self._published, at_point=self._at_point,
            reopened=self._compare_with,
        )  # fmt: skip
        self._process.start()

    def _opened(self) -> Journal | None:
        policy, disk = self._plan.policy, self._disk
        try:
            if disk is None:
                return Journal.open(
                    self._files, code_memory_s=policy.code_memory_s, watch_s=policy.unseen_watch_s,
                    random_bytes=fixed_bytes,
                )  # fmt: skip
            return Journal.open(
                self._files, code_memory_s=policy.code_memory_s, watch_s=policy.unseen_watch_s,
                random_bytes=fixed_bytes, vfs=disk.name, open_copy=disk.open_copy,
            )  # fmt: skip
        except JournalOpenError as error:
            self._watch.violated("17", f"the journal cannot be opened after a crash: {error}")
            return None

    def _died(self, *, power: bool) -> None:
        self._strike(Fault.POWER_CUT if power else Fault.CRASH)
        self._tell("crash", "power" if power else "")
        process, self._process = self._process, None
        disk = self._disk
        if disk is not None:
            disk.heal()
            disk.cut()
        if process is not None:
            process.die()
        self._network.the_counter_died()
        self._watch.the_counter_died()
        if disk is not None and power:
            disk.restore(self._plan.random)
        elif disk is not None:
            disk.is_off = False
            disk.heal()
        self._watch.painted("")
        self._customers.see("")
        self._is_down = True
        self._schedule.after(self._plan.random.choice((0.5, 5.0, 60.0, 400.0)), self._start)

    def _at_point(self, kind: str) -> None:
        """A point at which the process may die; which one the plan says."""
        if not self._crashes or kind != self._crashes[0][0] or self._process is None:
            return
        self._until_crash -= 1 if kind != "at_any" else 0.25
        if self._until_crash > 0:
            return
        self._crashes.pop(0)
        self._until_crash = self._crashes[0][1] if self._crashes else -1
        power = self._disk is not None and Fault.POWER_CUT in self._plan.faults
        raise Killed(power=power and self._plan.random.random() < 0.7)

    def _compare_with(self, journal: Journal) -> None:
        """What was acknowledged is there; what a crash or a failed sync left open is now known."""
        for order in journal.open_orders():
            if order.order_no not in self._watch.known:
                self._tell("found", f"{order.order_no} {order.state}")
                self._watch.found(order)
        for known in list(self._watch.known.values()):
            found = journal.order(known.order.order_no)
            if found is None:
                self._watch.violated("law 1", f"{known.order.order_no} is gone from the journal")
            elif found.state is not known.order.state:
                self._catch_up(known.order, found, journal)

    def _catch_up(self, known: Order, found: Order, journal: Journal) -> None:
        """A commit that nobody acknowledged may be there all the same: then it holds like any other."""
        self._tell("found", f"{found.order_no} {found.state}")
        events = [Append(EventKind(found.state.value))]
        self._watch.committed(found, events, journal.notice(found.order_no))

    # --- the people ------------------------------------------------------------------------------------------------

    def _press(self, command: Command) -> None:
        self._tell("press", type(command).__name__)
        assert self._process is not None
        self._process.turn(command)

    def _cashier_looks(self) -> None:
        cashier, process = self._cashier, self._process
        if cashier is None:
            return
        if process is None:
            self._schedule.after(10.0, self._cashier_looks)
            return
        process.engine.look()
        assert self._seen is not None
        try:
            wait_s = cashier.act(self._seen, len(self._watch.known))
        except Killed:
            self._schedule.after(10.0, self._cashier_looks)
            raise
        if wait_s is None:
            self._people_go()
            return
        self._schedule.after(wait_s, self._cashier_looks)

    def _people_go(self) -> None:
        """Nobody presses any more, and the network is well."""
        self._cashier = None
        self._network.odds = 0.0
        self._crashes.clear()
        if self._disk is not None:
            self._disk.heal()

    def _supervisor_settles(self) -> None:
        """A supervisor releases the notice of what was paid, as the page allows; the PIN is another room's matter.

        Nobody releases what the books outside of this counter show as credited.
        """
        process = self._process
        if process is None or process.journal.must_reopen:
            return
        for known in list(self._watch.known.values()):
            order, trade = known.order, self._bank.by_order.get(known.order.order_no)
            wanted = order.state is State.MANUAL and trade is not None and not trade.credits
            if not wanted or not self._plan.fates.of(known.index, 80).chance(0.7):
                continue
            self._tell("settle", order.order_no)
            twin_paid = process.journal.twin_paid(order)
            release = Settled(to=State.PAID, by="S1", why="核对无误", twin_paid=twin_paid)
            process.engine.attempts.step(order.order_no, release)
        process.turn(None)

    def _published(self, snapshot: Snapshot) -> None:
        self._seen = snapshot
        qr_text = snapshot.customer.qr_text or (snapshot.pay.qr_text if snapshot.pay is not None else "")
        self._watch.painted(qr_text)
        self._customers.see(qr_text)

    def _owing(self) -> list[str]:
        random = self._plan.random
        numbers = [f"61000001{number:02d}" for number in range(self._plan.customers)]
        for number in numbers:
            self._bank.debts[number] = []
            for bill in range(random.randint(1, 4)):
                late_fen = random.choice((0, 0, 15, 1234))
                period = f"2026{random.randint(1, 12):02d}"
                cost_id = f"{number[-2:]}{bill:04d}"
                self._bank.add_debt(Debt(number, period, random.randint(1, 50_000), late_fen, cost_id))
        return numbers

    # --- the machine -----------------------------------------------------------------------------------------------

    def _clock_jumps(self, by_ms: int) -> None:
        if self._process is not None:
            self._strike(Fault.CLOCK_JUMP)
            self._process.clock.set_off(by_ms)

    def _simulated_disk(self) -> SimulatedDisk | None:
        plan = self._plan
        if not plan.on_simulated_disk:
            return None
        disk = SimulatedDisk(f"simulated-{self._directory.name}-{plan.seed}", plan.seed)
        faults = [fault for fault in (Fault.DISK_FULL, Fault.DISK_ERROR) if fault in plan.faults]
        for fault in faults:
            self._schedule.at(plan.random.uniform(1.0, 60.0), self._disk_fails, fault)
        return disk

    def _disk_fails(self, fault: Fault) -> None:
        if self._disk is None or self._cashier is None or self._process is None:
            return
        self._strike(fault)
        kind = DiskFault.FULL if fault is Fault.DISK_FULL else DiskFault.SYNC_ERROR
        self._disk.fail(kind)
        self._schedule.after(self._plan.random.uniform(0.5, 30.0), self._disk.heal)

    # --- telling ---------------------------------------------------------------------------------------------------

    def _strike(self, fault: Fault) -> None:
        self._faults[fault] += 1

    def _tell(self, kind: str, text: str) -> None:
        self._told.append((self._schedule.now_s, kind, text))

    def _look_into_the_files(self) -> None:
        if self._process is None:
            return
        vfs = self._disk.name if self._disk is not None else None
        _, findings = verify(self._files, vfs=vfs)
        for finding in findings:
            self._watch.violated("14", f"{finding.code} {finding.where} {finding.detail}")
        content = b"".join(path.read_bytes() for path in sorted(self._files.iterdir()))
        kept = [code for code in sorted(self._watch.codes) if code.encode() in content]
        self._watch.require(not kept, "3", "a payment code lies in the journal's files")
        try:
            Journal.open(self._files).close()
        except JournalHeldError:
            return
        self._watch.violated("19", "a second process opened the journal for writing")

    def _outcome(self) -> Outcome:
        known = self._watch.known.values()
        return Outcome(
            seed=self._plan.seed,
            payments=len(self._watch.known),
            faults=self._faults,
            virtual_s=self._schedule.now_s,
            violations=self._watch.violations,
            last=tuple(self._told)[-TOLD_EVENTS:] if self._watch.violations else (),
            ends=tuple(_end(one.order) for one in known),
            digest=_digest(self._told) if self._keep_all else "",
        )


def _end(order: Order) -> Ended:
    return Ended(order.customer_no, order.kind, order.mode, order.state, order.reason)


def _digest(told: Iterable[Told]) -> str:
    text = "\n".join(f"{moment_s!r} {kind} {what}" for moment_s, kind, what in told)
    return hashlib.sha256(text.encode()).hexdigest()


class _Faults(logging.Handler):
    """The engine's own errors, which it survives, are violations here."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.ERROR)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, JournalError):
            self._watch.violated("ours", f"{record.getMessage()}: {error!r}")


@contextmanager
def _own_faults(watch: Watch) -> Iterator[None]:
    """The program's log goes nowhere but to the watch."""
    log, handler = logging.getLogger("kiosk"), _Faults(watch)
    before = log.propagate, log.level
    log.propagate = False
    log.setLevel(logging.ERROR)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate, log.level = before
