"""The page *Devices*: every state said, what may be tried, the sheets over it, and nothing of it reaching a payment."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from kiosk.snapshot import GoTo, Level, Page, TryDevice
from kiosk.ui.examples import examples
from kiosk.ui.sheets.screens import Choice

Key = Qt.Key


def press(counter, key):
    QTest.keyClick(counter.window, key)
    counter.settle()


def touch(counter, button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    counter.settle()


@pytest.mark.parametrize("name", ["devices", "devices-ill", "devices-none"])
def test_each_device_tells_its_state_and_what_to_do(counter, name):
    view = counter.show(name).devices
    for row in view.rows:
        card = counter.window.devices_screen.cards[row.device]
        assert card.badge.word() == counter.wording.say(row.word)
        told = card.advice.text()
        if row.level is not Level.GOOD:
            assert told == counter.wording.say(row.advice)
        assert told
        assert card.advice.fits()


def test_f1_and_the_rail_lead_to_the_page_and_escape_back(counter):
    counter.show("find")
    press(counter, Key.Key_F1)
    counter.show("devices")
    press(counter, Key.Key_Escape)
    assert counter.sent == [GoTo(Page.DEVICES), GoTo(Page.COLLECT)]


def test_the_pill_of_a_device_leads_to_the_page_and_that_of_the_gateway_does_not(counter):
    counter.show("find")
    for device, leads in (("printer", True), ("gateway", False)):
        touch(counter, counter.window.header.pills[device])
        popover = counter.window.popover
        assert popover._lead.isVisible() is leads
        if leads:
            touch(counter, popover._lead)
        else:
            popover.hide()
    assert counter.sent == [GoTo(Page.DEVICES)]


@pytest.mark.parametrize(("key", "device"), [(Key.Key_F9, "printer"), (Key.Key_F6, "pole"), (Key.Key_F5, "sound")])
def test_a_device_is_tried_by_its_key_where_there_is_one(counter, key, device):
    counter.show("devices-none")
    press(counter, key)
    assert counter.sent == []
    counter.show("devices")
    press(counter, key)
    assert counter.sent == [TryDevice(device)]


def test_what_was_scanned_is_told_for_a_while_masked(counter):
    snapshot = counter.show("devices")
    card = counter.window.devices_screen.cards["scanner"]
    assert "13************0000" in card.advice.text()
    counter.now_s = snapshot.devices.scan.at_s + 61
    counter.window.tick()
    assert card.advice.text() == counter.wording.say("devices.scan_something")


def test_how_long_it_is_so_is_counted_up(counter):
    row = counter.show("devices").devices.rows[1]
    card = counter.window.devices_screen.cards["printer"]
    for later_s, said in ((5, "已 5 秒"), (119, "已 119 秒"), (125, "已 2 分钟"), (7300, "已 2 小时")):
        counter.now_s = row.since_s + later_s
        counter.window.tick()
        assert said in card.facts.text()


def test_the_diagnostics_are_copied_whole(counter):
    snapshot = counter.show("devices-ill")
    press(counter, Key.Key_F8)
    sheet = counter.window.sheets["diagnostics"]
    assert sheet.isVisible()
    press(counter, Key.Key_Return)
    copied = QGuiApplication.clipboard().text()
    assert snapshot.devices.diagnostics in copied
    assert counter.wording.say("health.paper_out") in copied
    assert sheet.note.text() == counter.wording.say("diagnostics.copied")
    press(counter, Key.Key_Escape)
    assert not sheet.isVisible()
    assert counter.sent == []


def test_the_customers_screen_is_chosen_by_its_key_and_never_the_cashiers(counter):
    chosen = []
    sheet = counter.window.screens_sheet
    sheet.choices = lambda: (
        Choice("AUO|B156|", "内置屏 1366x768", is_cashier=True),
        Choice("DELL|P2419|8XK", "DELL P2419 1920x1080", is_cashier=False, is_chosen=bool(chosen)),
    )
    sheet.choose = chosen.append
    counter.window.devices_screen.offer_screens(True)
    counter.show("devices")
    press(counter, Key.Key_F7)
    assert sheet.isVisible()
    buttons = [sheet.list.itemAt(at).widget() for at in range(sheet.list.count())]
    assert [button.isEnabled() for button in buttons] == [False, True]
    touch(counter, buttons[0])
    touch(counter, buttons[1])
    assert chosen == ["DELL|P2419|8XK"]
    assert '[display] screen = "DELL|P2419|8XK"' in sheet.line.text()


def test_there_is_no_screen_to_choose_where_nobody_places_the_window(counter):
    counter.show("devices")
    press(counter, Key.Key_F7)
    assert not counter.window.screens_sheet.isVisible()


@pytest.mark.parametrize("name", ["devices", "devices-ill"])
def test_no_key_on_the_page_reaches_the_payment_behind_it(counter, name):
    over = examples()["pay-qr"]
    shown = examples()[name]
    counter.show(replace(shown, face=over.face, pay=over.pay, legal=shown.legal | over.legal | {"Back"}))
    for key in (Key.Key_Escape, Key.Key_Return, Key.Key_Space, *(Key(Key.Key_F1 + at) for at in range(12))):
        press(counter, key)
        for sheet in counter.window.sheets.values():
            sheet.close_sheet()
    assert [command for command in counter.sent if not isinstance(command, GoTo | TryDevice)] == []
