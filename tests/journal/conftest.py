"""A journal on a real disk, and orders to put into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.journal import Journal

#: 2026-11-23 10:00 in China.
MORNING_MS = 1_795_399_200_000


class Till:
    """Writes orders as the machine would, a second apart, with numbers of its own."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.at = Instant(100.0, MORNING_MS)
        self.made = 0

    def later(self, seconds: float = 1.0) -> Instant:
        self.at = Instant(self.at.mono_s + seconds, self.at.wall_ms + round(seconds * 1000))
        return self.at

    def fresh(self, **fields: Any) -> Order:
        """An order not yet journalled: an arrears of customer 1001 unless ``fields`` say otherwise."""
        self.made += 1
        known: dict[str, Any] = {
            "order_no": f"7AB3KQ9XW2M{self.made:05d}",
            "customer_no": "1001",
            "kind": Kind.ARREARS,
            "mode": Mode.SCAN,
            "principal_fen": 12_345,
            "late_fee_fen": 55,
            "total_fen": 12_400,
            "cost_id": "B1",
            "period": "202610",
            "created_ms": self.at.wall_ms,
        }
        return Order(**(known | fields))

    def intent(self, *facts: tuple[str, str], **fields: Any) -> Order:
        return self.journal.append(self.fresh(**fields), [Append(EventKind.INTENT, facts)], self.later())

    def to(self, order: Order, state: State, **changes: Any) -> Order:
        at = self.later()
        stamps: dict[str, Any] = {State.PAID: {"paid_ms": at.wall_ms}, State.CREDITED: {"credited_ms": at.wall_ms}}
        moved = replace(order, state=state, **(stamps.get(state, {}) | changes))
        notice = f"notice of {order.order_no}".encode() if state is State.PAID else None
        return self.journal.append(moved, [Append(EventKind(state.value), (("reason", "test"),))], at, notice)

    def paid(self, **fields: Any) -> Order:
        return self.to(self.intent(**fields), State.PAID)

    def credited(self, **fields: Any) -> Order:
        return self.to(self.paid(**fields), State.CREDITED)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def journal(directory: Path) -> Iterator[Journal]:
    with Journal.open(directory) as journal:
        yield journal


@pytest.fixture
def till(journal: Journal) -> Till:
    return Till(journal)


@pytest.fixture
def till_of() -> type[Till]:
    """For tests that open the journal themselves."""
    return Till


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Data directories by name, in memory where the system has such a place: what is safe is the disk's to say."""
    in_memory = Path("/dev/shm")
    if not os.access(in_memory, os.W_OK):
        yield lambda name: tmp_path / name
        return
    with tempfile.TemporaryDirectory(dir=in_memory) as made:
        yield lambda name: Path(made) / name
