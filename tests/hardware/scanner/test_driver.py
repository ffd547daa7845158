"""The driver on a real pty (and on TCP), through the faults that scanners have; S numbers are the fault list's."""

import logging
import os
import threading
import time

import pytest
import serial

from hardware.health import Health, Reason, State
from hardware.ports.transport import TransportBusy, TransportGone
from hardware.scanner.driver import Counters, ScannerConfig, ScannerDriver, serial_transport
from hardware.scanner.framing import Suffix
from hardware.virtual.scanner import VirtualScanner

CODE, OTHER = "130000000000000001", "281234567890123456"
LOGGER = "hardware.scanner.driver"


@pytest.fixture(params=["pty", "tcp"])
def either(request, posix, tmp_path):
    """A virtual scanner on each kind of port."""
    with VirtualScanner(tmp_path, tcp=request.param == "tcp") as virtual:
        yield virtual


class ScriptedPort:
    """A port that does what a script says, one entry a call; used where a pty cannot be made to fail so."""

    def __init__(self, script):
        self.script, self.opened, self.closed, self.open_now = list(script), 0, 0, 0
        self.quiet = threading.Event()

    def open(self):
        self.opened += 1
        assert self.open_now == 0, "opened before the old handle was closed"
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        self.open_now = 1

    def read(self, max_bytes, timeout_s):
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        if step is None:  # nothing more: what a test adds is read a moment later
            self.quiet.wait(min(timeout_s, 0.02))
        return step or b""

    def write(self, data):
        raise AssertionError("nothing is ever sent to a scanner that is not known to take commands")

    def cancel(self):
        self.quiet.set()

    def close(self):
        self.closed += 1
        self.open_now = 0


def test_a_scan_in_fragments_arrives_whole_and_on_time(either, driving):
    heard, driver = driving(either.port)
    heard.until_health("up")
    either.scan(CODE)
    heard.until_texts(CODE)
    assert heard.scans[0].raw == CODE.encode()
    assert abs(time.monotonic() - heard.scans[0].at_s) < 60
    assert heard.story == [("connecting", "none"), ("up", "none")]
    assert driver.counters == Counters(scans=1, connections=1)


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n", b"\n\r", b"\t", b"\0", b"\x03", b""])
def test_s11_every_suffix_gives_the_same_single_scan(scanner, driving, suffix):
    heard, _ = driving(scanner.port)
    heard.until_health("up")
    scanner.scan(CODE, suffix=suffix)
    heard.until_texts(CODE)
    scanner.scan(OTHER, suffix=suffix)
    heard.until_texts(CODE, OTHER)


def test_s12_two_codes_in_one_read_are_two_scans(scanner, driving):
    heard, _ = driving(scanner.port)
    heard.until_health("up")
    scanner.noise(f"{CODE}\r\n{OTHER}\r\n".encode())
    heard.until_texts(CODE, OTHER)


def test_s1_a_scanner_absent_at_start_is_not_found_once_and_connects_when_it_appears(scanner, driving):
    scanner.unplug()
    heard, driver = driving(scanner.port)
    heard.until_health("down", "not_found")
    while driver.counters.failures < 3:
        time.sleep(0.02)
    scanner.plug()
    heard.until_health("up")
    assert heard.story == [("connecting", "none"), ("down", "not_found"), ("up", "none")]


def test_s2_unplugged_in_idle_is_gone_and_burns_no_processor(either, driving):
    heard, driver = driving(either.port)
    heard.until_health("up")
    either.unplug()
    heard.until_health("down", "gone")
    began_s, used_s = time.monotonic(), time.process_time()
    failures = driver.counters.failures
    while time.monotonic() - began_s < 0.7:
        time.sleep(0.05)
    assert driver.counters.failures - failures <= 4
    assert time.process_time() - used_s < 0.35
    assert heard.story[-1] == ("down", "gone")


def test_s3_unplug_in_mid_code_drops_the_partial(either, driving):
    heard, driver = driving(either.port, idle_s=5.0)
    heard.until_health("up")
    either.noise(b"13000000")
    while driver._run._reader.framing.pending_bytes < 8:
        time.sleep(0.005)
    either.unplug()
    heard.until_health("down", "gone")
    either.plug()
    heard.until_health("up")
    either.scan(OTHER)
    heard.until_texts(OTHER)
    assert driver.counters.partials == 1


def test_s4_replugged_under_another_name_the_link_is_followed_and_the_first_scan_is_whole(scanner, driving):
    heard, driver = driving(scanner.port)
    heard.until_health("up")
    old = os.path.realpath(scanner.port)
    taken = []
    scanner.unplug()
    heard.until_health("down", "gone")
    try:
        taken.append(os.openpty())  # the old number is somebody else's now
        scanner.plug()
        assert os.path.realpath(scanner.port) != old
        heard.until_health("up")
        scanner.scan(CODE)
        heard.until_texts(CODE)
    finally:
        for end in taken[0]:
            os.close(end)
    assert driver.counters.connections == 2


def test_s5_a_port_that_is_busy_after_replugging_is_closed_first_and_tried_again(driving):
    busy = TransportBusy("Access is denied")
    port = ScriptedPort(
        [None, b"", b"ABC\r", TransportGone("unplugged"), busy, busy, busy, None, b"", b"DEF\r"]
    )
    heard, driver = driving("COM3", options={"connect": lambda config: port})
    heard.until_texts("ABC", "DEF")
    assert ("down", "busy") in heard.story
    assert heard.story[-1] == ("up", "none")
    assert (port.opened, port.closed) == (5, 4)
    assert driver.counters.failures == 4


CHILD = """
config = ScannerConfig(sys.argv[1])
driver = ScannerDriver(config, lambda scan: print("scan", scan.text), lambda health: print(health.reason.value))
driver.start()
sys.stdin.readline()
driver.stop()
"""
IMPORTS = "import sys; from hardware.scanner.driver import *; from hardware.ports.serial_port import SerialPort"


def test_s6_x8_a_port_without_rights_is_denied_and_comes_up_once_they_are_given(scanner, as_nobody, tmp_path):
    path = os.path.realpath(scanner.port)
    os.chmod(path, 0)
    child = as_nobody(IMPORTS, CHILD, path)
    assert [child.stdout.readline().strip() for _ in range(2)] == ["none", "denied"]
    os.chmod(path, 0o666)
    assert child.stdout.readline().strip() == "none"
    scanner.scan(CODE)
    assert child.stdout.readline().strip() == f"scan {CODE}"


def test_s7_a_port_held_by_another_program_is_busy_until_it_is_given_back(scanner, driving):
    holder = serial_transport(ScannerConfig(scanner.port))
    holder.open()
    try:
        heard, _ = driving(scanner.port)
        heard.until_health("down", "busy")
        scanner.noise(b"690123\r")
        assert holder.read(100, 5.0) == b"690123\r"
    finally:
        holder.close()
    heard.until_health("up")
    assert heard.scans == []


def test_s8_a_thief_who_takes_bytes_is_survived_and_whole_codes_are_read_again_after_him(scanner, driving):
    if os.geteuid() != 0:
        pytest.skip("only root is let into a port that is held")
    heard, driver = driving(scanner.port)
    heard.until_health("up")
    thief = os.open(scanner.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    stop = threading.Event()

    def steal():
        while not stop.is_set():
            try:
                os.read(thief, 3)
            except BlockingIOError:
                stop.wait(0.0005)

    stealing = threading.Thread(target=steal)
    stealing.start()
    try:
        for number in range(20):
            scanner.scan(f"13000000000000{number:04}")
    finally:
        stop.set()
        stealing.join()
        os.close(thief)
    # The theft may have made the driver reconnect, and what comes meanwhile is lost: a person scans again.
    for number in range(40):
        scanner.scan(f"\r{number:018}")
        time.sleep(0.05)
        if f"{number:018}" in heard.texts:
            break
    assert f"{number:018}" in heard.texts
    assert driver.health.usable


def test_s9_a_plain_file_is_misconfigured_and_tried_slowly(tmp_path, driving, posix):
    (tmp_path / "notes.txt").write_text("x")
    heard, driver = driving(str(tmp_path / "notes.txt"))
    heard.until_health("misconfigured", "misconfig")
    time.sleep(0.4)
    assert driver.counters.failures == 1


@pytest.mark.parametrize("foreign", [OSError(5, "EIO"), TypeError("closed"), serial.SerialException("gone")])
def test_s10_whatever_pyserial_throws_the_thread_survives(scanner, driving, monkeypatch, foreign):
    heard, _ = driving(scanner.port)
    heard.until_health("up")

    def fail(_):
        raise foreign

    with monkeypatch.context() as broken:
        broken.setattr(serial.Serial, "in_waiting", property(fail))
        scanner.noise(b"AB\r")
        heard.until_health("down", "gone")
    heard.until_health("up")
    scanner.scan(CODE)
    heard.until_texts(CODE)


@pytest.mark.expects_error_log(LOGGER)
def test_a_fault_of_our_own_is_told_and_survived_without_the_code_in_the_log(driving, caplog):
    port = ScriptedPort([None, RuntimeError(CODE), None, b"", b"ABC\r"])
    with caplog.at_level(logging.DEBUG, LOGGER):
        heard, _ = driving("COM3", options={"connect": lambda config: port})
        heard.until_texts("ABC")
    assert ("down", "internal") in heard.story
    assert CODE not in caplog.text


def test_s13_a_code_without_suffix_ends_by_the_gap(scanner, driving):
    heard, _ = driving(scanner.port, suffix=Suffix.NONE)
    heard.until_health("up")
    scanner.scan(CODE, suffix=b"", fragments=False)
    heard.until_texts(CODE)
    assert heard.scans[0].by_idle


def test_s15_plug_noise_is_counted_and_the_next_scan_is_whole(scanner, driving):
    heard, driver = driving(scanner.port)
    heard.until_health("up")
    scanner.noise(b"\x00\xff\xfe")
    while driver.counters.noise_bytes < 3:
        time.sleep(0.005)
    scanner.scan(CODE)
    heard.until_texts(CODE)
    assert heard.story[-1] == ("up", "none")


def test_s16_garbage_is_wrong_baud_and_three_good_codes_end_it(scanner, driving):
    heard, _ = driving(scanner.port)
    heard.until_health("up")
    scanner.noise(b"\x00\xfe\x00\xf0\xff" * 12 + b"\r")
    heard.until_health("misconfigured", "wrong_baud")
    assert heard.scans == []
    for number in range(3):
        scanner.scan(f"69012{number}")
    heard.until_health("up")


def test_s17_a_flood_is_one_overflow_and_the_next_code_is_read(scanner, driving):
    heard, driver = driving(scanner.port, idle_s=5.0)
    heard.until_health("up")
    scanner.noise(b"9" * 200_000)
    scanner.noise(b"\r")
    scanner.scan(CODE)
    heard.until_texts(CODE)
    assert driver.counters.overflows == 1


def test_s18_the_bounce_of_a_trigger_is_one_scan_and_s19_a_later_scan_is_a_second(driving):
    now = [100.0]
    port = ScriptedPort([None])
    heard, driver = driving("COM3", options={"connect": lambda config: port, "clock": lambda: now[0]})
    heard.until_health("up")
    port.script.append(b"690123\r")
    heard.until_texts("690123")
    now[0] = 100.12
    port.script.append(b"690123\r")
    while driver.counters.bounces < 1:
        time.sleep(0.005)
    now[0] = 105.2
    port.script.append(b"690123\r")
    heard.until_texts("690123", "690123")


def test_a_gated_scan_is_counted_and_answered_and_not_kept(scanner, driving):
    heard, driver = driving(scanner.port)
    heard.until_health("up")
    driver.accepting = False
    scanner.scan(CODE)
    heard.until(lambda heard: heard.gated == 1)
    driver.accepting = True
    scanner.scan(CODE)
    heard.until_texts(CODE)
    assert (driver.counters.gated, driver.counters.bounces) == (1, 0)


def test_s27_stop_while_reading_is_quick_and_twice_is_once(either, driving):
    heard, driver = driving(either.port)
    heard.until_health("up")
    began_s = time.monotonic()
    driver.stop()
    driver.stop()
    assert time.monotonic() - began_s < 1
    assert heard.story[-1] == ("off", "stopped")
    assert heard.story.count(("off", "stopped")) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "scanner"]


def test_s27_stop_while_gone_is_quick(scanner, driving):
    heard, driver = driving(scanner.port)
    scanner.unplug()
    heard.until(lambda heard: heard.story[-1][0] == "down")
    began_s = time.monotonic()
    driver.stop()
    assert time.monotonic() - began_s < 1
    assert driver.health == Health("scanner", State.OFF, Reason.STOPPED)


def test_s27_start_after_stop_reads_again(scanner, driving):
    heard, driver = driving(scanner.port)
    driver.start()
    heard.until_health("up")
    driver.stop()
    driver.start()
    heard.until_health("up")
    scanner.scan(CODE)
    heard.until_texts(CODE)
    assert heard.story.count(("connecting", "none")) == 2


def test_s27_stop_may_be_called_by_the_listener_itself(scanner, driving):
    holder = []
    heard, driver = driving(scanner.port)
    driver._on_scan = lambda scan: (holder[0].stop(), heard.scan(scan))
    holder.append(driver)
    heard.until_health("up")
    scanner.scan(CODE)
    heard.until_texts(CODE)
    assert heard.story[-1] == ("off", "stopped")


def test_s28_a_jump_of_the_wall_clock_changes_nothing(scanner, driving, monkeypatch):
    heard, driver = driving(scanner.port)
    heard.until_health("up")
    monkeypatch.setattr(time, "time", lambda: 86_400.0 * 365)
    scanner.noise(b"13000000")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    scanner.noise(b"0000000001\r")
    heard.until_texts(CODE)
    assert heard.story[-1] == ("up", "none")
    assert driver.counters.partials == 0


def test_s29_after_a_sleep_of_the_machine_nothing_from_before_it_is_delivered(either, driving):
    heard, driver = driving(either.port, idle_s=5.0)
    heard.until_health("up")
    either.scan(CODE)
    heard.until_texts(CODE)
    either.noise(b"2899999999")  # half a code, when the machine falls asleep and every USB device is taken away
    while driver._run._reader.framing.pending_bytes < 10:
        time.sleep(0.005)
    for _ in range(2):  # and comes back twice, as they do
        either.unplug()
        heard.until_health("down", "gone")
        either.plug()
        heard.until_health("up")
    either.scan(OTHER)
    heard.until_texts(CODE, OTHER)


def test_s32_a_flapping_hub_is_one_down_and_one_up_and_leaks_no_descriptor(scanner, driving):
    heard, driver = driving(scanner.port, options={"settle_s": 0.5})
    heard.until_health("up")
    before = len(os.listdir("/dev/fd"))
    for _ in range(20):
        scanner.unplug()
        time.sleep(0.02)
        scanner.plug()
        time.sleep(0.06)
    heard.until_health("up")
    assert heard.story == [("connecting", "none"), ("up", "none"), ("down", "gone"), ("up", "none")]
    assert driver.counters.connections > 3
    assert len(os.listdir("/dev/fd")) == before
    scanner.scan(CODE)
    heard.until_texts(CODE)


def test_a_port_is_up_only_when_it_has_stayed_open_or_given_a_code(scanner, driving):
    heard, _ = driving(scanner.port, options={"settle_s": 3600.0})
    while not heard.texts:
        scanner.scan(CODE)
        time.sleep(0.1)
    assert heard.story == [("connecting", "none"), ("up", "none")]
    assert set(heard.texts) == {CODE}


def test_s4_a_code_on_its_way_while_the_port_is_opened_is_not_taken_for_a_code(driving):
    port = ScriptedPort([None, b"00000", b"00001\r", b"", f"{CODE}\r".encode()])
    heard, driver = driving("COM3", options={"connect": lambda config: port})
    heard.until_texts(CODE)
    assert driver.counters.partials == 1


def test_a_line_that_is_never_quiet_is_read_all_the_same_and_found_noisy(driving):
    now = [0.0]

    def clock():
        now[0] += 0.01
        return now[0]

    port = ScriptedPort([None] + [b"\xff\x00"] * 200)
    heard, _ = driving("COM3", options={"connect": lambda config: port, "clock": clock})
    heard.until(lambda heard: ("misconfigured", "wrong_baud") in heard.story)


def test_no_port_is_off_and_not_configured(driving):
    heard, driver = driving("")
    assert heard.story == [("off", "not_configured")]
    driver.stop()


@pytest.mark.expects_error_log(LOGGER)
def test_a_listener_that_raises_is_counted_and_its_words_are_not_logged(scanner, caplog):
    done = threading.Event()
    seen = []

    def listen(scan):
        seen.append(scan)
        if len(seen) == 1:
            raise KeyError(scan.text)
        done.set()

    up = threading.Event()
    config = ScannerConfig(scanner.port, idle_s=0.25)
    driver = ScannerDriver(config, listen, lambda health: health.usable and up.set(), settle_s=0)
    with caplog.at_level(logging.DEBUG, LOGGER):
        driver.start()
        try:
            assert up.wait(10)
            scanner.scan(CODE)
            scanner.scan(OTHER)
            assert done.wait(10)
            assert driver.counters.listener_errors == 1
        finally:
            driver.stop()
    assert CODE not in caplog.text
    assert "KeyError" in caplog.text


def test_no_code_reaches_the_log(scanner, driving, caplog):
    with caplog.at_level(logging.DEBUG):
        heard, driver = driving(scanner.port)
        heard.until_health("up")
        scanner.scan(CODE)
        heard.until_texts(CODE)
        driver.stop()
    assert CODE not in caplog.text
    assert CODE[-6:] not in caplog.text
    assert "scanner up" in caplog.text
