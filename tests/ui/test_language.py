"""The other language, at any moment: every word anew, the payment and the windows as they were."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from kiosk.snapshot import LookUp
from kiosk.ui.examples import examples
from kiosk.ui.shell import Shell
from kiosk.ui.widgets.text import FittedWords
from kiosk.wording import LOCALES, Wording

HAN = re.compile(r"[\u4e00-\u9fff]")
#: Words that are data: names, branches, the other language's own name, a gateway's words.
DATA = re.compile(r"中文|王|李|张|上海|城东供电营业厅|系统繁忙|幸福路")


def words(*windows):
    found = []
    for window in windows:
        for kind in (QLabel, FittedWords, QAbstractButton):
            found += [each.text() for each in window.findChildren(kind) if each.isVisible()]
    return [text for text in found if text]


def switch(counter, locale):
    counter.wording.set_locale(locale)
    for window in (counter.window, counter.customer):
        window.speak_anew()
    counter.settle()


@pytest.mark.parametrize("name", examples())
def test_every_word_of_a_face_is_in_the_language_that_was_chosen(counter, name):
    counter.show(name)
    switch(counter, "en")
    said = words(counter.window, counter.customer)
    assert [text for text in said if HAN.search(text) and not DATA.search(text)] == []


def test_it_is_the_same_window_with_the_same_size_and_what_is_typed_next_lands_in_it(counter):
    counter.show("find")
    before = (counter.window.winId(), counter.window.size(), counter.customer.winId())
    switch(counter, "en")
    switch(counter, "zh_CN")
    assert (counter.window.winId(), counter.window.size(), counter.customer.winId()) == before
    QTest.keyClicks(counter.window, "6100000101")
    QTest.keyClick(counter.window, Qt.Key.Key_Return)
    assert counter.sent == [LookUp("6100000101")]


def test_the_qr_stays_on_the_screen_it_was_on(counter):
    counter.window.show_qr_here(True)
    counter.show("pay-qr")
    shown = counter.window.pay_screen.grab().toImage()
    switch(counter, "en")
    assert counter.window.pay_screen.isVisible()
    assert counter.customer.qr.isVisible()
    switch(counter, "zh_CN")
    assert counter.window.pay_screen.grab().toImage() == shown


def test_a_sheet_that_is_open_is_closed_and_opens_again(counter):
    counter.show("case-late")
    assert counter.window.open_sheet("settle")
    switch(counter, "en")
    assert not any(sheet.isVisible() for sheet in counter.window.sheets.values())
    assert counter.window.open_sheet("settle")


def test_the_button_in_the_rail_asks_for_it_in_the_other_languages_own_words(counter):
    asked = []
    counter.window.language_asked.connect(lambda: asked.append(True))
    counter.show("find")
    assert counter.window.rail.language.text() == "English"
    QTest.mouseClick(counter.window.rail.language, Qt.MouseButton.LeftButton)
    switch(counter, "en")
    assert counter.window.rail.language.text() == "中文"
    QTest.mouseClick(counter.window.rail.language, Qt.MouseButton.LeftButton)
    assert asked == [True, True]


def test_the_shell_goes_round_all_languages_and_papers_speak_the_new_one_too(qapp):
    wording = Wording("zh_CN")
    shell = Shell(wording, "light", size=(1024, 768), beside=True)
    shell.show()
    told = []
    for _ in LOCALES:
        QTest.mouseClick(shell.main.rail.language, Qt.MouseButton.LeftButton)
        told.append((wording.locale, wording.say("receipt.total")))
    shell.close()
    assert [locale for locale, _ in told] == ["en", "zh_CN"]
    assert len({words for _, words in told}) == 2
