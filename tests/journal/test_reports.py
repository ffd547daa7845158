"""A day's report out of the journal: what counts on which day, and what stands apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.messages import BESIDE, Append, EventKind
from kiosk.core.order import Kind, Mode, State
from kiosk.core.report import Apart, Report
from kiosk.journal import Journal, JournalReader
from kiosk.journal.reports import _APART_IN_RANGE, _APART_ON_DAY, _OPEN, _PAID_IN_RANGE, _PAID_ON_DAY, _REPRINTS_ON_DAY
from kiosk.journal.shifts import _NEWEST_FIRST

DAY, NEXT = "2026-11-23", "2026-11-24"
HOURS_S = 3600.0


def report(directory: Path, day: str = DAY) -> Report:
    with JournalReader(directory) as reader:
        return reader.day_report(day)


def numbers(found: Report, apart: Apart) -> list[str]:
    return [entry.order_no for entry in found.apart[apart]]


def test_takings_are_by_cashier_wallet_kind_and_way(directory: Path, till: Any) -> None:
    till.credited(cost_id="B1", cashier="李", wallet="wechat")
    till.paid(cost_id="B2", cashier="李", wallet="wechat")
    till.credited(cost_id="B3", cashier="王", wallet="alipay", kind=Kind.PREPAYMENT, late_fee_fen=0, total_fen=12_345)
    till.credited(cost_id="B4", cashier="王", mode=Mode.SHOW)
    found = report(directory)
    told = [(one.cashier, one.wallet, one.kind, one.mode, one.amounts.count) for one in found.takings]
    assert told == [
        ("李", "wechat", "arrears", "scan", 2),
        ("王", "", "arrears", "show", 1),
        ("王", "alipay", "prepayment", "scan", 1),
    ]
    total = found.total
    assert (total.count, total.principal_fen, total.late_fee_fen) == (4, 4 * 12_345, 3 * 55)
    assert total.total_fen == total.principal_fen + total.late_fee_fen
    assert found.chain_head == till.journal.chain_head()


def test_money_counts_on_the_day_of_its_confirmation_in_china(directory: Path, till: Any) -> None:
    order = till.intent(cost_id="B1")
    till.later(14 * HOURS_S - 10.0)  # a few seconds before midnight there, the afternoon in Greenwich
    till.to(order, State.PAID)
    other = till.intent(cost_id="B2")
    till.later(30.0)
    till.to(other, State.PAID)
    assert numbers(report(directory), Apart.UNCREDITED) == [order.order_no]
    assert report(directory).total.count == 1
    assert report(directory, NEXT).total.count == 1
    assert numbers(report(directory, NEXT), Apart.UNCREDITED_BEFORE) == [order.order_no]
    assert numbers(report(directory, NEXT), Apart.UNCREDITED) == [other.order_no]


def test_what_became_of_the_money_later_changes_no_days_takings(directory: Path, till: Any) -> None:
    order = till.credited()
    before = report(directory).takings
    till.later(24 * HOURS_S)
    till.to(order, State.MANUAL)
    assert report(directory).takings == before
    assert report(directory, NEXT).total.count == 0


def test_what_is_open_stands_apart_by_what_it_waits_for(directory: Path, till: Any) -> None:
    doubtful = till.to(till.intent(cost_id="B1"), State.IN_DOUBT)
    begun = till.intent(cost_id="B2")
    case = till.to(till.intent(cost_id="B3"), State.MANUAL)
    till.later(24 * HOURS_S)
    found = report(directory, NEXT)
    assert numbers(found, Apart.DOUBTFUL_BEFORE) == [doubtful.order_no, begun.order_no]
    assert {entry.state for entry in found.apart[Apart.DOUBTFUL_BEFORE]} == {State.IN_DOUBT}
    assert numbers(found, Apart.MANUAL) == [case.order_no]
    assert numbers(report(directory), Apart.DOUBTFUL) == [doubtful.order_no, begun.order_no]
    assert report(directory, "2026-11-22").is_empty


def test_what_happened_on_a_day_is_told_with_who_and_why(directory: Path, till: Any) -> None:
    journal = till.journal
    twice = till.to(till.intent(cost_id="B1"), State.IN_DOUBT)
    twice = journal.append(
        twice.changed(state=State.MANUAL), [Append(EventKind.MANUAL, (("reason", "paid_twice"),))], till.later()
    )
    facts = (("reason", "settled"), ("by", "主管"), ("why", "银行已退款"))
    journal.append(twice.changed(state=State.REFUNDED), [Append(EventKind.REFUNDED, facts)], till.later())
    live = till.to(till.intent(cost_id="B2"), State.IN_DOUBT)
    beside = ((BESIDE, live.order_no), ("by", "主管"), ("why", "客户确认未付"))
    second = journal.append(till.fresh(cost_id="B2"), [Append(EventKind.INTENT, beside)], till.later())
    found = report(directory)
    assert numbers(found, Apart.PAID_TWICE) == numbers(found, Apart.REFUNDED) == [twice.order_no]
    settled = found.apart[Apart.SETTLED][0]
    assert (settled.order_no, settled.by, settled.why) == (twice.order_no, "主管", "银行已退款")
    allowed = found.apart[Apart.SECOND_ATTEMPT][0]
    assert (allowed.order_no, allowed.by, allowed.why) == (second.order_no, "主管", "客户确认未付")


def test_a_reprint_is_told_and_a_first_print_is_not(directory: Path, till: Any) -> None:
    order = till.credited()
    for copy in (1, 2, 3):
        till.journal.printed((order.order_no,), copy, "printing", till.later())
        till.journal.printed((order.order_no,), copy, "confirmed", till.later())
    told = [(one.papers, one.copy) for one in report(directory).reprints]
    assert told == [((order.order_no,), 2), ((order.order_no,), 3)]


def test_hours_and_pace_are_told_for_looking(directory: Path, till: Any) -> None:
    till.credited(cost_id="B1")
    order = till.intent(cost_id="B2")
    till.later(HOURS_S)
    till.to(order, State.PAID)
    found = report(directory)
    assert (found.by_hour[10], found.by_hour[11], sum(found.by_hour)) == (12_400, 12_400, 24_800)
    assert found.pace == (1, 0, 0, 0, 0, 1)


@pytest.mark.parametrize("day", ["2026-02-30", "gestern", ""])
def test_no_day_is_no_report(directory: Path, till: Any, day: str) -> None:
    till.credited()
    with pytest.raises(ValueError, match=r".+"):
        report(directory, day)


@pytest.mark.parametrize(
    ("query", "way"),
    [
        (_PAID_ON_DAY, "INDEX orders_paid (paid_ms>? AND paid_ms<?)"),
        (_PAID_IN_RANGE, "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (_OPEN, "orders_open"),
        (_APART_ON_DAY, "INDEX events_apart (at_ms>? AND at_ms<?)"),
        (_APART_IN_RANGE, "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (_REPRINTS_ON_DAY, "INDEX prints_again (at_ms>? AND at_ms<?)"),
        (_NEWEST_FIRST, "events_shift"),
    ],
)
def test_no_statement_walks_the_whole_journal(journal: Journal, directory: Path, query: str, way: str) -> None:
    connection = apsw.Connection(str(directory / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    bindings = (1, 2)[: query.count("?")]
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", bindings)]
    connection.close()
    assert any(way in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN") and "INDEX" not in step and step != "SCAN e"], plan
