"""What the flows stand on: the demo's whole world, and a watcher of what a counter shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.demo.world import World
from tests.engine.stand import Seen


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


@pytest.fixture
def seen() -> Seen:
    return Seen()
