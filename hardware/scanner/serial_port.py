"""A serial port by pyserial: the one place that knows what pyserial and the operating system throw.

pyserial 3.5 raises, for the same unplugged cable, a SerialException, a bare OSError, a termios.error (which is
no OSError) or a TypeError, by which call met it first. All are caught here and mapped by their number.

1. The port is ours alone: `flock` by pyserial's `exclusive`, and TIOCEXCL for programs that do not ask. The
   latter is taken back before closing, since on a pty it would outlive us.
2. One byte is waited for, then what else is there is taken: a read of a fixed size would wait for its whole
   time-out, and `inter_byte_timeout` does nothing on Linux.
3. Hanging up on close is switched off: some scanners restart, deaf for a second, when DTR falls.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import sys
from collections.abc import Iterator

import serial
from serial.tools import list_ports

from hardware.scanner.transport import (
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

    `port` is a path, a `COM` name, a pattern of paths that fits one (`/dev/serial/by-id/*Newland*`), or a URL
    of pyserial's (`hwgrep://1eab:8206`). `line` is data bits, parity and stop bits, as in `8N1`.
    """

    def __init__(self, port: str, *, baud: int = 9600, line: str = "8N1") -> None:
        self._name = port
        self._baud = baud
        self._line = line
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
            )
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
            try:
                port.write(data)
            except serial.SerialTimeoutException as error:
                raise TransportStalled(f"{self._name} takes no more bytes") from error

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


def _resolve(name: str) -> str:
    """The one port that a pattern means; the name itself when it is no pattern."""
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
