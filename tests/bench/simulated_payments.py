"""Simulated payments a second on one core, with faults; beside the bare commits and signed calls of as many payments.

Processor time, not the wall's, so that neighbours on the machine count less. The yardstick does what no simulation of
the real journal and the real client can leave out: each payment's commits, and each call's bytes built, signed, sealed,
read and verified. Run alone: `python tests/bench/simulated_payments.py [--json]`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kiosk.core.messages import Append, Call, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.replies import Counters, Replies
from kiosk.gateway.wire import Requests
from kiosk.journal import Journal
from kiosk.simulator.bank import says
from kiosk.simulator.distortion import sealed
from kiosk.simulator.places import Template, workshop
from kiosk.simulator.plan import plan
from kiosk.simulator.story import Story

STORIES = 400
BARE_PAYMENTS = 1000
COMMITS, CALLS = 3, 8
REACH = 1500


def simulated_a_second() -> float:
    """Payments of the first stories, by this process's own time."""
    payments = 0
    with workshop() as place:
        template = Template(place)
        Story(plan(STORIES), template, place / "story").run()  # whatever is made once is made
        began_s = time.process_time()
        for seed in range(STORIES):
            payments += Story(plan(seed), template, place / "story").run().payments
        return payments / (time.process_time() - began_s)


def bare_a_second() -> float:
    """The same for commits and signed calls alone."""
    endpoint, profile = Endpoint(url="https://gateway.example", acq_code="283499"), WireProfile()
    requests, replies = Requests(endpoint, profile), Replies(endpoint, profile, Counters())
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").exists() else None) as scratch:
        journal = Journal.open(Path(scratch) / "journal")
        began_s = time.process_time()
        for serial in range(BARE_PAYMENTS):
            for number in range(COMMITS):
                order = _order(f"K1ABCDEFGHIJ{COMMITS * serial + number:06d}")
                journal.append(order, [Append(EventKind.INTENT)], Instant(float(serial), serial))
            for _ in range(CALLS):
                requests.query(order.order_no)
                body = sealed(says("0000", order_no=order.order_no, status="USERPAYING"))
                replies.read(Call.QUERY, 200, "application/json; charset=utf-8", body)
        took_s = time.process_time() - began_s
        journal.close()
    return BARE_PAYMENTS / took_s


def _order(order_no: str) -> Order:
    return Order(
        order_no=order_no, customer_no=order_no, kind=Kind.PREPAYMENT, mode=Mode.SCAN, principal_fen=100,
        total_fen=100, created_ms=1,
    )  # fmt: skip


def rows() -> list[dict[str, object]]:
    ours, bare = simulated_a_second(), bare_a_second()
    return [{
        "what": "simulated payments a second a core, with faults (beside their bare commits and signed calls)",
        "ours": ours, "yardstick": bare, "ratio": ours / bare, "reach": f">= {REACH} a second", "holds": ours >= REACH,
    }]  # fmt: skip


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
