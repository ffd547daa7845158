"""The pure pipe from bytes to scans."""

import random

import pytest

from hardware.scanner.config import ScannerConfig
from hardware.scanner.framing import Suffix
from hardware.scanner.reader import CodeReader, Scan

CODE = "130000000000000001"


def reader(**settings):
    return CodeReader(ScannerConfig("COM3", **settings))


def test_a_scan_carries_text_bytes_and_the_time_of_its_last_byte():
    codes = reader()
    assert codes.feed(b"13000000", 1.0) == []
    assert codes.feed(b"0000000001\r", 1.01) == [Scan(CODE, CODE.encode(), 1.01)]


def test_a_payment_code_is_not_in_the_repr_of_its_scan():
    scan = Scan(CODE, CODE.encode(), 1.0)
    assert CODE not in repr(scan)
    assert CODE not in str(scan)
    assert "13************0001" in repr(scan)


def test_s14_two_codes_merged_by_a_missing_suffix_say_that_a_gap_ended_them():
    codes = reader(suffix=Suffix.NONE)
    codes.feed(CODE.encode(), 0.0)
    codes.feed(CODE.encode(), 0.03)
    (scan,) = codes.tick(1.0)
    assert scan.by_idle
    assert scan.text == CODE * 2


def heard_at(data, sent_baud, heard_baud):
    """What a UART at one speed makes of 8N1 bytes sent at another; a framing error reads as NUL."""
    bits = "1" + "".join("0" + f"{byte:08b}"[::-1] + "1" for byte in data) + "1" * 12

    def line(at_s):
        return bits[min(len(bits) - 1, int(at_s * sent_baud))]

    heard, at_s, step_s = bytearray(), 0.0, 1 / heard_baud
    while at_s * sent_baud < len(bits):
        if line(at_s) == "1":
            at_s += step_s / 8
            continue
        levels = [line(at_s + (index + 1.5) * step_s) for index in range(9)]
        heard.append(int("".join(reversed(levels[:8])), 2) if levels[8] == "1" else 0)
        at_s += 9.6 * step_s
    return bytes(heard)


def test_the_model_of_a_uart_hears_the_right_speed_right():
    assert heard_at(CODE.encode() + b"\r", 9600, 9600) == CODE.encode() + b"\r"


@pytest.mark.parametrize(("sent", "heard"), [(9600, 115200), (115200, 9600), (9600, 38400), (19200, 9600)])
def test_s16_the_garbage_of_a_wrong_speed_gives_a_bad_line_and_no_scan(sent, heard):
    codes = reader()
    scans = []
    for index in range(12):
        scans += codes.feed(heard_at(CODE.encode() + b"\r", sent, heard), float(index))
        scans += codes.tick(index + 0.5)
    assert scans == []
    assert codes.is_garbage


def test_s16_random_bytes_are_a_bad_line():
    codes, source = reader(), random.Random(7)
    for _ in range(40):
        codes.feed(source.randbytes(20), 0.0)
        codes.tick(1.0)
    assert codes.is_garbage


def test_a_whole_code_of_characters_that_mean_nothing_is_unreadable():
    codes = reader()
    assert codes.feed(b"\xf8\xf8\xf8\xf8\xf8\xf8\r", 0.0) == []
    assert codes.unreadable == 1


def test_text_that_is_only_latin_1_needs_a_terminator_to_be_believed():
    raw = "Café".encode("latin-1")
    codes = reader()
    assert [scan.text for scan in codes.feed(raw + b"\r", 0.0)] == ["Café"]
    assert codes.feed(raw, 1.0) + codes.tick(2.0) == []
    assert codes.unreadable == 1


def test_s18_a_bounce_is_counted_and_dropped():
    codes = reader()
    assert len(codes.feed(f"{CODE}\r".encode(), 0.0) + codes.feed(f"{CODE}\r".encode(), 0.12)) == 1
    assert codes.bounces == 1


def test_s19_the_same_code_after_five_seconds_is_scanned_again():
    codes = reader()
    assert len(codes.feed(f"{CODE}\r".encode(), 0.0) + codes.feed(f"{CODE}\r".encode(), 5.0)) == 2


def test_a_new_connection_knows_nothing_of_the_last():
    codes = reader()
    codes.feed(b"\xff" * 200, 0.0)
    codes.tick(1.0)
    codes.feed(f"{CODE}\rPART".encode(), 2.0)
    codes.reset()
    assert not codes.is_pending
    assert not codes.is_garbage
    assert [scan.text for scan in codes.feed(f"{CODE}\r".encode(), 2.1)] == [CODE]
    assert codes.framing.partials == 1
