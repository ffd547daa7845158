"""The counter's device drivers as the engine asks after them (``devices.DevicesPort``).

Rules
1. Nothing here waits: a driver's health is what it last knew, and trying a device only begins.
2. A device that the settings do not name has no driver and no row in :meth:`Drivers.healths`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hardware.health import Health
from kiosk.diagnostics import diagnostics
from kiosk.settings import Settings

if TYPE_CHECKING:
    from hardware.printer.driver import Printer
    from hardware.scanner.driver import ScannerDriver


class Drivers:
    """The drivers of one counter; whoever wires it fills them in before the engine starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.scanner: ScannerDriver | None = None
        self.printer: Printer | None = None
        #: How the customer's window is, as the windows told last; None: nobody told yet.
        self.display: Health | None = None

    def places(self) -> dict[str, str]:
        """Kind and address of each device in one line; empty where there is none."""
        scanner, printer, display = self._settings.scanner, self._settings.printer, self._settings.display
        there = {
            "scanner": (scanner.kind, scanner.port),
            "printer": (printer.kind, printer.address),
            "display": ("", display.screen),
        }
        return {
            device: " ".join(part for part in words if part and words[0] != "none") for device, words in there.items()
        }

    def healths(self) -> Iterator[Health]:
        """How every device is now, with its counts."""
        if self.scanner is not None:
            yield self.scanner.health
        if self.printer is not None:
            yield self.printer.health
        if self.display is not None:
            yield self.display

    def try_out(self, device: str) -> None:
        """Begin to show or play something harmless."""

    def diagnostics(self) -> str:
        """The machine, the versions and the settings in words, without a secret."""
        return diagnostics(self._settings, self.places())
