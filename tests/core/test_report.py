"""A report's figures by themselves, and the paper it is printed on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core.messages import EventKind
from kiosk.core.order import State
from kiosk.core.receipt import CLOCK_SET_MS, Letterhead, ReceiptLine
from kiosk.core.report import (
    Amounts,
    Apart,
    Entry,
    Paid,
    Report,
    Reprint,
    by_hour,
    classes_of,
    grouped,
    pace,
    still_owed,
    summed,
    takings_of,
)
from kiosk.core.report_paper import PRINTED_ORDERS, report_paper
from kiosk.core.shift import Left, Shift, ShiftTurn, closed_facts, left_in, opened_facts, prints_in, refuses_turn
from kiosk.wording import Wording

SAY = Wording("zh_CN").say
HEAD = Letterhead(branch="城东厅", counter_id="K1", cashier="李")
NOON_MS = 1_795_406_400_000  # 2026-11-23 12:00 in China
CHAIN = "0123456789abcdef" * 4


def paid(total_fen: int = 10_217, *, took_ms: int = 4_000, wallet: str = "wechat", at_ms: int = NOON_MS) -> Paid:
    return Paid("李", wallet, "arrears", "scan", total_fen - 587, 587, total_fen, at_ms - took_ms, at_ms)


def entry(number: int = 1, state: State = State.IN_DOUBT) -> Entry:
    return Entry(
        order_no=f"K1ABCDEFGHJK{number:04d}", customer_no="6100000101", cashier="李", kind="arrears", state=state,
        total_fen=100, at_ms=NOON_MS,
    )  # fmt: skip


def printed(report: Report, copy: int = 1, printed_ms: int = NOON_MS) -> list[str]:
    lines: tuple[ReceiptLine, ...] = report_paper(report, HEAD, SAY, printed_ms=printed_ms, copy=copy)
    return [f"{line.left} {line.right}".strip() for line in lines]


def z_report(**changes: object) -> Report:
    shift = Shift(
        number=12, cashier="李", opened_event=1, opened_ms=NOON_MS - 9_000_000, after_event=1, closed_event=9,
        closed_ms=NOON_MS, closed_by="李", head=CHAIN, left=(Left("K1ABCDEFGHJK0001", State.IN_DOUBT),),
    )  # fmt: skip
    whole = Report(
        shift=shift,
        takings=takings_of([paid(), paid(wallet="alipay")]),
        chain_head=CHAIN,
        apart=grouped([(Apart.DOUBTFUL, entry())]),
        reprints=(Reprint(("A",), 2, NOON_MS),),
    )
    return replace(whole, **changes)


def test_takings_add_up_whatever_their_order() -> None:
    payments = [paid(), paid(wallet="alipay"), paid(50_000)]
    takings = takings_of(payments)
    assert takings == takings_of(payments[::-1])
    assert [(one.wallet, one.amounts.count) for one in takings] == [("alipay", 1), ("wechat", 2)]
    assert summed(takings) == Amounts(3, 10_217 * 2 + 50_000 - 3 * 587, 3 * 587, 10_217 * 2 + 50_000)


def test_hours_are_those_of_china_and_a_clock_put_back_is_the_quickest_class() -> None:
    hours = by_hour([paid(100_000, at_ms=NOON_MS - 1), paid(7_000)])
    assert (hours[11], hours[12], sum(hours), len(hours)) == (100_000, 7_000, 107_000, 24)
    took_ms = (-5_000, 0, 4_999, 5_000, 59_999, 60_000, 9_999_999)
    assert pace([paid(took_ms=one) for one in took_ms]) == (3, 1, 0, 0, 1, 2)


@pytest.mark.parametrize(
    ("state", "begun_before", "paid_before", "group"),
    [
        (State.INTENT, False, False, Apart.DOUBTFUL),
        (State.SHOWN, True, True, Apart.DOUBTFUL_BEFORE),
        (State.PAID, True, False, Apart.UNCREDITED),
        (State.PAID, True, True, Apart.UNCREDITED_BEFORE),
        (State.MANUAL, True, True, Apart.MANUAL),
    ],
)
def test_what_is_owed_stands_by_what_it_waits_for(
    state: State, begun_before: bool, paid_before: bool, group: Apart
) -> None:
    assert still_owed(state, begun_before=begun_before, paid_before=paid_before) is group


@pytest.mark.parametrize(
    ("kind", "facts", "groups"),
    [
        (EventKind.PAID, {}, ()),
        (EventKind.PAID, {"reason": "released", "by": "主管"}, (Apart.SETTLED,)),
        (EventKind.CREDITED, {"reason": "exists"}, (Apart.CREDITED_AS_KNOWN,)),
        (EventKind.CREDITED, {"reason": "gone_from_arrears"}, (Apart.CREDITED_AS_GONE,)),
        (EventKind.REFUNDED, {"reason": "settled", "by": "主管"}, (Apart.REFUNDED, Apart.SETTLED)),
        (EventKind.MANUAL, {"reason": "late_success"}, (Apart.LATE_SUCCESS,)),
        (EventKind.MANUAL, {"reason": "gave_up"}, ()),
        (EventKind.EVIDENCE, {"status": "SUCCESS"}, (Apart.LATE_SUCCESS,)),
        (EventKind.EVIDENCE, {"wallet_no": "42"}, ()),
        (EventKind.INTENT, {"beside": "A", "by": "主管"}, (Apart.SECOND_ATTEMPT,)),
        (EventKind.INTENT, {}, ()),
    ],
)
def test_each_thing_that_happens_has_its_groups(
    kind: EventKind, facts: dict[str, str], groups: tuple[Apart, ...]
) -> None:
    assert classes_of(kind, facts) == groups


def test_a_z_on_paper_bears_its_number_its_sums_what_goes_on_and_the_whole_chain_head() -> None:
    lines = printed(z_report())
    assert lines[0] == "Z 报表 第 12 班"
    for part in ("¥204.34", "贰佰零肆元叁角肆分", "K1ABCDEFGHJK0001", SAY("report.goes_on", count=1)):
        assert any(part in line for line in lines), part
    head = [line for line in lines if set(line) <= set("0123456789abcdef ") and len(line) > 16]
    assert "".join(head).replace(" ", "") == CHAIN
    assert max(map(len, head)) <= 32
    assert SAY("report.x_is_no_z") not in lines


def test_a_further_print_and_training_are_marked_and_a_clock_never_set_is_told() -> None:
    assert SAY("receipt.copy", count=2) in printed(z_report(), copy=3)
    assert SAY("receipt.clock_wrong") in printed(z_report(), printed_ms=CLOCK_SET_MS - 1)
    lines = report_paper(z_report(), Letterhead(branch="厅", counter_id="K1", cashier="", training=True), SAY,
                         printed_ms=NOON_MS)  # fmt: skip
    assert SAY("receipt.training") in [line.left for line in lines]


def test_a_long_group_names_the_first_orders_and_counts_the_rest() -> None:
    many = grouped([(Apart.MANUAL, entry(number)) for number in range(PRINTED_ORDERS + 7)])
    lines = printed(z_report(apart=many))
    assert sum(line.startswith("K1ABCDEFGHJK") for line in lines) == PRINTED_ORDERS
    assert SAY("report.more", count=7) in lines


def test_a_days_report_on_paper_has_no_shift_in_it() -> None:
    lines = printed(Report(day="2026-11-23", apart=grouped(()), chain_head=""))
    assert lines[0] == "营业日报 2026-11-23"
    assert not [line for line in lines if line.startswith((SAY("report.opened_at"), SAY("report.anchor")))]


def test_a_turn_may_be_only_where_it_makes_sense_and_all_was_seen() -> None:
    left = (Left("A", State.PAID), Left("B", State.MANUAL))
    assert refuses_turn(ShiftTurn.OPEN, False, left, ("B", "A", "C")) == ""
    assert refuses_turn(ShiftTurn.OPEN, True, (), ()) == "open_already"
    assert refuses_turn(ShiftTurn.CLOSE, False, (), ()) == "not_open"
    assert refuses_turn(ShiftTurn.HAND_OVER, True, left, ("A",)) == "not_seen"


def test_the_facts_of_a_turn_say_again_what_they_were_told() -> None:
    left = (Left("A", State.PAID), Left("B", State.MANUAL))
    facts = dict(closed_facts(7, "李", left, 41, handed_over=True))
    assert (left_in(facts), prints_in(facts), facts["by"], facts["handed_over"]) == (left, 41, "李", "true")
    assert left_in(dict(opened_facts(1, "", (), 0))) == ()
    with pytest.raises(ValueError, match="prints"):
        prints_in({"prints": "-1"})
    with pytest.raises(ValueError, match="paying"):
        left_in({"left": "A:paying"})
