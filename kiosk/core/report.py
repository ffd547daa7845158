"""What a day or a shift brought at one counter (日清日结): the money taken, and whatever a person should look at.

Rules: what belongs to which report. A day is the counter's (calendar.py), a shift a range of events (shift.py).
1. Money taken (:class:`Taking`) counts where it was *confirmed paid*, whatever became of the order later: so the
   takings of a past day or shift never change, and what was given back is told apart, not taken off. A late success and
   a payment made twice count only from a supervisor's release on, where that happened.
2. What is still owed (``doubtful``, ``uncredited``, ``manual``) is what is so *now*, for a closed shift what was so at
   its closing; what is left from before the report's time stands in groups of its own. An order that was paid and
   became a supervisor's is among the takings too; one that a supervisor settled as credited without a payment
   confirmed to us is told apart alone.
3. What happened (paid twice, late success, refunded, settled, second attempt, credited as known or as gone) counts
   where its event falls; an order to which two such things happened stands in both groups.
4. A reprint counts where it was begun.
5. ``by_hour`` and ``pace`` are for looking, not for accounts: they are made of clock readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.calendar import local
from kiosk.core.messages import BESIDE, EventKind
from kiosk.core.order import State
from kiosk.core.sentence import Sentence
from kiosk.core.shift import Shift


class Apart(StrEnum):
    """Why an order is told apart from the takings, in the order of the report."""

    DOUBTFUL = "doubtful"  # begun in the report's time: sent or shown, and not decided
    DOUBTFUL_BEFORE = "doubtful_before"  # begun before it, and still so
    UNCREDITED = "uncredited"  # paid in the report's time, the notice not acknowledged
    UNCREDITED_BEFORE = "uncredited_before"  # paid before it, and still so
    MANUAL = "manual"  # waits for a supervisor
    PAID_TWICE = "paid_twice"  # another order of the bill was paid already: to be given back
    LATE_SUCCESS = "late_success"  # paid after it had been taken for not paid
    REFUNDED = "refunded"
    SETTLED = "settled"  # by a supervisor, with a reason
    SECOND_ATTEMPT = "second_attempt"  # allowed beside a live one (an override)
    CREDITED_AS_KNOWN = "credited_as_known"  # the notice was answered 1002: it had been credited before (rule 9)
    CREDITED_AS_GONE = "credited_as_gone"  # the bill was gone from the arrears; no notice was acknowledged (rule 9)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many orders, and their sums in fen. ``total_fen`` is what was charged: where a site's amount holds the late
    fee already, it is less than principal and late fee together."""

    count: int = 0
    principal_fen: int = 0
    late_fee_fen: int = 0
    total_fen: int = 0

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.count + other.count,
            self.principal_fen + other.principal_fen,
            self.late_fee_fen + other.late_fee_fen,
            self.total_fen + other.total_fen,
        )


@dataclass(frozen=True, slots=True)
class Taking:
    """What one cashier took by one wallet for one kind in one mode. ``wallet`` is empty where a QR was shown: whose
    app read it is not known; ``cashier`` where none was named."""

    cashier: str
    wallet: str
    kind: str
    mode: str
    amounts: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An order that is told apart. ``at_ms``: when it was begun (doubtful), paid (uncredited), or when it happened;
    ``by`` and ``why``: who settled or allowed it, and the reason given."""

    order_no: str
    customer_no: str
    cashier: str
    kind: str
    state: State
    total_fen: int
    at_ms: int
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reprint:
    """A further copy of a paper: its orders' numbers (with ``slip:`` or ``refund:`` before those of such papers), which
    copy it is, and when it was begun."""

    papers: tuple[str, ...]
    copy: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A day or a shift as the journal tells it: one of ``day`` and ``shift`` is set.

    ``chain_head`` binds it to the journal (rule 14 of payment.md): the closing event's hash for a closed shift, else
    the newest event's; empty where there is none. ``before_opening``: what of a shift's takings was confirmed before
    the shift was opened. ``by_hour``: fen taken in each hour of the day; ``pace``: how many payments took so long from
    their beginning to the confirmation, by :data:`PACE_S`.
    """

    day: str = ""
    shift: Shift | None = None
    takings: tuple[Taking, ...] = ()
    apart: Mapping[Apart, tuple[Entry, ...]]
    reprints: tuple[Reprint, ...] = ()
    chain_head: str = ""
    before_opening: Amounts = Amounts()
    by_hour: tuple[int, ...] = ()
    pace: tuple[int, ...] = ()

    @property
    def is_z(self) -> bool:
        """Whether this is the report of a shift that is over."""
        return self.shift is not None and not self.shift.is_open

    @property
    def name(self) -> str:
        """A short name for files and papers: ``day-2026-11-23``, ``X12``, ``Z12``."""
        if self.shift is None:
            return f"day-{self.day}"
        return f"{'Z' if self.is_z else 'X'}{self.shift.number}"

    @property
    def total(self) -> Amounts:
        """All takings together."""
        return summed(self.takings)

    @property
    def is_empty(self) -> bool:
        """Nothing was taken and nothing is to be told."""
        return not (self.takings or self.reprints or any(self.apart.values()))

    def cashiers(self) -> dict[str, tuple[Taking, ...]]:
        """The takings by cashier, in the report's order."""
        names = dict.fromkeys(taking.cashier for taking in self.takings)
        return {name: tuple(taking for taking in self.takings if taking.cashier == name) for name in names}


def summed(takings: Iterable[Taking]) -> Amounts:
    """Several takings together."""
    return sum((taking.amounts for taking in takings), Amounts())


#: The classes of ``pace``: under 5 s, under 10 s, ..., and longer.
PACE_S = (5, 10, 20, 40, 60)


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as the journal gives it to be counted."""

    cashier: str
    wallet: str
    kind: str
    mode: str
    principal_fen: int
    late_fee_fen: int
    total_fen: int
    created_ms: int
    paid_ms: int
    event: int = 0

    @property
    def amounts(self) -> Amounts:
        """It alone."""
        return Amounts(1, self.principal_fen, self.late_fee_fen, self.total_fen)


def takings_of(payments: Iterable[Paid]) -> tuple[Taking, ...]:
    """The payments by cashier, wallet, kind and mode."""
    found: dict[tuple[str, str, str, str], Amounts] = {}
    for paid in payments:
        key = (paid.cashier, paid.wallet, paid.kind, paid.mode)
        found[key] = found.get(key, Amounts()) + paid.amounts
    return tuple(Taking(*key, amounts) for key, amounts in sorted(found.items()))


def by_hour(payments: Iterable[Paid]) -> tuple[int, ...]:
    """Fen by the hour of the day in which they were confirmed."""
    hours = [0] * 24
    for paid in payments:
        hours[local(paid.paid_ms).hour] += paid.total_fen
    return tuple(hours)


def pace(payments: Iterable[Paid]) -> tuple[int, ...]:
    """How many payments took so long, by :data:`PACE_S`."""
    counts = [0] * (len(PACE_S) + 1)
    for paid in payments:
        took_s = (paid.paid_ms - paid.created_ms) / 1000
        counts[sum(took_s >= edge_s for edge_s in PACE_S)] += 1
    return tuple(counts)


def grouped(entries: Iterable[tuple[Apart, Entry]]) -> dict[Apart, tuple[Entry, ...]]:
    """Every group, empty ones too, each in the order of time."""
    groups: dict[Apart, list[Entry]] = {apart: [] for apart in Apart}
    for apart, entry in entries:
        groups[apart].append(entry)
    return {
        apart: tuple(sorted(found, key=lambda entry: (entry.at_ms, entry.order_no))) for apart, found in groups.items()
    }


def still_owed(state: State, *, begun_before: bool, paid_before: bool) -> Apart:
    """The group of an open order; ``*_before``: not in the report's time but before it."""
    match state:
        case State.MANUAL:
            return Apart.MANUAL
        case State.PAID:
            return Apart.UNCREDITED_BEFORE if paid_before else Apart.UNCREDITED
    return Apart.DOUBTFUL_BEFORE if begun_before else Apart.DOUBTFUL


_BY_CREDIT = {"exists": Apart.CREDITED_AS_KNOWN, "gone_from_arrears": Apart.CREDITED_AS_GONE}
_BY_CASE = {"paid_twice": Apart.PAID_TWICE, "late_success": Apart.LATE_SUCCESS}
_SETTLING = frozenset({EventKind.PAID, EventKind.CREDITED, EventKind.FAILED, EventKind.REFUNDED})


def classes_of(kind: str, facts: Mapping[str, str]) -> tuple[Apart, ...]:
    """The groups into which an event of this kind with these facts puts its order; none for an ordinary one."""
    reason = facts.get("reason", "")
    found: list[Apart | None] = []
    match kind:
        case EventKind.MANUAL:
            found.append(_BY_CASE.get(reason))
        case EventKind.EVIDENCE if facts.get("status") == "SUCCESS":  # of an order that is a supervisor's already
            found.append(Apart.LATE_SUCCESS)
        case EventKind.CREDITED:
            found.append(_BY_CREDIT.get(reason))
        case EventKind.REFUNDED:
            found.append(Apart.REFUNDED)
        case EventKind.INTENT if BESIDE in facts:
            found.append(Apart.SECOND_ATTEMPT)
    if kind in _SETTLING and "by" in facts:
        found.append(Apart.SETTLED)
    return tuple(apart for apart in found if apart is not None)


def total_fen(entries: Iterable[Entry]) -> int:
    """The sum of a group."""
    return sum(entry.total_fen for entry in entries)


def heading(report: Report) -> Sentence:
    """What the report is, for its first line."""
    if report.shift is None:
        return Sentence.of("report.of_day", day=report.day)
    return Sentence.of("report.z" if report.is_z else "report.x", number=report.shift.number)


Word = Callable[[str], str]


def words_of(taking: Taking, word: Word) -> tuple[str, str, str, str]:
    """Cashier, wallet, kind and mode as a person reads them; ``word`` says a code."""
    return (
        taking.cashier or word("report.no_cashier"),
        word(f"wallet.{taking.wallet}") if taking.wallet else word("report.no_wallet"),
        word(f"kind.{taking.kind}"),
        word(f"mode.{taking.mode}"),
    )
