"""Many stories: seeds handed out to processes, what came of them added up.

Rules
1. What a seed does is the seed's alone: the number of processes changes the time, never a figure (the speed excepted).
2. Totals are sums and the violations' list is sorted by seed, so that two runs compare.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kiosk.core.order import State
from kiosk.simulator.faults import Fault
from kiosk.simulator.places import Template, workshop
from kiosk.simulator.plan import Plan, plan
from kiosk.simulator.story import Ended, Outcome, Story, Told
from kiosk.simulator.watch import Violation

#: Seeds that a process takes at a time.
CHUNK = 50
#: One story in so many that knows clock jumps is played once more with a clock that goes right (rule 15).
_COMPARED = 10
#: More violations than this are counted and not told.
TOLD_VIOLATIONS = 10


@dataclass(frozen=True, slots=True)
class Broken:
    """A violated rule, and the story that broke it."""

    seed: int
    violation: Violation
    last: tuple[Told, ...]


@dataclass(slots=True)
class Totals:
    """What came of many stories."""

    stories: int = 0
    payments: int = 0
    virtual_s: float = 0.0
    faults: Counter[Fault] = field(default_factory=Counter)
    ends: Counter[State] = field(default_factory=Counter)
    violations: int = 0
    broken: list[Broken] = field(default_factory=list)

    @property
    def crashes(self) -> int:
        """Processes that died, by a kill or with the power."""
        return self.faults[Fault.CRASH] + self.faults[Fault.POWER_CUT]

    @property
    def struck(self) -> int:
        """Faults of all kinds."""
        return sum(self.faults.values())

    def add(self, other: Totals) -> None:
        """Add another part of the campaign."""
        self.stories += other.stories
        self.payments += other.payments
        self.virtual_s += other.virtual_s
        self.faults.update(other.faults)
        self.ends.update(other.ends)
        self.violations += other.violations
        self.broken = sorted([*self.broken, *other.broken], key=lambda one: one.seed)[:TOLD_VIOLATIONS]


def play(seeds: range, directory: Path, template: Template) -> Totals:
    """Play these seeds one after the other, in this process."""
    totals = Totals()
    for seed in seeds:
        drawn = plan(seed)
        try:
            outcome = Story(drawn, template, directory).run()
            violations = outcome.violations or _clock_changed_something(drawn, outcome, template, directory)
        except Exception as error:  # a story that cannot be told is no proof of anything
            totals.stories += 1
            totals.violations += 1
            totals.broken.append(Broken(seed, Violation("ours", f"the simulation failed: {error!r}"), ()))
            continue
        _count(totals, outcome, violations)
    return totals


def campaign(first: int, count: int, *, processes: int | None = None) -> Iterator[Totals]:
    """Play ``count`` seeds from ``first`` on; the totals so far, one and the same object, after each stretch.

    ``processes``: how many at once; None: one a processor.
    """
    chunks = [range(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    wanted = min(processes or os.cpu_count() or 1, len(chunks))
    totals = Totals()
    for part in _played(chunks, wanted):
        totals.add(part)
        yield totals


def _played(chunks: list[range], processes: int) -> Iterator[Totals]:
    # One place, this process's: a child that is ended has no time to tidy up.
    with workshop() as place:
        if processes <= 1:
            template = Template(place)
            for chunk in chunks:
                yield play(chunk, place / "story", template)
            return
        # Spawned, not forked: a child that begins with its parent's threads and locks may never end.
        with multiprocessing.get_context("spawn").Pool(processes, _heed_no_interrupt) as pool:
            yield from pool.imap(partial(_play_apart, place), chunks)


def _heed_no_interrupt() -> None:
    """Whoever hands out the seeds ends this process, not the keyboard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _play_apart(place: Path, chunk: range) -> Totals:
    mine = place / str(os.getpid())
    mine.mkdir(exist_ok=True)
    return play(chunk, mine / "story", Template(mine))


def _count(totals: Totals, outcome: Outcome, violations: list[Violation]) -> None:
    totals.stories += 1
    totals.payments += outcome.payments
    totals.virtual_s += outcome.virtual_s
    totals.faults.update(outcome.faults)
    totals.ends.update(end.state for end in outcome.ends)
    if violations:
        totals.violations += 1
        if len(totals.broken) < TOLD_VIOLATIONS:
            totals.broken.append(Broken(outcome.seed, violations[0], outcome.last))


# --- rule 15 -------------------------------------------------------------------------------------------------------


def _clock_changed_something(drawn: Plan, outcome: Outcome, template: Template, directory: Path) -> list[Violation]:
    """Rule 15, by two runs of one seed: one with the clock's jumps, one without."""
    if not drawn.jumps or drawn.seed % _COMPARED or drawn.crashes or drawn.on_simulated_disk:
        return []  # an extra question moves the moment of a crash
    steady = Story(plan(drawn.seed, jumps=False), template, directory).run()
    pairs = list(zip(outcome.ends, steady.ends, strict=False))
    if any(_who(one) != _who(other) for one, other in pairs):
        return []  # the people did something else: what a look at the clock changed was theirs
    changed = [(one, other) for one, other in pairs if not _equal(one, other)]
    return [Violation("15", f"{one} with a jumping clock, {other} without") for one, other in changed]


def _who(end: Ended) -> Ended:
    return replace(end, state=State.INTENT, reason="")


def _equal(one: Ended, other: Ended) -> bool:
    """``manual`` may come by a time limit; ``unseen`` and ``failed`` of one order differ by an extra question."""
    may_differ = {State.MANUAL, State.UNSEEN}
    return one.state is other.state or bool({one.state, other.state} & may_differ)
