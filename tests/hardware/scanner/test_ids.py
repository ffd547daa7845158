"""Which device is proposed, by which name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hardware.ports import serial_port
from hardware.ports.serial_port import SerialPort, is_passing_name
from hardware.ports.transport import TransportNotAPort, TransportNotFound
from hardware.scanner.ids import Mode, Proposal, known, proposals


@dataclass
class Port:
    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None


def test_newlands_last_two_digits_tell_the_mode():
    assert [known(0x1EAB, pid).mode for pid in (0x8203, 0x8206, 0x8210)] == [Mode.KEYBOARD, Mode.SERIAL, Mode.HID_POS]
    assert known(0x1EAB, 0x8299) is None


def test_a_chip_that_scales_use_too_is_never_called_a_scanner(tmp_path):
    ports = [Port("/dev/ttyUSB0", 0x1A86, 0x7523), Port("/dev/ttyACM0", 0x1EAB, 0x8206, "AB12"), Port("/dev/ttyS0")]
    assert list(proposals(ports, tmp_path)) == [
        Proposal("usb:1eab:8206:AB12", "Newland", True), Proposal("usb:1a86:7523", "CH340", False),
    ]  # fmt: skip


def test_a_link_that_stays_is_proposed_before_the_numbers(tmp_path):
    (tmp_path / "ttyACM0").write_bytes(b"")
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-Newland-if00").symlink_to(tmp_path / "ttyACM0")
    (proposal,) = proposals([Port(str(tmp_path / "ttyACM0"), 0x1EAB, 0x8206)], by_id)
    assert proposal.name == str(by_id / "usb-Newland-if00")


@pytest.mark.parametrize(("name", "passes"), [("/dev/ttyACM0", True), ("/dev/ttyUSB12", True), ("/dev/ttyS0", False),
                                              ("/dev/serial/by-id/usb-x", False), ("COM3", False)])  # fmt: skip
def test_a_name_that_another_device_may_have_tomorrow_is_known_as_such(name, passes):
    assert is_passing_name(name) is passes


def test_s4_a_device_is_found_by_its_numbers_wherever_it_came_up(monkeypatch, scanner):
    there = [Port(scanner.port, 0x1EAB, 0x8206, "AB12"), Port("/dev/none", 0x1EAB, 0x8206, "CD34")]
    monkeypatch.setattr(serial_port.list_ports, "comports", lambda: there)
    port = SerialPort("usb:1eab:8206:AB12")
    port.open()
    port.close()
    for name, error in (
        ("usb:1eab:8206", TransportNotAPort), ("usb:1eab:9999", TransportNotFound), ("usb:1eab", TransportNotAPort),
        ("usb:x:y", TransportNotAPort),
    ):  # fmt: skip
        with pytest.raises(error):
            SerialPort(name).open()
