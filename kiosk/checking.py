"""What ``kiosk check`` looks at: each device as its driver finds it, the gateway, the place of the data. A line each.

Rules
1. Devices are opened by the very drivers that the counter uses, and told in the very words of the page *Devices*.
2. Nothing is printed, charged or shown; every look has a limit, and what was opened is closed.
3. A counter that runs at the same time has the scanner's port: that is told as what it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hardware.health import Health, Reason, State
from hardware.scanner.ids import proposals
from kiosk.core.receipt import CLOCK_SET_MS
from kiosk.core.sentence import Level, Sentence
from kiosk.drivers import make_pole, make_printer, make_scanner, make_sound
from kiosk.errors import KioskError, SettingsError
from kiosk.gateway.client import Gateway
from kiosk.pages.devices import advice_of, level_of
from kiosk.settings import Settings

#: How long a device may take to be found and to settle.
PATIENCE_S = 3.0
#: ModemManager talks to every new serial port as to a modem; brltty takes the chips that scanners have, too.
THIEVES = frozenset({"ModemManager", "brltty"})
#: Less room than this on the disk is trouble: a year of a busy counter takes a tenth.
LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, what that means and what to do; ``detail`` for whoever repairs it."""

    name: str
    level: Level
    what: Sentence
    detail: str = ""
    counters: tuple[tuple[str, int], ...] = ()


#: Tells how the customer's screen is: whether it would be shown, why not (a word of ``Reason``), and in words.
LookAtScreens = Callable[[str], tuple[bool, str, str]]


def findings(load: Callable[[], Settings], look_at_screens: LookAtScreens | None) -> Iterator[Finding]:
    """Everything, in order. ``load`` reads the settings and may raise :class:`SettingsError`."""
    try:
        settings = load()
    except SettingsError as error:
        for wrong in error.sentences:
            yield Finding("settings", Level.BAD, wrong)
        yield from _ports()
        return
    yield Finding("settings", Level.GOOD, Sentence.of("check.settings_good"), settings.file)
    yield from _machine()
    yield _data(settings)
    yield _gateway(settings)
    yield from _devices(settings, look_at_screens)


def _machine(now_ms: int | None = None, processes: Path = Path("/proc")) -> Iterator[Finding]:
    """The clock, and programs that take scanners away: they probe every new port, or claim its chip."""
    wall_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    if wall_ms < CLOCK_SET_MS:
        yield Finding("clock", Level.BAD, Sentence.of("check.clock_wrong"))
    for name in sorted(THIEVES & set(_running(processes))):
        yield Finding("programs", Level.WARN, Sentence.of("check.port_thief", program=name))


def _running(processes: Path) -> Iterator[str]:
    for name in processes.glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            yield name.read_text(encoding="utf-8", errors="replace").strip()


def _data(settings: Settings) -> Finding:
    place = settings.data_directory
    there = place
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding("data", Level.BAD, Sentence.of("check.data_rights"), str(place))
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE_BYTES:
        return Finding("data", Level.BAD, Sentence.of("check.data_full", free=free // 2**20), str(place))
    return Finding("data", Level.GOOD, Sentence.of("check.data_good", free=free // 2**20), str(place))


def _gateway(settings: Settings) -> Finding:
    gateway = Gateway(settings.gateway, settings.profile, settings.payment)
    try:
        reached = gateway.open_connection()
    finally:
        gateway.close()
    level = Level.GOOD if reached else Level.BAD
    code = "check.gateway_good" if reached else "check.gateway_bad"
    return Finding("gateway", level, Sentence.of(code), settings.gateway.url)


def _devices(settings: Settings, look_at_screens: LookAtScreens | None) -> Iterator[Finding]:
    yield _of(_scanner(settings))
    if settings.scanner.kind == "none":
        yield from _ports()
    yield _printer(settings)
    yield _display(settings, look_at_screens)
    yield _of(_pole(settings))
    yield _of(_sound(settings))


def _of(health: Health) -> Finding:
    level = level_of(health)
    what = advice_of(health) or Sentence.of(f"health.{health.device}.{level}")
    return Finding(health.device, level, what, health.detail, health.counters)


def _off(device: str) -> Health:
    return Health(device, State.OFF, Reason.NOT_CONFIGURED)


class _Settled:
    """Waits until a driver has said something that is no passing state."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def told(self, health: Health) -> None:
        if health.state not in (State.CONNECTING, State.OFF):
            self._event.set()

    def wait(self) -> None:
        self._event.wait(PATIENCE_S)


def _scanner(settings: Settings) -> Health:
    if settings.scanner.kind == "none":
        return _off("scanner")
    if settings.scanner.kind == "keyboard":
        return Health("scanner", State.UP, detail="keyboard")
    settled = _Settled()
    driver = make_scanner(settings, lambda scan: None, settled.told)
    driver.start()
    settled.wait()
    health = driver.health
    driver.stop()
    return health


def _ports() -> Iterator[Finding]:
    """Scanners that nobody set up yet, by the names to write into the settings."""
    from serial.tools import list_ports

    for found in proposals(list_ports.comports()):
        code = "check.scanner_seen" if found.is_scanner else "check.port_seen"
        yield Finding("ports", Level.WARN, Sentence.of(code, maker=found.maker), found.name)


def _printer(settings: Settings) -> Finding:
    try:
        printer = make_printer(settings, lambda health: None)
    except KioskError as error:
        return Finding("printer", Level.BAD, error.sentences[0])
    return _of(printer.probe() if printer is not None else _off("printer"))


def _display(settings: Settings, look_at_screens: LookAtScreens | None) -> Finding:
    if look_at_screens is None:
        return Finding("display", Level.OFF, Sentence.of("check.no_display"))
    shown, why, words = look_at_screens(settings.display.screen)
    reason = Reason(why)
    off = reason is Reason.NOT_CONFIGURED
    state = State.UP if shown else State.OFF if off else State.DOWN
    return _of(Health("display", state, reason, words))


def _pole(settings: Settings) -> Health:
    settled = _Settled()
    pole = make_pole(settings, settled.told)
    if pole is None:
        return _off("pole")
    pole.start()
    settled.wait()
    health = pole.health
    pole.stop()
    return health


def _sound(settings: Settings) -> Health:
    player = make_sound(settings, lambda health: None)
    if player is None:
        return _off("sound")
    player.start()
    health = player.health
    player.stop()
    return health
