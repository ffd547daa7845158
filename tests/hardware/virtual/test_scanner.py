"""The virtual scanner as the world sees it: a port, bytes in pieces, a cable to pull."""

import os
import random
import select
import sys
import threading

import pytest

from hardware.scanner.driver import ScannerConfig, ScannerDriver
from hardware.virtual.scanner import LINK_NAME, NotPlugged, VirtualScanner


@pytest.fixture(params=["pty", "tcp"])
def tcp(request):
    if request.param == "pty" and sys.platform == "win32":
        pytest.skip("this system has no pseudo-terminals")
    return request.param == "tcp"


@pytest.fixture
def link(tmp_path):
    if sys.platform == "win32":
        pytest.skip("this system has no pseudo-terminals")
    return tmp_path / LINK_NAME


def read_through_driver(scanner, act):
    """What a real driver hears of `act`, which gives the number of scans to wait for."""
    texts, up, heard = [], threading.Event(), threading.Semaphore(0)
    driver = ScannerDriver(
        ScannerConfig(scanner.port, idle_s=0.25),
        lambda scan: (texts.append(scan.text), heard.release()),
        lambda health: health.usable and up.set(),
        settle_s=0,
    )
    driver.start()
    try:
        assert up.wait(10)
        for _ in range(act()):
            assert heard.acquire(timeout=10)
    finally:
        driver.stop()
    return texts


def test_what_is_scanned_is_what_the_driver_reads(tmp_path, tcp):
    codes = [f"13000000000000{number:04}" for number in range(30)] + ["户号 330100"]
    with VirtualScanner(tmp_path, tcp=tcp, sleep=lambda _: None) as scanner:

        def scan_all():
            for code in codes:
                scanner.scan(code)
            return len(codes)

        assert read_through_driver(scanner, scan_all) == codes


def pauses_of(tmp_path, seed, **options):
    pauses = []
    with VirtualScanner(tmp_path, seed=seed, sleep=pauses.append) as scanner:
        scanner.scan("130000000000000001", **options)
    return pauses


def test_a_code_comes_in_pieces_that_the_seed_decides(tmp_path):
    pauses = pauses_of(tmp_path, 3)
    assert 3 <= len(pauses) <= 19
    assert all(0 <= pause_s < 0.06 for pause_s in pauses)
    assert pauses == pauses_of(tmp_path, 3)
    assert pauses != pauses_of(tmp_path, 4)


def test_a_code_comes_in_one_piece_if_asked(tmp_path):
    assert pauses_of(tmp_path, 3, fragments=False) == []


def test_the_port_keeps_its_name_over_replugging(tmp_path, tcp):
    with VirtualScanner(tmp_path, tcp=tcp) as scanner:
        port = scanner.port
        for _ in range(3):
            scanner.unplug()
            assert not scanner.plugged
            scanner.plug()
            assert scanner.port == port


def test_nothing_can_be_scanned_when_it_is_unplugged(tmp_path, tcp):
    with VirtualScanner(tmp_path, tcp=tcp) as scanner:
        scanner.unplug()
        scanner.unplug()
        with pytest.raises(NotPlugged):
            scanner.scan("690123")
        with pytest.raises(NotPlugged):
            scanner.noise(b"\xff")


def test_the_link_is_there_while_it_is_plugged_and_gone_after(link):
    with VirtualScanner(link.parent) as scanner:
        assert scanner.port == str(link)
        assert os.path.realpath(link).startswith("/dev/")
        scanner.unplug()
        assert not link.is_symlink()
        scanner.plug()
    assert list(link.parent.iterdir()) == []


def test_a_link_that_a_crash_left_behind_is_replaced(link):
    link.symlink_to("/dev/pts/gone")
    with VirtualScanner(link.parent):
        assert os.path.exists(link)


def test_bytes_pass_unchanged_before_anybody_has_set_the_terminal_up(link):
    sent = bytes(range(256))
    with VirtualScanner(link.parent) as scanner:
        far = os.open(scanner.port, os.O_RDWR | os.O_NOCTTY)
        try:
            scanner.noise(sent)
            got = b""
            while len(got) < len(sent) and select.select([far], [], [], 5)[0]:
                got += os.read(far, 300)
        finally:
            os.close(far)
    assert got == sent


def test_a_port_that_nobody_reads_does_not_block_for_ever(link, monkeypatch):
    monkeypatch.setattr("hardware.virtual.scanner._WRITE_TIMEOUT_S", 0.05)
    with VirtualScanner(link.parent) as scanner, pytest.raises(NotPlugged, match="nobody reads"):
        scanner.noise(random.Random(1).randbytes(200_000))


def test_on_tcp_a_scan_that_nobody_hears_is_lost(tmp_path):
    with VirtualScanner(tmp_path, tcp=True) as scanner:
        scanner.scan("111111")

        def scan_again():
            scanner.scan("222222")
            return 1

        assert read_through_driver(scanner, scan_again) == ["222222"]
        scanner.scan("333333")
        scanner.scan("444444")
        assert read_through_driver(scanner, scan_again) == ["222222"]


def test_it_leaves_no_descriptor_behind(tmp_path, tcp):
    if not os.path.isdir("/dev/fd"):
        pytest.skip("this system does not list its descriptors")
    before = len(os.listdir("/dev/fd"))
    for _ in range(10):
        with VirtualScanner(tmp_path, tcp=tcp) as scanner:
            scanner.unplug()
            scanner.plug()
    assert len(os.listdir("/dev/fd")) == before
