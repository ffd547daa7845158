"""A place for stories, and stories played one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.simulator.places import Template, workshop
from kiosk.simulator.plan import plan
from kiosk.simulator.story import Outcome, Story

Play = Callable[[int], Outcome]


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    with workshop() as path:
        yield path


@pytest.fixture(scope="session")
def template(place: Path) -> Template:
    return Template(place)


@pytest.fixture
def play(place: Path, template: Template) -> Play:
    """Play a seed's story, everything that happened digested."""
    return lambda seed: Story(plan(seed), template, place / "story", keep_all=True).run()
