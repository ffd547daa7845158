"""What all device drivers of a counter cost together while nothing happens: scanner, printer, pole, sound.

    python tests/bench/devices_idle.py [--json]

Reach (hardware.md): <= 1 % of a core. The virtual devices at the other ends run in a process of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hardware.display.pole import Model, Pole
from hardware.printer.driver import Printer, PrinterConfig
from hardware.scanner.driver import ScannerConfig, ScannerDriver
from hardware.sound.player import Player
from kiosk.drivers import PrinterWatch
from kiosk.lanes import Lanes

ROOT = Path(__file__).resolve().parents[2]
IDLE_S = 15.0
#: The other ends: a pty scanner, a pty pole, a printer's port; names go out, and an end of input ends it.
OTHER_END = """
import sys, tempfile
from pathlib import Path
from hardware.display.pole import Model
from hardware.virtual.pole import VirtualPole
from hardware.virtual.printer import VirtualPrinter
from hardware.virtual.scanner import VirtualScanner
place = Path(tempfile.mkdtemp())
with VirtualScanner(place) as scanner, VirtualPole(place, Model.CD5220) as pole, \
        VirtualPrinter(place / "paper", Path("assets/fonts/NotoSansSC-Regular.ttf")) as printer:
    print(scanner.port, pole.port, printer.address, flush=True)
    sys.stdin.read()
"""


def main() -> None:
    """Measure and print."""
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_END], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    scanner_port, pole_port, printer_address = other.stdout.readline().split()
    lanes = Lanes(lambda done: None)
    printer = Printer(PrinterConfig("network", printer_address, 58))
    scanner = ScannerDriver(ScannerConfig(scanner_port), lambda scan: None, lambda health: None)
    pole, sound = Pole(Model.CD5220, pole_port), Player(ROOT / "assets" / "sounds")
    watch = PrinterWatch(printer, lanes.submit)
    drivers = (scanner, pole, sound, watch)
    for driver in drivers:
        driver.start()
    time.sleep(2.0)
    before = time.process_time()
    time.sleep(IDLE_S)
    idle = (time.process_time() - before) / IDLE_S
    for driver in drivers:
        driver.stop()
    lanes.stop()
    other.communicate(timeout=10)
    what = "all device drivers idle, share of a core"
    print(json.dumps([{"what": what, "ours": round(idle, 5), "reach": "<= 0.01", "holds": idle <= 0.01}]))
    raise SystemExit(0 if idle <= 0.01 else 1)


if __name__ == "__main__":
    main()
