"""What the engine's tests stand on: a watcher of snapshots and the first two steps; real clocks, short waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.app import Counter
from kiosk.core.commands import LookUp, PayBills
from kiosk.core.policy import PaymentPolicy
from kiosk.snapshot import Face, Snapshot

POLICY = PaymentPolicy(
    pay_timeout_s=0.6, query_timeout_s=0.6, attended_scan_s=2.0, attended_show_s=6.0, show_first_s=0.2,
    negative_gap_s=0.3, notice_gaps_s=(0.1, 0.2), receipt_wait_s=0.2,
)  # fmt: skip


class Seen:
    """The newest snapshot, waited for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.latest: Snapshot | None = None

    def publish(self, snapshot: Snapshot) -> None:
        with self._changed:
            self.latest = snapshot
            self._changed.notify_all()

    def until(self, holds: Callable[[Snapshot], bool], timeout_s: float = 10.0) -> Snapshot:
        with self._changed:
            if not self._changed.wait_for(lambda: self.latest is not None and holds(self.latest), timeout_s):
                raise AssertionError(f"never seen; the last was {self.latest}")
            assert self.latest is not None
            return self.latest


def to_pay(counter: Counter, seen: Seen, customer_no: str) -> None:
    counter.engine.send(LookUp(customer_no))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    counter.engine.send(PayBills())
    seen.until(lambda now: now.face is Face.PAY)


def result(seen: Seen) -> Snapshot:
    return seen.until(lambda now: now.result is not None)
