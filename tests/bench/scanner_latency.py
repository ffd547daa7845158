"""From a scanner's last byte to the program, what an idle driver costs, and how soon a plug is noticed; on a pty.

    python tests/bench/scanner_latency.py [--json]

Reach (hardware.md): scan p99 <= 1 ms, idle <= 1 %, unplug <= 1 s, replug <= 2 s.
"""

from __future__ import annotations

import json
import queue
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hardware.health import Health, State
from hardware.scanner.driver import ScannerConfig, ScannerDriver
from hardware.scanner.framing import Suffix
from hardware.virtual.scanner import VirtualScanner

SCANS = 500
IDLE_S = 5.0


def main() -> None:
    """Measure and print."""
    scans: queue.Queue[float] = queue.Queue()
    healths: queue.Queue[tuple[State, float]] = queue.Queue()

    def told(health: Health) -> None:
        healths.put((health.state, time.perf_counter()))

    with tempfile.TemporaryDirectory() as place, VirtualScanner(Path(place)) as scanner:
        driver = ScannerDriver(
            ScannerConfig(scanner.port, suffix=Suffix.CR), lambda scan: scans.put(time.perf_counter()), told
        )
        driver.start()
        _until(healths, State.UP)
        took_ms = []
        for number in range(SCANS):
            began = time.perf_counter()
            scanner.scan(f"13{number:016d}", fragments=False)
            took_ms.append((scans.get(timeout=5) - began) * 1000)
        before = time.process_time()
        time.sleep(IDLE_S)
        idle = (time.process_time() - before) / IDLE_S
        began = time.perf_counter()
        scanner.unplug()
        unplugged_s = _until(healths, State.DOWN) - began
        began = time.perf_counter()
        scanner.plug()
        scanner_is_back = False
        while not scanner_is_back:  # the first whole scan that arrives
            scanner.scan("139999999999999999", fragments=False)
            try:
                replugged_s = scans.get(timeout=0.35) - began
                scanner_is_back = True
            except queue.Empty:
                continue
        driver.stop()
    took_ms.sort()
    rows = [
        _row("scan to program, ms, p99", took_ms[int(SCANS * 0.99)], 1.0),
        _row("scan to program, ms, median", statistics.median(took_ms), 1.0),
        _row("idle scanner driver, share of a core", idle, 0.01),
        _row("unplugged to noticed, s", unplugged_s, 1.0),
        _row("plugged in to the first scan, s", replugged_s, 2.0),
    ]
    print(json.dumps(rows))
    raise SystemExit(0 if all(row["holds"] for row in rows) else 1)


def _row(what: str, ours: float, most: float) -> dict[str, object]:
    return {"what": what, "ours": round(ours, 4), "reach": f"<= {most:g}", "holds": ours <= most}


def _until(healths: queue.Queue[tuple[State, float]], state: State) -> float:
    while True:
        seen, at_s = healths.get(timeout=10)
        if seen is state:
            return at_s


if __name__ == "__main__":
    main()
