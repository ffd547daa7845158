"""The virtual printer as a program meets it: a port, pictures of paper, and faults on dials."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from hardware.printer.raster import FontUnavailable
from hardware.virtual.paper import MARGIN_DOTS
from hardware.virtual.printer import LARGEST_JOB_BYTES, Receipt, VirtualPrinter, main

ROOT = Path(__file__).parents[3]
JOB = b"\x1b@\x1ba\x01\x1c&" + "缴费凭证".encode("gb18030") + b"\x1c.\n\x1bd\x05"


@pytest.fixture(scope="session")
def font_path() -> Path:
    return ROOT / "assets" / "fonts" / "NotoSansSC-Regular.ttf"


@pytest.fixture
def printer(tmp_path: Path, font_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path, font_path) as printer:
        yield printer


def connect(printer: VirtualPrinter) -> socket.socket:
    host, port = printer.address.split(":")
    link = socket.create_connection((host, int(port)), timeout=5)
    link.settimeout(5)
    return link


def send(printer: VirtualPrinter, data: bytes) -> None:
    with connect(printer) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        assert link.recv(1) == b""  # a printer closes when the job is over


def test_each_job_becomes_a_numbered_picture(printer: VirtualPrinter, tmp_path: Path) -> None:
    send(printer, JOB)
    send(printer, JOB)
    receipts = printer.wait_for(2, 10)
    assert [receipt.path.name for receipt in receipts] == ["receipt-001.png", "receipt-002.png"]
    assert [(receipt.text, receipt.data, receipt.complete) for receipt in receipts] == [
        ("缴费凭证", JOB, True)
    ] * 2


@pytest.mark.parametrize(("width_mm", "dots"), [(58, 384), (80, 576)])
def test_the_paper_is_as_wide_as_the_printer_and_the_text_stands_where_it_was_put(
    tmp_path: Path, font_path: Path, width_mm: int, dots: int
) -> None:
    with VirtualPrinter(tmp_path, font_path, width_mm=width_mm) as printer:
        send(printer, JOB)
        path = printer.wait_for(1, 10)[0].path
    with Image.open(path) as paper:
        assert paper.size == (dots + 2 * MARGIN_DOTS, 30 + 150 + 2 * MARGIN_DOTS)
        inside = paper.crop((1, 1, paper.width - 1, paper.height - 1)).point(
            lambda tone: 255 if tone < 128 else 0
        )
        left, top, right, bottom = inside.getbbox() or (0, 0, 0, 0)
    assert abs((left + right) / 2 - (paper.width - 2) / 2) <= 3  # centred
    assert 80 <= right - left <= 96  # four Chinese characters
    assert top >= MARGIN_DOTS - 1
    assert bottom <= MARGIN_DOTS + 24


def test_no_picture_is_written_over(tmp_path: Path, font_path: Path) -> None:
    (tmp_path / "receipt-001.png").write_bytes(b"of yesterday")
    with VirtualPrinter(tmp_path, font_path) as printer:
        send(printer, JOB)
        assert printer.wait_for(1, 10)[0].path.name == "receipt-002.png"
    assert (tmp_path / "receipt-001.png").read_bytes() == b"of yesterday"


def test_whoever_listens_hears_of_a_receipt_when_its_picture_is_there(
    tmp_path: Path, font_path: Path
) -> None:
    heard: list[tuple[Receipt, bool]] = []

    def listen(receipt: Receipt) -> None:
        heard.append((receipt, receipt.path.exists()))

    with VirtualPrinter(tmp_path, font_path, on_receipt=listen) as printer:
        send(printer, JOB)
        assert printer.wait_for(1, 10) == [heard[0][0]]
    assert heard[0][1]


def test_rubbish_is_printed_as_rubbish_and_its_problems_are_kept(printer: VirtualPrinter) -> None:
    send(printer, b"\x07GET / HTTP/1.1\r\n\r\n")
    receipt = printer.wait_for(1, 10)[0]
    assert receipt.problems[0].offset == 0
    assert receipt.path.exists()


def test_a_connection_without_a_byte_is_no_receipt(printer: VirtualPrinter) -> None:
    send(printer, b"")
    send(printer, JOB)
    assert len(printer.wait_for(1, 10)) == 1


def test_a_refusing_printer_refuses_until_it_is_switched_on_again_at_the_same_port(
    printer: VirtualPrinter,
) -> None:
    address = printer.address
    printer.refuse(True)
    with pytest.raises(ConnectionRefusedError):
        connect(printer)
    printer.refuse(False)
    assert printer.address == address
    send(printer, JOB)
    assert printer.wait_for(1, 10)


def test_a_stalled_printer_takes_the_job_when_it_is_let_go(printer: VirtualPrinter) -> None:
    printer.stall(True)
    with connect(printer) as link:
        link.sendall(JOB)
        link.shutdown(socket.SHUT_WR)
        link.settimeout(0.3)
        with pytest.raises(TimeoutError):
            link.recv(1)
        printer.stall(False)
        link.settimeout(5)
        assert link.recv(1) == b""
    assert printer.wait_for(1, 10)[0].data == JOB


def test_a_reset_in_mid_job_leaves_the_paper_that_was_printed(printer: VirtualPrinter) -> None:
    printer.reset_after(8)
    with connect(printer) as link:
        link.sendall(b"0123456\n" + JOB)
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    receipt = printer.wait_for(1, 10)[0]
    assert (receipt.data, receipt.complete) == (b"0123456\n", False)


def test_a_printer_that_is_switched_off_in_mid_job_resets_it(printer: VirtualPrinter) -> None:
    with connect(printer) as link:
        link.sendall(b"half a line")
        printer.stall(True)
        printer.refuse(True)
        with pytest.raises(ConnectionResetError):
            link.recv(1)


def test_a_job_without_end_is_cut_off(printer: VirtualPrinter) -> None:
    endless = b"\x1dv0\x00\x30\x00\xff\xff" + bytes(10 * LARGEST_JOB_BYTES)  # far more than any send buffer
    with connect(printer) as link, pytest.raises(ConnectionError):
        link.sendall(endless)
    assert printer.wait_for(1, 30)[0].complete is False


def test_it_closes_at_once_whatever_is_going_on_and_twice(tmp_path: Path, font_path: Path) -> None:
    printer = VirtualPrinter(tmp_path, font_path)
    printer.start()
    printer.stall(True)
    with connect(printer) as link:
        link.sendall(JOB)
        printer.close()
        printer.close()
    assert not any(thread.name == "virtual-printer" and thread.is_alive() for thread in threading.enumerate())
    with pytest.raises(OSError, match=r"."):
        connect(printer)


@pytest.mark.expects_error_log("hardware.virtual.printer")
def test_a_listener_that_fails_does_not_stop_the_printer(tmp_path: Path, font_path: Path) -> None:
    failures = iter([ValueError("a fault of the listener")])

    def fail_once(_: Receipt) -> None:
        for failure in failures:
            raise failure

    with VirtualPrinter(tmp_path, font_path, on_receipt=fail_once) as printer:
        send(printer, JOB)
        send(printer, JOB)
        assert printer.wait_for(1, 10)[0].path.name == "receipt-002.png"


def test_a_font_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FontUnavailable), VirtualPrinter(tmp_path, tmp_path / "missing.ttf"):
        pass


def test_a_file_of_bytes_is_drawn_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "jobs.bin").write_bytes(JOB)
    command = [
        sys.executable,
        "-m",
        "hardware.virtual.printer",
        str(tmp_path / "jobs.bin"),
        str(tmp_path / "out.png"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.decode("utf-8").strip(), done.stderr) == (0, "缴费凭证", b"")
    with Image.open(tmp_path / "out.png") as paper:
        assert paper.width == 384 + 2 * MARGIN_DOTS


def test_a_file_that_prints_rubbish_says_where_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "jobs.bin").write_bytes(JOB + b"\x07")
    assert main([str(tmp_path / "jobs.bin"), str(tmp_path / "out.png")]) == 1
    assert f"byte {len(JOB)}: 07 is no command" in capsys.readouterr().err
    assert main([str(tmp_path / "missing.bin"), str(tmp_path / "out.png")]) == 2
