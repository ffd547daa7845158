"""A keyboard scanner's events: the text that was scanned, and the real driver on a FIFO that brings real events."""

from __future__ import annotations

import errno
import os

import pytest

from hardware.health import Reason
from hardware.ports.transport import TransportBusy, TransportNotAPort, TransportNotFound, TransportStalled
from hardware.scanner.evdev import EVENT, EvdevPort
from hardware.scanner.keys import LOST, SYN_DROPPED, KeyTranslator

DIGITS = {str((at + 1) % 10): 2 + at for at in range(10)}
SHIFT, CAPS, ENTER, TAB = 42, 58, 28, 15
A, Q, SLASH, EQUALS = 30, 16, 53, 13
CODE = "134567890123450000"


def typed(*events):
    keys = KeyTranslator()
    return b"".join(keys.feed(*event) for event in events)


def press(code):
    return [(1, code, 1), (0, 0, 0), (1, code, 0), (0, 0, 0)]


def keys_of(text):
    return [event for digit in text for event in press(DIGITS[digit])]


@pytest.mark.parametrize(
    ("events", "text"),
    [
        (keys_of("0123456789") + press(ENTER), b"0123456789\r"),
        (press(A) + press(TAB), b"a\t"),
        ([(1, SHIFT, 1), *press(A), *press(SLASH), *press(EQUALS), (1, SHIFT, 0), *press(A)], b"A?+a"),
        ([*press(CAPS), *press(A), *press(2), *press(CAPS), *press(A)], b"A1a"),
        ([*press(CAPS), (1, SHIFT, 1), *press(A), *press(2), (1, SHIFT, 0)], b"a!"),
        ([(1, 2, 1), (1, 2, 2), (1, 2, 2), (1, 2, 0)], b"1"),
        ([*press(71), *press(82), *press(83), *press(96)], b"70.\r"),
        ([(4, 4, 458782), *press(2)], b"1"),
        ([*press(1), *press(59), *press(29), *press(125)], b""),
        ([(1, SHIFT, 1), (0, SYN_DROPPED, 0), *press(A)], LOST + b"a"),
        ([*press(43), *press(44), *press(52), *press(57)], b"\\z. "),
    ],
)
def test_s31_keys_are_the_text_that_was_scanned(events, text):
    assert typed(*events) == text


def test_s31_a_shift_that_was_held_when_it_was_pulled_out_is_not_held_any_more():
    keys = KeyTranslator()
    keys.feed(1, SHIFT, 1)
    assert KeyTranslator().feed(1, A, 1) == b"a"


class Fifo:
    """The far end of an event device that is a FIFO."""

    def __init__(self, path):
        self.path = path
        self.plug()

    def plug(self):
        os.mkfifo(self.path)
        self._write = os.open(self.path, os.O_RDWR)

    def unplug(self):
        os.close(self._write)
        os.unlink(self.path)

    def send(self, events):
        data = b"".join(EVENT.pack(0, 0, *event) for event in events)
        for at in range(0, len(data), 17):  # reads that end in the middle of an event, too
            os.write(self._write, data[at : at + 17])


@pytest.fixture
def fifo(posix, tmp_path):
    made = Fifo(str(tmp_path / "usb-scanner-event-kbd"))
    yield made
    if os.path.exists(made.path):
        made.unplug()


def grabbed(config):
    return EvdevPort(config.port, grab=lambda handle: None)


def test_s31_a_scan_comes_through_the_driver_as_every_other(driving, fifo):
    heard, driver = driving(fifo.path, options={"connect": grabbed})
    heard.until_health("up")
    fifo.send(keys_of(CODE) + press(ENTER))
    heard.until_texts(CODE)
    fifo.send([*keys_of("12345"), (0, SYN_DROPPED, 0), *keys_of("67"), *press(ENTER)])
    fifo.send(keys_of("0541203387") + press(ENTER))
    heard.until_texts(CODE, "0541203387")
    assert driver.counters.junk == 1


def test_s31_pulled_out_in_the_middle_nothing_of_it_is_joined_with_what_comes_after(driving, fifo):
    heard, _ = driving(fifo.path, options={"connect": grabbed})
    heard.until_health("up")
    fifo.send([(1, SHIFT, 1), *keys_of("999")])
    fifo.unplug()
    heard.until_health("down", "gone")
    fifo.plug()
    heard.until_health("up")
    fifo.send(keys_of(CODE) + press(ENTER))
    heard.until_texts(CODE)


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.EBUSY, TransportBusy), (errno.ENOTTY, TransportNotAPort), (errno.EINVAL, TransportNotAPort)],
)
def test_s31_a_device_that_cannot_be_grabbed_is_not_read(fifo, number, error):
    def refuses(handle):
        raise OSError(number, "no")

    port = EvdevPort(fifo.path, grab=refuses)
    with pytest.raises(error):
        port.open()
    port.close()


def test_a_plain_fifo_is_no_event_device_and_an_absent_one_is_not_found(fifo, tmp_path):
    for path, error in ((fifo.path, TransportNotAPort), (str(tmp_path / "none"), TransportNotFound)):
        port = EvdevPort(path)
        with pytest.raises(error) as caught:
            port.open()
        port.close()
        assert caught.value.reason in (Reason.MISCONFIG, Reason.NOT_FOUND)


def test_a_keyboard_takes_nothing(fifo):
    port = EvdevPort(fifo.path, grab=lambda handle: None)
    port.open()
    with pytest.raises(TransportStalled):
        port.write(b"x")
    port.close()


def test_opening_again_and_again_leaves_no_descriptor_behind(fifo):
    fds = "/proc/self/fd"
    if not os.path.exists(fds):
        pytest.skip("open files cannot be counted here")
    before = len(os.listdir(fds))
    for _ in range(50):
        port = EvdevPort(fifo.path, grab=lambda handle: None)
        port.open()
        port.open()
        port.close()
    assert len(os.listdir(fds)) == before
