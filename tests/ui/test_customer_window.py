"""The other side of the glass."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from kiosk.snapshot import CustomerState, CustomerView, show_yuan
from kiosk.ui.customer_window import CustomerWindow
from kiosk.ui.examples import NUMBER, examples
from kiosk.ui.theme import LIGHT
from kiosk.ui.widgets.text import FittedWords
from kiosk.wording import Wording


def texts(window: QWidget) -> str:
    """All that the window says, names for screen readers too."""
    parts = [label.text() for label in window.findChildren(QLabel)]
    parts += [words.text() for words in window.findChildren(FittedWords)]
    parts += [widget.accessibleName() + widget.accessibleDescription() for widget in window.findChildren(QWidget)]
    return "\n".join([*parts, window.windowTitle()])


@pytest.mark.parametrize("name", examples())
def test_no_datum_of_the_cashier_is_on_it(counter, name):
    snapshot = counter.show(name)
    said = texts(counter.customer)
    order_no = "A01K7Q2M9X4TB00017"
    for secret in (NUMBER, "李晓燕", "王小敏", "幸福路", order_no, "A01"):
        assert secret not in said
    assert f" {snapshot.pending_count} " not in said


@pytest.mark.parametrize("state", CustomerState)
def test_each_state_says_its_own_sentence(counter, state):
    view = CustomerView(state, "城东营业厅", "王*敏", 12_345, 1, 1, "https://pay.example.cn/1", counter.now_s + 60)
    counter.show(replace(examples()["find"], customer=view))
    code = "customer.welcome" if state is CustomerState.IDLE else f"customer.{state}"
    assert counter.customer.headline.text() == counter.wording.say(code, branch="城东营业厅")
    with_amount = state not in (CustomerState.IDLE, CustomerState.CLOSED)
    assert counter.customer.amount.isVisible() is with_amount
    assert counter.customer.qr.isVisible() is (state is CustomerState.QR)
    if with_amount:
        assert counter.customer.amount.text() == show_yuan(12_345)


def test_the_qr_counts_down_and_says_when_its_time_is_over(counter):
    counter.show("pay-qr")
    assert counter.customer.hint.text() == counter.wording.say("customer.qr_left", time="1:35")
    counter.now_s += 95
    counter.customer.tick()
    assert counter.customer.hint.text() == counter.wording.say("customer.qr_over")


def test_it_never_takes_the_focus(counter):
    window = CustomerWindow(counter.bridge, Wording(), LIGHT, ticking=False)
    flags = window.windowFlags()
    assert flags & Qt.WindowType.WindowDoesNotAcceptFocus
    assert flags & Qt.WindowType.FramelessWindowHint
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert all(child.focusPolicy() == Qt.FocusPolicy.NoFocus for child in window.findChildren(QWidget))
    window.deleteLater()


@pytest.mark.parametrize(("width", "height"), [(800, 480), (800, 600), (1024, 600), (1280, 800), (1920, 1080)])
def test_the_qr_has_room_on_any_customers_screen(counter, width, height):
    counter.show("pay-qr")
    counter.customer.resize(width, height)
    counter.settle()
    assert min(counter.customer.qr.width(), counter.customer.qr.height()) >= 308
    assert counter.customer.qr.painted_square().width() >= 280
    assert all(words.fits() for words in counter.customer.findChildren(FittedWords) if words.isVisible())
