"""Printers at a cable: the real drivers on a pty that answers as a printer does, or does not."""

from __future__ import annotations

import errno
import os
import select
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.health import Reason
from hardware.printer.driver import Outcome, Printer, PrinterConfig
from hardware.printer.lines import SerialTransport, UsbTransport
from hardware.printer.transport import Interrupted, NotSent, send
from hardware.virtual.decoder import decode
from hardware.virtual.mechanism import Mechanism, without_questions


class PtyPrinter:
    """A printer's end of a pty: a mechanism that is fed from the wire."""

    def __init__(self, link: Path) -> None:
        self._master, self._slave = os.openpty()
        for end in (self._master, self._slave):
            tty.setraw(end)
        self.path = link
        self.path.symlink_to(os.ttyname(self._slave))
        self.mechanism = Mechanism(32)
        self.reads = True
        self._ends, self._ended = os.pipe()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            able, _, _ = select.select([self._ends, *([self._master] if self.reads else [])], [], [], 0.02)
            if self._ends in able:
                return
            if self._master in able:
                with_answers = self.mechanism.receive(os.read(self._master, 4096)) + self.mechanism.work(1 << 20)
                os.write(self._master, with_answers)

    def job(self) -> bytes:
        return without_questions(bytes(self.mechanism.printed))

    def unplug(self) -> None:
        if self._thread.is_alive():
            os.write(self._ended, b"!")
            self._thread.join(5)
            os.close(self._master)
            os.close(self._slave)
            self.path.unlink()

    def close(self) -> None:
        self.unplug()
        os.close(self._ends)
        os.close(self._ended)


@pytest.fixture
def wired(posix: None, tmp_path: Path) -> Iterator[PtyPrinter]:
    printer = PtyPrinter(tmp_path / "by-id-printer")
    yield printer
    printer.close()


KINDS = pytest.mark.parametrize("kind", ["serial", "usb"])
MAKES: dict[str, Callable[[str], Any]] = {
    "serial": lambda path: SerialTransport(path, stall_s=0.4), "usb": lambda path: UsbTransport(path, stall_s=0.4),
}  # fmt: skip


@KINDS
def test_a_job_is_printed_over_the_cable_and_confirmed(
    kind: str, wired: PtyPrinter, slip: Any, font_path: Path
) -> None:
    printer = Printer(PrinterConfig(kind, str(wired.path), 58, "", font_path))
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED
    paper = decode(wired.job(), 32)
    assert paper.problems == []
    assert "城东营业厅" in paper.text


@KINDS
def test_r8_a_printer_without_paper_is_sent_nothing(kind: str, wired: PtyPrinter, slip: Any, font_path: Path) -> None:
    printer = Printer(PrinterConfig(kind, str(wired.path), 58, "", font_path))
    wired.mechanism.rows_left = 0
    result = printer.print("A-1", slip)
    assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.PAPER_OUT)
    assert wired.job() == b""
    wired.mechanism.rows_left = None
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED


@KINDS
def test_r15_a_line_that_takes_no_more_bytes_interrupts_the_job_and_says_how_far_it_came(
    kind: str, wired: PtyPrinter
) -> None:
    wired.reads = False
    with pytest.raises(Interrupted) as caught:
        send(MAKES[kind](str(wired.path)), b"x" * 100_000, threading.Event())
    assert caught.value.reason is Reason.STALLED
    assert 0 < caught.value.sent < 100_000


@KINDS
def test_r16_a_cable_pulled_in_the_middle_interrupts_and_the_next_job_finds_the_new_device(
    kind: str, wired: PtyPrinter, tmp_path: Path
) -> None:
    wired.reads = False
    transport = MAKES[kind](str(wired.path))
    threading.Timer(0.15, wired.unplug).start()
    with pytest.raises(Interrupted) as caught:
        send(transport, b"x" * 100_000, threading.Event())
    assert caught.value.reason is Reason.GONE
    with pytest.raises(NotSent) as missing:
        send(transport, b"x\n", threading.Event())
    assert missing.value.reason is Reason.NOT_FOUND
    again = PtyPrinter(wired.path)  # it came back under another number
    try:
        assert send(transport, b"\x1b@x\n", threading.Event()) is False
    finally:
        again.close()


@KINDS
def test_r25_a_job_is_cancelled_in_the_middle(kind: str, wired: PtyPrinter) -> None:
    wired.reads = False
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    with pytest.raises(Interrupted) as caught:
        send(MAKES[kind](str(wired.path)), b"x" * 100_000, cancelled)
    assert caught.value.reason is Reason.STOPPED


def test_what_is_no_device_is_told_as_that(tmp_path: Path, posix: None) -> None:
    plain = tmp_path / "file"
    plain.write_bytes(b"")
    for path, reason in ((plain, Reason.MISCONFIG), (tmp_path / "none", Reason.NOT_FOUND)):
        with pytest.raises(NotSent) as caught:
            UsbTransport(str(path)).open()
        assert caught.value.reason is reason


def test_two_usb_printers_are_not_chosen_between(wired: PtyPrinter, tmp_path: Path) -> None:
    (tmp_path / "by-id-printer2").symlink_to(os.readlink(wired.path))
    with pytest.raises(NotSent) as caught:
        UsbTransport(str(tmp_path / "by-id-*")).open()
    assert caught.value.reason is Reason.MISCONFIG


def test_r17_a_busy_device_is_told_with_whoever_holds_it(
    wired: PtyPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel lets one program open a USB printer; here it refuses the second as usblp does."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("there is no /proc here")
    held = os.open(wired.path, os.O_RDWR | os.O_NOCTTY)
    real = os.open

    def refuses(path: Any, flags: int, *rest: Any) -> int:
        if str(path) == str(wired.path):
            raise OSError(errno.EBUSY, "Device or resource busy")
        return real(path, flags, *rest)

    monkeypatch.setattr("hardware.printer.lines.os.open", refuses)
    with pytest.raises(NotSent) as caught:
        UsbTransport(str(wired.path)).open()
    os.close(held)
    assert caught.value.reason is Reason.BUSY
    assert f"({os.getpid()})" in caught.value.detail


def test_r7_jobs_over_a_cable_leave_no_descriptor_behind(wired: PtyPrinter) -> None:
    fds = Path("/proc/self/fd")
    if not fds.exists():
        pytest.skip("open files cannot be counted here")
    before = len(list(fds.iterdir()))
    for kind in ("serial", "usb"):
        for _ in range(50):
            send(MAKES[kind](str(wired.path)), b"x\n", threading.Event())
    assert len(list(fds.iterdir())) == before
