"""A job's whole conversation with the virtual printer, over its port: what is confirmed, refused, interrupted."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardware.health import Health, Reason, State
from hardware.printer import job
from hardware.printer.driver import Outcome, Printer, PrinterConfig
from hardware.virtual.decoder import decode
from hardware.virtual.mechanism import Mechanism, without_questions
from hardware.virtual.printer import VirtualPrinter


@pytest.fixture
def heard() -> list[Health]:
    return []


@pytest.fixture
def config(virtual_printer: VirtualPrinter, font_path: Path) -> PrinterConfig:
    return PrinterConfig("network", virtual_printer.address, 58, "", font_path)


@pytest.fixture
def printer(config: PrinterConfig, heard: list[Health]) -> Printer:
    return Printer(config, heard.append)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.printer.driver.SETTLE_S", 1.0)
    monkeypatch.setattr("hardware.printer.job.ANSWER_S", 0.3)


def test_a_job_is_confirmed_by_the_printers_word_after_it(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, heard: list[Health]
) -> None:
    result = printer.print("A-1", slip)
    receipt = virtual_printer.wait_for(1, 10)[0]
    assert (result.outcome, result.sent) == (Outcome.CONFIRMED, len(receipt.data))
    assert (receipt.problems, receipt.complete) == ([], True)
    assert [health.state for health in heard] == [State.UP]


@pytest.mark.parametrize(
    ("dial", "reason"),
    [
        (VirtualPrinter.paper_out, Reason.PAPER_OUT),
        (VirtualPrinter.open_cover, Reason.COVER_OPEN),
        (VirtualPrinter.jam_cutter, Reason.CUTTER),
        (VirtualPrinter.overheat, Reason.OVERHEATED),
    ],
)
def test_r8_r11_a_printer_that_cannot_print_is_sent_nothing(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, dial: Callable[[VirtualPrinter], None], reason: Reason
) -> None:
    dial(virtual_printer)
    result = printer.print("A-1", slip)
    assert (result.outcome, result.reason, result.sent) == (Outcome.REFUSED, reason, 0)
    assert (printer.health.state, printer.health.reason) == (State.DOWN, reason)
    assert virtual_printer.receipts == []
    assert not result.may_be_on_paper


def test_a_refused_job_prints_under_its_own_name_once_paper_is_there(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, heard: list[Health]
) -> None:
    virtual_printer.paper_out()
    printer.print("A-1", slip)
    virtual_printer.load_paper()
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED
    assert len(virtual_printer.wait_for(1, 5)) == 1
    assert [(health.state, health.reason) for health in heard] == [
        (State.DOWN, Reason.PAPER_OUT), (State.UP, Reason.NONE),
    ]  # fmt: skip


@pytest.mark.parametrize("profile", ["generic-58", "raster-58"])
def test_r9_paper_that_ends_in_the_middle_interrupts_the_job_and_nothing_is_printed_again(
    config: PrinterConfig, virtual_printer: VirtualPrinter, slip: Any, profile: str
) -> None:
    printer = Printer(replace(config, profile=profile))
    virtual_printer.load_paper(rows=120)
    result = printer.print("A-1", slip)
    assert result.outcome is Outcome.INTERRUPTED
    assert printer.health.reason is Reason.PAPER_OUT
    virtual_printer.load_paper()
    assert printer.probe().state is State.UP
    assert [receipt.complete for receipt in virtual_printer.wait_for(1, 5)] == [False]
    assert len(virtual_printer.receipts) == 1  # no flood after paper is back


def test_r10_a_roll_near_its_end_prints_and_is_told(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    virtual_printer.paper_low()
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED
    assert (printer.health.state, printer.health.reason) == (State.DEGRADED, Reason.PAPER_LOW)


def test_r12_a_printer_that_never_tells_costs_half_a_second_at_most_and_is_not_confirmed(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    virtual_printer.mute_status(True)
    ask = job.Conversation.status

    def timed(talk: job.Conversation, cancelled: threading.Event) -> object:
        began = time.monotonic()
        try:
            return ask(talk, cancelled)
        finally:
            waited.append(time.monotonic() - began)

    monkeypatch.setattr(job.Conversation, "status", timed)
    result = printer.print("A-1", slip)
    assert result.outcome is Outcome.SENT_UNCONFIRMED
    assert len(waited) == 1
    assert waited[0] < job.ANSWER_S + 0.2
    assert printer.health.state is State.UP  # it never told: that is how it is, and no trouble


def test_r12_a_printer_that_used_to_answer_and_falls_silent_is_looked_at(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    printer.print("A-1", slip)
    virtual_printer.mute_status(True)
    assert printer.print("A-2", slip).outcome is Outcome.SENT_UNCONFIRMED
    assert (printer.health.state, printer.health.reason) == (State.DEGRADED, Reason.UNKNOWN_STATUS)


@pytest.mark.parametrize("lie", [b"\x00", b"\xff", b"\x92", b"\x13", b"\x14\x00\x00\x00", b"OK\r\n"])
def test_r13_garbage_for_an_answer_confirms_nothing(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, lie: bytes
) -> None:
    virtual_printer.lie(lie)
    assert printer.print("A-1", slip).outcome is Outcome.SENT_UNCONFIRMED
    assert virtual_printer.wait_for(1, 5)[0].problems == []


def test_r13_a_clone_that_answers_12_to_everything_is_never_believed_to_have_printed(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    virtual_printer.lie(b"\x12")
    began = time.monotonic()
    assert printer.print("A-1", slip).outcome is Outcome.SENT_UNCONFIRMED
    first_s = time.monotonic() - began
    began = time.monotonic()
    assert printer.print("A-2", slip).outcome is Outcome.SENT_UNCONFIRMED
    assert time.monotonic() - began < first_s + 0.5  # what was learned makes the next one no slower


def test_r14_a_profile_without_status_asks_nothing(
    config: PrinterConfig, slip: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw: list[bytes] = []
    receive = Mechanism.receive

    def heard(works: Mechanism, piece: bytes) -> bytes:
        raw.append(piece)
        return receive(works, piece)

    monkeypatch.setattr(Mechanism, "receive", heard)
    printer = Printer(replace(config, profile="silent-58"))
    assert printer.print("A-1", slip).outcome is Outcome.SENT_UNCONFIRMED
    printer.probe()
    assert not printer.tells_its_state
    sent = b"".join(raw)
    assert b"\x10\x04" not in sent
    assert b"\x1dr" not in sent


def test_r29_a_printer_switched_off_and_on_in_the_middle_is_interrupted_and_never_confirmed(
    config: PrinterConfig, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    printer = Printer(replace(config, profile="raster-58"))
    virtual_printer.set_slow(20_000)
    threading.Timer(0.6, virtual_printer.reboot).start()
    result = printer.print("A-1", slip)
    assert (result.outcome, result.reason) == (Outcome.INTERRUPTED, Reason.GONE)
    virtual_printer.set_slow(None)
    assert printer.print("A-2", slip).outcome is Outcome.CONFIRMED


def test_r4_a_slow_printer_is_confirmed_when_it_is_done(
    config: PrinterConfig, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    printer = Printer(replace(config, profile="raster-58"))
    virtual_printer.set_slow(20_000)  # two seconds of printing, most of it after the last byte was handed over
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED


def test_r5_a_printer_that_is_taken_by_another_for_a_moment_is_tried_again(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    assert printer.probe().state is State.UP
    virtual_printer.refuse(True)
    threading.Timer(0.7, virtual_printer.refuse, (False,)).start()
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED


def test_r5_a_printer_that_is_gone_is_not_waited_for_again_and_again(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    printer.probe()
    virtual_printer.refuse(True)
    assert printer.print("A-1", slip).outcome is Outcome.NOT_SENT
    began = time.monotonic()
    assert printer.print("A-2", slip).outcome is Outcome.NOT_SENT
    assert time.monotonic() - began < 1.0


def test_r5_a_printer_that_is_busy_with_another_is_not_sent_to(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    """Its port takes the connection and nobody reads: the job stalls before its first byte is known to be read."""
    virtual_printer.stall(True)
    result = printer.print("A-1", slip)
    assert result.outcome in (Outcome.NOT_SENT, Outcome.INTERRUPTED)
    assert printer.health.state is State.DOWN


def test_a_print_server_that_closes_its_own_half_at_once_still_gets_the_job(
    config: PrinterConfig, slip: Any
) -> None:
    taken: list[bytes] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2)

        def serve() -> None:
            for _ in range(2):  # a job, and a look
                link, _ = listener.accept()
                with link:
                    link.shutdown(socket.SHUT_WR)
                    data = b""
                    while piece := link.recv(4096):
                        data += piece
                    taken.append(data)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        printer = Printer(replace(config, address=f"127.0.0.1:{listener.getsockname()[1]}"))
        assert printer.print("A-1", slip).outcome is Outcome.SENT_UNCONFIRMED
        assert printer.probe().state is State.UP
        server.join(10)
    assert decode(without_questions(taken[0]), 32).problems == []


def test_the_state_is_looked_at_while_nothing_is_printed(
    printer: Printer, virtual_printer: VirtualPrinter, heard: list[Health]
) -> None:
    assert printer.probe().state is State.UP
    virtual_printer.open_cover()
    assert printer.probe().reason is Reason.COVER_OPEN
    assert printer.probe().reason is Reason.COVER_OPEN
    virtual_printer.close_cover()
    assert printer.probe().state is State.UP
    assert [health.reason for health in heard] == [Reason.NONE, Reason.COVER_OPEN, Reason.NONE]
    assert virtual_printer.receipts == []


def test_what_became_of_the_jobs_is_counted(printer: Printer, virtual_printer: VirtualPrinter, slip: Any) -> None:
    printer.print("A-1", slip)
    virtual_printer.paper_out()
    printer.print("A-2", slip)
    virtual_printer.power_off()
    printer.print("A-3", slip)
    counts = dict(printer.health.counters)
    assert (counts["jobs"], counts["confirmed"], counts["refused"], counts["not_sent"]) == (3, 1, 1, 1)


def test_r7_five_hundred_looks_and_jobs_leave_no_descriptor_behind(
    printer: Printer, virtual_printer: VirtualPrinter, line: Any
) -> None:
    fds = Path("/proc/self/fd")
    if not fds.exists():
        pytest.skip("open files cannot be counted here")
    printer.print("warm", [line("text", "x")])
    before = len(list(fds.iterdir()))
    for number in range(500):
        if number % 10:
            printer.probe()
        else:
            assert printer.print(f"A-{number}", [line("text", "x")]).outcome is Outcome.CONFIRMED
    assert len(list(fds.iterdir())) <= before + 1
