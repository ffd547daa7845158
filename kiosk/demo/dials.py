"""The demo's dials: what goes wrong with devices at a counter, for a trainer to turn while payments go on.

1. A dial has two sides, each with its words; turning it back makes all well.
2. What a dial does is what happens to a real device: a plug is pulled, paper ends, a cover is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.demo.world import World

#: Bytes a second of the slow printer: a serial line of 9600 baud.
SLOW_BYTES_PER_S = 960


@dataclass(frozen=True, slots=True)
class Dial:
    """One dial: the sentence of what turning it does, that of turning it back, and both. ``in_window``: it has to be
    turned on the windows' own thread."""

    off: str
    on: str
    turn: Callable[[bool], None]
    in_window: bool = False


def dials(world: World, pretend_gone: Callable[[bool], None]) -> list[Dial]:
    """Every dial of a demo; ``pretend_gone`` takes the second screen away, or brings it back."""
    printer, scanner, pole = world.printer, world.scanner, world.pole
    made = [
        Dial("dial.unplug_scanner", "dial.plug_scanner", _either(scanner.unplug, scanner.plug)),
        Dial("dial.paper_out", "dial.load_paper", _either(printer.paper_out, printer.load_paper)),
        Dial("dial.open_cover", "dial.close_cover", _either(printer.open_cover, printer.close_cover)),
        Dial("dial.slow_printer", "dial.fast_printer",
             _either(lambda: printer.set_slow(SLOW_BYTES_PER_S), lambda: printer.set_slow(None))),
        Dial("dial.mute_printer", "dial.speaking_printer",
             _either(lambda: printer.mute_status(True), lambda: printer.mute_status(False))),
        Dial("dial.printer_off", "dial.printer_on", _either(printer.power_off, printer.power_on)),
        Dial("dial.screen_gone", "dial.screen_back", pretend_gone, in_window=True),
    ]  # fmt: skip
    if pole is not None:
        made.append(Dial("dial.unplug_pole", "dial.plug_pole", _either(pole.unplug, pole.plug)))
    return made


def _either(on: Callable[[], None], off: Callable[[], None]) -> Callable[[bool], None]:
    return lambda turned: on() if turned else off()
