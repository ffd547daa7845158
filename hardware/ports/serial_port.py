"""A serial port by pyserial: the one place that knows what pyserial and the operating system throw.

pyserial 3.5 raises, for the same unplugged cable, a SerialException, a bare OSError, a termios.error (which is
no OSError) or a TypeError, by which call met it first. All are caught here and mapped by their number.

1. The port is ours alone: `flock` by pyserial's `exclusive`, and TIOCEXCL for programs that do not ask. The
   latter is taken back before closing, since on a pty it would outlive us.
2. One byte is waited for, then what else is there is taken: a read of a fixed size would wait for its whole
   time-out, and `inter_byte_timeout` does nothing on Linux.
3. A device is named by what stays its own when it is plugged in elsewhere: a path under /dev/serial/by-id, or
   `usb:VID:PID` with its serial number where two are alike. `ttyACM0` is only the place where it came up today.
4. Hanging up on close is switched off: some scanners restart, deaf for a second, when DTR falls.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import re
import select
import sys
import time
from collections.abc import Iterator

import serial
from serial.tools import list_ports

from hardware.ports.transport import (
    TransportBusy,
    TransportDenied,
    TransportError,
    TransportGone,
    TransportNotAPort,
    TransportNotFound,
    TransportStalled,
)

_FOREIGN: tuple[type[Exception], ...] = (OSError, TypeError, ValueError, AttributeError)
if sys.platform != "win32":
    import fcntl
    import termios

    _FOREIGN += (termios.error,)

WRITE_TIMEOUT_S = 0.5
USB = "usb:"
_LINE_LOOK_S = 0.02
_CLEAR_TO_SEND_S = 0.05

_OPEN_ERRORS: dict[int, type[TransportError]] = {
    errno.EACCES: TransportDenied,
    errno.EPERM: TransportDenied,
    errno.EBUSY: TransportBusy,
    errno.EAGAIN: TransportBusy,  # flock: another process holds it
    errno.ENOTTY: TransportNotAPort,
    errno.EINVAL: TransportNotAPort,
    errno.EISDIR: TransportNotAPort,
    errno.ENOTDIR: TransportNotAPort,
}


class SerialPort:
    """The `Transport` of a serial port.

    `port` is a path, a `COM` name, a pattern of paths that fits one (`/dev/serial/by-id/*Newland*`),
    `usb:1eab:8206` or `usb:1eab:8206:SERIAL`, or a URL of pyserial's. `line` is data bits, parity and stop bits, as
    in `8N1`; `flow` what tells us to wait: `none`, `rtscts`, `xonxoff`, or `dsr` (DTR/DSR, which Linux leaves to us).
    `rts` False keeps that line low when the port is opened (Zebra's SSI takes a high one for a host that talks).
    """

    def __init__(
        self, port: str, *, baud: int = 9600, line: str = "8N1", flow: str = "none", rts: bool = True
    ) -> None:
        self._name = port
        self._baud = baud
        self._line = line
        self._flow = flow
        self._rts = rts
        self._port: serial.Serial | None = None

    def open(self) -> None:
        self.close()
        path = _resolve(self._name)
        port: serial.Serial | None = None
        try:
            port = serial.serial_for_url(
                path,
                do_not_open=True,
                baudrate=self._baud,
                bytesize=int(self._line[0]),
                parity=self._line[1],
                stopbits=int(self._line[2]),
                timeout=0,
                write_timeout=WRITE_TIMEOUT_S,
                exclusive=True,
                rtscts=self._flow == "rtscts",
                xonxoff=self._flow == "xonxoff",
            )
            if not self._rts:
                port.rts = False
            port.open()
            _claim(port)
        except _FOREIGN as error:
            if port is not None:
                with contextlib.suppress(*_FOREIGN):
                    port.close()
            raise _open_error(path, error) from error
        self._port = port

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        port = self._opened()
        with _gone(self._name):
            if port.timeout != timeout_s:
                port.timeout = timeout_s
            first = port.read(1)
            more = min(port.in_waiting, max_bytes - 1) if first else 0
            return bytes(first + port.read(more)) if more > 0 else bytes(first)

    def write(self, data: bytes) -> None:
        port = self._opened()
        with _gone(self._name):
            if not self._rts:
                _ask_to_send(port, True)
            try:
                port.write(data)
            except serial.SerialTimeoutException as error:
                raise TransportStalled(f"{self._name} takes no more bytes") from error
            finally:
                if not self._rts:
                    _ask_to_send(port, False)

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """Send what is taken of `data` within this time and say how many bytes that was; 0 where none was.

        pyserial itself does not tell how much of a write that timed out went out. Raises `TransportGone`.
        """
        port = self._opened()
        with _gone(self._name):
            if self._flow == "dsr" and not _is_ready(port, timeout_s):
                return 0
            if sys.platform == "win32" or not isinstance(port, serial.Serial):
                try:
                    return int(port.write(data) or 0)
                except serial.SerialTimeoutException:
                    return 0
            _, able, _ = select.select([], [port.fileno()], [], timeout_s)
            try:
                return os.write(port.fileno(), data) if able else 0
            except BlockingIOError:
                return 0

    def waiting(self) -> int:
        """Bytes that were taken and have not left this machine; 0 where nobody can tell."""
        with contextlib.suppress(*_FOREIGN):
            return int(self._opened().out_waiting)
        return 0

    def drop_waiting(self) -> None:
        """Throw away what has not left this machine."""
        with contextlib.suppress(*_FOREIGN):
            self._opened().reset_output_buffer()

    def cancel(self) -> None:
        # Another thread may be closing it this moment: then there is nothing left to cancel.
        with contextlib.suppress(*_FOREIGN):
            if self._port is not None:
                self._port.cancel_read()

    def close(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        with contextlib.suppress(*_FOREIGN):
            _release(port)
        with contextlib.suppress(*_FOREIGN):
            port.close()

    def _opened(self) -> serial.Serial:
        if self._port is None:
            raise TransportGone(f"{self._name} is not open")
        return self._port


def _is_ready(port: serial.Serial, timeout_s: float) -> bool:
    """Whether DSR is up within this time; a line without it (a pty) never says no."""
    end = time.monotonic() + timeout_s
    try:
        while not port.dsr:
            if time.monotonic() >= end:
                return False
            time.sleep(_LINE_LOOK_S)
    except _FOREIGN:
        return True
    return True


def _ask_to_send(port: serial.Serial, on: bool) -> None:
    """Raise RTS and wait a moment for CTS before a host may talk, as SSI has it; let it go again after. A cable
    without these lines (and a pty) is written to all the same."""
    with contextlib.suppress(*_FOREIGN):
        port.rts = on
        end = time.monotonic() + _CLEAR_TO_SEND_S
        while on and not port.cts and time.monotonic() < end:
            time.sleep(_LINE_LOOK_S / 4)


def is_passing_name(name: str) -> bool:
    """Whether a port's name says only where the device came up today: another may have it tomorrow."""
    return bool(re.fullmatch(r"/dev/tty(ACM|USB)\d+", name))


def _by_usb(name: str) -> str:
    """The one port of a device that `usb:VID:PID` or `usb:VID:PID:SERIAL` names."""
    wanted = name.removeprefix(USB).split(":", 2)
    try:
        vid, pid = (int(part, 16) for part in wanted[:2])
    except ValueError:
        raise TransportNotAPort(f"{name}: usb:VID:PID with four hexadecimal digits each") from None
    serial_number = wanted[2] if len(wanted) > 2 else None
    found = [
        port.device
        for port in list_ports.comports()
        if (port.vid, port.pid) == (vid, pid) and serial_number in (None, port.serial_number)
    ]
    if not found:
        raise TransportNotFound(f"no device {name} is plugged in")
    if len(found) > 1:
        raise TransportNotAPort(f"{len(found)} devices are {name}; add the serial number of one")
    return str(found[0])


def _resolve(name: str) -> str:
    """The one port that a pattern or a USB name means; the name itself when it is neither."""
    if name.startswith(USB):
        return _by_usb(name)
    if "://" in name or not glob.has_magic(name):
        return name
    matches = sorted(glob.glob(name))
    if not matches:
        raise TransportNotFound(f"nothing fits {name}")
    if len({os.path.realpath(path) for path in matches}) > 1:
        raise TransportNotAPort(f"{len(matches)} ports fit {name}; name one of them")
    return matches[0]


@contextlib.contextmanager
def _gone(name: str) -> Iterator[None]:
    """Once a port was open, any foreign error means that it is open no longer."""
    try:
        yield
    except _FOREIGN as error:
        raise TransportGone(f"{name}: {error}") from error


def _open_error(path: str, error: Exception) -> TransportError:
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return TransportNotAPort(f"{path}: {error}")  # a URL that pyserial does not know
    if sys.platform == "win32":
        # pyserial puts Windows' error into the text alone. A port that is listed and does not open is held by
        # another program; ports have no access rights there that a site would set.
        listed = path.upper() in {found.device.upper() for found in list_ports.comports()}
        return TransportBusy(f"{path}: {error}") if listed else TransportNotFound(f"{path}: {error}")
    else:
        return _OPEN_ERRORS.get(_error_number(error), TransportNotFound)(f"{path}: {error}")


def _error_number(error: BaseException) -> int:
    """The system's number behind an error of pyserial's, which often keeps it only in what it came from."""
    cause: BaseException | None = error
    while cause is not None:
        number = getattr(cause, "errno", None) or (cause.args[0] if cause.args else None)
        if isinstance(number, int):
            return number
        cause = cause.__cause__ or cause.__context__
    return 0


def _claim(port: serial.Serial) -> None:
    if sys.platform != "win32" and isinstance(port, serial.Serial):
        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)
        attributes = termios.tcgetattr(port.fileno())
        attributes[2] &= ~termios.HUPCL
        termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)


def _release(port: serial.Serial) -> None:
    if sys.platform != "win32" and isinstance(port, serial.Serial):
        fcntl.ioctl(port.fileno(), termios.TIOCNXCL)
