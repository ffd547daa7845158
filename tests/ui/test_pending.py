"""The page *Pending*: the list, the case, the way there and back, and what is told of the counter behind it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from kiosk.snapshot import (
    AskAbout,
    CloseCase,
    GoTo,
    Level,
    OpenCase,
    Page,
    PrintCase,
    SeekEvidence,
    Sentence,
)
from kiosk.ui.examples import ROWS, examples
from kiosk.ui.widgets.case_list import ROW_PX

Key = Qt.Key


def press(counter, *keys):
    for key in keys:
        QTest.keyClick(counter.window.focusWidget() or counter.window, key)
    counter.settle()


def touch_row(counter, at):
    shown = counter.window.pending_screen.list
    row = shown.visualRect(shown.model().index(at, 0))
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=row.center())


# --- the way there and back ----------------------------------------------------------------------------------------


def test_the_rail_the_pill_and_the_keys_lead_to_the_pages(counter):
    counter.show("find-trouble")
    QTest.mouseClick(counter.window.rail.buttons[Page.PENDING], Qt.MouseButton.LeftButton)
    QTest.mouseClick(counter.window.header.pending, Qt.MouseButton.LeftButton)
    press(counter, Key.Key_F12)
    assert counter.sent == [GoTo(Page.PENDING)] * 3
    counter.sent.clear()
    counter.show("pending")
    QTest.mouseClick(counter.window.rail.buttons[Page.COLLECT], Qt.MouseButton.LeftButton)
    press(counter, Key.Key_F11)
    assert counter.sent == [GoTo(Page.COLLECT)] * 2


def test_the_page_that_is_open_is_not_asked_for_again(counter):
    counter.show("pending")
    press(counter, Key.Key_F12)
    QTest.mouseClick(counter.window.rail.buttons[Page.PENDING], Qt.MouseButton.LeftButton)
    assert counter.sent == []


def test_escape_goes_from_the_case_to_the_list_to_collect(counter):
    counter.show("case")
    press(counter, Key.Key_Escape)
    counter.show("pending-over-pay")
    press(counter, Key.Key_Escape)
    assert counter.sent == [CloseCase(), GoTo(Page.COLLECT)]


@pytest.mark.parametrize("name", [name for name in examples() if name.startswith(("pending", "case"))])
def test_no_key_on_the_page_reaches_the_payment_behind_it(counter, name):
    over = examples()["pay-qr"]
    shown = examples()[name]
    counter.show(replace(shown, face=over.face, pay=over.pay, legal=shown.legal | over.legal | {"Back"}))
    keys = [Key.Key_Escape, Key.Key_Return, Key.Key_Space, *(Key(Key.Key_F1 + at) for at in range(12))]
    for key in keys:
        counter.window.keyPressEvent(key_event(key))
        for sheet in counter.window.sheets.values():
            sheet.close_sheet()
    allowed = (GoTo, OpenCase, CloseCase, AskAbout, SeekEvidence, PrintCase)
    assert [command for command in counter.sent if not isinstance(command, allowed)] == []
    assert not counter.window.large_qr.isVisible()


def key_event(key):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    return QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "")


def test_what_waits_is_counted_on_the_rail_in_a_badge(counter):
    counter.show("pending")
    assert counter.window.rail.buttons[Page.PENDING].badge() == "5"
    counter.show("pending-many")
    assert counter.window.rail.buttons[Page.PENDING].badge() == "99+"
    counter.show("find")
    assert counter.window.rail.buttons[Page.PENDING].badge() == ""


# --- the payment behind the page -----------------------------------------------------------------------------------


def test_a_payment_behind_the_page_is_marked_and_told_with_its_amount(counter):
    snapshot = counter.show("pending-over-pay")
    mark = counter.window.rail.buttons[Page.COLLECT].mark
    assert mark.word == counter.wording.say("rail.runs")
    assert "¥12,445.66" in counter.window.banner.what.text()
    assert counter.window.banner.todo.text() == counter.wording.say(snapshot.pay.sentence)
    QTest.mouseClick(counter.window.banner.act, Qt.MouseButton.LeftButton)
    assert counter.sent == [GoTo(Page.COLLECT)]


@pytest.mark.parametrize(
    ("name", "outcome", "icon_name"),
    [("result-paid", "paid", "check"), ("result-not-paid", "not_paid", "cross"), ("result-unknown", "unknown", "warn")],
)
def test_the_end_of_a_payment_behind_the_page_is_to_be_seen(counter, name, outcome, icon_name):
    below, over = examples()[name], examples()["pending-over-pay"]
    counter.show(replace(over, face=below.face, pay=None, result=below.result))
    mark = counter.window.rail.buttons[Page.COLLECT].mark
    assert (mark.icon_name, mark.word) == (icon_name, counter.wording.say(f"rail.{outcome}"))
    assert counter.window.banner.todo.text() == counter.wording.say(f"result.{outcome}")


def test_an_alarm_stands_before_the_news_of_the_counter(counter):
    alarmed = replace(examples()["pending-over-pay"], banner=examples()["pending"].banner)
    counter.show(alarmed)
    assert counter.window.banner.what.text() == counter.wording.say(alarmed.banner.what)
    assert not counter.window.banner.act.isVisible()


def test_a_result_that_ended_behind_the_page_does_not_leave_before_it_was_seen(counter):
    counter.show("pending-over-result")
    counter.now_s += 60
    counter.window.tick()
    assert counter.sent == []
    counter.show("result-paid")
    counter.now_s += 1.5
    counter.window.tick()
    assert counter.sent == []
    counter.now_s += 1
    counter.window.tick()
    assert [type(command).__name__ for command in counter.sent] == ["NextCustomer"]


# --- the list ------------------------------------------------------------------------------------------------------


def test_enter_opens_the_row_under_the_frame_and_a_touch_its_own(counter):
    counter.show("pending")
    press(counter, Key.Key_Return)
    press(counter, Key.Key_Down, Key.Key_Down, Key.Key_Return)
    press(counter, Key.Key_Up, Key.Key_Return)
    touch_row(counter, 3)
    opened = [ROWS[0], ROWS[2], ROWS[1], ROWS[3]]
    assert counter.sent == [OpenCase(row.order_no) for row in opened]


def test_the_frame_stays_on_its_order_when_rows_come_and_go(counter):
    snapshot = counter.show("pending")
    press(counter, Key.Key_Down, Key.Key_Down)
    new = replace(ROWS[0], order_no="NEW")
    counter.show(replace(snapshot, pending=replace(snapshot.pending, rows=(new, *ROWS))))
    assert counter.window.pending_screen.list.current() == ROWS[2].order_no
    counter.show(replace(snapshot, pending=replace(snapshot.pending, rows=ROWS[:2])))
    assert counter.window.pending_screen.list.current() == ROWS[1].order_no


def test_the_page_opens_with_the_frame_on_its_first_row(counter):
    counter.show("pending-many")
    press(counter, Key.Key_End)
    counter.show("find")
    snapshot = counter.show("pending-many")
    press(counter, Key.Key_Return)
    assert counter.window.pending_screen.list.verticalScrollBar().value() == 0
    counter.show("find")
    urgent = replace(ROWS[0], order_no="NEW")
    counter.show(replace(snapshot, pending=replace(snapshot.pending, rows=(urgent, *snapshot.pending.rows))))
    press(counter, Key.Key_Return)
    assert counter.sent == [OpenCase(snapshot.pending.rows[0].order_no), OpenCase("NEW")]


def test_coming_back_from_a_case_the_frame_is_where_it_was(counter):
    snapshot = counter.show("pending-many")
    press(counter, *[Key.Key_PageDown] * 3)
    at = counter.window.pending_screen.list.current()
    counter.show(replace(snapshot, pending=replace(snapshot.pending, case=examples()["case"].pending.case)))
    counter.show(snapshot)
    assert counter.window.pending_screen.list.current() == at


def test_the_frame_stops_at_both_ends(counter):
    counter.show("pending")
    press(counter, Key.Key_Up, Key.Key_Return)
    press(counter, *[Key.Key_Down] * 9, Key.Key_Return)
    assert counter.sent == [OpenCase(ROWS[0].order_no), OpenCase(ROWS[-1].order_no)]


def test_five_hundred_rows_make_no_widgets_and_the_last_one_is_reached(counter):
    counter.show("pending")
    shown = counter.window.pending_screen.list
    few = len(counter.window.findChildren(QWidget))
    snapshot = counter.show("pending-many")
    assert len(counter.window.findChildren(QWidget)) == few
    press(counter, Key.Key_End, Key.Key_Return)
    assert counter.sent == [OpenCase(snapshot.pending.rows[-1].order_no)]
    assert shown.visualRect(shown.model().index(499, 0)).bottom() <= shown.viewport().height()
    press(counter, Key.Key_Home, Key.Key_PageDown)
    assert shown.currentIndex().row() == shown.page()


def test_only_the_rows_that_are_seen_are_painted(counter, monkeypatch):
    counter.show("pending-many")
    shown = counter.window.pending_screen.list
    painted = []
    cells = shown.cells
    monkeypatch.setattr(shown, "cells", lambda row, box: painted.append(row) or cells(row, box))
    shown.viewport().grab()
    assert 0 < len(painted) <= shown.viewport().height() // ROW_PX + 2


def test_a_row_is_large_enough_for_a_finger(counter):
    counter.show("pending")
    shown = counter.window.pending_screen.list
    assert shown.visualRect(shown.model().index(0, 0)).height() >= 56


def test_a_row_says_all_of_itself_to_a_screen_reader(counter):
    counter.show("pending")
    shown = counter.window.pending_screen.list
    said = shown.model().data(shown.model().index(2, 0), Qt.ItemDataRole.AccessibleTextRole)
    for part in (ROWS[2].name_masked, ROWS[2].customer_no, "¥12,445.66", counter.wording.say("state.in_doubt")):
        assert part in said


def test_when_an_order_is_asked_next_is_counted_down(counter):
    counter.show("pending")
    words = counter.window.pending_screen.next_words
    say = counter.wording.say
    assert words(ROWS[2]) == say("pending.ask_in_s", seconds=12)
    counter.now_s += 5
    assert words(ROWS[2]) == say("pending.ask_in_s", seconds=7)
    counter.now_s += 7
    assert words(ROWS[2]) == say("pending.asking")
    assert words(replace(ROWS[2], next_s=None)) == say("pending.by_nobody")
    assert words(replace(ROWS[4], next_s=counter.now_s + 301)) == say("pending.tell_in_min", minutes=6)


def test_where_nothing_waits_it_is_said_kindly_and_enter_does_nothing(counter):
    counter.show("pending-empty")
    page = counter.window.pending_screen
    assert page.pages.currentWidget() is page.empty_page
    press(counter, Key.Key_Return, Key.Key_Down)
    assert counter.sent == []


def test_a_name_with_markup_and_a_long_one_stay_within_their_column(counter):
    snapshot = counter.show("pending")
    evil = replace(ROWS[0], name_masked="<b>王</b>&" * 20)
    counter.show(replace(snapshot, pending=replace(snapshot.pending, rows=(evil,))))
    assert counter.window.pending_screen.list.texts_fit()
    box = QRectF(0, 0, 800, ROW_PX)
    texts = [cell[4] for cell in counter.window.pending_screen.list.cells(evil, box)]
    assert any(text.startswith("<b>王</b>&") and text.endswith("…") for text in texts)


# --- the case ------------------------------------------------------------------------------------------------------


BUTTONS = {
    "case": ["AskAbout", "GoTo", "NoteWallet", "PrintCase"],
    "case-second": ["AllowSecond", "AskAbout", "GoTo", "NoteWallet", "PrintCase"],
    "case-paid": ["GoTo", "NoteWallet", "SeekEvidence"],
    "case-late": ["AskAbout", "GoTo", "NoteWallet", "PrintCase", "SeekEvidence", "Settle"],
    "pending": ["GoTo", "OpenCase"],
    "pending-empty": ["GoTo"],
}


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_of_the_page_lives_because_it_is_legal_and_the_view_holds_it(counter, name):
    snapshot = counter.show(name)

    def live():
        return sorted({offer.command.__name__ for offer in counter.window.pending_screen.offers
                       if offer.button.isVisibleTo(counter.window) and offer.button.isEnabled()})  # fmt: skip

    assert live() == BUTTONS[name]
    counter.show(replace(snapshot, legal=frozenset()))
    assert live() == []


@pytest.mark.parametrize(
    ("name", "key", "command"),
    [
        ("case", Key.Key_F8, AskAbout()),
        ("case", Key.Key_F9, PrintCase()),
        ("case-late", Key.Key_F5, SeekEvidence()),
        ("case-late", Key.Key_F9, PrintCase()),
    ],
)
def test_a_key_of_the_case_sends_its_command(counter, name, key, command):
    counter.show(name)
    press(counter, key)
    assert counter.sent == [command]


def test_enter_and_figures_mean_nothing_on_a_case_for_its_number_is_scanned_there(counter):
    counter.show("case-late")
    QTest.keyClicks(counter.window, "4200002745")
    press(counter, Key.Key_Return)
    assert counter.sent == []
    assert not any(sheet.isVisible() for sheet in counter.window.sheets.values())


def test_the_case_tells_its_story_its_numbers_and_what_speaks_for_it(counter):
    snapshot = counter.show("case-twice")
    case, panel, say = snapshot.pending.case, counter.window.pending_screen.case, counter.wording.say
    assert panel.amount.text() == "¥1,234,567.89"
    assert panel.lines["sent"].words.text() == say(case.sent)
    assert panel.lines["heard"].words.text() == say(case.heard)
    assert panel.lines["why"].words.text() == say(case.why)
    assert all(say(each) in panel.lines["evidence"].words.text() for each in case.evidence)
    assert panel.numbers["order_no"].text() == case.row.order_no
    assert panel.numbers["gateway_order_no"].text() == case.gateway_order_no
    assert panel.numbers["wallet_no"].text() == case.wallet_no


def test_what_is_printed_stands_on_the_button(counter):
    counter.show("case")
    button = counter.window.pending_screen.print.button
    assert button.accessibleName() == counter.wording.say("button.print_case_slip")
    counter.show("case-late")
    assert button.accessibleName() == counter.wording.say("button.print_refund")


def test_why_no_second_attempt_may_begin_is_said_while_an_order_is_in_doubt_alone(counter):
    counter.show("case")
    line = counter.window.pending_screen.case.lines["second"]
    assert line.words.text() == counter.wording.say("second.hold_off")
    counter.show("case-late")
    assert not line.words.isVisible()


# --- the bell ------------------------------------------------------------------------------------------------------


def test_the_bell_rings_once_for_each_alarm(counter):
    rung = counter.rung
    quiet = examples()["find"]
    counter.show(quiet)
    assert rung == []
    counter.show(replace(quiet, rings=1))
    counter.show(replace(quiet, rings=1))
    assert len(rung) == 1
    counter.show(replace(quiet, rings=3))
    assert len(rung) == 2


def test_an_alarm_holds_the_way_to_the_page_in_its_banner(counter):
    counter.show("find-alarm")
    QTest.mouseClick(counter.window.banner.act, Qt.MouseButton.LeftButton)
    assert counter.sent == [GoTo(Page.PENDING)]


def test_a_number_that_stands_in_the_alarm_is_not_told_twice(counter):
    snapshot = counter.show("find-alarm")
    assert snapshot.banner.reference in counter.window.banner.what.text()
    assert not counter.window.banner.reference.isVisible()
    counter.show("closed")
    assert counter.window.banner.reference.isVisible()


def test_tab_leads_as_one_reads_through_the_case_the_rail_and_the_header(counter):
    counter.show("case-late")
    say, said = counter.wording.say, []
    for _ in range(6):
        press(counter, Key.Key_Tab)
        said.append(counter.window.focusWidget().accessibleName())
    assert said == [say(f"button.{name}") for name in
                    ("seek_evidence", "note_wallet", "to_list", "print_refund", "ask_again", "settle")]  # fmt: skip
    press(counter, Key.Key_Tab)
    assert counter.window.focusWidget() is counter.window.rail.buttons[Page.COLLECT]


def test_a_late_success_rings_and_is_told_on_any_face(counter):
    told = Sentence.of("alarm.late_success", order_no="A01")
    pay = examples()["pay"]
    counter.show(replace(pay, rings=1, banner=replace(examples()["pending"].banner, what=told, level=Level.WARN)))
    assert counter.window.banner.what.text() == counter.wording.say(told)
    assert len(counter.rung) == 1
