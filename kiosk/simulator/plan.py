"""What a seed draws before a story begins: the site, its gateway's conduct, the people, and which faults are about.

Rules
1. Each story draws its own few kinds of faults and how often they strike (a swarm): all at once would hide each other.
2. What befalls one call is drawn from a table by what the call is (which order, which call, the how-many-eth), not by
   when: so two runs that differ in time alone meet the same fates (rule 15 is checked so).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.simulator.faults import Fault

_Thing = TypeVar("_Thing")

#: A prime, so that every stride walks the whole table.
_TABLE_LENGTH = 1021
MAX_PAYMENTS = 8

#: The waits of payment.md, but for those that would let an order be asked hundreds of times: the longest gaps are
#: longer, the lives and limits shorter; what is longer than what stays as it is there.
_SITES = tuple(
    PaymentPolicy(
        qr_life_s=life_s, scan_life_s=life_s, give_up_s=3 * life_s, unseen_watch_s=life_s, late_asks_s=(600.0, life_s),
        attended_show_s=attended_s, attended_scan_s=attended_s / 2, second_attempt=second,
        background_gaps_s=(5.0, 5.0, 30.0, 30.0, 120.0, life_s / 2),
        notice_gaps_s=(2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 300.0, 1200.0),
    )
    for life_s, attended_s, second in (
        (1800.0, 40.0, "supervisor"), (1800.0, 25.0, "cashier"), (7800.0, 120.0, "supervisor"), (3600.0, 30.0, "never"),
    )
)  # fmt: skip

#: How often a call meets a fault, by the weather of a story.
_WEATHER = (0.0, 0.03, 0.08, 0.2, 0.4)
_WEATHER_ODDS = (10, 30, 30, 20, 10)


class Dice:
    """Numbers from 0 to 1 for one occasion."""

    __slots__ = ("_at", "_table")

    def __init__(self, table: list[float], at: int) -> None:
        self._table = table
        self._at = at % _TABLE_LENGTH

    def roll(self) -> float:
        """The next number."""
        self._at += 1
        if self._at >= _TABLE_LENGTH:
            self._at = 0
        return self._table[self._at]

    def chance(self, odds: float) -> bool:
        """Whether something of these odds happens."""
        return self.roll() < odds

    def between(self, low: float, high: float) -> float:
        """A number between two."""
        return low + (high - low) * self.roll()

    def one_of(self, things: Sequence[_Thing]) -> _Thing:
        """One of them, each as likely."""
        return things[int(self.roll() * len(things))]


class Fates:
    """The table of a story, and the dice for each occasion."""

    def __init__(self, random: Random) -> None:
        self._table = [random.random() for _ in range(_TABLE_LENGTH)]

    def of(self, who: int, what: int, nth: int = 0) -> Dice:
        """The dice for the ``nth`` occasion of this kind, for this order (or customer)."""
        return Dice(self._table, who * 389 + what * 61 + nth * 17)


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the gateway of this story behaves where interface.md leaves it open."""

    own_numbers: bool
    #: Whose number a query's answer names: the one ``asked`` by, or the ``gateway``'s.
    names: str
    finds_by_ours: bool
    idempotent: bool
    #: What a query says of an order whose life is over.
    afterwards: str
    #: What it says of a QR that nobody has opened.
    unopened: str
    lag_s: float
    breaks_word: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A story before it begins."""

    seed: int
    policy: PaymentPolicy
    traits: GatewayTraits
    conduct: Conduct
    faults: frozenset[Fault]
    fault_odds: float
    payments: int
    customers: int
    fates: Fates
    #: For what the counter's people do and when it crashes: one stream, in the order of the story.
    random: Random
    #: The journal lies on the simulated disk, whose power can be cut.
    on_simulated_disk: bool
    #: How many commits (first) or jobs (second) until the process dies; one entry for each crash.
    crashes: tuple[tuple[str, int], ...]
    #: When the wall clock is set, and by how many milliseconds it is off from then on.
    jumps: tuple[tuple[float, int], ...]


def plan(seed: int, *, jumps: bool = True) -> Plan:
    """What this seed draws; without ``jumps`` the same, with a wall clock that goes as it should."""
    random = Random(seed)
    faults = frozenset(fault for fault in Fault if random.random() < 0.4)
    conduct = _conduct(random, faults)
    payments = random.randint(1, MAX_PAYMENTS)
    site = random.choice(_SITES)
    traits = _traits(random, conduct)
    odds = random.choices(_WEATHER, _WEATHER_ODDS)[0]
    on_disk = bool(faults & {Fault.POWER_CUT, Fault.DISK_FULL, Fault.DISK_ERROR}) and random.random() < 0.5
    crashes = _crashes(random, payments, faults)
    drawn_jumps = _jumps(random) if Fault.CLOCK_JUMP in faults else ()
    return Plan(
        seed=seed,
        policy=site,
        traits=traits,
        conduct=conduct,
        faults=faults,
        fault_odds=odds,
        payments=payments,
        customers=random.randint(1, 3),
        fates=Fates(random),
        random=random,
        on_simulated_disk=on_disk,
        crashes=crashes,
        jumps=drawn_jumps if jumps else (),
    )


def _conduct(random: Random, faults: frozenset[Fault]) -> Conduct:
    own_numbers = Fault.OWN_NUMBER in faults
    return Conduct(
        own_numbers=own_numbers,
        names=random.choice(("asked", "asked", "gateway")) if own_numbers else "asked",
        finds_by_ours=not own_numbers or random.random() < 0.7,
        idempotent=random.random() < 0.8,
        afterwards=random.choice(("0003", "1003", "0001", "PAYERROR")),
        unopened=random.choice(("0001", "0001", "USERPAYING", "1003")),
        lag_s=random.choice((0.2, 0.2, 0.2, 2.0, 20.0)) if Fault.LAGGING in faults else 0.0,
        breaks_word=Fault.BROKEN_WORD in faults and random.random() < 0.05,
    )


def _traits(random: Random, conduct: Conduct) -> GatewayTraits:
    known = ("true", "learn") if conduct.finds_by_ours else ("learn", "false")
    return GatewayTraits(
        notices_idempotent=conduct.idempotent,
        finds_by_our_number=random.choice(known),
        query_names=random.choice(("asked", "gateway")) if conduct.names == "gateway" else "asked",
    )


def _crashes(random: Random, payments: int, faults: frozenset[Fault]) -> tuple[tuple[str, int], ...]:
    if not faults & {Fault.CRASH, Fault.POWER_CUT}:
        return ()
    kinds = ("before_commit", "after_commit", "at_job", "at_any")
    count = random.choices((0, 1, 2, 3), (30, 40, 20, 10))[0]
    return tuple((random.choice(kinds), random.randint(1, 3 * payments + 2)) for _ in range(count))


def _jumps(random: Random) -> tuple[tuple[float, int], ...]:
    day_ms, ten_years_ms = 86_400_000, 10 * 366 * 86_400_000
    offsets_ms = (0, day_ms // 24, -day_ms // 24, 2 * day_ms, -2 * day_ms, ten_years_ms, ten_years_ms, -ten_years_ms)
    count = random.randint(3, 12)
    return tuple((random.uniform(0.0, 150.0), random.choice(offsets_ms)) for _ in range(count))
