"""A journal for commands that need no gateway."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order
from kiosk.journal import Journal

Run = Callable[..., subprocess.CompletedProcess[str]]
AT = Instant(1.0, 1_795_399_200_000)


@pytest.fixture
def journal_data(tmp_path: Path) -> Path:
    """A data directory whose journal holds three orders."""
    directory = tmp_path / "data"
    with Journal.open(directory) as journal:
        for number in range(1, 4):
            order = Order(
                order_no=f"K1ABCDEFGHJK000{number}", customer_no="6100000101", kind=Kind.ARREARS, mode=Mode.SCAN,
                principal_fen=100, total_fen=100, cost_id=f"B{number}", created_ms=AT.wall_ms,
            )  # fmt: skip
            journal.append(order, [Append(EventKind.INTENT)], AT)
    return directory


@pytest.fixture
def on_journal(tmp_path: Path, journal_data: Path) -> Run:
    """A command on that journal; its gateway never answers."""
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[counter]\nid = "K1"\nlocale = "en"\n[gateway]\nurl = "http://127.0.0.1:9"\nacq_code = "1"\n'
        f'[data]\ndirectory = "{journal_data}"\n',
        encoding="utf-8",
    )

    def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "kiosk", command, "--config", str(settings), *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ))

    return run
