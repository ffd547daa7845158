"""Jobs over real sockets and files. The printer at the other end is the virtual one, on loopback."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.health import Reason
from hardware.printer.transport import FileTransport, Interrupted, NotSent, TcpTransport, parse_address, send
from hardware.virtual.printer import VirtualPrinter

JOB = b"\x1b@" + b"paper\n" * 5
LONG_JOB = b"\x1b@" + b"0123456789abcdef0123456789abcde\n" * 2000  # 64 kB, more than all buffers on the way


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that is bound, so that nobody else takes it, and that refuses connections."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture
def never() -> threading.Event:
    return threading.Event()


def to(printer: VirtualPrinter, **limits: float) -> TcpTransport:
    host, port = parse_address(printer.address)
    return TcpTransport(host, port, stall_s=limits.get("stall_s", 0.4), pause_s=limits.get("pause_s", 0.0))


def test_a_job_arrives_whole_and_is_not_called_printed(
    virtual_printer: VirtualPrinter, never: threading.Event
) -> None:
    assert send(to(virtual_printer), LONG_JOB, never) is False
    assert [receipt.data for receipt in virtual_printer.wait_for(1, 10)] == [LONG_JOB]


def test_r1_a_refused_connection_sends_nothing(free_port: int, never: threading.Event) -> None:
    with pytest.raises(NotSent) as caught:
        send(TcpTransport("127.0.0.1", free_port), JOB, never)
    assert caught.value.reason is Reason.UNREACHABLE


def test_r1_a_name_that_cannot_be_resolved_sends_nothing(never: threading.Event) -> None:
    with pytest.raises(NotSent) as caught:
        send(TcpTransport("a" * 64 + ".invalid", 9100), JOB, never)
    assert caught.value.reason is Reason.NOT_FOUND


def test_r1_a_printer_that_never_answers_the_connection_is_given_up(never: threading.Event) -> None:
    """A listener whose queue is full drops what comes, as a dead host does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for link in waiting:
            link.setblocking(False)
            link.connect_ex(listener.getsockname())
        with pytest.raises(NotSent) as caught:
            send(TcpTransport("127.0.0.1", listener.getsockname()[1], connect_s=0.3), JOB, never)
        for link in waiting:
            link.close()
    assert caught.value.reason is Reason.UNREACHABLE


def test_r2_a_printer_that_never_reads_interrupts_the_job(
    virtual_printer: VirtualPrinter, never: threading.Event
) -> None:
    virtual_printer.stall(True)
    with pytest.raises(Interrupted) as caught:
        send(to(virtual_printer), LONG_JOB, never)
    assert caught.value.reason is Reason.STALLED
    assert 0 < caught.value.sent < len(LONG_JOB)


def test_r2_a_job_that_fits_into_our_own_send_buffer_is_not_called_sent(
    virtual_printer: VirtualPrinter, never: threading.Event
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells how much of a socket's buffer was taken")
    job = LONG_JOB[:12_000]  # what a receipt in text with its QR takes
    virtual_printer.stall(True)
    with pytest.raises(Interrupted) as caught:
        send(to(virtual_printer), job, never)
    assert caught.value.reason is Reason.STALLED
    assert 0 < caught.value.sent < len(job)
    virtual_printer.stall(False)
    assert send(to(virtual_printer), job, never) is False


def test_r3_a_reset_in_mid_job_interrupts_it(virtual_printer: VirtualPrinter, never: threading.Event) -> None:
    virtual_printer.reset_after(6000)
    with pytest.raises(Interrupted) as caught:
        send(to(virtual_printer), LONG_JOB, never)
    assert caught.value.reason is Reason.GONE
    assert 0 < caught.value.sent < len(LONG_JOB)
    assert virtual_printer.wait_for(1, 10)[0].complete is False


def test_r3_a_reset_after_the_last_byte_was_taken_interrupts_it_too(
    virtual_printer: VirtualPrinter, never: threading.Event
) -> None:
    virtual_printer.reset_after(10)
    with pytest.raises(Interrupted) as caught:
        send(to(virtual_printer), JOB, never)
    assert caught.value.sent == len(JOB)


def test_r4_a_slow_printer_is_waited_for_while_it_takes_bytes(
    virtual_printer: VirtualPrinter, never: threading.Event
) -> None:
    virtual_printer.set_slow(80_000)
    began = time.monotonic()
    send(to(virtual_printer, stall_s=0.3), LONG_JOB, never)
    assert time.monotonic() - began > 0.3  # longer than a stall may last, so progress was what counted
    assert virtual_printer.wait_for(1, 10)[0].data == LONG_JOB


def test_r6_each_job_has_its_own_connection(virtual_printer: VirtualPrinter, never: threading.Event) -> None:
    transport = to(virtual_printer)
    virtual_printer.reset_after(10)
    with pytest.raises(Interrupted):
        send(transport, JOB, never)
    virtual_printer.reset_after(None)
    send(transport, JOB, never)
    assert [receipt.complete for receipt in virtual_printer.wait_for(2, 10)] == [False, True]


def test_r7_jobs_leak_no_sockets(virtual_printer: VirtualPrinter, never: threading.Event) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("open descriptors are counted where /proc tells them")
    transport = to(virtual_printer)
    send(transport, b"\n", never)
    before = len(list(descriptors.iterdir()))
    for _ in range(100):
        send(transport, b"\n", never)
    virtual_printer.wait_for(101, 30)
    assert len(list(descriptors.iterdir())) <= before


def test_cancelling_stops_a_job_that_waits(virtual_printer: VirtualPrinter, never: threading.Event) -> None:
    virtual_printer.stall(True)
    threading.Timer(0.2, never.set).start()
    with pytest.raises(Interrupted) as caught:
        send(to(virtual_printer, stall_s=30), LONG_JOB, never)
    assert caught.value.reason is Reason.STOPPED


def test_a_job_cancelled_before_its_first_byte_is_not_sent(
    virtual_printer: VirtualPrinter, never: threading.Event, tmp_path: Path
) -> None:
    never.set()
    for transport in (to(virtual_printer), FileTransport(tmp_path / "jobs.bin")):
        with pytest.raises(NotSent):
            send(transport, JOB, never)
    assert not (tmp_path / "jobs.bin").exists()


def test_a_probe_prints_nothing(virtual_printer: VirtualPrinter, never: threading.Event) -> None:
    to(virtual_printer).open().close()
    send(to(virtual_printer), JOB, never)
    assert [receipt.data for receipt in virtual_printer.wait_for(1, 10)] == [JOB]


@pytest.mark.parametrize(
    ("address", "parsed"),
    [
        ("10.0.0.9:9100", ("10.0.0.9", 9100)),
        ("printer", ("printer", 9100)),
        ("[::1]:9101", ("::1", 9101)),
        ("[::1]", ("::1", 9100)),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, parsed: tuple[str, int]) -> None:
    assert parse_address(address) == parsed


@pytest.mark.parametrize("address", ["", ":9100", "host:", "host:x", "host:0", "host:65536", "host:９１００"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not host:port"):
        parse_address(address)


def test_a_file_collects_jobs_and_is_for_its_owner_only(tmp_path: Path, never: threading.Event) -> None:
    path = tmp_path / "jobs.bin"
    assert send(FileTransport(path), b"one", never) is True
    assert send(FileTransport(path), b"two", never) is True
    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_none_is_a_wrong_setting(tmp_path: Path, never: threading.Event) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path, Reason.MISCONFIG),
        (pipe, Reason.MISCONFIG),
        (Path("/dev/null"), Reason.MISCONFIG),
        (tmp_path / "missing" / "jobs.bin", Reason.NOT_FOUND),
    ):
        with pytest.raises(NotSent) as caught:
            send(FileTransport(path), JOB, never)
        assert caught.value.reason is reason, path


def test_r27_a_file_that_can_not_grow_is_left_as_it_was(tmp_path: Path, never: threading.Event) -> None:
    resource = pytest.importorskip("resource", reason="the size of files is limited where POSIX can")
    path = tmp_path / "jobs.bin"
    path.write_bytes(b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(NotSent) as caught:
            send(FileTransport(path), LONG_JOB, never)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.strerror(errno.EFBIG) in caught.value.detail
    assert path.read_bytes() == b"before"
