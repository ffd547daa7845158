"""What a driver says, collected so that a test can wait for it; and drivers that are always stopped."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hardware.scanner.driver import ScannerConfig, ScannerDriver

PATIENCE_S = 10.0
REPOSITORY = Path(__file__).parents[2]


class Heard:
    """Listens to one driver. Waiting is for an event, with a time-out that only a failing test meets."""

    def __init__(self):
        self.scans, self.healths, self.gated = [], [], 0
        self._changed = threading.Condition()

    def scan(self, scan):
        with self._changed:
            self.scans.append(scan)
            self._changed.notify_all()

    def health(self, health):
        with self._changed:
            self.healths.append(health)
            self._changed.notify_all()

    def gate(self):
        with self._changed:
            self.gated += 1
            self._changed.notify_all()

    @property
    def texts(self):
        return [scan.text for scan in self.scans]

    @property
    def story(self):
        return [(health.state.value, health.reason.value) for health in self.healths]

    def until(self, predicate):
        with self._changed:
            assert self._changed.wait_for(lambda: predicate(self), PATIENCE_S), (self.story, self.scans, self.gated)

    def until_health(self, state, reason="none"):
        self.until(lambda heard: heard.story and heard.story[-1] == (state, reason))

    def until_texts(self, *texts):
        self.until(lambda heard: len(heard.texts) >= len(texts))
        assert self.texts == list(texts)


@pytest.fixture
def driving():
    """Start a driver on a port: `heard, driver = driving(port, suffix=...)`; stopped when the test ends.

    Unless a test says otherwise, a port is up as soon as it is open, so that it need not wait, and the gap that
    ends a code is long, so that a busy machine does not cut one.
    """
    started = []

    def drive(port, *, options=None, **settings):
        heard = Heard()
        options = {"on_gated": heard.gate, "settle_s": 0.0} | (options or {})
        config = ScannerConfig(port, **({"idle_s": 0.25} | settings))
        driver = ScannerDriver(config, heard.scan, heard.health, **options)
        started.append(driver)
        driver.start()
        return heard, driver

    yield drive
    for driver in started:
        driver.stop()


@pytest.fixture
def posix():
    if sys.platform == "win32":
        pytest.skip("this system has no pseudo-terminals")


@pytest.fixture
def scanner(posix, tmp_path):
    """A virtual scanner on a real pty."""
    from hardware.virtual.scanner import VirtualScanner

    with VirtualScanner(tmp_path) as virtual:
        yield virtual


@pytest.fixture
def as_nobody(posix):
    """Start a child that imports, gives up root's rights (root may open everything), and runs the rest.

    `as_nobody(imports, body, *arguments)` gives a process whose output is text; it is killed if still there.
    """
    children = []
    drop = "import os\nif os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"

    def start(imports, body, *arguments):
        command = [sys.executable, "-u", "-c", f"{imports}\n{drop}{body}", *arguments]
        child = subprocess.Popen(
            command, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()
