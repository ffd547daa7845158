"""A receipt printer that is not there: a TCP port like a printer's 9100, and each job as a PNG of its paper.

1. It reads bytes as strictly as `decoder` does: what a real printer would print as rubbish is a problem of
   the receipt.
2. It behaves as printers do: one client at a time, a buffer of about 4 kB, paper that ends, and answers about
   its state (`mechanism`).
3. Faults are on dials: switched off, paper out, cover open, slow, silent, stalled, restarted, a reset in mid-job,
   lies. A dial counts from the moment it is turned, for a job in progress too.

`python -m hardware.virtual.printer FILE OUT.png` draws a file of bytes, such as a printer of
kind `file` leaves.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import select
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.printer.raster import FontUnavailable, RowPainter
from hardware.virtual.decoder import Decoded, Problem, decode
from hardware.virtual.mechanism import Mechanism, without_questions
from hardware.virtual.paper import draw_paper

_log = logging.getLogger(__name__)

COLUMNS = {58: 32, 80: 48}  # by the paper's width in mm
KEPT_RECEIPTS = 1000
LARGEST_JOB_BYTES = 1024 * 1024  # the longest receipt in images only is a tenth of it
_BUFFER_BYTES = 4096
_TICK_S = 0.05  # of a slow printer
_STOP_S = 3.0
_AFTER_FAULT_S = 0.5


@dataclass(frozen=True, slots=True)
class Receipt:
    """One job as it came. `complete` is false where the connection broke: the paper ends there."""

    number: int
    data: bytes
    decoded: Decoded
    path: Path
    complete: bool

    @property
    def text(self) -> str:
        """What is printed as text; what is printed as an image is not in it."""
        return self.decoded.text

    @property
    def problems(self) -> list[Problem]:
        return self.decoded.problems


class VirtualPrinter:
    """A printer on loopback. Use it as a context manager, or `start` and `close` it.

    Receipts become `receipt-001.png`, ... in `directory`; none that is there already is written over.
    `on_receipt` is called on the printer's own thread, when the picture is saved.
    """

    def __init__(
        self,
        directory: Path,
        font_path: Path,
        *,
        width_mm: int = 58,
        host: str = "127.0.0.1",
        port: int = 0,
        on_receipt: Callable[[Receipt], None] | None = None,
    ) -> None:
        self._directory = directory
        self._painter = RowPainter(font_path)
        self._columns = COLUMNS[width_mm]
        self._host, self._port = host, port
        self._on_receipt = on_receipt
        self._changed = threading.Condition()
        self._receipts: deque[Receipt] = deque(maxlen=KEPT_RECEIPTS)
        self._count = 0
        self.mechanism = Mechanism(self._columns)
        self._closing = self._refuse = self._stall = self._restart = False
        self._touched = False
        self._reset_after: int | None = None
        self._bytes_per_s: int | None = None
        self._listener: socket.socket | None = None
        self._wake_in, self._wake_out = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="virtual-printer", daemon=True)

    # life

    def start(self) -> None:
        """Open the port and begin. Raises OSError, and `FontUnavailable` for a font that cannot be read."""
        try:
            self._painter.require()
            self._directory.mkdir(parents=True, exist_ok=True)
            self._listen()
        except BaseException:
            self.close()
            raise
        self._thread.start()

    def close(self) -> None:
        """Close the port, whatever is going on. A second call does nothing."""
        self._turn("_closing", True)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_STOP_S)
        for link in (self._listener, self._wake_in, self._wake_out):
            if link is not None:
                link.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """`host:port`, as a network printer's settings name it."""
        return f"{self._host}:{self._port}"

    # what was printed

    @property
    def receipts(self) -> list[Receipt]:
        """The receipts so far, oldest first; the last thousand are kept."""
        with self._changed:
            return list(self._receipts)

    def wait_for(self, count: int, timeout_s: float) -> list[Receipt]:
        """The receipts, once `count` of them were printed in all. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._count >= count, timeout_s):
                raise TimeoutError(f"{self._count} receipts after {timeout_s} s, not {count}")
            return list(self._receipts)

    # dials

    def refuse(self, on: bool) -> None:
        """Refuse connections, as a printer that is switched off; returns when it is so."""
        self._turn("_refuse", on)
        with self._changed:
            self._changed.wait_for(lambda: (self._listener is None) == on or self._closing, _STOP_S)

    def power_off(self) -> None:
        """Switch it off: connections are refused, what was in its buffer is lost."""
        self.refuse(True)

    def power_on(self) -> None:
        """Switch it on again, at the same port."""
        self.refuse(False)

    def reboot(self) -> None:
        """Off and on again in a moment: a job in progress is lost with its connection."""
        self._turn("_restart", True)

    def paper_out(self) -> None:
        """The roll is at its end, in the middle of a job too."""
        self._set(rows_left=0)

    def load_paper(self, rows: int | None = None) -> None:
        """A new roll: of so many dots, or one that never ends."""
        self._set(rows_left=rows, is_low=False)

    def paper_low(self, on: bool = True) -> None:
        """The sensor for the near end of the roll."""
        self._set(is_low=on)

    def open_cover(self) -> None:
        """The cover is open: nothing moves."""
        self._set(is_open=True)

    def close_cover(self) -> None:
        """The cover is shut again."""
        self._set(is_open=False)

    def jam_cutter(self, on: bool = True) -> None:
        """The cutter is stuck."""
        self._set(cutter_is_stuck=on)

    def overheat(self, on: bool = True) -> None:
        """The head is too hot."""
        self._set(is_hot=on)

    def mute_status(self, on: bool) -> None:
        """Answer no question about its state, as many clones."""
        self._set(is_mute=on)

    def lie(self, answer: bytes | None) -> None:
        """Answer this, whatever is asked; None: the truth."""
        self._set(lie=answer)

    def stall(self, on: bool) -> None:
        """Accept connections and read nothing at all, not even questions."""
        self._turn("_stall", on)

    def reset_after(self, count_bytes: int | None) -> None:
        """Reset the connection when so many bytes of a job were read; None: never."""
        self._turn("_reset_after", count_bytes)

    def set_slow(self, bytes_per_s: int | None) -> None:
        """Print no faster than this, as behind a serial line (960 is 9600 baud); None: at full speed."""
        self._turn("_bytes_per_s", bytes_per_s)

    def _set(self, **state: object) -> None:
        with self._changed:
            for name, value in state.items():
                setattr(self.mechanism, name, value)
        self._turn("_touched", True)

    def _turn(self, dial: str, value: object) -> None:
        with self._changed:
            setattr(self, dial, value)
            self._changed.notify_all()
        with contextlib.suppress(OSError):  # closed already
            self._wake_out.send(b"!")

    # the printer's thread

    def _listen(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        listener.bind((self._host, self._port))
        listener.listen(1)
        self._port = listener.getsockname()[1]
        self._set_listener(listener)

    def _set_listener(self, listener: socket.socket | None) -> None:
        with self._changed:
            self._listener = listener
            self._changed.notify_all()

    def _serve(self) -> None:
        while not self._closing:
            try:
                self._serve_one()
            except Exception:  # a full disk or a listener's fault: the printer stays, as a printer would
                _log.exception("virtual printer: a job could not be finished")
                self._readable(None, _AFTER_FAULT_S)

    def _serve_one(self) -> None:
        """Bring the port to what the dial says, and take one job if one comes."""
        if self._refuse and self._listener is not None:
            self._listener.close()
            self._set_listener(None)
        elif not self._refuse and self._listener is None:
            self._listen()
        if self._readable(self._listener) and self._listener is not None:
            link, _ = self._listener.accept()
            with link:
                data, complete = self._received(link)
            if data:
                self._print(data, complete)

    def _readable(self, link: socket.socket | None, timeout_s: float | None = None) -> bool:
        """Wait until `link` has something, a dial is turned or time is up; True in the first case."""
        sources = [self._wake_in] if link is None else [link, self._wake_in]
        ready, _, _ = select.select(sources, [], [], timeout_s)
        if self._wake_in in ready:
            self._wake_in.recv(64)
        return link in ready

    def _received(self, link: socket.socket) -> tuple[bytes, bool]:
        """One job's bytes, and whether the client ended it in good order and all of it was printed."""
        self._restart = False
        complete = False
        with contextlib.suppress(OSError):  # the client is gone: what came of the job is what there is
            complete = self._converse(link)
        with self._changed:
            complete = complete and not self.mechanism.waiting
            data = self.mechanism.end_job()
        if not complete:  # the other side is to see a reset and not an end
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return without_questions(data), complete

    def _converse(self, link: socket.socket) -> bool:
        """Read, print and answer until the job is over; False where it was cut off. Raises OSError."""
        works, count, has_ended, worked_s = self.mechanism, 0, False, time.monotonic()
        while not (self._closing or self._refuse or self._restart):
            if self._reset_after is not None and count >= self._reset_after:
                return False
            if has_ended and (not works.waiting or works.is_stopped):
                return True
            most = min(works.room, self._reset_after - count if self._reset_after is not None else _BUFFER_BYTES)
            reads = not (has_ended or self._stall) and most > 0
            if self._readable(link if reads else None, self._patience_s(has_ended)):
                piece = link.recv(most)
                has_ended, count = not piece, count + len(piece)
                with self._changed:
                    answers = works.receive(piece)
                link.sendall(answers)
            elif works.is_stopped and most <= 0 and not has_ended and _has_hung_up(link):
                return False
            if count > LARGEST_JOB_BYTES:
                return False
            now_s = time.monotonic()
            able = len(works.waiting) if self._bytes_per_s is None else int((now_s - worked_s) * self._bytes_per_s)
            if able or not works.waiting:
                worked_s = now_s
            with self._changed:
                answers = works.work(able)
            link.sendall(answers)
        return False

    def _patience_s(self, has_ended: bool) -> float | None:
        """How long to wait for the next byte: for ever, unless there is something to print or to look after."""
        works = self.mechanism
        prints = bool(works.waiting) and not works.is_stopped
        return _TICK_S if prints or has_ended or works.room <= 0 else None

    def _print(self, data: bytes, complete: bool) -> None:
        decoded = decode(data, self._columns)
        for problem in decoded.problems:
            _log.warning("virtual printer: %s", problem)
        number, path = self._next_place()
        draw_paper(decoded, self._columns, self._painter).save(path)
        receipt = Receipt(number, data, decoded, path, complete)
        if self._on_receipt is not None:
            self._on_receipt(receipt)
        with self._changed:
            self._receipts.append(receipt)
            self._count += 1
            self._changed.notify_all()

    def _next_place(self) -> tuple[int, Path]:
        number = self._count + 1
        while (path := self._directory / f"receipt-{number:03d}.png").exists():
            number += 1
        return number, path


def _has_hung_up(link: socket.socket) -> bool:
    """Whether the client is gone, though its bytes still wait to be read; False where the system cannot tell."""
    if not hasattr(select, "POLLRDHUP"):
        return False
    looker = select.poll()
    looker.register(link, select.POLLRDHUP | select.POLLERR | select.POLLHUP)
    return bool(looker.poll(0))


def main(arguments: list[str] | None = None) -> int:
    """Draw a file of ESC/POS bytes. Returns 0, 1 where a printer would print rubbish, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="python -m hardware.virtual.printer", description=main.__doc__)
    parser.add_argument("file", type=Path, help="bytes as they were sent to a printer")
    parser.add_argument("out", type=Path, help="the PNG to write")
    parser.add_argument("--width", type=int, choices=sorted(COLUMNS), default=58, help="paper, in mm")
    parser.add_argument("--font", type=Path, default=_BUNDLED_FONT, help="a TrueType font with Chinese")
    chosen = parser.parse_args(arguments)
    try:
        decoded = decode(chosen.file.read_bytes(), COLUMNS[chosen.width])
        draw_paper(decoded, COLUMNS[chosen.width], RowPainter(chosen.font)).save(chosen.out)
    except (OSError, ValueError, FontUnavailable) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    print(decoded.text)
    for problem in decoded.problems:
        print(problem, file=sys.stderr)
    return 1 if decoded.problems else 0


_BUNDLED_FONT = Path(__file__).parents[2] / "assets" / "fonts" / "NotoSansSC-Regular.ttf"

if __name__ == "__main__":
    sys.exit(main())
