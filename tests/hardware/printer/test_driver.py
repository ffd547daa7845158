"""The driver's word about a job, and the printer's health as it changes."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardware.health import Health, Reason, State
from hardware.printer.driver import JobResult, Outcome, Printer, PrinterConfig, Refusal
from hardware.virtual.decoder import decode
from hardware.virtual.printer import VirtualPrinter


@pytest.fixture
def heard() -> list[Health]:
    return []


@pytest.fixture
def network(virtual_printer: VirtualPrinter, font_path: Path) -> PrinterConfig:
    return PrinterConfig("network", virtual_printer.address, 58, "", font_path)


@pytest.fixture
def printer(network: PrinterConfig, heard: list[Health]) -> Printer:
    return Printer(network, heard.append)


@pytest.fixture
def to_file(tmp_path: Path, font_path: Path) -> PrinterConfig:
    return PrinterConfig("file", str(tmp_path / "jobs.bin"), 58, "", font_path)


@pytest.fixture
def stalled(virtual_printer: VirtualPrinter) -> VirtualPrinter:
    virtual_printer.stall(True)
    return virtual_printer


def test_r12_bytes_taken_by_a_silent_printer_are_not_called_printed(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, heard: list[Health]
) -> None:
    virtual_printer.mute_status(True)
    result = printer.print("A-1", slip)
    receipt = virtual_printer.wait_for(1, 10)[0]
    assert result == JobResult(Outcome.SENT_UNCONFIRMED, len(receipt.data), len(receipt.data))
    assert receipt.problems == []
    assert "城东营业厅" in receipt.text
    assert [health.state for health in heard] == [State.UP]


def test_a_file_holds_what_was_printed(to_file: PrinterConfig, slip: Any) -> None:
    result = Printer(to_file).print("A-1", slip)
    assert result.outcome is Outcome.CONFIRMED
    assert "缴费凭证" in decode(Path(to_file.address).read_bytes(), 32).text


def test_r26_a_job_that_may_be_on_paper_is_printed_again_only_when_asked(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    printer.print("A-1", slip)
    again = printer.print("A-1", slip)
    assert (again.outcome, again.reason) == (Outcome.REFUSED, Refusal.ALREADY_PRINTED)
    assert printer.print("A-1", slip, reprint=True).outcome is Outcome.CONFIRMED
    assert printer.print("A-2", slip).outcome is Outcome.CONFIRMED
    assert len(virtual_printer.wait_for(3, 10)) == 3


def test_r1_a_job_that_was_not_sent_may_be_tried_again(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, heard: list[Health]
) -> None:
    virtual_printer.refuse(True)
    first, second = printer.print("A-1", slip), printer.print("A-1", slip)
    assert [first.outcome, second.outcome] == [Outcome.NOT_SENT] * 2
    assert first.reason is Reason.UNREACHABLE
    assert not first.may_be_on_paper
    virtual_printer.refuse(False)
    assert printer.print("A-1", slip).outcome is Outcome.CONFIRMED
    assert [health.state for health in heard] == [State.DOWN, State.UP]


def test_r3_an_interrupted_job_counts_as_possibly_printed(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any, heard: list[Health]
) -> None:
    virtual_printer.reset_after(300)
    result = printer.print("A-1", slip)
    assert result.outcome is Outcome.INTERRUPTED
    assert 0 < result.sent <= result.total
    assert printer.print("A-1", slip).reason is Refusal.ALREADY_PRINTED
    assert [(health.state, health.reason) for health in heard] == [(State.DOWN, Reason.GONE)]


def test_r25_cancel_ends_a_job_in_progress_and_the_next_one_prints(
    network: PrinterConfig, stalled: VirtualPrinter, slip: Any
) -> None:
    printer = Printer(replace(network, profile="raster-58"))  # 40 kB: more than the buffers on the way take
    threading.Timer(0.9, printer.cancel).start()  # the question how it is has had its half second
    result = printer.print("A-1", slip)
    assert (result.outcome, result.reason) == (Outcome.INTERRUPTED, Reason.STOPPED)
    stalled.stall(False)
    assert printer.print("A-2", slip).outcome is Outcome.CONFIRMED


def test_r25_two_jobs_at_once_come_out_one_after_the_other(
    printer: Printer, virtual_printer: VirtualPrinter, slip: Any
) -> None:
    results: list[JobResult] = []
    workers = [
        threading.Thread(target=lambda name=name: results.append(printer.print(name, slip)))
        for name in "ABCD"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert [result.outcome for result in results] == [Outcome.CONFIRMED] * 4
    assert all(receipt.complete and not receipt.problems for receipt in virtual_printer.wait_for(4, 10))


def test_r28_a_missing_font_costs_the_rare_character_and_not_the_receipt(
    to_file: PrinterConfig, line: Any, heard: list[Health], tmp_path: Path
) -> None:
    printer = Printer(replace(to_file, font_path=tmp_path / "missing.ttf"), heard.append)
    assert printer.print("A-1", [line("pair", "户名", "𠮷野")]).outcome is Outcome.CONFIRMED
    assert "〓野" in decode(Path(to_file.address).read_bytes(), 32).text
    assert [(health.state, health.reason) for health in heard] == [(State.DEGRADED, Reason.MISCONFIG)]


def test_r28_a_printer_of_images_only_without_a_font_says_so(
    to_file: PrinterConfig, slip: Any, heard: list[Health]
) -> None:
    printer = Printer(replace(to_file, profile="raster-58", font_path=None), heard.append)
    assert printer.print("A-1", slip).reason is Reason.MISCONFIG
    assert [health.state for health in heard] == [State.MISCONFIGURED]
    assert not Path(to_file.address).exists()


def test_what_is_no_document_is_a_result_and_no_exception(to_file: PrinterConfig, line: Any) -> None:
    result = Printer(to_file).print("A-1", [line("photo")])
    assert (result.outcome, result.reason) == (Outcome.REFUSED, Refusal.NOT_PRINTABLE)


def test_without_a_printer_nothing_is_tried(slip: Any) -> None:
    printer = Printer(PrinterConfig("none"))
    assert printer.health == Health("printer", State.OFF, Reason.NOT_CONFIGURED)
    assert printer.print("A-1", slip).reason is Reason.NOT_CONFIGURED


def test_a_probe_finds_the_printer_without_printing(
    printer: Printer, virtual_printer: VirtualPrinter, heard: list[Health]
) -> None:
    assert printer.health.state is State.CONNECTING
    assert printer.probe().state is State.UP
    virtual_printer.refuse(True)
    assert printer.probe().reason is Reason.UNREACHABLE
    assert printer.probe().reason is Reason.UNREACHABLE
    assert [health.state for health in heard] == [State.UP, State.DOWN]
    assert virtual_printer.receipts == []


@pytest.mark.parametrize(
    "config",
    [
        PrinterConfig("laser", "x"),
        PrinterConfig("network"),
        PrinterConfig("network", "host:none"),
        PrinterConfig("file", "x", 76),
        PrinterConfig("file", "x", 58, "generic-80"),
    ],
    ids=["kind", "no address", "port", "paper", "r22 profile"],
)
def test_settings_that_cannot_be_right_make_no_printer(config: PrinterConfig) -> None:
    with pytest.raises(ValueError, match=r"printer|profile"):
        Printer(config)


def test_making_a_printer_loads_neither_pillow_nor_qrcode() -> None:
    """They cost a start-up that a counter without its first receipt need not pay."""
    code = (
        "import sys; from hardware.printer.driver import Printer, PrinterConfig;"
        "Printer(PrinterConfig('none'));"
        "import hardware.virtual.printer; sys.exit('PIL' in sys.modules or 'qrcode' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=30, check=False).returncode == 0
