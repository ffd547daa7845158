"""Nothing that carries money or state is cut, and everything that acts has a name: by walking the real trees."""

from itertools import pairwise, product

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea, QWidget

from kiosk.ui.examples import SHEETS, examples
from kiosk.ui.theme import THEMES, scale_for
from kiosk.ui.widgets.bill_row import BillButton
from kiosk.ui.widgets.buttons import BigButton
from kiosk.ui.widgets.case_list import CaseList
from kiosk.ui.widgets.choice import ChoiceCard
from kiosk.ui.widgets.entry import Field
from kiosk.ui.widgets.pill import PendingPill
from kiosk.ui.widgets.rail import RailButton
from kiosk.ui.widgets.reason import ReasonLine
from kiosk.ui.widgets.state_badge import StateBadge
from kiosk.ui.widgets.steps import StepTrack
from kiosk.ui.widgets.text import FittedWords, ShortWords
from kiosk.wording import LOCALES

#: Every size in both languages, the themes among them.
ROOMS = [
    (locale, size, theme)
    for (locale, size), theme in zip(
        product(LOCALES, ((1024, 768), (1366, 768), (1920, 1080))),
        ("light", "dark", "contrast", "contrast", "light", "dark"),
        strict=True,
    )
]


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
        case BillButton() | CaseList() | ChoiceCard() | PendingPill() | RailButton():
            return not widget.texts_fit()
        case StateBadge():
            return widget.width() < widget.sizeHint().width()
        case ReasonLine():
            return QFontMetrics(widget.font()).horizontalAdvance(widget.placeholderText()) > widget.width() - 40
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


def faults(window: QWidget, name: str) -> list[tuple]:
    """What is cut or stands outside."""
    return [
        (name, type(widget).__name__, getattr(widget, "text", lambda: "")(), widget.width(), widget.height())
        for widget in seen(window)
        if cut(widget) or outside(widget, window)
    ]


def in_room(make_counter, locale, size, theme):
    """A counter on a screen of this size, scaled as the program scales it."""
    wanted = QSize(*size)
    return make_counter(locale=locale, size=wanted, theme=THEMES[theme].scaled(scale_for(wanted)))


@pytest.mark.parametrize(("locale", "size", "theme"), ROOMS)
def test_no_text_is_cut_in_any_face(make_counter, locale, size, theme):
    counter = in_room(make_counter, locale, size, theme)
    found = []
    for name in examples():
        counter.show(name)
        assert counter.window.size() == counter.size
        found += faults(counter.window, name) + faults(counter.customer, name)
    assert found == []


@pytest.mark.parametrize(("locale", "size", "theme"), ROOMS)
def test_no_text_is_cut_on_any_sheet(make_counter, locale, size, theme):
    counter = in_room(make_counter, locale, size, theme)
    found = []
    for name, (below, sheet) in SHEETS.items():
        counter.show(below)
        assert counter.window.open_sheet(sheet)
        counter.settle()
        found += faults(counter.window.sheets[sheet], name)
        counter.window.sheets[sheet].close_sheet()
    assert found == []


def unfit(window: QWidget, name: str) -> list[tuple]:
    """What acts and has no name, or is too small for a finger."""
    return [
        (name, type(widget).__name__, widget.accessibleName(), widget.width(), widget.height())
        for widget in seen(window)
        if isinstance(widget, QAbstractButton | Field | ReasonLine | CaseList)
        and (not widget.accessibleName().strip() or min(widget.width(), widget.height()) < 56)
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_that_acts_has_a_name_and_is_large_enough(make_counter, locale):
    counter = make_counter(locale=locale)
    found = []
    for name in examples():
        counter.show(name)
        found += unfit(counter.window, name)
    for name, (below, sheet) in SHEETS.items():
        counter.show(below)
        counter.window.open_sheet(sheet)
        counter.settle()
        found += unfit(counter.window.sheets[sheet], name)
        counter.window.sheets[sheet].close_sheet()
    assert found == []


def test_the_keys_of_the_keypads_are_at_least_72_pixels(counter):
    small = []
    for name in ("find-trouble", "account-prepay", *SHEETS):
        below, sheet = SHEETS.get(name, (name, ""))
        counter.show(below)
        if sheet:
            counter.window.open_sheet(sheet)
            counter.settle()
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
                 "result-not-paid", "result-unknown", "pay-qr", "pay-withdrawn", "pay-withdrawn-free",
                 "result-unknown-second", "pending", "case", "case-late"):  # fmt: skip
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
