"""Which USB device is probably a scanner, and by what name it stays itself. A proposal: a person confirms it.

1. Chips that pole displays, scales and PIN pads use as well are never proposed as scanners: they may be one, and that
   is how they are told.
2. A name is proposed that outlives replugging: the link under /dev/serial/by-id, else `usb:VID:PID:SERIAL`, else
   `usb:VID:PID`. `ttyACM0` is never proposed.

Sources: Debian's usb.ids 2025.07.26; sde1000/quicktill-serial-barcode-bridge's udev rules (1eab:8306, 0488:5788);
Newland's rule of the last two digits (03 keyboard, 06 serial, 10 HID POS) as seen through its models there.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

BY_ID = Path("/dev/serial/by-id")


class Mode(Enum):
    """How a USB scanner shows itself."""

    KEYBOARD = "keyboard"
    SERIAL = "serial"
    HID_POS = "hid_pos"
    VENDOR = "vendor"  # a protocol of the maker's over HID: no port
    GENERIC = "generic"  # a chip that many kinds of devices use


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a vendor's and product's number."""

    maker: str
    mode: Mode


_NEWLAND, _NEWLAND_MODES = 0x1EAB, {0x03: Mode.KEYBOARD, 0x06: Mode.SERIAL, 0x10: Mode.HID_POS}
_PRODUCTS: dict[tuple[int, int], Known] = {
    (0x05E0, 0x1200): Known("Zebra", Mode.KEYBOARD),
    (0x05E0, 0x1701): Known("Zebra", Mode.SERIAL),
    (0x05E0, 0x1900): Known("Zebra", Mode.VENDOR),
    (0x05E0, 0x0600): Known("Zebra", Mode.VENDOR),
    (0x05E0, 0x1300): Known("Zebra", Mode.VENDOR),
    (0x05E0, 0x1400): Known("Zebra", Mode.VENDOR),
    (0x0C2E, 0x0200): Known("Honeywell", Mode.KEYBOARD),
    (0x0C2E, 0x0204): Known("Honeywell", Mode.KEYBOARD),
    (0x0C2E, 0x0206): Known("Honeywell", Mode.KEYBOARD),
    (0x0C2E, 0x0700): Known("Honeywell", Mode.SERIAL),
    (0x0C2E, 0x0720): Known("Honeywell", Mode.SERIAL),
    (0x05F9, 0x2206): Known("Datalogic", Mode.KEYBOARD),
    (0x05F9, 0x4204): Known("Datalogic", Mode.SERIAL),
    (0x067E, 0x0801): Known("Intermec", Mode.KEYBOARD),
    (0x067E, 0x0803): Known("Intermec", Mode.SERIAL),
    (0x067E, 0x0805): Known("Intermec", Mode.SERIAL),
    (0x0488, 0x5788): Known("Netum", Mode.SERIAL),
    (0x2745, 0x300A): Known("Unitech", Mode.SERIAL),
    (0x065A, 0x0009): Known("Opticon", Mode.SERIAL),
    (0x0416, 0xC141): Known("Winbond", Mode.KEYBOARD),
    (0x0483, 0x5740): Known("STM32", Mode.GENERIC),
    (0x1A86, 0x7523): Known("CH340", Mode.GENERIC),
    (0x1A86, 0x7522): Known("CH340", Mode.GENERIC),
    (0x1A86, 0x5523): Known("CH341", Mode.GENERIC),
    (0x067B, 0x2303): Known("PL2303", Mode.GENERIC),
    (0x067B, 0x23A3): Known("PL2303", Mode.GENERIC),
    (0x0403, 0x6001): Known("FT232", Mode.GENERIC),
    (0x10C4, 0xEA60): Known("CP210x", Mode.GENERIC),
}
_VENDORS = {0x28E9: Known("GD32", Mode.GENERIC)}


def known(vid: int | None, pid: int | None) -> Known | None:
    """What these numbers mean; None where nobody told us."""
    if vid is None or pid is None:
        return None
    if vid == _NEWLAND and (pid & 0xFF) in _NEWLAND_MODES:
        return Known("Newland", _NEWLAND_MODES[pid & 0xFF])
    return _PRODUCTS.get((vid, pid)) or _VENDORS.get(vid)


class Port(Protocol):
    """A serial port as pyserial's `list_ports` describes it."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A port and what is probably there; `is_scanner` False: it may be something else."""

    name: str
    maker: str
    is_scanner: bool


def proposals(ports: Iterable[Port], by_id: Path = BY_ID) -> Iterator[Proposal]:
    """The ports that may be a scanner's, those that surely are first."""
    found = [(port, what) for port in ports if (what := known(port.vid, port.pid)) is not None]
    for wanted in (Mode.SERIAL, Mode.GENERIC):
        for port, what in found:
            if what.mode is wanted:
                yield Proposal(stable_name(port, by_id), what.maker, wanted is Mode.SERIAL)


def stable_name(port: Port, by_id: Path = BY_ID) -> str:
    """The name under which a port stays the same device's."""
    with contextlib.suppress(OSError):
        for link in sorted(by_id.iterdir()):
            if os.path.realpath(link) == os.path.realpath(port.device):
                return str(link)
    if port.vid is None or port.pid is None:
        return port.device
    name = f"usb:{port.vid:04x}:{port.pid:04x}"
    return f"{name}:{port.serial_number}" if port.serial_number else name
