"""The walk: every interleaving on one bill, breadth first, so that what breaks a property is told in the fewest steps.

Rules
1. A state is the attempts on the bill in their order, and what all of them share; each attempt is kept as a number, and
   its next steps are worked out once (they depend on nothing but itself, what the gateway's numbers were learned to be,
   and whether a twin is paid).
2. A property is looked at in every state and in every step; the walk ends at the first that breaks.
3. Reductions, and why they are sound: an attempt of which no money can come any more is kept without its questions
   (attempt.finished); a start takes all orders up in one step (they do not touch each other, and a crash between two of
   them leaves what a crash before both leaves); a jump of the clock waits until calls and notices have ended, as their
   deadlines make sure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from kiosk.core.machine import Machine
from kiosk.core.order import Order, State, order_number
from tests.search import moments
from tests.search.attempt import Attempt, Composition, finished, settled_questions
from tests.search.books import Said
from tests.search.fair import ends_well
from tests.search.gateway import Held, Site
from tests.search.steps import Attempts

LIVE = frozenset({State.INTENT, State.IN_DOUBT, State.SHOWN, State.PAID})
JUMPS = (("half a hold-off", moments.HALF_S), ("a whole life", moments.LIFE_S), ("a day", moments.LONG_S))
DRAWN = ("AAAAAAAAAA", "BBBBBBBBBB")


class Bill(NamedTuple):
    """One state of the walk."""

    attempts: tuple[int, ...] = ()
    #: For each attempt the older ones (as bits) beside which it was allowed.
    beside: tuple[int, ...] = ()
    #: A query by our own number was seen to find an order (durable).
    learned: bool = False
    #: The journal's disk fails: 0 not yet, 1 now, 2 no more.
    disk: int = 0
    #: How many attempts began before a backup was restored; -1: none was.
    restored: int = -1


class Found(NamedTuple):
    """A broken property and how it came to be."""

    broken: str
    steps: tuple[str, ...]
    states: int

    def told(self) -> str:
        """Readable, a step a line."""
        lines = [f"{number:3}. {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join([f"{self.broken}, after {len(self.steps)} steps ({self.states} states seen):", *lines])


class Facts(NamedTuple):
    """What the bill's properties need of an attempt."""

    state: State | None
    paid: bool
    notice_sent: bool
    refunded: bool
    twin: bool
    blocks: bool
    unpaid: bool
    broken: str


class Walk:
    """One site, one machine, one composition."""

    def __init__(
        self,
        site: Site,
        machine: Machine,
        composition: Composition,
        journal: Mapping[tuple[State, bool], Said],
        *,
        ignore: frozenset[str] = frozenset(),
        limit: int = 3_000_000,
    ) -> None:
        self.site = site
        self.composition = composition
        self._kind = Attempts(site, machine, composition)
        self._machine = machine
        self._journal = journal
        self._ignore = ignore
        self._limit = limit
        self._numbers: dict[Attempt, int] = {}
        self.attempts: list[Attempt] = []
        self.facts: list[Facts] = []
        self._steps: dict[tuple[int, bool, bool], list[tuple[str, int, bool, bool, str]]] = {}
        self._ticks: dict[tuple[int, float], int] = {}
        self._crashes: dict[int, int] = {}
        self._fair: dict[Attempt, str] = {}
        self.states = 0

    def search(self) -> Found | None:
        """The shortest way to a broken property; None where there is none."""
        first = Bill()
        came: dict[Bill, tuple[Bill, str] | None] = {first: None}
        todo = deque([first])
        while todo:
            bill = todo.popleft()
            self.states = len(came)
            for label, after, broken in self._next(bill):
                if broken and broken not in self._ignore:
                    return Found(broken, (*_way(came, bill), label), len(came))
                if after in came:
                    continue
                came[after] = (bill, label)
                broken = self._broken(after)
                if broken and broken not in self._ignore:
                    return Found(broken, _way(came, after), len(came))
                todo.append(after)
            if len(came) > self._limit:
                raise AssertionError(f"{self.site.name}: more than {self._limit} states")
        return None

    # --- attempts by number -----------------------------------------------------------------------------------------

    def _number(self, attempt: Attempt) -> int:
        attempt = settled_questions(finished(attempt))
        number = self._numbers.get(attempt)
        if number is None:
            number = self._numbers[attempt] = len(self.attempts)
            self.attempts.append(attempt)
            self.facts.append(self._facts(attempt))
        return number

    def _facts(self, attempt: Attempt) -> Facts:
        kept = attempt.kept
        said = None if kept is None else self._journal[kept.state, kept.paid_ms is not None]
        return Facts(
            state=attempt.state,
            paid=attempt.held is Held.PAID,
            notice_sent=attempt.notice_sent,
            refunded=attempt.held is Held.REFUNDED or attempt.state is State.REFUNDED,
            twin=said is not None and said.is_twin,
            blocks=said is not None and said.blocks,
            unpaid=attempt.unpaid,
            broken=attempt.wrong or self._wrong(attempt),
        )

    def _wrong(self, attempt: Attempt) -> str:
        """The properties of one order."""
        state, kept = attempt.state, attempt.kept
        if state is State.FAILED and attempt.payable:
            return "failed_but_payable"
        if state in (State.PAID, State.CREDITED) and attempt.held not in (Held.PAID, Held.REFUNDED):
            return "paid_without_payment"
        gone = kept is not None and kept.reason == "gone_from_arrears"
        if state is State.CREDITED and not (attempt.acknowledged or (gone and attempt.credited)):
            return "credited_without_notice"
        not_kept = "not_durable" not in self._ignore
        if not_kept and kept is not None and attempt.stuck is None and _durable(attempt.mind) != _durable(kept):
            return "not_durable"
        if attempt.held in (Held.PAID, Held.DEAD) and kept is not None and attempt.stuck is None:
            return ends_well(self._kind, attempt, self._fair)
        return ""

    def _next_of(self, number: int, learned: bool, twin: bool) -> list[tuple[str, int, bool, bool, str]]:
        key = (number, learned, twin)
        found = self._steps.get(key)
        if found is None:
            outcomes = self._kind.steps(self.attempts[number], learned, twin)
            seen: dict[tuple[int, bool, bool, str], str] = {}
            for outcome in outcomes:
                item = (self._number(outcome.after), outcome.learned, outcome.crashed, outcome.broken)
                seen.setdefault(item, outcome.label)
            found = self._steps[key] = [
                (label, *item) for item, label in seen.items() if item[0] != number or item[1] or item[3]
            ]
        return found

    def _ticked(self, number: int, seconds: float) -> int:
        key = (number, seconds)
        found = self._ticks.get(key)
        if found is None:
            found = self._ticks[key] = self._number(self._kind.ticked(self.attempts[number], seconds))
        return found

    def _crashed(self, number: int) -> int:
        found = self._crashes.get(number)
        if found is None:
            found = self._crashes[number] = self._number(self._kind.crash(self.attempts[number]))
        return found

    # --- the bill's next states -------------------------------------------------------------------------------------

    def _next(self, bill: Bill) -> Iterator[tuple[str, Bill, str]]:
        facts = [self.facts[number] for number in bill.attempts]
        twins = sum(fact.twin for fact in facts)
        for place, number in enumerate(bill.attempts):
            twin = twins > facts[place].twin
            for label, after, learned, crashed, broken in self._next_of(number, bill.learned, twin):
                yield from self._moved(bill, place, label, after, learned or bill.learned, crashed, broken)
        if all(self._kind.may_tick(self.attempts[number]) for number in bill.attempts) and bill.disk != 1:
            for label, seconds in JUMPS if self.site.days else JUMPS[:2]:
                ticked = tuple(self._ticked(number, seconds) for number in bill.attempts)
                yield f"{label} goes by", bill._replace(attempts=ticked), ""
        if bill.attempts:
            crashed_ones = tuple(map(self._crashed, bill.attempts))
            disk = 2 if bill.disk == 1 else bill.disk
            yield "the program dies, and starts again", bill._replace(attempts=crashed_ones, disk=disk), ""
            if self.site.restores and bill.restored < 0:
                label = "the program dies; a backup of before these attempts is restored, and it starts again"
                yield label, Bill(restored=len(bill.attempts)), ""
        if bill.disk == 1:
            yield from self._reopened(bill)
        else:
            yield from self._begun(bill, facts)

    def _moved(
        self, bill: Bill, place: int, label: str, after: int, learned: bool, crashed: bool, broken: str
    ) -> Iterator[tuple[str, Bill, str]]:
        label = f"order {place + 1}: {label}"
        attempts = list(bill.attempts)
        if crashed:
            attempts = [self._crashed(number) for number in attempts]
        attempts[place] = after
        moved = bill._replace(attempts=tuple(attempts), learned=learned)
        fails = self.attempts[after].stuck is not None
        was_stuck = self.attempts[bill.attempts[place]].stuck is not None
        if fails and not was_stuck:
            if bill.disk == 2:
                return
            moved = moved._replace(disk=1)
        elif bill.disk == 1 and self.attempts[after].kept != self.attempts[bill.attempts[place]].kept:
            return  # a commit while the disk fails
        yield label, moved, broken

    def _reopened(self, bill: Bill) -> Iterator[tuple[str, Bill, str]]:
        """The journal is open again: the messages that waited are stepped, one after the other."""
        attempts, learned = list(bill.attempts), bill.learned
        for place, number in enumerate(attempts):
            attempt = self.attempts[number]
            if attempt.stuck is None:
                continue
            twin = any(self.facts[other].twin for at, other in enumerate(attempts) if at != place)
            outcome = self._kind.unstuck(attempt, twin)
            attempts[place] = self._number(outcome.after)
            learned = learned or outcome.learned
        after = bill._replace(attempts=tuple(attempts), learned=learned, disk=2)
        yield "the journal is open again, and what waited is stepped", after, ""

    def _begun(self, bill: Bill, facts: list[Facts]) -> Iterator[tuple[str, Bill, str]]:
        """The cashier begins an attempt, where the bill is still in the list and rule 1's look lets it pass."""
        place = len(bill.attempts)
        if place >= len(self.site.modes) or any(fact.state is State.CREDITED for fact in facts):
            return
        blocking = [at for at, fact in enumerate(facts) if fact.blocks]
        if not self.composition.looks_in_commit:
            blocking = []
        if any(not self._may_stand_beside(bill.attempts[at], facts[at]) for at in blocking):
            return
        bits = sum(1 << at for at in blocking)
        permitted = all(facts[at].unpaid for at in blocking)
        beside = tuple(f"NO{at + 1}" for at in blocking)
        broken = "" if permitted else "second_attempt_not_permitted"
        again = self._repeats_a_number(bill, place)
        for mode in self.site.modes[place].split("|"):
            for outcome in self._kind.begin(mode, beside):
                label = f"the cashier {outcome.label}" + (f" beside {', '.join(beside)}" if beside else "")
                attempts = bill.attempts
                if outcome.crashed:
                    attempts = tuple(map(self._crashed, attempts))
                begun = bill._replace(attempts=(*attempts, self._number(outcome.after)), beside=(*bill.beside, bits))
                yield label, begun, outcome.broken or broken or again

    def _may_stand_beside(self, number: int, fact: Facts) -> bool:
        if not self.site.second_attempts or fact.state is State.MANUAL:
            return False
        attempt = self.attempts[number]
        return self._machine.may_stand_beside(self._kind.concrete(attempt), moments.AT) == ""

    def _repeats_a_number(self, bill: Bill, place: int) -> str:
        if bill.restored < 0:
            return ""
        now = DRAWN[1] if self.composition.draws_at_start else DRAWN[0]
        used = {order_number("K1", DRAWN[0], count + 1) for count in range(bill.restored)}
        return "number_repeated" if order_number("K1", now, place + 1) in used else ""

    # --- properties of the bill -------------------------------------------------------------------------------------

    def _broken(self, bill: Bill) -> str:
        facts = [self.facts[number] for number in bill.attempts]
        for fact in facts:
            if fact.broken:
                return fact.broken
        for place, fact in enumerate(facts):
            for older in range(place):
                if not bill.beside[place] >> older & 1:
                    if fact.paid and facts[older].paid:
                        return "charged_twice"
                    if fact.state in LIVE and facts[older].state in LIVE:
                        return "two_live_attempts"
        if sum(fact.notice_sent and not fact.refunded for fact in facts) > 1:
            return "two_notices"
        return ""


def _durable(order: Order) -> Order:
    """What must be in the journal as it is in memory; a gateway's number that is ours needs no commit (page part 5)."""
    return replace(order, gateway_order_no="") if order.gateway_order_no == order.order_no else order


def _way(came: dict[Bill, tuple[Bill, str] | None], bill: Bill) -> tuple[str, ...]:
    steps: list[str] = []
    before = came[bill]
    while before is not None:
        steps.append(before[1])
        before = came[before[0]]
    return tuple(reversed(steps))
