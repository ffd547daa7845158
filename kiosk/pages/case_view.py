"""The *Pending* page in the words of the snapshot: the list, and the open case. No decisions about money.

Rules
1. What was sent and what came back is told as it was; nothing is told that the journal or this process did not hear.
2. ``*_s`` moments are of the monotonic clock, as everywhere in the snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.core.calendar import day, local
from kiosk.core.cases import Cases, prints, settlements
from kiosk.core.order import UNDECIDED, Instant, Mode, Order, State
from kiosk.core.sentence import Level, Sentence
from kiosk.paper import Printing
from kiosk.present import printing_told, title
from kiosk.snapshot import CaseRow, CaseView, PendingView

#: More than these are only counted: nobody reads on, and every snapshot would carry them.
ROWS_SHOWN = 500

#: A moment that has come, whenever it is looked at.
NOW = 0.0

Facts = Sequence[tuple[str, str]]


class PendingRows:
    """The list's rows, each made once for each state of its order: five hundred made anew with every message would take
    the processor from the payment at the counter and from the windows."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Order, str, CaseRow]] = {}

    def view(
        self, cases: Cases, orders: Mapping[str, Order], at: Instant, case: CaseView | None
    ) -> PendingView | None:
        """The page, where it is open."""
        if not cases.is_open:
            self._kept = {}
            return None
        listed, today = cases.listed(orders), day(at.wall_ms)
        self._kept = {order.order_no: self._of(order, at, today) for order in listed[:ROWS_SHOWN]}
        rows = tuple([row for _, _, row in self._kept.values()])
        return PendingView(rows, case, more=max(0, len(listed) - ROWS_SHOWN))

    def _of(self, order: Order, at: Instant, today: str) -> tuple[Order, str, CaseRow]:
        kept = self._kept.get(order.order_no)
        if kept is not None and kept[0] is order and kept[1] == today:  # an order is never changed, only replaced
            return kept
        return order, today, _row(order, at)


def case_view(
    cases: Cases, order: Order, at: Instant, evidence: Facts, *, twin_paid: bool, printing: Printing | None
) -> CaseView:
    """One order and what may be done about it; ``evidence`` as the journal noted it, oldest first."""
    noted = dict(evidence)
    refused = cases.second(order, at)
    undecided = order.state in UNDECIDED
    return CaseView(
        row=_row(order, at),
        gateway_order_no=order.gateway_order_no if order.gateway_order_no != order.order_no else "",
        sent=_sent(order, at),
        heard=_heard(order, at),
        why=_why(order),
        evidence=_evidence(order, evidence, twin_paid=twin_paid),
        wallet_no=noted.get("wallet_no", ""),
        settle_as=settlements(order, twin_paid=twin_paid),
        second_by=cases.second_by(order) if undecided else "never",
        second_refused=Sentence.of(f"second.{refused}") if refused and undecided else None,
        prints=prints(order),
        printing=printing_told(printing) if printing is not None and order.order_no in printing.job_id else None,
    )


def _row(order: Order, at: Instant) -> CaseRow:
    return CaseRow(
        order_no=order.order_no,
        begun_at=_moment(order.created_ms, at),
        customer_no=order.customer_no,
        name_masked=order.name_masked,
        title=title(order),
        amount_fen=order.total_fen,
        state=Sentence.of(f"state.{order.public_state}"),
        level=_level(order),
        next_s=NOW if order.asking.in_flight or order.asking.notice_in_flight else order.asking.due_s,
    )


def _level(order: Order) -> Level:
    if order.state is State.MANUAL:
        return Level.BAD
    if order.state in UNDECIDED:
        return Level.WARN
    return {State.PAID: Level.BUSY, State.CREDITED: Level.GOOD}.get(order.state, Level.OFF)


def _moment(wall_ms: int, at: Instant) -> str:
    """The time of day, with the day where it was not today."""
    pattern = "%H:%M:%S" if day(wall_ms) == day(at.wall_ms) else "%m-%d %H:%M"
    return local(wall_ms).strftime(pattern)


def _sent(order: Order, at: Instant) -> Sentence:
    begun = _moment(order.created_ms, at)
    if order.mode is Mode.SHOW:
        return Sentence.of("case.sent_show" if order.pay_url else "case.sent_unified", begun_at=begun)
    return Sentence.of("case.sent_scan", begun_at=begun)


def _heard(order: Order, at: Instant) -> Sentence:
    """What came back last in this process; an order taken up again has nothing to tell yet."""
    asking = order.asking
    call, _, row = asking.heard.partition(".")
    if not row or asking.heard_at_ms is None:
        return Sentence.of("case.heard_nothing")
    named, what = Sentence.of(f"call.{call}"), Sentence.of(f"gateway.{row}")
    heard_at = _moment(asking.heard_at_ms, at)
    if asking.words:
        return Sentence.of("case.heard_words", call=named, what=what, heard_at=heard_at, words=asking.words)
    return Sentence.of("case.heard", call=named, what=what, heard_at=heard_at)


#: Why an order is a supervisor's, where the reason has words of its own.
_MANUAL_REASONS = frozenset(
    {
        "late_success", "paid_twice", "exists_elsewhere", "refunded_late", "stranger", "gave_up", "gone_from_arrears",
        "notice_refused",
    }
)  # fmt: skip


def _why(order: Order) -> Sentence:
    """What the state means, and what happens by itself."""
    match order.state:
        case State.MANUAL if order.reason in _MANUAL_REASONS:
            return Sentence.of(f"case.manual_{order.reason}")
        case State.MANUAL if order.reason.startswith("contradicted"):
            return Sentence.of("case.manual_contradicted")
        case State.MANUAL if order.reason.startswith("notice"):
            return Sentence.of("case.manual_notice")
        case State.CREDITED | State.FAILED | State.REFUNDED if order.reason == "settled":
            return Sentence.of("case.settled")
        case State.PAID if order.asking.check_arrears:
            return Sentence.of("case.paid_checking")
    return Sentence.of(f"case.{order.public_state}")


_EVIDENCE = {
    ("status", "SUCCESS"): "case.evidence_success",
    ("status", "REFUNDED"): "case.evidence_refunded",
    ("arrears", "owed"): "case.evidence_owed",
    ("arrears", "gone"): "case.evidence_gone",
    ("notice", "0000"): "case.evidence_notice",
}


def _evidence(order: Order, facts: Facts, *, twin_paid: bool) -> tuple[Sentence, ...]:
    told = [Sentence.of("case.evidence_success")] if order.success_seen else []
    told += [Sentence.of(_EVIDENCE[fact]) for fact in facts if fact in _EVIDENCE]
    if twin_paid:
        told.append(Sentence.of("case.evidence_twin"))
    return tuple(dict.fromkeys(told))
