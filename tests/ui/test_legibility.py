"""Nothing that carries money or state is cut, and everything that acts has a name: by walking the real trees."""

from itertools import pairwise, product

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea, QWidget

from kiosk.ui.examples import examples
from kiosk.ui.widgets.bill_row import BillButton
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.entry import Field
from kiosk.ui.widgets.steps import StepTrack
from kiosk.ui.widgets.text import FittedWords, ShortWords
from kiosk.wording import LOCALES

EVERY = list(product(LOCALES, examples()))


def cut_label(label: QLabel) -> bool:
    if isinstance(label, ShortWords) or not label.text():
        return False
    if label.wordWrap():
        return label.heightForWidth(label.width()) > label.height()
    return QFontMetrics(label.font()).horizontalAdvance(label.text()) > label.width()


def cut(widget: QWidget) -> bool:
    """Whether this widget has not the room for what it says."""
    match widget:
        case FittedWords():
            return not widget.fits()
        case BillButton():
            return not widget.texts_fit()
        case StepTrack():
            return not widget.names_fit()
        case BigButton():
            return widget.width() < widget.sizeHint().width() or widget.height() < QFontMetrics(widget.font()).height()
        case QLabel():
            return cut_label(widget)
    return False


def outside(widget: QWidget, window: QWidget) -> bool:
    """Whether a part of the widget stands outside the window; rows of a scrolling area may."""
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent, QScrollArea):
            return False
        parent = parent.parentWidget()
    return not window.rect().contains(QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size()))


def seen(window: QWidget) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if widget.isVisible()]


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_cut_on_the_smallest_screen_in_any_face(make_counter, locale):
    counter = make_counter(locale=locale)
    found = []
    for name in examples():
        counter.show(name)
        assert counter.window.size() == counter.size
        for window in (counter.window, counter.customer):
            for widget in seen(window):
                if cut(widget) or outside(widget, window):
                    text = getattr(widget, "text", lambda: "")()
                    found.append((name, type(widget).__name__, text, widget.width(), widget.height()))
    assert found == []


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_that_acts_has_a_name_and_is_large_enough(make_counter, locale):
    counter = make_counter(locale=locale)
    nameless, small = [], []
    for name in examples():
        counter.show(name)
        for widget in seen(counter.window):
            if isinstance(widget, QAbstractButton | Field):
                if not widget.accessibleName().strip():
                    nameless.append((name, widget))
                if min(widget.width(), widget.height()) < 56:
                    small.append((name, widget.accessibleName(), widget.width(), widget.height()))
    assert nameless == []
    assert small == []


def test_the_keys_of_the_keypads_are_at_least_72_pixels(counter):
    small = []
    for name in ("find-trouble", "account-prepay"):
        counter.show(name)
        small += [(name, button.accessibleName(), button.size()) for button in seen(counter.window)
                  if isinstance(button, BigButton) and button.property("kind") == "key"
                  and min(button.width(), button.height()) < 72]  # fmt: skip
    assert small == []


def test_the_letters_of_the_keypad_are_as_large_and_typed(counter):
    counter.show("find")
    keypad = counter.window.find_screen.keypad
    keypad._pages.setCurrentIndex(1)
    counter.settle()
    assert min(min(keypad._keys[letter].width(), keypad._keys[letter].height()) for letter in "AZ") >= 72
    keypad._keys["Q"].pressed.emit()
    assert counter.window.find_screen.number.text() == "Q"


def test_the_primary_button_stands_in_the_same_place_on_every_face(counter):
    corners = {}
    for name in ("find", "account", "account-prepay", "account-question", "pay", "pay-waiting", "result-paid",
                 "result-not-paid", "result-unknown"):  # fmt: skip
        counter.show(name)
        filled = [button for button in seen(counter.window)
                  if isinstance(button, BigButton) and button.property("kind") == "primary"]  # fmt: skip
        assert len(filled) == 1, name
        corners[name] = filled[0].mapTo(counter.window, filled[0].rect().bottomRight())
    assert all(one == other for one, other in pairwise(corners.values())), corners


def test_the_header_never_moves(counter):
    places = set()
    for name in examples():
        counter.show(name)
        places.add((counter.window.header.geometry().getRect(), counter.window.header.time.geometry().right()))
    assert len(places) == 1
