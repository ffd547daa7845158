"""The list's rows: made once for each state of an order, and anew when it or the day changes."""

from __future__ import annotations

from dataclasses import replace

from kiosk.core.cases import Cases
from kiosk.core.order import Asking, Instant, Kind, Mode, Order, State
from kiosk.core.policy import PaymentPolicy
from kiosk.pages.case_view import ROWS_SHOWN, PendingRows

NOON_MS = 1_790_000_000_000
AT = Instant(50.0, NOON_MS)


def _orders(count: int) -> dict[str, Order]:
    made = {}
    for number in range(count):
        order_no = f"K1ABCDEFGHIJ{number:04d}"
        made[order_no] = Order(
            order_no=order_no, customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SCAN, principal_fen=100,
            late_fee_fen=0, total_fen=100, cost_id="1", created_ms=NOON_MS + number, state=State.IN_DOUBT,
            asking=Asking(due_s=60.0),
        )  # fmt: skip
    return made


def _page() -> Cases:
    cases = Cases(PaymentPolicy(), lambda order, at: "")
    cases.opened()
    return cases


def test_the_rows_of_orders_that_did_not_change_are_the_very_same() -> None:
    rows, cases, orders = PendingRows(), _page(), _orders(5)
    first = rows.view(cases, orders, AT, None)
    changed = next(iter(orders))
    orders[changed] = orders[changed].asking_now(due_s=99.0)
    second = rows.view(cases, orders, Instant(51.0, NOON_MS + 1000), None)
    assert first is not None
    assert second is not None
    same = [one is other for one, other in zip(first.rows, second.rows, strict=True)]
    assert same.count(False) == 1
    assert next(row for row in second.rows if row.order_no == changed).next_s == 99.0


def test_an_order_that_is_being_asked_about_needs_no_new_row_as_time_goes_on() -> None:
    rows, cases, orders = PendingRows(), _page(), _orders(1)
    (order_no,) = orders
    orders[order_no] = orders[order_no].asking_now(in_flight=1)
    views = [rows.view(cases, orders, Instant(at_s, NOON_MS), None) for at_s in (50.0, 51.0)]
    assert views[0] == views[1]
    assert views[0] is not None
    assert views[0].rows[0].next_s == 0.0  # whenever that is looked at, it has come


def test_the_next_day_every_row_tells_its_day() -> None:
    rows, cases, orders = PendingRows(), _page(), _orders(2)
    today = rows.view(cases, orders, AT, None)
    tomorrow = rows.view(cases, orders, Instant(60.0, NOON_MS + 86_400_000), None)
    assert today is not None
    assert tomorrow is not None
    assert all(len(row.begun_at) > len("10:02:31") for row in tomorrow.rows)
    assert today.rows[0].begun_at != tomorrow.rows[0].begun_at


def test_more_than_are_shown_are_counted_and_nothing_is_kept_of_a_page_that_is_shut() -> None:
    rows, cases, orders = PendingRows(), _page(), _orders(ROWS_SHOWN + 7)
    view = rows.view(cases, orders, AT, None)
    assert view is not None
    assert (len(view.rows), view.more) == (ROWS_SHOWN, 7)
    cases.left()
    assert rows.view(cases, orders, AT, None) is None
    assert rows._kept == {}


def test_an_order_that_ended_leaves_the_list() -> None:
    rows, cases, orders = PendingRows(), _page(), _orders(3)
    rows.view(cases, orders, AT, None)
    ended = next(iter(orders))
    orders[ended] = replace(orders[ended], state=State.FAILED)
    view = rows.view(cases, orders, AT, None)
    assert view is not None
    assert ended not in {row.order_no for row in view.rows}
