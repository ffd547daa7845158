"""How many commits a payment costs, and how long one takes: the real engine, journal and client, a real sandbox.

Commits are counted by SQLite's own hook on every connection of the process, from the moment of the scan (or of the QR's
wish) until the payment is credited; no printer is set, for printing adds its own. Two are the least possible: that
money may be taken, and that it was. Run alone: `python tests/bench/payment_commits.py [--json]`.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import apsw

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kiosk.app import Counter, open_counter
from kiosk.core.commands import LookUp, NextCustomer, PayPrepayment, Scanned, ShowQr
from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.gateway.profile import Endpoint
from kiosk.journal import Journal
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.customers import DEFAULT, Conduct, SandboxData
from kiosk.sandbox.run import SandboxServer
from kiosk.settings import CounterSettings, PrinterSettings, Settings
from kiosk.snapshot import Face, Snapshot

PAYMENTS = 5
COMMITS = 1000
WAIT_S = 20.0
LEAST = 2
CUSTOMER = "6100000104"
POLICY = PaymentPolicy(show_first_s=0.2, show_gap_s=0.1, scan_asks_s=(0.1, 0.2), receipt_wait_s=0.1)


class Commits:
    """Counts every commit of this process."""

    def __init__(self) -> None:
        self.count = 0
        apsw.connection_hooks.append(lambda connection: connection.set_commit_hook(self._one))

    def _one(self) -> bool:
        self.count += 1
        return False  # let it be


class Seen:
    """The newest snapshot, waited for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._latest: Snapshot | None = None

    def publish(self, snapshot: Snapshot) -> None:
        with self._changed:
            self._latest = snapshot
            self._changed.notify_all()

    def until(self, holds: Callable[[Snapshot], bool]) -> Snapshot:
        with self._changed:
            if not self._changed.wait_for(lambda: self._latest is not None and holds(self._latest), WAIT_S):
                raise SystemExit(f"the payment came to nothing: {self._latest}")
            assert self._latest is not None
            return self._latest


def settings(url: str, directory: Path) -> Settings:
    made = Settings(
        counter=CounterSettings(id="K1", branch="bench"),
        gateway=Endpoint(url=url, acq_code="283499"),
        traits=GatewayTraits(finds_by_our_number="true"),
        payment=POLICY,
        printer=PrinterSettings(kind="none"),
    )
    return made.with_data_directory(directory)


def commits_of(mode: Mode, own_numbers: bool, commits: Commits) -> int:
    """The commits of one payment, the most of several."""
    data = SandboxData(DEFAULT.customers, conduct=Conduct(own_numbers=own_numbers))
    with tempfile.TemporaryDirectory() as scratch, SandboxServer(data) as sandbox:
        seen = Seen()
        counter = open_counter(settings(sandbox.url, Path(scratch) / "data"), seen.publish)
        counter.start()
        try:
            return max(_one_payment(counter, seen, mode, serial, commits) for serial in range(PAYMENTS))
        finally:
            counter.close()


def _one_payment(counter: Counter, seen: Seen, mode: Mode, serial: int, commits: Commits) -> int:
    send = counter.engine.send
    send(LookUp(CUSTOMER))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    send(PayPrepayment(f"{serial + 1}.00"))
    seen.until(lambda now: now.face is Face.PAY)
    before = commits.count
    if mode is Mode.SCAN:
        send(Scanned(sample_code("0000", serial)))
    else:
        send(ShowQr())
        seen.until(lambda now: now.pay is not None and bool(now.pay.qr_text))
        shown = seen.until(lambda now: now.pay is not None and bool(now.pay.qr_text)).pay
        assert shown is not None
        urllib.request.urlopen(shown.qr_text, data=b"", timeout=WAIT_S).close()
    order_no = (seen.until(lambda now: now.face is Face.RESULT).result or sys.exit("no result")).reference
    end_s = time.monotonic() + WAIT_S
    while (order := counter.journal.order(order_no)) is None or order.state is not State.CREDITED:
        if time.monotonic() > end_s:
            raise SystemExit(f"{order_no} was not credited")
        time.sleep(0.01)
    spent = commits.count - before
    send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND)
    return spent


def commit_ms(directory: Path) -> float:
    """The median time of one append: an intent with its event, its order's row and its hash."""
    took = []
    with Journal.open(directory / "ours") as journal:
        for serial in range(COMMITS):
            order = Order(
                order_no=f"K1ABCDEFGHIJ{serial:06d}", customer_no=f"{serial:010d}", kind=Kind.PREPAYMENT,
                mode=Mode.SCAN, principal_fen=1, late_fee_fen=0, total_fen=1, created_ms=1,
            )  # fmt: skip
            began_s = time.perf_counter()
            journal.append(order, [Append(EventKind.INTENT)], Instant(float(serial), 1_795_399_200_000 + serial))
            took.append(time.perf_counter() - began_s)
    return statistics.median(took) * 1000


def bare_commit_ms(directory: Path) -> float:
    """The same disk and the same SQLite with one row of one column: what no journal can be faster than."""
    database = apsw.Connection(str(directory / "bare.db"))
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    database.execute("CREATE TABLE bare(text TEXT)")
    took = []
    for _ in range(COMMITS):
        began_s = time.perf_counter()
        database.execute("INSERT INTO bare VALUES (?)", ("x" * 400,))
        took.append(time.perf_counter() - began_s)
    database.close()
    return statistics.median(took) * 1000


def rows() -> list[dict[str, object]]:
    commits = Commits()
    told: list[dict[str, object]] = []
    for what, mode, own_numbers, most in (
        ("scan, the gateway takes over our number", Mode.SCAN, False, 3),
        ("scan, the gateway gives a number of its own", Mode.SCAN, True, 4),
        ("show", Mode.SHOW, True, 4),
    ):
        ours = commits_of(mode, own_numbers, commits)
        told.append({
            "what": f"commits of a payment: {what}", "ours": ours, "yardstick": LEAST, "ratio": ours / LEAST,
            "reach": f"<= {most}", "holds": ours <= most,
        })  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        bare_ms = bare_commit_ms(Path(scratch))
        ours_ms = commit_ms(Path(scratch))
    told.append({
        "what": "time of a commit, median, ms (beside a bare row on the same disk)", "ours": ours_ms,
        "yardstick": bare_ms, "ratio": ours_ms / bare_ms, "reach": None, "holds": None,
    })  # fmt: skip
    return told


def main() -> int:
    measured = rows()
    if "--json" in sys.argv[1:]:
        print(json.dumps(measured))
    else:
        for row in measured:
            print("  ".join(f"{key} {value}" for key, value in row.items() if value is not None))
    return 1 if any(row["holds"] is False for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
