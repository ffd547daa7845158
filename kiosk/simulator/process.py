"""One process of the counter: the real engine over the real journal, until it is killed.

Rules
1. A kill is :class:`Killed`, which no ``except Exception`` holds up; whoever catches it starts the next process.
2. The ports between engine and world are wrapped, not replaced: each commit and each paper is shown to the watch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kiosk.core.machine import Machine
from kiosk.core.messages import Append
from kiosk.core.order import DRAWN_LENGTH, Instant, Order
from kiosk.core.receipt import Letterhead, ReceiptLine
from kiosk.core.sentence import Sentence
from kiosk.engine import Engine
from kiosk.gateway.calls import Calls
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.replies import Counters
from kiosk.journal import Journal
from kiosk.parts import Inbound, Parts
from kiosk.ports import JournalError, JournalRefusedError, Lane, PrintResult
from kiosk.simulator.bank import QR_HOST
from kiosk.simulator.faults import Fault
from kiosk.simulator.network import Network, SimulatedLanes, SimulatedTransport
from kiosk.simulator.plan import Plan
from kiosk.simulator.schedule import Schedule, VirtualClock
from kiosk.simulator.watch import Watch
from kiosk.snapshot import CounterView, Snapshot

_ENDPOINT = Endpoint(url="https://gateway.example", acq_code="283499")
_PROFILE = WireProfile(pay_url_hosts=(QR_HOST.split("/")[2],))
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LANES = (Lane.PAYMENT, Lane.BESIDE, Lane.BACKGROUND)
_COUNTER = CounterView("K1", "城东营业厅", "0001", False, False)
_HEAD = Letterhead(branch="城东营业厅", counter_id="K1", cashier="0001")


class Killed(BaseException):
    """The process is gone; ``power``: and the machine's power with it."""

    def __init__(self, *, power: bool = False) -> None:
        super().__init__("killed")
        self.power = power


class WatchedJournal:
    """The real journal, each of its commits shown to the watch, and the points at which a process may die."""

    def __init__(
        self, journal: Journal, watch: Watch, at_commit: Callable[[str], None], reopened: Callable[[Journal], None]
    ) -> None:
        self._journal, self._watch, self._at_commit, self._reopened = journal, watch, at_commit, reopened

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._journal, name)
        self.__dict__[name] = found  # asked for a thousand times a story
        return found

    def append(self, order: Order, events: Sequence[Append], at: Instant, notice: bytes | None = None) -> Order:
        """The journal's own; the process may die before it or after it."""
        self._watch.before_commit(order, events)
        self._at_commit("before_commit")
        try:
            stored = self._journal.append(order, events, at, notice)
        except JournalRefusedError:
            raise
        except JournalError:
            self._watch.journal_failed = True
            raise
        self._watch.told("commit", f"{order.order_no} {order.state} {order.reason}")
        self._watch.committed(stored, events, notice)
        self._at_commit("after_commit")
        return stored

    def reopen(self) -> None:
        """The journal's own."""
        self._journal.reopen()
        self._watch.journal_failed = False
        self._reopened(self._journal)


class SimulatedPrinter:
    """A printer that says what a printer may say; what is on its paper is held against the journal."""

    def __init__(self, plan: Plan, watch: Watch, struck: Callable[[Fault], None]) -> None:
        self._plan, self._watch, self._struck = plan, watch, struck
        self._printed = 0

    def print(self, job_id: str, document: Sequence[ReceiptLine]) -> PrintResult:
        """Print the document."""
        self._printed += 1
        codes = [part for line in document for part in (line.left, line.right) if part.startswith("receipt.")]
        numbers = [line.right for line in document if line.left == "receipt.order_no"]
        copy = int(job_id.rpartition("-")[2])
        self._watch.printed(codes, numbers, copy)
        dice = self._plan.fates.of(self._printed, 70)
        if Fault.PRINTER in self._plan.faults and dice.chance(0.3):
            self._struck(Fault.PRINTER)
            results = (PrintResult.NOT_SENT, PrintResult.INTERRUPTED, PrintResult.REFUSED, PrintResult.SENT_UNCONFIRMED)
            return dice.one_of(results)
        return PrintResult.CONFIRMED


class WatchedEngine(Engine):
    """The real engine; its windows are drawn when the cashier looks, or when what a phone could scan may have changed.

    A snapshot at every turn would be half of a story's time, and nobody would see it.
    """

    _shown_of: tuple[object, ...] | None = None

    def _show(self) -> None:
        order, showing = self.desk.order, None
        if order is not None and order.pay_url:
            showing = (self.desk.face, order.pay_url, order.state, order.asking.hidden_s)
        if showing != self._shown_of:
            self._shown_of = showing
            self.look()

    def look(self) -> None:
        """Publish what the windows show now."""
        super()._show()


class Process:
    """A counter that runs: engine, lanes, lines, clocks."""

    def __init__(
        self,
        plan: Plan,
        schedule: Schedule,
        network: Network,
        watch: Watch,
        journal: Journal,
        *,
        struck: Callable[[Fault], None],
        published: Callable[[Snapshot], None],
        at_point: Callable[[str], None],
        reopened: Callable[[Journal], None],
    ) -> None:
        self.journal, self._schedule = journal, schedule
        random = plan.random
        self.clock = VirtualClock(schedule, random.uniform(0.0, 1e6))
        self.watched = WatchedJournal(journal, watch, at_point, reopened)
        transports = {lane: SimulatedTransport() for lane in _LANES}
        counters = Counters()
        gateways = {
            lane: Calls(
                _ENDPOINT, _PROFILE, plan.policy, transports[lane],
                wall=lambda: self.clock.now().wall_ms / 1000, sleep=transports[lane].sleep, counters=counters,
            )
            for lane in _LANES
        }  # fmt: skip
        parts = Parts(
            machine=Machine(plan.policy, plan.traits),
            policy=plan.policy,
            journal=self.watched,
            gateways=gateways,
            printer=SimulatedPrinter(plan, watch, struck),
            clock=self.clock,
            counter=_COUNTER,
            letterhead=_HEAD,
            say=_said,
            drawn="".join(random.choice(_LETTERS) for _ in range(DRAWN_LENGTH)),
            publish=published,
        )
        self.engine = WatchedEngine(parts)
        self.lanes = SimulatedLanes(schedule, network, transports, self.turn, watch)
        self.lanes.submitted = lambda: at_point("at_job")
        self.engine.attach(self.lanes)
        self.due_s: float | None = None

    def start(self) -> None:
        """Take up what is open, and show the first face."""
        self.engine.take_up()
        self.engine.look()
        self._look_at_the_clock()

    def turn(self, message: Inbound | None) -> None:
        """One turn of the engine, now."""
        self.engine.turn(message)
        self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        due_s = self.engine.next_due_s()
        self.due_s = None if due_s is None else due_s - self.clock.zero_s

    def die(self) -> None:
        """The process is gone; what it had sent is on its way."""
        self.lanes.alive = False
        self.journal.abandon()


def _said(sentence: Sentence) -> str:
    """Papers in codes, so that what they say can be checked."""
    return sentence.code
