"""A finger on what scrolls: a tap presses, a drag scrolls and presses nothing."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from kiosk.snapshot import ChooseBill, GoTo, OpenCase, Page


@pytest.fixture
def finger(counter):
    """Puts a finger on a widget, moves it, and lifts it. The customer's window must not lie over the cashier's."""
    device: QPointingDevice = QTest.createTouchDevice()
    counter.customer.hide()
    QTest.qWait(50)

    def move(widget: QWidget, *places: QPoint) -> None:
        for at, place in enumerate(places):
            sequence = QTest.touchEvent(widget, device)
            (sequence.press if at == 0 else sequence.move)(0, place, widget)
            sequence.commit()
            QTest.qWait(16)
        sequence = QTest.touchEvent(widget, device)
        sequence.release(0, places[-1], widget)
        sequence.commit()
        QTest.qWait(300)

    return move


def test_a_tap_opens_its_row(counter, finger):
    snapshot = counter.show("pending-many")
    shown = counter.window.pending_screen.list
    finger(shown.viewport(), shown.visualRect(shown.model().index(2, 0)).center())
    assert counter.sent == [OpenCase(snapshot.pending.rows[2].order_no)]


@pytest.mark.parametrize("step_px", [3, 6, 10])
def test_a_drag_scrolls_and_opens_nothing(counter, finger, step_px):
    counter.show("pending-many")
    shown = counter.window.pending_screen.list
    start = QPoint(300, 320)
    finger(shown.viewport(), *(start - QPoint(0, step_px * step) for step in range(25)))
    assert shown.verticalScrollBar().value() > 0
    assert counter.sent == []


def test_a_tap_presses_a_button(counter, finger):
    counter.show("pending-many")
    button = counter.window.pending_screen.back.button
    finger(button, button.rect().center())
    assert counter.sent == [GoTo(Page.COLLECT)]


@pytest.mark.parametrize("step_px", [3, 6, 10])
def test_a_drag_over_the_bills_scrolls_and_chooses_nothing(counter, finger, step_px):
    counter.show("account-many")
    bills = counter.window.account_screen.bills
    viewport, row = bills.area.viewport(), bills.rows[3]
    start = row.mapTo(viewport, row.rect().center())
    finger(viewport, *(start - QPoint(0, step_px * step) for step in range(16)))
    assert bills.area.verticalScrollBar().value() > 0
    assert counter.sent == []


def test_a_tap_chooses_a_bill(counter, finger):
    counter.show("account-many")
    row = counter.window.account_screen.bills.rows[1]
    finger(row, row.rect().center())
    assert counter.sent == [ChooseBill("C2", False)]
