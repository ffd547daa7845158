"""A counter on a real disk against a real gateway over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.policy import GatewayTraits
from kiosk.gateway.profile import Endpoint
from kiosk.sandbox.run import SandboxServer
from kiosk.settings import CounterSettings, PrinterSettings, Settings
from tests.engine.stand import POLICY, Seen


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def settings(sandbox: SandboxServer, tmp_path: Path) -> Settings:
    made = Settings(
        counter=CounterSettings(id="K1", branch="测试厅"),
        gateway=Endpoint(url=sandbox.url, acq_code="283499"),
        traits=GatewayTraits(finds_by_our_number="true"),
        payment=POLICY,
        printer=PrinterSettings(kind="file", address=str(tmp_path / "receipts.bin")),
    )
    return made.with_data_directory(tmp_path / "data")


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def counter(settings: Settings, seen: Seen) -> Iterator[Counter]:
    made = open_counter(settings, seen.publish)
    made.start()
    yield made
    made.close()
