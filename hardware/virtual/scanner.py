"""A scanner that is not there: a port that the real driver opens and reads like any other.

    with VirtualScanner(directory) as scanner:
        driver = ScannerDriver(ScannerConfig(scanner.port), on_scan, on_health)
        driver.start()
        scanner.scan("130000000000000001")

1. On POSIX the port is a real pseudo-terminal behind a symbolic link that stays the same over replugging, as
   a link under /dev/serial/by-id does. On Windows, or by choice, it is a TCP port on loopback.
2. A code is written in fragments of random sizes with small pauses, as a serial line delivers it; the seed
   decides both, and `sleep` is injected.
3. As with a real scanner, what is sent while nobody has the port open is lost.
4. One thread at a time: calls wait for each other.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

if sys.platform != "win32":
    import pty
    import tty

LINK_NAME = "virtual-scanner"
_LONGEST_FRAGMENT = 7
_LONGEST_PAUSE_S = 0.004
_WRITE_TIMEOUT_S = 2.0
SSI_COPIES = 3
_ACK = bytes.fromhex("04 D0 04 00 FF 28")
_NAK_HEAD = bytes.fromhex("05 D1 04 00")


class NotPlugged(Exception):
    """The virtual scanner is unplugged (or its port is read by nobody and full): nothing can be scanned."""


class _Line(Protocol):
    """The two kinds of port: where the driver finds it, and the end that the virtual scanner writes."""

    @property
    def port(self) -> str: ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def write(self, data: bytes) -> None: ...

    def read(self, timeout_s: float) -> bytes: ...


class VirtualScanner:
    """A scanner to act with; plugged in when made, and a context manager that unplugs it.

    `directory` (it must exist) takes the symbolic link of a pty; `tcp` chooses a loopback port instead, which
    is the only way on Windows. `seed` decides the fragments. Raises OSError when no port can be made.
    """

    def __init__(
        self,
        directory: Path,
        *,
        tcp: bool = sys.platform == "win32",
        seed: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._random = random.Random(seed)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._line: _Line = _TcpLine() if tcp else _pty_line(directory / LINK_NAME)
        self._plugged = False
        self.plug()

    @property
    def port(self) -> str:
        """The path or URL for `ScannerConfig.port`; the same over unplugging and plugging in again."""
        return self._line.port

    @property
    def plugged(self) -> bool:
        return self._plugged

    def plug(self) -> None:
        """Plug it in; nothing when it is."""
        with self._lock:
            if not self._plugged:
                self._line.plug()
                self._plugged = True

    def unplug(self) -> None:
        """Pull it out; the driver sees its port vanish. Nothing when it is out."""
        with self._lock:
            if self._plugged:
                self._plugged = False
                self._line.unplug()

    def scan(self, text: str, suffix: bytes = b"\r", fragments: bool = True) -> None:
        """Scan a code: its UTF-8 bytes and the suffix. Raises `NotPlugged`."""
        data = text.encode() + suffix
        with self._lock:
            if not fragments:
                self._write(data)
                return
            while data:
                size = self._random.randint(1, _LONGEST_FRAGMENT)
                self._write(data[:size])
                data = data[size:]
                self._sleep(self._random.uniform(0, _LONGEST_PAUSE_S))

    def scan_packet(
        self, text: str, *, code_type: int = 0x1C, deaf_to: int = 0, spoil: int = 0, answer_s: float = 2.0
    ) -> int:
        """Scan a code as Zebra's SSI sends it, and send it again until it is acknowledged, three times in all.

        The scanner does not hear the first `deaf_to` acknowledgements, and the first `spoil` copies are broken on the
        line. Returns after how many copies it was satisfied, 0 where it gave up. Raises `NotPlugged`.
        """
        with self._lock:
            for copy in range(1, SSI_COPIES + 1):
                sent = _packet(0xF3, bytes([code_type]) + text.encode(), 0x01 if copy > 1 else 0x00)
                if copy <= spoil:
                    sent = sent[:-1] + bytes([sent[-1] ^ 0xFF])
                self._write(sent)
                if self._is_acknowledged(answer_s) and copy > deaf_to:
                    return copy
        return 0

    def _is_acknowledged(self, answer_s: float) -> bool:
        end, heard = time.monotonic() + answer_s, b""
        while (left_s := end - time.monotonic()) > 0:
            heard += self._line.read(left_s)
            if _ACK in heard:
                return True
            if _NAK_HEAD in heard:
                return False
        return False

    def heard(self, timeout_s: float = 0.0) -> bytes:
        """What the driver wrote and nobody took yet; waits so long for the first of it."""
        with self._lock:
            return self._line.read(timeout_s)

    def noise(self, data: bytes) -> None:
        """Send bytes as they are, such as a bad plug or half a code makes them. Raises `NotPlugged`."""
        with self._lock:
            self._write(data)

    def close(self) -> None:
        """Unplug it for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        if not self._plugged:
            raise NotPlugged("the virtual scanner is unplugged")
        self._line.write(data)


class _TcpLine:
    """A listening socket on loopback; its port number is chosen once and kept."""

    def __init__(self) -> None:
        self._number = 0
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def port(self) -> str:
        return f"socket://127.0.0.1:{self._number}"

    def plug(self) -> None:
        listener = socket.socket()
        if sys.platform != "win32":  # there the option would let another program take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._number))
            listener.listen()
        except OSError:
            listener.close()
            raise
        self._number = listener.getsockname()[1]
        self._listener = listener

    def unplug(self) -> None:
        self._take_newest()
        for opened in (self._client, self._listener):
            if opened is not None:
                opened.close()
        self._client = self._listener = None

    def write(self, data: bytes) -> None:
        self._take_newest()
        if self._client is None:
            return
        try:
            self._client.sendall(data)
        except TimeoutError as error:
            raise NotPlugged("nobody reads the virtual scanner") from error
        except OSError:
            self._client.close()
            self._client = None

    def read(self, timeout_s: float) -> bytes:
        self._take_newest()
        if self._client is None:
            time.sleep(timeout_s)
            return b""
        if not select.select([self._client], [], [], timeout_s)[0]:
            return b""
        try:
            return self._client.recv(4096)
        except OSError:
            return b""

    def _take_newest(self) -> None:
        """Whoever connected last has the scanner: a driver that reconnects has given up its old connection."""
        while self._listener is not None and select.select([self._listener], [], [], 0)[0]:
            client, _ = self._listener.accept()
            client.settimeout(_WRITE_TIMEOUT_S)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._client is not None:
                self._client.close()
            self._client = client


if sys.platform != "win32":

    class _PtyLine:
        """A raw pseudo-terminal. Its far end is held open too, so that a driver's close does not hang it up."""

        def __init__(self, link: Path) -> None:
            self._link = link
            self._near = self._far = -1

        @property
        def port(self) -> str:
            return str(self._link)

        def plug(self) -> None:
            self._near, self._far = pty.openpty()
            tty.setraw(self._far)
            os.set_blocking(self._near, False)
            fresh = self._link.with_name(self._link.name + ".new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(self._far))
            fresh.replace(self._link)  # one that an earlier run left behind is replaced

        def unplug(self) -> None:
            self._link.unlink(missing_ok=True)
            for end in (self._near, self._far):
                with contextlib.suppress(OSError):
                    os.close(end)
            self._near = self._far = -1

        def read(self, timeout_s: float) -> bytes:
            if not select.select([self._near], [], [], timeout_s)[0]:
                return b""
            try:
                return os.read(self._near, 4096)
            except OSError:
                return b""

        def write(self, data: bytes) -> None:
            while data:
                if not select.select([], [self._near], [], _WRITE_TIMEOUT_S)[1]:
                    raise NotPlugged("nobody reads the virtual scanner")
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self._near, data) :]


def _packet(opcode: int, data: bytes, status: int) -> bytes:
    """A scanner's packet, by the same rules as the driver's and without its code."""
    body = bytes([4 + len(data), opcode, 0, status]) + data
    return body + (0x10000 - sum(body) & 0xFFFF).to_bytes(2, "big")


def _pty_line(link: Path) -> _Line:
    if sys.platform == "win32":
        raise OSError("this system has no pseudo-terminals: use tcp=True")
    else:
        return _PtyLine(link)
