"""The serial port on a real pty: latency, locks, and every error by its right name."""

import fcntl
import os
import select
import termios
import threading
import time

import pytest
import serial

from hardware.health import Reason
from hardware.ports.serial_port import SerialPort
from hardware.ports.transport import (
    TransportBusy,
    TransportError,
    TransportGone,
    TransportNotAPort,
    TransportNotFound,
    TransportStalled,
)


@pytest.fixture
def port(scanner):
    opened = SerialPort(scanner.port)
    opened.open()
    yield opened
    opened.close()


def test_a_read_returns_what_is_there_without_waiting_for_more(scanner, port):
    scanner.scan("690123", fragments=False)
    began_s = time.monotonic()
    assert port.read(4096, 30.0) == b"690123\r"
    assert time.monotonic() - began_s < 15


def test_a_read_takes_no_more_than_it_is_asked_for(scanner, port):
    scanner.noise(b"ABCDEF")
    assert [port.read(4, 5.0), port.read(4, 5.0)] == [b"ABCD", b"EF"]


def test_a_read_with_nothing_there_is_empty_after_its_time(port):
    assert port.read(10, 0.02) == b""


def test_what_waited_before_the_port_was_opened_is_dropped(scanner):
    scanner.noise(b"STALE\r")
    port = SerialPort(scanner.port)
    port.open()
    try:
        scanner.noise(b"FRESH\r")
        assert port.read(100, 5.0) == b"FRESH\r"
    finally:
        port.close()


def test_s27_cancel_ends_a_read_from_another_thread(port):
    got = []
    reader = threading.Thread(target=lambda: got.append(port.read(10, 30.0)))
    reader.start()
    port.cancel()
    reader.join(5)
    assert got == [b""]


def test_s27_cancel_and_close_are_harmless_on_a_closed_port(port):
    port.close()
    port.close()
    port.cancel()
    with pytest.raises(TransportGone):
        port.read(1, 0.01)


def test_s1_an_absent_port_is_not_found(tmp_path):
    with pytest.raises(TransportNotFound):
        SerialPort(str(tmp_path / "absent")).open()


def test_s9_a_plain_file_and_a_folder_are_no_ports(tmp_path, posix):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path):
        with pytest.raises(TransportNotAPort):
            SerialPort(str(path)).open()


def test_s9_an_address_that_pyserial_does_not_know_is_no_port():
    with pytest.raises(TransportNotAPort):
        SerialPort("bluetooth://box").open()


def test_a_pattern_finds_the_one_port_that_fits(scanner, tmp_path):
    port = SerialPort(str(tmp_path / "virtual-*"))
    port.open()
    port.close()


def test_a_pattern_that_fits_nothing_is_not_found_and_two_ports_are_refused(scanner, tmp_path):
    with pytest.raises(TransportNotFound):
        SerialPort(str(tmp_path / "usb-*")).open()
    (tmp_path / "virtual-other").symlink_to("/dev/null")
    with pytest.raises(TransportNotAPort, match="2 ports fit"):
        SerialPort(str(tmp_path / "virtual-*")).open()


def test_s7_a_second_opener_who_asks_is_told_busy_and_takes_no_byte(scanner, port):
    with pytest.raises(TransportBusy):
        SerialPort(scanner.port).open()
    scanner.noise(b"690123\r")
    assert port.read(100, 5.0) == b"690123\r"


def test_s7_a_second_opener_who_does_not_ask_is_kept_out_by_the_system(scanner, port, as_nobody):
    path = os.path.realpath(scanner.port)
    os.chmod(path, 0o666)
    attempt = "os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)"
    _, complaint = as_nobody("import sys", attempt, path).communicate(timeout=20)
    assert "Errno 16" in complaint
    port.close()
    _, complaint = as_nobody("import sys", attempt, path).communicate(timeout=20)
    assert complaint == ""


def test_the_port_does_not_hang_up_when_it_is_closed(scanner, port):
    far = os.open(scanner.port, os.O_RDWR | os.O_NOCTTY)
    try:
        assert not termios.tcgetattr(far)[2] & termios.HUPCL
    finally:
        os.close(far)


def test_s2_an_unplugged_port_is_gone_for_read_and_write(scanner, port):
    scanner.unplug()
    with pytest.raises(TransportGone):
        port.read(1, 5.0)
    with pytest.raises(TransportGone):
        port.write(b"x")


def test_s26_a_device_that_takes_no_bytes_stalls_the_write_and_not_the_reading(scanner, port):
    with pytest.raises(TransportStalled):
        port.write(b"x" * 200_000)
    scanner.noise(b"690123\r")
    assert port.read(100, 5.0) == b"690123\r"


def test_what_is_written_reaches_the_device(posix):
    near, far = os.openpty()
    port = SerialPort(os.ttyname(far))
    try:
        port.open()
        port.write(b"\x16T\r")
        assert select.select([near], [], [], 5)[0]
        assert os.read(near, 10) == b"\x16T\r"
    finally:
        port.close()
        os.close(near)
        os.close(far)


@pytest.mark.parametrize(
    "foreign",
    [OSError(5, "EIO"), termios.error(5, "EIO"), TypeError("closed"), ValueError("fd"), serial.SerialException("gone")],
    ids=lambda error: type(error).__name__,
)
def test_s10_every_error_that_pyserial_lets_out_is_mapped(scanner, port, monkeypatch, foreign):
    def fail(_):
        raise foreign

    monkeypatch.setattr(serial.Serial, "in_waiting", property(fail))
    scanner.noise(b"690123\r")
    with pytest.raises(TransportGone) as caught:
        port.read(100, 5.0)
    assert caught.value.__cause__ is foreign


def test_s10_a_port_closed_under_the_reader_is_gone(scanner, port):
    port._port.close()
    with pytest.raises(TransportGone):
        port.read(1, 5.0)


def test_a_failed_open_leaves_no_descriptor_behind(scanner):
    holder = os.open(scanner.port, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        before = len(os.listdir("/dev/fd"))
        for _ in range(20):
            with pytest.raises(TransportBusy):
                SerialPort(scanner.port).open()
        assert len(os.listdir("/dev/fd")) == before
    finally:
        os.close(holder)


def test_every_transport_error_has_a_reason_of_its_own():
    kinds = TransportError.__subclasses__()
    reasons = {kind.reason for kind in kinds}
    assert len(reasons) == len(kinds)
    assert all(isinstance(reason, Reason) for reason in reasons)
