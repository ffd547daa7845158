"""The rules hold in every story; a story is its seed's alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from kiosk.core.order import State
from kiosk.simulator.campaign import Totals, campaign
from kiosk.simulator.faults import Fault
from kiosk.simulator.story import Outcome

#: Payments of a story on average, by some thousands of them.
PAYMENTS_A_STORY = 4.4
#: What only some thousands of stories are sure to hold is not asked of fewer.
_RARE = {Fault.BROKEN_WORD, Fault.PAID_LATE, Fault.NOTICE_REFUSED}

_DIGESTS = """
from kiosk.simulator.places import Template, workshop
from kiosk.simulator.plan import plan
from kiosk.simulator.story import Story
with workshop() as place:
    template = Template(place)
    for seed in range(60):
        print(seed, Story(plan(seed), template, place / "story", keep_all=True).run().digest)
"""


def played(first: int, count: int, *, processes: int) -> Totals:
    *_, totals = campaign(first, count, processes=processes)
    return totals


def told(totals: Totals) -> str:
    return "\n".join(f"seed {one.seed}: rule {one.violation.rule}: {one.violation.text}" for one in totals.broken)


#: The parts that the run is played in, none of which comes near a test's time limit on a slow machine.
PARTS = 4


@pytest.mark.long_counts
@pytest.mark.parametrize("part", range(PARTS))
def test_no_rule_breaks_however_the_world_fails(part: int, count: Callable[[int, int], int]) -> None:
    payments = count(50_000, 200_000) // PARTS
    stories = round(payments / PAYMENTS_A_STORY)
    totals = played(part * stories, stories, processes=2)
    assert totals.violations == 0, told(totals)
    assert totals.payments > 0.9 * payments
    assert totals.crashes > payments / 50
    assert set(Fault) - _RARE <= set(totals.faults), "a fault that never strikes proves nothing"
    settled = {State.CREDITED, State.FAILED, State.REFUNDED, State.MANUAL, State.UNSEEN}
    assert set(totals.ends) == settled


#: Stories that broke a rule once: a question by another order's number; a reply that named a number of the gateway's
#: before the counter knew it, judged untrue; a renamed bill that a permission had freed and no attempt used up.
@pytest.mark.parametrize("seed", [13_020, 15_683, 18_960])
def test_a_story_that_broke_a_rule_once_breaks_none(play: Callable[[int], Outcome], seed: int) -> None:
    assert play(seed).violations == []


def test_the_same_seeds_give_the_same_figures_whatever_the_number_of_processes() -> None:
    alone, together = played(700, 120, processes=1), played(700, 120, processes=2)
    assert alone == together
    assert alone.payments > 300


def test_the_same_seed_gives_the_same_run_in_another_process_with_other_hashes() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _DIGESTS], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True,
            text=True, check=True, timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1]
    digests = [line.split()[1] for line in runs[0].splitlines()]
    assert len(set(digests)) == 60


def test_totals_are_told_as_they_grow() -> None:
    assert [totals.stories for totals in campaign(0, 120, processes=1)] == [50, 100, 120]
