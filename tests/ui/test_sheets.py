"""The sheets: a settlement, a second attempt, the wallet's number, the first PIN."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from kiosk.snapshot import AllowSecond, AskAbout, AskNow, NoteWallet, Sentence, SetPin, Settle, ShowQr, WithdrawQr
from kiosk.ui.examples import SHEETS, examples
from kiosk.ui.widgets.text import FittedWords

Key = Qt.Key
PIN = "246813"
PAYMENT_CODE = "281234567890123456"


def press(counter, *keys):
    for key in keys:
        QTest.keyClick(counter.window.focusWidget() or counter.window, key)
    counter.settle()


def type_text(counter, text):
    for sign in text:
        QTest.keyClick(counter.window.focusWidget() or counter.window, sign)
    counter.settle()


def open_sheet(counter, name):
    """An example with its sheet over it; the snapshot and the sheet."""
    below, sheet = SHEETS[name]
    snapshot = counter.show(below)
    assert counter.window.open_sheet(sheet)
    counter.settle()
    return snapshot, counter.window.sheets[sheet]


def answered(counter, snapshot, code, *, done):
    """The engine's word on a PIN."""
    told = Sentence.of(code, seconds=30) if code == "pin.locked" else Sentence.of(code)
    return counter.show(replace(snapshot, pin_told=told, pin_done=done, pin_count=snapshot.pin_count + 1))


# --- every sheet ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHEETS)
def test_escape_closes_a_sheet_and_sends_nothing(counter, name):
    _, sheet = open_sheet(counter, name)
    press(counter, Key.Key_Escape)
    assert not sheet.isVisible()
    assert counter.sent == []


@pytest.mark.parametrize("name", SHEETS)
def test_no_key_and_no_touch_reaches_what_is_under_a_sheet(counter, name):
    _, sheet = open_sheet(counter, name)
    enter = () if name == "screens" else (Key.Key_Return,)  # which is how that one is closed
    press(counter, *(Key(Key.Key_F1 + at) for at in range(12)), *enter)
    for at in (counter.window.rail.geometry().center(), counter.window.header.geometry().center()):
        QTest.mouseClick(counter.window.childAt(at) or counter.window, Qt.MouseButton.LeftButton)
    assert counter.sent == []
    assert sheet.isVisible()


@pytest.mark.parametrize("name", SHEETS)
def test_tab_stays_within_the_sheet_and_reaches_every_button_that_lives(counter, name):
    _, sheet = open_sheet(counter, name)
    seen = set()
    for _ in range(40):
        QTest.keyClick(counter.window.focusWidget() or counter.window, Key.Key_Tab)
        seen.add(counter.window.focusWidget())
    assert all(sheet.isAncestorOf(widget) for widget in seen)
    live = {child for child in sheet.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled()}  # fmt: skip
    assert seen == live


def test_tab_leads_from_the_choices_over_the_reason_and_the_pin_to_the_foot(counter):
    _, sheet = open_sheet(counter, "settle")
    order = []
    for _ in range(24):
        press(counter, Key.Key_Tab)
        order.append(counter.window.focusWidget())
    steps = [sheet.cards["release"], sheet.cards["refunded"], sheet.reason.chips[0], sheet.reason.line,
             sheet.pin.field, sheet.pin.keypad._keys["1"], sheet.cancel]  # fmt: skip
    places = [order.index(step) for step in steps]
    assert places == sorted(places)
    assert places[0] == 0


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_goes_when_what_it_is_about_is_gone(counter, name):
    _, sheet = open_sheet(counter, name)
    counter.show("find")
    assert not sheet.isVisible()


@pytest.mark.parametrize("name", [name for name in SHEETS if name not in ("diagnostics", "screens")])
def test_what_was_typed_is_gone_when_a_sheet_comes_again(counter, name):
    below, kind = SHEETS[name]
    _, sheet = open_sheet(counter, name)
    type_text(counter, PIN)
    press(counter, Key.Key_Escape)
    counter.show(below)
    counter.window.open_sheet(kind)
    field = sheet.number.text() if kind == "wallet" else sheet.pin.field.length()
    assert not field


# --- the PIN -------------------------------------------------------------------------------------------------------


def test_the_pin_is_never_to_be_read_anywhere(counter):
    _, sheet = open_sheet(counter, "settle")
    QApplication.clipboard().clear()
    type_text(counter, PIN)
    texts = [label.text() for label in counter.window.findChildren(QLabel)]
    texts += [words.text() for words in counter.window.findChildren(FittedWords)]
    texts += [w.accessibleName() + w.accessibleDescription() for w in counter.window.findChildren(QWidget)]
    assert not any(PIN in text for text in texts)
    for sign in "acxz":
        QTest.keyClick(counter.window, sign, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == ""
    assert sheet.pin.field.length() == len(PIN)
    assert PIN not in repr(Settle("failed", "why", PIN))


def test_no_key_of_the_keypad_lights_up_while_a_pin_is_typed(counter):
    _, sheet = open_sheet(counter, "settle")
    type_text(counter, PIN)
    assert [key for key, button in sheet.pin.keypad._keys.items() if button.property("down") == "true"] == []


def test_a_payment_code_scanned_into_the_pin_leaves_none(counter):
    _, sheet = open_sheet(counter, "settle")
    type_text(counter, PAYMENT_CODE)
    press(counter, Key.Key_Return)
    assert sheet.pin.field.length() == 0
    assert counter.sent == []
    type_text(counter, PIN)
    assert sheet.pin.field.length() == 0, "a field that was flooded takes nothing until it is cleared"
    press(counter, Key.Key_Delete)
    type_text(counter, PIN)
    assert sheet.pin.field.length() == len(PIN)


def test_the_keypad_types_the_pin_by_touch(counter):
    _, sheet = open_sheet(counter, "second")
    for figure in PIN:
        QTest.mouseClick(sheet.pin.keypad._keys[figure], Qt.MouseButton.LeftButton)
    assert sheet.pin.field.length() == len(PIN)


# --- a settlement --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("settle", ["release", "credited", "refunded"]),
        ("settle-twice", ["credited", "refunded"]),
        ("settle-gave-up", ["credited", "refunded", "failed"]),
    ],
)
def test_only_the_settlements_that_are_allowed_stand_there_and_none_is_chosen(counter, name, offered):
    _, sheet = open_sheet(counter, name)
    assert [how for how, made in sheet.cards.items() if made.isVisible()] == offered
    assert not any(made.isChecked() for made in sheet.cards.values())


def test_a_settlement_takes_a_choice_a_reason_and_the_pin(counter):
    snapshot, sheet = open_sheet(counter, "settle")
    assert not sheet.confirm.isEnabled()
    QTest.mouseClick(sheet.cards["refunded"], Qt.MouseButton.LeftButton)
    QTest.mouseClick(sheet.reason.chips[3], Qt.MouseButton.LeftButton)
    type_text(counter, PIN[:5])
    assert not sheet.confirm.isEnabled()
    type_text(counter, PIN[5:])
    assert sheet.confirm.isEnabled()
    press(counter, Key.Key_Return)
    why = counter.wording.say("supervisor.reason_refunded")
    assert counter.sent == [Settle("refunded", why, PIN, snapshot.pending.case.row.order_no)]
    assert sheet.pin.field.length() == 0


def settle(counter, name="settle"):
    snapshot, sheet = open_sheet(counter, name)
    press(counter, Key.Key_Down)
    QTest.mouseClick(sheet.reason.chips[0], Qt.MouseButton.LeftButton)
    type_text(counter, PIN)
    press(counter, Key.Key_Return)
    assert len(counter.sent) == 1
    return snapshot, sheet


def test_while_the_pin_is_checked_nothing_is_sent_twice(counter):
    snapshot, sheet = settle(counter)
    counter.show(replace(snapshot, pin_checking=True))
    type_text(counter, PIN)
    press(counter, Key.Key_Return)
    assert len(counter.sent) == 1
    assert not sheet.confirm.isEnabled()


@pytest.mark.parametrize("code", ["pin.wrong", "pin.locked"])
def test_a_wrong_pin_is_told_in_the_sheet_and_typed_anew(counter, code):
    snapshot, sheet = settle(counter)
    answered(counter, snapshot, code, done=False)
    assert sheet.isVisible()
    assert sheet.pin.note.text() == counter.wording.say(code, seconds=30)
    assert not sheet.confirm.isEnabled()
    type_text(counter, PIN)
    press(counter, Key.Key_Return)
    assert len(counter.sent) == 2


def test_a_settlement_that_was_carried_out_closes_the_sheet_and_is_told_for_a_while(counter):
    snapshot, sheet = settle(counter)
    done = answered(counter, snapshot, "settle.as_release", done=True)
    assert not sheet.isVisible()
    assert counter.window.banner.what.text() == counter.wording.say("settle.as_release")
    counter.now_s += 9
    counter.window.tick()
    assert counter.window.banner.accessibleName() == ""
    counter.show(done)
    assert counter.window.banner.accessibleName() == ""


def test_that_it_was_carried_out_is_told_over_an_older_banner_and_under_a_newer_one(counter):
    snapshot, _ = settle(counter)
    alarm = examples()["pending"].banner
    done = answered(counter, replace(snapshot, banner=alarm), "settle.as_release", done=True)
    assert counter.window.banner.what.text() == counter.wording.say("settle.as_release")
    newer = replace(alarm, what=Sentence.of("alarm.not_credited", order_no="A01"))
    counter.show(replace(done, banner=newer))
    assert counter.window.banner.what.text() == counter.wording.say(newer.what)


def test_the_arrows_lead_through_the_choices(counter):
    _, sheet = open_sheet(counter, "settle")
    chosen = []
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Down, Key.Key_Down, Key.Key_Up):
        press(counter, key)
        chosen.append(next(how for how, made in sheet.cards.items() if made.isChecked()))
    assert chosen == ["release", "credited", "refunded", "refunded", "credited"]


def test_a_choice_that_is_no_longer_allowed_is_given_up(counter):
    snapshot, sheet = open_sheet(counter, "settle")
    sheet.choose("release")
    case = replace(snapshot.pending.case, settle_as=("credited", "refunded"))
    counter.show(replace(snapshot, pending=replace(snapshot.pending, case=case)))
    assert sheet.isVisible()
    assert not any(made.isChecked() for made in sheet.cards.values())


def test_the_sheet_goes_when_another_case_is_laid_open(counter):
    snapshot, sheet = open_sheet(counter, "settle")
    case = replace(snapshot.pending.case, row=replace(snapshot.pending.case.row, order_no="OTHER"))
    counter.show(replace(snapshot, pending=replace(snapshot.pending, case=case)))
    assert not sheet.isVisible()


# --- the reason ----------------------------------------------------------------------------------------------------


def test_a_reason_is_written_by_keyboard_and_figures_in_it_are_no_pin(counter):
    _, sheet = open_sheet(counter, "settle")
    sheet.reason.line.setFocus(Qt.FocusReason.TabFocusReason)
    type_text(counter, "bank, 3 pm")
    assert sheet.reason.reason() == "bank, 3 pm"
    assert sheet.pin.field.length() == 0


def test_a_long_number_is_thrown_out_of_a_reason_at_once(counter):
    _, sheet = open_sheet(counter, "settle")
    line = sheet.reason.line
    line.setFocus(Qt.FocusReason.TabFocusReason)
    type_text(counter, PAYMENT_CODE)
    assert line.text() == ""
    assert sheet.reason.note.text() == counter.wording.say("supervisor.reason_number")
    QTest.keyClick(line, "z", Qt.KeyboardModifier.ControlModifier)
    assert line.text() == ""
    type_text(counter, "ok 3")
    assert line.text() == "ok 3"


def test_a_reason_takes_no_paste_no_undo_and_no_menu(counter):
    _, sheet = open_sheet(counter, "settle")
    QApplication.clipboard().setText("pasted")
    line = sheet.reason.line
    line.setFocus(Qt.FocusReason.TabFocusReason)
    type_text(counter, "ab")
    for sign in "vzx":
        QTest.keyClick(line, sign, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == "ab"
    assert line.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu
    QApplication.clipboard().clear()


def test_one_character_is_no_reason(counter):
    _, sheet = open_sheet(counter, "second-cashier")
    sheet.reason.line.setText(" x ")
    assert not sheet.confirm.isEnabled()


def test_chinese_is_written_with_its_input_method(counter):
    _, sheet = open_sheet(counter, "settle")
    assert sheet.reason.line.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert not sheet.pin.field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


# --- a second attempt ----------------------------------------------------------------------------------------------


def test_a_shown_qr_is_withdrawn_by_its_key_and_by_a_touch(counter):
    counter.show("pay-qr")
    press(counter, Key.Key_F7)
    QTest.mouseClick(counter.window.pay_screen.withdraw.button, Qt.MouseButton.LeftButton)
    assert counter.sent == [WithdrawQr(), WithdrawQr()]


def test_a_code_scanned_while_the_qr_is_up_is_answered_with_the_button_to_withdraw_it(counter):
    counter.show("pay-qr")
    assert not counter.window.banner.act.isVisible()
    counter.show("pay-qr-scanned")
    assert counter.window.banner.act.accessibleName() == counter.wording.say("button.withdraw_qr")
    QTest.mouseClick(counter.window.banner.act, Qt.MouseButton.LeftButton)
    assert counter.sent == [WithdrawQr()]


def test_a_withdrawn_qr_is_on_no_window(counter):
    counter.show("pay-qr")
    press(counter, Key.Key_F4)
    assert counter.window.large_qr.isVisible()
    counter.show("pay-withdrawn")
    assert not counter.window.large_qr.isVisible()
    assert not counter.window.pay_screen.side.qr.isVisible()
    assert not counter.customer.qr.isVisible()
    assert counter.customer.headline.text() == counter.wording.say("customer.wait")


def test_why_no_second_attempt_may_begin_yet_stands_beside_the_amount(counter):
    counter.show("pay-withdrawn")
    sign = counter.window.pay_screen.side.pages.currentWidget()
    assert sign.hint.text() == counter.wording.say("second.not_answered")
    press(counter, Key.Key_F3)
    assert not counter.window.sheets["second"].isVisible()
    assert not counter.window.pay_screen.second.button.isVisible()


@pytest.mark.parametrize(("key", "command"), [(Key.Key_F2, ShowQr()), (Key.Key_F8, AskNow())])
def test_a_withdrawn_qr_is_shown_again_or_asked_about(counter, key, command):
    counter.show("pay-withdrawn")
    press(counter, key)
    assert counter.sent == [command]


@pytest.mark.parametrize("name", ["second", "second-case"])
def test_a_second_attempt_needs_a_reason_and_the_supervisors_pin(counter, name):
    snapshot, sheet = open_sheet(counter, name)
    number = snapshot.pay.second.order_no if snapshot.pay else snapshot.pending.case.row.order_no
    type_text(counter, PIN)
    press(counter, Key.Key_Return)
    assert counter.sent == []
    QTest.mouseClick(sheet.reason.chips[0], Qt.MouseButton.LeftButton)
    press(counter, Key.Key_Return)
    assert counter.sent == [AllowSecond(number, counter.wording.say("supervisor.reason_left"), PIN)]


def test_where_the_cashier_may_allow_it_no_pin_is_asked_for(counter):
    snapshot, sheet = open_sheet(counter, "second-cashier")
    assert not sheet.pin.isVisible()
    QTest.mouseClick(sheet.reason.chips[1], Qt.MouseButton.LeftButton)
    press(counter, Key.Key_Return)
    why = counter.wording.say("supervisor.reason_cannot_scan")
    assert counter.sent == [AllowSecond(snapshot.pay.second.order_no, why, "")]


def test_an_allowed_attempt_closes_the_sheet_though_the_counter_is_armed_before_the_answer(counter):
    snapshot, sheet = open_sheet(counter, "second-cashier")
    QTest.mouseClick(sheet.reason.chips[1], Qt.MouseButton.LeftButton)
    press(counter, Key.Key_Return)
    armed = examples()["pay-single"]
    counter.show(armed)
    assert sheet.isVisible()
    answered(counter, replace(armed, pin_count=snapshot.pin_count), "second.allowed", done=True)
    assert not sheet.isVisible()


def test_beside_an_unknown_result_the_second_attempt_is_there_and_never_the_filled_button(counter):
    counter.show("result-unknown")
    button = counter.window.result_screen.second.button
    assert not button.isVisible()
    counter.show("result-unknown-second")
    assert button.isVisible()
    assert button.property("kind") != "primary"
    press(counter, Key.Key_Return)
    assert counter.sent == [AskNow()]
    press(counter, Key.Key_F3)
    assert counter.window.sheets["second"].isVisible()


def test_a_refused_second_attempt_is_not_offered_beside_a_result(counter):
    snapshot = examples()["result-unknown-second"]
    second = replace(snapshot.result.second, refused=Sentence.of("second.hold_off"))
    counter.show(replace(snapshot, result=replace(snapshot.result, second=second)))
    assert not counter.window.result_screen.second.button.isVisible()


# --- the wallet's number -------------------------------------------------------------------------------------------


def test_a_wallets_number_is_typed_and_kept(counter):
    counter.show("case")
    press(counter, Key.Key_F2)
    sheet = counter.window.sheets["wallet"]
    type_text(counter, "4200 0027ab")
    assert sheet.number.text() == "42000027AB"
    press(counter, Key.Key_Return)
    assert counter.sent == [NoteWallet("42000027AB")]


def test_a_scanned_number_closes_the_sheet(counter):
    snapshot, sheet = open_sheet(counter, "wallet")
    case = replace(snapshot.pending.case, wallet_no="4200002745")
    counter.show(replace(snapshot, pending=replace(snapshot.pending, case=case)))
    assert not sheet.isVisible()
    assert counter.window.pending_screen.case.numbers["wallet_no"].text() == "4200002745"


def test_a_number_that_cannot_be_one_is_told_and_corrected(counter):
    snapshot, sheet = open_sheet(counter, "wallet")
    type_text(counter, "12")
    press(counter, Key.Key_Return)
    banner = replace(examples()["pending"].banner, what=Sentence.of("case.wallet_no_unfit"))
    counter.show(replace(snapshot, banner=banner))
    assert sheet.note.text() == counter.wording.say("case.wallet_no_unfit")
    assert sheet.number.text() == "12"


def test_keys_go_on_to_the_case_after_the_sheet(counter):
    open_sheet(counter, "wallet")
    press(counter, Key.Key_Escape, Key.Key_F8)
    assert counter.sent == [AskAbout()]


# --- the first PIN -------------------------------------------------------------------------------------------------


def test_the_first_pin_is_typed_twice(counter):
    _, sheet = open_sheet(counter, "first-pin")
    type_text(counter, PIN)
    press(counter, Key.Key_Return)
    assert sheet.hint.text() == counter.wording.say("supervisor.first_again")
    type_text(counter, PIN)
    press(counter, Key.Key_Return)
    assert counter.sent == [SetPin(PIN)]


def test_two_that_differ_begin_again(counter):
    _, sheet = open_sheet(counter, "first-pin")
    for pin in (PIN, "135792"):
        type_text(counter, pin)
        press(counter, Key.Key_Return)
    assert counter.sent == []
    assert sheet.pin.note.text() == counter.wording.say("supervisor.first_differs")
    assert sheet.hint.text() == counter.wording.say("supervisor.first_hint")


def test_a_pin_that_is_refused_is_told_and_one_that_is_set_closes_the_sheet(counter):
    snapshot, sheet = open_sheet(counter, "first-pin")
    for _ in range(2):
        type_text(counter, "111111")
        press(counter, Key.Key_Return)
    refused = answered(counter, snapshot, "pin.fault_simple", done=False)
    assert sheet.isVisible()
    assert sheet.pin.note.text() == counter.wording.say("pin.fault_simple")
    answered(counter, replace(refused, pin_is_set=True), "pin.is_set", done=True)
    assert not sheet.isVisible()


@pytest.mark.parametrize(("name", "asked"), [("no-pin", True), ("find", False)])
def test_at_the_start_it_is_asked_for_once_where_none_is_set(counter, name, asked):
    counter.window.ask_first_pin()
    counter.show(name)
    sheet = counter.window.sheets["first_pin"]
    assert sheet.isVisible() is asked
    sheet.close_sheet()
    counter.show("no-pin")
    assert not sheet.isVisible()


def test_without_being_told_to_the_window_asks_for_no_pin(counter):
    counter.show("no-pin")
    assert not counter.window.sheets["first_pin"].isVisible()
