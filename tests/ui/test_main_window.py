"""The faces, the keys, the touches: real windows, real events."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from kiosk.snapshot import (
    AskNow,
    Back,
    ChooseBill,
    Confirm,
    Face,
    LookUp,
    NextCustomer,
    Page,
    PayBills,
    PayPrepayment,
    PrintSlip,
    Refresh,
    ShowQr,
    StopWaiting,
    TryAgain,
)
from kiosk.ui.examples import NUMBER, QR_TEXT, examples
from kiosk.ui.theme import THEMES
from kiosk.ui.widgets.buttons import BigButton

Key = Qt.Key
PAYMENT_CODE = "281234567890123456"


def type_keys(counter, text="", *keys):
    """Type into whatever has the focus, as a keyboard does."""
    for sign in text:
        QTest.keyClick(counter.window.focusWidget() or counter.window, sign)
    for key in keys:
        QTest.keyClick(counter.window.focusWidget() or counter.window, key)
    counter.settle()


@pytest.mark.parametrize("name", examples())
def test_each_example_is_painted_on_its_face(counter, name):
    snapshot = counter.show(name)
    on_collect = snapshot.page is Page.COLLECT
    screen = counter.window.screens[snapshot.face] if on_collect else counter.window.pages[snapshot.page]
    assert counter.window.stack.currentWidget() is screen
    assert not counter.window.grab().isNull()


def test_an_ordinary_payment_takes_a_number_and_two_enters(counter):
    counter.show("find")
    type_keys(counter, NUMBER, Key.Key_Return)
    counter.show("account")
    type_keys(counter, "", Key.Key_Return)
    assert counter.sent == [LookUp(NUMBER), PayBills()]


def test_the_whole_way_is_open_to_touch_alone(counter):
    counter.show("find")
    keypad = counter.window.find_screen.keypad
    for figure in NUMBER:
        QTest.mouseClick(keypad._keys[figure], Qt.MouseButton.LeftButton)
    QTest.mouseClick(counter.window.find_screen.look_up.button, Qt.MouseButton.LeftButton)
    counter.show("account")
    QTest.mouseClick(counter.window.account_screen.bills.rows[0], Qt.MouseButton.LeftButton)
    QTest.mouseClick(counter.window.account_screen.pay_bills.button, Qt.MouseButton.LeftButton)
    assert counter.sent == [LookUp(NUMBER), ChooseBill("C8", False), PayBills()]


def test_figures_land_in_the_number_wherever_the_focus_is(counter):
    counter.show("find")
    counter.window.find_screen.recent[0].setFocus(Qt.FocusReason.TabFocusReason)
    type_keys(counter, "12a")
    assert counter.window.find_screen.number.text() == "12A"
    assert counter.window.focusWidget() is counter.window.find_screen.number


def test_the_number_is_corrected_by_backspace_and_cleared_by_escape(counter):
    counter.show("find")
    type_keys(counter, "123", Key.Key_Backspace)
    assert counter.window.find_screen.number.text() == "12"
    type_keys(counter, "", Key.Key_Escape)
    assert counter.window.find_screen.number.text() == ""
    type_keys(counter, "", Key.Key_Return)
    assert counter.sent == []


def test_a_recent_customer_is_taken_up_by_a_touch(counter):
    counter.show("find")
    QTest.mouseClick(counter.window.find_screen.recent[1], Qt.MouseButton.LeftButton)
    assert counter.sent == [LookUp("0541209921")]


def test_the_same_number_is_not_sent_again_while_it_is_looked_up(counter):
    counter.show("find-trouble")
    type_keys(counter, NUMBER, Key.Key_Return, Key.Key_Return)
    assert counter.sent == []


COMMANDS = {
    "account": ["Back", "PayBills", "Refresh"],
    "pay": ["Back", "ShowQr"],
    "pay-waiting": ["AskNow", "StopWaiting"],
    "result-not-paid": ["NextCustomer", "PrintSlip", "TryAgain"],
    "result-unknown": ["AskNow", "GoOn", "NextCustomer", "PrintSlip"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_button_lives_because_its_command_is_legal(counter, name):
    snapshot = counter.show(name)
    screen = counter.window.screens[snapshot.face]

    def live():
        return sorted({offer.command.__name__ for offer in screen.offers
                       if offer.button.isVisibleTo(counter.window) and offer.button.isEnabled()})  # fmt: skip

    assert live() == COMMANDS[name]
    counter.show(replace(snapshot, legal=frozenset()))
    assert live() == []


def test_beside_an_unknown_result_there_is_no_button_to_pay_again(counter):
    counter.show("result-unknown")
    assert not counter.window.result_screen.again.button.isVisibleTo(counter.window)


@pytest.mark.parametrize(
    ("name", "key", "command"),
    [
        ("account", Key.Key_F5, Refresh()),
        ("account", Key.Key_Escape, Back()),
        ("account-question", Key.Key_F6, Confirm()),
        ("account-question", Key.Key_Escape, Back()),
        ("pay", Key.Key_F2, ShowQr()),
        ("pay", Key.Key_Escape, Back()),
        ("pay-waiting", Key.Key_F8, AskNow()),
        ("pay-waiting", Key.Key_F10, StopWaiting()),
        ("result-unknown", Key.Key_F8, AskNow()),
        ("result-unknown", Key.Key_Return, AskNow()),
        ("result-unknown", Key.Key_F9, PrintSlip()),
        ("result-unknown", Key.Key_Escape, NextCustomer()),
        ("result-not-paid", Key.Key_Return, TryAgain()),
        ("result-paid", Key.Key_Return, NextCustomer()),
        ("result-paid", Key.Key_Space, NextCustomer()),
    ],
)
def test_a_key_sends_the_command_that_stands_on_its_button(counter, name, key, command):
    counter.show(name)
    type_keys(counter, "", key)
    assert counter.sent == [command]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("pay", Key.Key_Return),
        ("pay-waiting", Key.Key_Return),
        ("pay-waiting", Key.Key_Escape),
        ("pay-sending", Key.Key_Escape),
        ("account-question", Key.Key_Return),
        ("account-prepay", Key.Key_F8),
        ("result-unknown", Key.Key_7),
    ],
)
def test_a_key_that_may_not_do_anything_does_nothing(counter, name, key):
    counter.show(name)
    type_keys(counter, "", key)
    assert counter.sent == []


def test_enter_never_presses_the_button_that_has_the_focus(counter):
    snapshot = counter.show("pay")
    for button in counter.window.findChildren(QAbstractButton):
        if button.isVisibleTo(counter.window) and button.isEnabled():
            button.setFocus(Qt.FocusReason.TabFocusReason)
            type_keys(counter, "", Key.Key_Return, Key.Key_Enter)
    assert snapshot.face is Face.PAY
    assert counter.sent == []


def test_a_button_reached_by_tab_is_pressed_by_the_space_bar(counter):
    counter.show("pay")
    button = next(offer.button for offer in counter.window.pay_screen.offers if offer.command is ShowQr)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    type_keys(counter, "", Key.Key_Space)
    assert counter.sent == [ShowQr()]


def test_a_touched_button_does_not_take_the_focus(counter):
    counter.show("find")
    QTest.mouseClick(counter.window.find_screen.keypad._keys["5"], Qt.MouseButton.LeftButton)
    assert counter.window.focusWidget() is counter.window.find_screen.number


def test_bills_are_led_through_and_chosen_by_keys(counter):
    counter.show("account")
    type_keys(counter, "", Key.Key_Down, Key.Key_Down, Key.Key_Space)
    assert counter.sent == [ChooseBill("C9", False)]


def test_a_locked_bill_says_why_and_cannot_be_pressed(counter):
    counter.show("account")
    row = counter.window.account_screen.bills.rows[2]
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert counter.sent == []
    assert counter.wording.say("lock.open_attempt") in row.accessibleName()


def test_a_prepayment_is_typed_from_the_right(counter):
    counter.show("account")
    type_keys(counter, "", Key.Key_F3)
    type_keys(counter, "123450", Key.Key_Return)
    assert counter.sent == [PayPrepayment("1234.50")]


def test_a_chip_and_the_keypad_fill_the_amount(counter):
    counter.show("account-prepay")
    panel = counter.window.account_screen.prepay
    QTest.mouseClick(panel.chips[1], Qt.MouseButton.LeftButton)
    assert panel.field.yuan() == "100.00"
    QTest.mouseClick(panel.keypad._keys["backspace"], Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.keypad._keys["00"], Qt.MouseButton.LeftButton)
    assert panel.field.yuan() == "1000.00"


def test_a_payment_code_typed_into_the_amount_leaves_no_amount(counter):
    counter.show("account-prepay")
    type_keys(counter, PAYMENT_CODE)
    assert counter.window.account_screen.prepay.field.amount_fen() == 0
    type_keys(counter, "", Key.Key_Backspace)
    type_keys(counter, "55")
    assert counter.window.account_screen.prepay.field.yuan() == "0.55"


def test_name_and_address_are_clear_only_while_held(counter):
    counter.show("account")
    card = counter.window.account_screen.card
    assert card.name.text() == "王*敏"
    QTest.mousePress(card.hold, Qt.MouseButton.LeftButton)
    assert (card.name.text(), "502" in card.address.text()) == ("王小敏", True)
    QTest.mouseRelease(card.hold, Qt.MouseButton.LeftButton)
    assert (card.name.text(), "502" in card.address.text()) == ("王*敏", False)


def test_a_name_held_open_is_covered_when_the_face_changes(counter):
    counter.show("account")
    card = counter.window.account_screen.card
    QTest.mousePress(card.hold, Qt.MouseButton.LeftButton)
    counter.show("pay")
    assert card.name.text() == "王*敏"


def test_a_paid_result_leaves_by_itself_once(counter):
    counter.show("result-paid")
    counter.now_s += 3.0
    counter.window.tick()
    assert counter.sent == []
    counter.now_s += 0.3
    counter.window.tick()
    counter.window.tick()
    assert counter.sent == [NextCustomer()]


def test_an_unknown_result_never_leaves_by_itself(counter):
    counter.show("result-unknown")
    counter.now_s += 10_000
    counter.window.tick()
    assert counter.sent == []


def test_a_number_begun_on_a_paid_result_is_not_lost(counter):
    counter.show("result-paid")
    type_keys(counter, "05")
    assert set(counter.sent) == {NextCustomer()}
    counter.sent.clear()
    counter.show("find")
    type_keys(counter, "41", Key.Key_Return)
    assert counter.sent == [LookUp("0541")]


def test_the_number_is_gone_when_the_next_customer_comes(counter):
    counter.show("find")
    type_keys(counter, NUMBER)
    counter.show("account")
    counter.show("find")
    assert counter.window.find_screen.number.text() == ""


def test_a_payment_code_typed_where_a_number_belongs_is_not_kept(counter):
    counter.show("find")
    QApplication.clipboard().clear()
    type_keys(counter, PAYMENT_CODE, Key.Key_Return)
    assert counter.sent == [LookUp(PAYMENT_CODE)]
    assert counter.window.find_screen.number.text() == ""
    for sign in "zv":
        QTest.keyClick(counter.window.focusWidget(), sign, Qt.KeyboardModifier.ControlModifier)
    assert counter.window.find_screen.number.text() == ""
    assert QApplication.clipboard().text() == ""


def test_keys_with_control_or_alt_or_meta_go_nowhere(counter):
    counter.show("pay")
    modifiers = Qt.KeyboardModifier
    for modifier in (modifiers.ControlModifier, modifiers.AltModifier, modifiers.MetaModifier):
        QTest.keyClick(counter.window, Key.Key_F2, modifier)
        QTest.keyClick(counter.window, Key.Key_Escape, modifier)
    assert counter.sent == []


def test_two_thousand_characters_are_cut_and_harm_nothing(counter):
    counter.show("find")
    for _ in range(2_000):
        counter.window.find_screen.key(int(Key.Key_7), "7")
    assert len(counter.window.find_screen.number.text()) == 40


def test_no_input_method_opens_over_a_number(counter):
    counter.show("find")
    for widget in (counter.window.find_screen.number, counter.window.account_screen.prepay.field):
        assert not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_seconds_and_steps_go_on_by_the_clock_handed_in(counter):
    counter.show("pay-waiting")
    counter.now_s += 5
    counter.window.tick()
    assert counter.window.pay_screen.elapsed.text() == counter.wording.say("pay.elapsed", seconds=13)


def test_the_age_of_the_figures_is_told(counter):
    counter.show("account")
    counter.now_s += 600
    counter.window.tick()
    assert counter.window.account_screen.card.age.text() == counter.wording.say("account.age_minutes", minutes=10)


def test_a_pill_opens_what_is_wrong_and_what_to_do(counter):
    counter.show("find-trouble")
    QTest.mouseClick(counter.window.header.pills["printer"], Qt.MouseButton.LeftButton)
    assert counter.window.popover.isVisible()
    assert counter.window.popover._advice.text() == counter.wording.say("health.paper_out")
    assert counter.window.rect().contains(counter.window.popover.geometry())
    type_keys(counter, "", Key.Key_Escape)
    assert not counter.window.popover.isVisible()


def test_training_and_plain_http_are_said_on_every_face(counter):
    for name in ("find", "account", "pay", "result-paid"):
        snapshot = examples()[name]
        counter.show(replace(snapshot, counter=replace(snapshot.counter, training=True, plain_http=True)))
        assert counter.window.ribbon.training.isVisible()
        assert counter.window.ribbon.plain_http.isVisible()
        assert counter.customer.ribbon.isVisible()
        counter.show(snapshot)
        assert not counter.window.ribbon.isVisible()
        assert not counter.customer.ribbon.isVisible()


def test_pending_orders_are_counted_in_the_header(counter):
    counter.show("find-trouble")
    assert counter.window.header.pending.isVisible()
    assert "3" in counter.window.header.pending.text()
    counter.show("find")
    assert not counter.window.header.pending.isVisible()


def test_the_header_shows_the_time_handed_in(counter):
    counter.show("find")
    assert counter.window.header.time.text().endswith(":24")


def test_nothing_below_the_banner_moves_when_it_speaks(counter):
    quiet = counter.show("find")
    before = counter.window.find_screen.number.mapTo(counter.window, counter.window.find_screen.number.rect().topLeft())
    counter.show(replace(quiet, banner=examples()["find-trouble"].banner))
    after = counter.window.find_screen.number.mapTo(counter.window, counter.window.find_screen.number.rect().topLeft())
    assert before == after


@pytest.mark.parametrize("theme", THEMES)
def test_a_name_with_markup_is_shown_as_it_is(make_counter, theme):
    counter = make_counter(theme=THEMES[theme])
    evil = "<b>王</b>&<img src=x>*"
    account = examples()["account"]
    counter.show(replace(account, account=replace(account.account, name_masked=evil, address_masked=evil)))
    assert counter.window.account_screen.card.name.text() == evil
    pay = examples()["pay"]
    counter.show(replace(pay, pay=replace(pay.pay, name_masked=evil)))
    formats = {label.textFormat() for label in counter.window.findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}


def test_an_ampersand_in_a_recent_name_is_no_mnemonic(counter):
    find = examples()["find"]
    recent = (replace(find.find.recent[0], name_masked="A&B*"),)
    counter.show(replace(find, find=replace(find.find, recent=recent)))
    button = counter.window.find_screen.recent[0]
    assert isinstance(button, BigButton)
    assert "A&&B*" in button.text()
    assert button.shortcut().isEmpty()


def test_what_cannot_be_read_is_shown_as_received(counter):
    snapshot = counter.show("account-unreadable")
    assert counter.window.account_screen.bills.received.text() == snapshot.account.received


def test_the_qr_text_itself_is_never_a_label(counter):
    counter.show("pay-qr")
    assert all(QR_TEXT not in label.text() for label in counter.window.findChildren(QLabel))
