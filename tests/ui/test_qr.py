"""The QR: read back from the picture of the window, in whole pixels, black on white."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor

from kiosk.ui.examples import QR_TEXT
from kiosk.ui.theme import THEMES
from kiosk.ui.widgets.qr import LEAST_MODULE_PX, QUIET_MODULES, QrView, matrix, module_px


def picture(widget) -> Image.Image:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return Image.open(BytesIO(bytes(buffer.data())))


def read(widget) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture(widget))]


@pytest.mark.parametrize("theme", THEMES)
def test_z11_the_painted_qr_of_both_windows_is_read_back_as_exactly_the_text(make_counter, theme):
    counter = make_counter(theme=THEMES[theme])
    counter.show("pay-qr")
    assert read(counter.window) == [QR_TEXT]
    assert read(counter.customer) == [QR_TEXT]


def test_the_large_qr_is_read_back_and_larger(counter):
    counter.show("pay-qr")
    small = counter.window.pay_screen.side.qr.painted_square().width()
    counter.window.pay_screen.side.larger.click()
    counter.settle()
    assert counter.window.large_qr.isVisible()
    assert counter.window.large_qr.qr.painted_square().width() > small
    assert QR_TEXT in read(counter.window.large_qr)


def test_with_a_customers_screen_the_qr_stands_there_and_not_here(counter):
    counter.window.show_qr_here(False)
    counter.show("pay-qr")
    assert read(counter.window) == []
    assert read(counter.customer) == [QR_TEXT]


@pytest.mark.parametrize("text", ["1", "weixin://wxpay/bizpayurl?pr=abc", "https://例.cn/付", "x" * 512])
def test_any_fit_text_is_painted_in_whole_pixels_and_read_back(qtbot, text):
    view = QrView("", "")
    qtbot.addWidget(view)
    view.resize(401, 397)
    view.show_text(text)
    side = view.painted_square().width()
    modules = len(matrix(text)) + 2 * QUIET_MODULES
    assert side % modules == 0
    assert side // modules >= LEAST_MODULE_PX
    assert read(view) == [text]


def test_the_quiet_zone_is_white_and_every_pixel_black_or_white(qtbot):
    view = QrView("", "")
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.setStyleSheet("background: #123456")
    view.show_text(QR_TEXT)
    image, square = view.grab().toImage(), view.painted_square()
    pixels = square.width() // (len(matrix(QR_TEXT)) + 2 * QUIET_MODULES)
    colours = {image.pixelColor(x, y).name() for x in range(square.left(), square.right() + 1, 3)
               for y in range(square.top(), square.bottom() + 1, 3)}  # fmt: skip
    assert colours == {"#000000", "#ffffff"}
    edge = range(square.left(), square.left() + QUIET_MODULES * pixels)
    assert all(image.pixelColor(x, square.center().y()) == QColor("white") for x in edge)


def test_where_there_is_no_room_for_whole_modules_no_qr_is_painted(qtbot):
    assert module_px(41, 41 * 3) == 0
    view = QrView("", "too small")
    qtbot.addWidget(view)
    view.resize(120, 120)
    view.show_text(QR_TEXT)
    assert view.painted_square().width() == 0
    assert read(view) == []


def test_the_qr_goes_when_the_payment_is_over(counter):
    counter.show("pay-qr")
    counter.window.pay_screen.side.larger.click()
    counter.show("result-paid")
    assert not counter.window.large_qr.isVisible()
    assert read(counter.window) == []
    assert read(counter.customer) == []
