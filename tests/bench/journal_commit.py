"""What a commit of the journal costs, and a start: the real journal beside the bare SQLite under it.

Prints, for a scan's three commits: microseconds a commit on the disk of the temporary directory and, where there is
one, in memory (the program's own share, for nothing waits for a disk there); the same for a bare transaction that
writes as many bytes in one row; the share of the program's own lines; and, with 500 open orders, what opening and
reading them takes. Run alone: `python -m tests.bench.journal_commit [--json]`.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.journal import Journal
from kiosk.simulator.disk import SimulatedDisk

PAYMENTS = 400
OPEN_ORDERS = 500
ROUNDS = 5
AT_MS = 1_795_399_200_000
NOTICE = b'{"usr_id": "6100000101", "order_no": "K1ABCDEFGHJK0001", "ow_amt": "123.45", "dflt_pny": "0.55"}' * 3


def _order(number: int) -> Order:
    return Order(
        order_no=f"K1ABCDEFGHJK{number:06d}", customer_no=f"61{number:08d}", kind=Kind.ARREARS, mode=Mode.SCAN,
        principal_fen=12_345, late_fee_fen=55, total_fen=12_400, cost_id=f"26{number:08d}", period="202610",
        created_ms=AT_MS, known_ids=(f"26{number:08d}",), name_masked="张*", cashier="1",
    )  # fmt: skip


def _pay(journal: Journal, number: int) -> None:
    at = Instant(float(number), AT_MS + number)
    order = journal.append(_order(number), [Append(EventKind.INTENT)], at)
    paid = replace(order, state=State.PAID, paid_ms=at.wall_ms, success_seen=True)
    paid = journal.append(paid, [Append(EventKind.PAID, (("status", "SUCCESS"),))], at, NOTICE)
    journal.append(replace(paid, state=State.CREDITED, credited_ms=at.wall_ms), [Append(EventKind.CREDITED)], at)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def commit_us(place: Path, **options: Any) -> float:
    """The median of :data:`ROUNDS` means."""
    rounds = []
    with Journal.open(place / "data", **options) as journal:
        for turn in range(ROUNDS):
            numbers = range(turn * PAYMENTS, (turn + 1) * PAYMENTS)
            rounds.append(_timed(lambda numbers=numbers: [_pay(journal, number) for number in numbers]))
    return statistics.median(rounds) / PAYMENTS / 3 * 1e6


def bare_us(place: Path) -> float:
    """A transaction with one row of a page's size, the least that SQLite can do as safely."""
    connection = apsw.Connection(str(place / "bare.db"))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", 2)
    connection.execute("CREATE TABLE t(a)")
    rounds = [
        _timed(lambda: [connection.execute("INSERT INTO t VALUES (zeroblob(1000))") for _ in range(PAYMENTS)])
        for _ in range(ROUNDS)
    ]
    connection.close()
    return statistics.median(rounds) / PAYMENTS * 1e6


def start_ms(place: Path) -> dict[str, float]:
    """Opening a journal of many orders of which :data:`OPEN_ORDERS` are open, and reading those."""
    with Journal.open(place / "data") as journal:
        for number in range(10**6, 10**6 + OPEN_ORDERS):
            journal.append(_order(number), [Append(EventKind.INTENT)], Instant(0.0, AT_MS))
    opened, read = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with Journal.open(place / "data") as journal:
            opened.append(time.perf_counter() - begun)
            read.append(_timed(journal.open_orders))
    return {"open": statistics.median(opened) * 1e3, "open_orders": statistics.median(read) * 1e3}


def measured() -> dict[str, float]:
    """Every figure, by name."""
    found: dict[str, float] = {}
    memory = Path("/dev/shm")
    for name, parent in (("disk", None), ("memory", memory if memory.exists() else None)):
        if name == "memory" and parent is None:
            continue
        with tempfile.TemporaryDirectory(dir=parent) as made:
            place = Path(made)
            found[f"{name}_commit_us"] = commit_us(place)
            found[f"{name}_bare_us"] = bare_us(place)
            if name == "memory":
                found |= {f"start_{key}_ms": value for key, value in start_ms(place).items()}
        with tempfile.TemporaryDirectory(dir=parent) as made:
            disk = SimulatedDisk(f"bench {name}")
            found[f"{name}_simulated_commit_us"] = commit_us(Path(made), vfs=disk.name, open_copy=disk.open_copy)
            disk.unregister()
    return found


def main() -> int:
    """Measure and print."""
    found = measured()
    if "--json" in sys.argv:
        print(json.dumps(found))
        return 0
    for name, value in found.items():
        print(f"{name:28} {value:9.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
