"""A scanner that types, against a person who types: by their times alone, in the real windows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from kiosk.snapshot import LookUp, NextCustomer
from kiosk.ui.examples import examples
from kiosk.ui.wedge import BOUNCE_MS, END_MS, FAST_MS, LEAST_KEYS, MOST_KEYS, Verdict, WedgeFilter, WedgeReader
from kiosk.ui.widgets.reason import ReasonLine

CODE = "134567890123450000"
Key = Qt.Key


class Desk:
    """A reader, and what came out of it."""

    def __init__(self):
        self.now_ms, self.scans, self.given_back = 0.0, [], 0
        self.reader = WedgeReader(self._give_back, lambda text: self.scans.append(text) if text else None)

    def _give_back(self):
        self.given_back += 1

    def type(self, text, gap_ms):
        verdicts = []
        for letter in text:
            self.now_ms += gap_ms
            verdicts.append(self.reader.key(letter, is_end=False, is_plain=True, now_ms=self.now_ms))
        return verdicts

    def end(self, gap_ms):
        self.now_ms += gap_ms
        return self.reader.key("", is_end=True, is_plain=True, now_ms=self.now_ms)

    def quiet(self, gap_ms=END_MS):
        self.now_ms += gap_ms
        self.reader.quiet(self.now_ms)


# --- by their times ------------------------------------------------------------------------------------------------


def test_s30_a_scan_is_taken_with_its_enter_and_the_line_feed_after_it():
    desk = Desk()
    assert set(desk.type(CODE, 10)) == {Verdict.HELD}
    assert [desk.end(10), desk.end(3)] == [Verdict.SWALLOWED, Verdict.SWALLOWED]
    assert (desk.scans, desk.given_back) == ([CODE], 0)


def test_s30_a_scan_without_an_end_is_taken_after_a_short_silence():
    desk = Desk()
    desk.type(CODE, 10)
    desk.quiet()
    assert desk.scans == [CODE]


def test_z16_eighteen_digits_typed_slowly_are_no_scan():
    desk = Desk()
    for letter in CODE:
        desk.type(letter, 120)
        desk.quiet(FAST_MS + 5)
    assert desk.end(120) is Verdict.PASS
    assert (desk.scans, desk.given_back) == ([], len(CODE))


@given(st.lists(st.integers(FAST_MS + 1, 400), min_size=1, max_size=40))
def test_z16_no_rhythm_of_a_person_is_a_scan(gaps):
    desk = Desk()
    for gap_ms in gaps:
        desk.type("1", gap_ms)
    desk.quiet()
    assert desk.scans == []
    assert desk.given_back == len(gaps)


def test_z16_two_fingers_that_fall_together_are_a_persons():
    desk = Desk()
    desk.type("12345", 8)
    desk.quiet()
    assert (desk.scans, desk.given_back) == ([], 1)
    assert LEAST_KEYS > 5


def test_z17_the_same_code_twice_in_a_moment_is_one_scan_and_later_two():
    desk = Desk()
    for pause_ms in (5, 100, BOUNCE_MS + 400):
        desk.now_ms += pause_ms
        desk.type(CODE, 5)
        desk.end(5)
    assert desk.scans == [CODE, CODE]


def test_z15_ten_thousand_characters_are_bounded_and_dropped_and_the_next_scan_is_read():
    desk = Desk()
    desk.type("7" * 10_000, 1)
    assert len(desk.reader._text) <= MOST_KEYS
    desk.end(1)
    desk.now_ms += 500
    desk.type(CODE, 5)
    desk.end(5)
    assert desk.scans == [CODE]


def test_z15_keys_that_do_something_do_nothing_inside_a_scan():
    desk = Desk()
    desk.type(CODE[:9], 10)
    for is_plain in (True, False):
        desk.now_ms += 5
        assert desk.reader.key("", is_end=False, is_plain=is_plain, now_ms=desk.now_ms) is Verdict.SWALLOWED
    desk.type(CODE[9:], 10)
    desk.end(10)
    assert desk.scans == [CODE]


def test_z15_two_scanners_at_once_give_no_code_of_either_cut_in_two():
    desk = Desk()
    mixed = "".join(a + b for a, b in zip(CODE, "28" * 9, strict=True))
    desk.type(mixed, 4)
    desk.end(4)
    assert desk.scans == [mixed]  # twice as long as any code: the engine refuses it


# --- in the real windows -------------------------------------------------------------------------------------------


class Hands:
    """A scanner or a person at the keyboard of a counter's window."""

    def __init__(self, counter):
        self.counter, self.now_ms, self.scans = counter, 1000.0, []
        self.filter = WedgeFilter(self.scans.append, stamp=lambda event: self.now_ms)
        self.filter.install(QApplication.instance())

    def key(self, key, text="", gap_ms=10.0, modifiers=Qt.KeyboardModifier.NoModifier):
        self.now_ms += gap_ms
        window = self.counter.window
        receiver = window.focusWidget() or window
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(receiver, QKeyEvent(kind, key, modifiers, text))

    def type(self, text, gap_ms=10.0):
        for letter in text:
            self.key(Key(ord(letter)), letter, gap_ms)

    def rest(self):
        """A pause: what is held is settled."""
        self.filter._quiet()
        self.now_ms += 500


@pytest.fixture
def hands(counter):
    made = Hands(counter)
    yield made
    QApplication.instance().removeEventFilter(made.filter)


def slowly(hands, text):
    for letter in text:
        hands.key(Key(ord(letter)), letter, 120)
        hands.rest()


def test_s30_what_a_person_types_is_in_the_field_and_looked_up_by_enter(counter, hands):
    counter.show("find")
    slowly(hands, "6100000101")
    assert counter.window.find_screen.number.text() == "6100000101"
    hands.key(Key.Key_Return, "\r", 120)
    assert counter.sent == [LookUp("6100000101")]
    assert hands.scans == []


def test_z14_s30_a_scan_leaves_nothing_in_any_field_clipboard_or_undo(counter, hands):
    counter.show("find")
    hands.type(CODE)
    hands.key(Key.Key_Return, "\r")
    assert hands.scans == [CODE]
    assert counter.window.find_screen.number.text() == ""
    assert counter.sent == []
    assert CODE not in QGuiApplication.clipboard().text()
    for line in counter.window.findChildren(QLineEdit):
        assert (line.text(), line.isUndoAvailable()) == ("", False)
    assert [edit for edit in counter.window.findChildren(QPlainTextEdit) if not edit.isReadOnly()] == []


def test_s30_the_enter_of_a_scan_presses_no_button_and_goes_to_no_face(counter, hands):
    counter.show("result-paid")
    for button in counter.window.result_screen.findChildren(QWidget):
        if button.focusPolicy() & Qt.FocusPolicy.TabFocus:
            button.setFocus(Qt.FocusReason.TabFocusReason)
            break
    hands.type(CODE)
    hands.key(Key.Key_Return, "\r")
    assert (hands.scans, counter.sent) == ([CODE], [])
    hands.now_ms += 500
    hands.key(Key.Key_Return, "\r", 500)  # and a person's does
    assert counter.sent == [NextCustomer()]


def test_z15_escape_and_control_inside_a_scan_do_nothing(counter, hands):
    counter.show(next(name for name in examples() if name.startswith("pay")))
    hands.type(CODE[:8])
    hands.key(Key.Key_Escape)
    hands.key(Key.Key_O, "\x0f", modifiers=Qt.KeyboardModifier.ControlModifier)
    hands.type(CODE[8:])
    hands.key(Key.Key_Tab, "\t")
    assert (hands.scans, counter.sent) == ([CODE], [])


def test_z15_an_input_method_is_off_but_where_a_reason_is_written(counter, hands):
    counter.show("find")
    hands.type(CODE[:8])
    event = QInputMethodEvent("dian", [])
    event.setCommitString("电")
    assert hands.filter.eventFilter(counter.window, event)  # inside a scan it gets nothing in
    for widget in [counter.window, *counter.window.findChildren(QWidget)]:
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not isinstance(widget, ReasonLine):
            assert not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled), widget


def test_s30_a_person_and_a_scanner_in_turn_are_each_read_as_what_they_are(counter, hands):
    counter.show("find")
    randomly = random.Random(7)
    for _ in range(5):
        slowly(hands, "42")
        hands.type(CODE, randomly.uniform(2, 15))
        hands.key(Key.Key_Return, "\r")
        hands.now_ms += 500
    assert counter.window.find_screen.number.text() == "42" * 5
    assert hands.scans == [CODE] * 5


def test_a_space_that_a_person_presses_on_a_button_is_pressed_and_released(counter, hands):
    counter.show("result-paid")
    button = counter.window.result_screen.offers[0].button
    pressed = []
    button.clicked.connect(lambda: pressed.append(True))
    button.setFocus(Qt.FocusReason.TabFocusReason)
    hands.key(Key.Key_Space, " ", 200)
    hands.rest()
    assert len(pressed) == int(button.isVisible() and button.isEnabled())
    assert not button.isDown()
