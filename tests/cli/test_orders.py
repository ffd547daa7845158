"""``kiosk orders --day``: a day that the calendar does not have is wrong usage, not something in doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from kiosk.core.calendar import day
from tests.cli.conftest import AT

Run = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize("no_day", ["2026-02-30", "2026-13-01", "0000-01-01", "9999-12-31", "2026-2-3", "yesterday"])
def test_a_day_that_is_none_is_named_and_exits_2(on_journal: Run, no_day: str) -> None:
    told = on_journal("orders", "--json", "--day", no_day)
    assert told.returncode == 2, told.stderr
    assert no_day in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""


def test_a_day_lists_its_orders_and_no_others(on_journal: Run) -> None:
    today = json.loads(on_journal("orders", "--json", "--day", day(AT.wall_ms)).stdout)
    before = json.loads(on_journal("orders", "--json", "--day", "2024-02-29").stdout)
    assert ([order["order_no"][-1] for order in today], before) == (["3", "2", "1"], [])
