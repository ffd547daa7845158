"""A scenario: what the gateway does wrong today, for whom, and at which copy of which call.

Rules
1. Dials stand beside the table of behaviours and go before it; the first one that fits a copy decides.
2. Copies are counted for one order (look-ups: for one customer) and one call, from 1.
3. A scenario changes what is said and what is done, never what the book says of it.
4. What it expects of the counter (``Expected``) and which profile it calls for are for tests and for people: the
   sandbox does not act on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import msgspec

from kiosk.sandbox.behaviours import Behaviour, Phase, State
from kiosk.sandbox.customers import Conduct, SandboxData
from kiosk.sandbox.dials import Answer, Call

SCAN, SHOW = "scan", "show"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a call concerns. ``ending``: the payment code's last four digits; empty in show mode and for look-ups."""

    customer_no: str = ""
    ending: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Whom:
    """For whom something is dialled; what is empty is not looked at."""

    customer_no: str = ""
    ending: str = ""
    mode: str = ""

    def fits(self, subject: Subject) -> bool:
        """Whether a call with this subject is meant."""
        wanted = ((self.customer_no, subject.customer_no), (self.ending, subject.ending), (self.mode, subject.mode))
        return all(want in ("", have) for want, have in wanted)


@dataclass(frozen=True, slots=True)
class Copies:
    """Which copies of a call, from 1: these, and all from ``since`` on."""

    these: frozenset[int] = frozenset()
    since: int | None = 1

    def fits(self, nth: int) -> bool:
        """Whether the ``nth`` copy is meant."""
        return nth in self.these or (self.since is not None and nth >= self.since)

    def __str__(self) -> str:
        if self.since == 1:
            return "every"
        return ", ".join(map(str, sorted(self.these))) if self.since is None else f"from {self.since}"


@dataclass(frozen=True, slots=True)
class Dial:
    """An answer for some copies of some calls; ``set_to`` is what stood in the file, to be shown."""

    calls: frozenset[Call]
    answer: Answer
    copies: Copies = Copies()
    whom: Whom = Whom()
    set_to: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of a payment, in the place of its behaviour's; None: as that has it."""

    phases: tuple[Phase, ...] | None = None
    refusal: State | None = None
    found_after_s: float | None = None
    whom: Whom = Whom()
    set_to: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def applied(self, behaviour: Behaviour) -> Behaviour:
        """The behaviour with this course."""
        return replace(
            behaviour,
            phases=behaviour.phases if self.phases is None else self.phases,
            refusal=behaviour.refusal if self.refusal is None else self.refusal,
            found_after_s=behaviour.found_after_s if self.found_after_s is None else self.found_after_s,
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """What the counter must end in, in one mode."""

    #: One of these states; ``none``: no order is made.
    states: tuple[str, ...]
    alarm: bool = False
    #: The bill can be paid again at once.
    bill_free: bool = False
    #: How many orders are charged, and how many credits are made, in the gateway's book.
    charged: int = 1
    credited: int = 1
    #: Breaches that the gateway itself brings about; of others there must be none.
    breaches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file, read."""

    name: str = ""
    says: str = ""
    conduct: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    dials: tuple[Dial, ...] = ()
    courses: tuple[Course, ...] = ()
    #: Settings of ``[gateway.profile]`` and ``[gateway]`` that this gateway calls for.
    profile: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    #: What the customer does with the phone in show mode.
    phone: str = "confirms"
    expected: Mapping[str, Expected] = field(default_factory=lambda: MappingProxyType({}))

    def applied(self, data: SandboxData) -> SandboxData:
        """The sandbox's data with this scenario's conduct."""
        changed: Conduct = msgspec.structs.replace(data.conduct, **self.conduct)
        return replace(data, conduct=changed)

    def behaviour(self, behaviour: Behaviour, subject: Subject) -> Behaviour:
        """The behaviour of a new order: the first course that is meant for it, else its own."""
        course = next((course for course in self.courses if course.whom.fits(subject)), None)
        return behaviour if course is None else course.applied(behaviour)

    def answer(self, call: Call, nth: int, subject: Subject) -> Answer | None:
        """What is dialled for the ``nth`` copy of a call, counted from 1; None: nothing is."""
        for dial in self.dials:
            if call in dial.calls and dial.copies.fits(nth) and dial.whom.fits(subject):
                return dial.answer
        return None


ORDINARY_SCENARIO = Scenario()
