"""The supervisor's PIN: what one may be, and how long a wrong one locks (proof.md Z21).

Rules
1. A try is counted durably before it is looked at; the count and when it was made outlive the process.
2. The waits are counted on the monotonic clock, which runs on from process to process until the machine is started
   again; then they begin anew. The wall clock has no say, so setting it gains nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

SHORTEST_PIN, LONGEST_PIN = 6, 12
#: The first wait after the free tries; each further wrong PIN doubles it, up to the longest.
FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 3600.0


class PinRecord(Protocol):
    """What is kept of a PIN."""

    @property
    def hash(self) -> str:
        """Argon2id's own text: parameters, salt, digest."""
        ...

    @property
    def failures(self) -> int:
        """Wrong tries since the last right one."""
        ...

    @property
    def failed_mono_s(self) -> float:
        """When the last of them was made."""
        ...


def pin_fault(pin: str) -> str:
    """What is wrong with a new PIN, as a code; empty: it will do."""
    if not (pin.isascii() and pin.isdigit()):
        return "digits"
    if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
        return "length"
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(pin)}
    return "simple" if steps <= {0} or steps <= {1} or steps <= {9} else ""


def wait_s(record: PinRecord, free_tries: int, now_mono_s: float) -> float:
    """How long no PIN is taken from now on; 0 where one may be tried."""
    beyond = record.failures - max(1, free_tries)
    if beyond < 0:
        return 0.0
    length_s = LONGEST_WAIT_S if beyond > 16 else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**beyond)
    # A smaller figure than the one kept: the machine was started again, and the wait with it.
    begun_s = record.failed_mono_s if record.failed_mono_s <= now_mono_s else 0.0
    return max(0.0, begun_s + length_s - now_mono_s)
