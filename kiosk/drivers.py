"""The counter's device drivers: made from the settings, and as the engine asks after them (``devices.DevicesPort``).

Rules
1. Nothing here waits: a driver's health is what it last knew, and trying a device only begins.
2. A device that the settings do not name has no driver and no row in :meth:`Drivers.healths`.
3. A printer is looked at while nothing is printed, so that an empty roll is told before a customer stands there;
   one look at a time, on the printer's own lane.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from hardware.display.pole import Model, Pole
from hardware.health import Health, State
from hardware.ports.transport import Transport
from hardware.printer.driver import Printer, PrinterConfig
from hardware.scanner.brands import Brand
from hardware.scanner.config import ScannerConfig
from hardware.scanner.driver import ScannerDriver
from hardware.scanner.framing import Suffix
from hardware.scanner.prefix import Identifier
from hardware.scanner.reader import Scan
from hardware.sound.player import Player
from kiosk.diagnostics import diagnostics
from kiosk.errors import MachineError
from kiosk.paths import assets
from kiosk.ports import Job, Lane
from kiosk.settings import Settings

#: The silence that ends a code of a scanner that types: its keys come 10 ms apart, and later on a busy machine.
KEYBOARD_IDLE_S = 0.15
#: How often an idle printer is looked at.
PRINTER_LOOK_S = 5.0


class PrinterWatch:
    """Looks at the printer now and then, where it tells its state; else once, at the start."""

    def __init__(self, printer: Printer, submit: Callable[[Job], None], every_s: float = PRINTER_LOOK_S) -> None:
        self._printer, self._submit, self._every_s = printer, submit, every_s
        self._stopped, self._seen = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="printer-watch", daemon=True)

    def start(self) -> None:
        """Begin, with a look at once."""
        self._thread.start()

    def stop(self) -> None:
        """No further look; one that is going on is not waited for."""
        self._stopped.set()
        self._seen.set()

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self._seen.clear()
            self._submit(Job(Lane.PRINTER, ("probe",), self._look))
            self._seen.wait()
            if not self._printer.tells_its_state:
                return
            self._stopped.wait(self._every_s)

    def _look(self) -> None:
        try:
            if not self._stopped.is_set():
                self._printer.probe()
        finally:
            self._seen.set()


class Drivers:
    """The drivers of one counter; whoever wires it fills them in before the engine starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._began_s = settings, time.monotonic()
        self.scanner: ScannerDriver | None = None
        self.printer: Printer | None = None
        self.pole: Pole | None = None
        self.sound: Player | None = None
        #: How the customer's window is, as the windows told last; None: nobody told yet.
        self.display: Health | None = None

    def places(self) -> dict[str, str]:
        """Kind and address of each device in one line; empty where there is none."""
        scanner, printer, display = self._settings.scanner, self._settings.printer, self._settings.display
        there = {
            "scanner": (scanner.kind, scanner.port),
            "printer": (printer.kind, printer.address),
            "display": ("", display.screen),
            "pole": (display.pole, display.pole_port),
        }
        return {
            device: " ".join(part for part in words if part and words[0] != "none") for device, words in there.items()
        }

    def healths(self) -> Iterator[Health]:
        """How every device is now, with its counts."""
        if self._settings.scanner.kind == "keyboard":
            yield Health("scanner", State.UP, detail="keyboard", since_s=self._began_s)
        for driver in (self.scanner, self.printer, self.pole, self.sound):
            if driver is not None:
                yield driver.health
        if self.display is not None:
            yield self.display

    def start_beside(self) -> None:
        """Open the pole and the sound."""
        for driver in (self.pole, self.sound):
            if driver is not None:
                driver.start()

    def stop_beside(self) -> None:
        """Give both back."""
        for driver in (self.pole, self.sound):
            if driver is not None:
                driver.stop()

    def try_out(self, device: str) -> None:
        """Begin to show or play something harmless."""
        if device == "pole" and self.pole is not None:
            self.pole.test()
        if device == "sound" and self.sound is not None:
            self.sound.test()

    def diagnostics(self) -> str:
        """The machine, the versions and the settings in words, without a secret."""
        return diagnostics(self._settings, self.places())


def make_printer(settings: Settings, told: Callable[[Health], None]) -> Printer | None:
    """The printer that the settings name; None for none. Raises :class:`MachineError` for one that cannot be here."""
    if settings.printer.kind == "none":
        return None
    config = PrinterConfig(
        kind=settings.printer.kind,
        address=settings.printer.address,
        width_mm=settings.printer.width,
        profile=settings.printer.profile,
        font_path=assets() / "fonts" / "NotoSansSC-Regular.ttf",
        baud=settings.printer.baud,
        flow=settings.printer.flow,
        drawer=settings.printer.drawer,
    )
    try:
        return Printer(config, told)
    except OSError as error:  # a print queue of Windows, elsewhere
        raise MachineError("error.printer_kind", kind=config.kind, detail=str(error)) from error


def make_pole(settings: Settings, told: Callable[[Health], None]) -> Pole | None:
    """The pole display that the settings name; None for none."""
    wanted = settings.display
    if wanted.pole == "none":
        return None
    return Pole(Model(wanted.pole), wanted.pole_port, told, baud=wanted.pole_baud)


def make_sound(settings: Settings, told: Callable[[Health], None]) -> Player | None:
    """The player of sounds, unless the settings say no."""
    return Player(assets() / "sounds", told) if settings.sound.enabled else None


def make_scanner(
    settings: Settings, on_scan: Callable[[Scan], None], told: Callable[[Health], None]
) -> ScannerDriver:
    """The driver of the scanner that the settings name."""
    wanted = settings.scanner
    config = ScannerConfig(
        port=wanted.port,
        baud=wanted.baud,
        suffix=Suffix(wanted.suffix),
        ssi=wanted.protocol == "ssi",
        identifier=Identifier(wanted.identifier),
        prefix=wanted.prefix,
        brand=Brand(wanted.brand),
    )
    if wanted.kind == "evdev":
        return ScannerDriver(replace(config, idle_s=KEYBOARD_IDLE_S), on_scan, told, connect=_event_device)
    return ScannerDriver(config, on_scan, told)


def _event_device(config: ScannerConfig) -> Transport:
    from hardware.scanner.evdev import EvdevPort  # Linux's alone

    return EvdevPort(config.port)
