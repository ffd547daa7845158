"""The real program as a thief, a forger or a careless operator meets it: commands, files, streams."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.virtual.printer import VirtualPrinter
from kiosk.paths import assets
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.customers import Bill, Customer, SandboxData
from kiosk.sandbox.run import SandboxServer

#: Whatever of a customer must not be found where nobody needs it.
NAME = "欧阳慕容雪晴"
ADDRESS = "暗号路77号隐身楼9单元"
PHONE = "13912345077"
CUSTOMER = "6100000901"
OTHER = "6100000902"
HOSTILE = "6100000903"
DRAWER = "6100000904"
#: Letters that some reader could take for its own language.
MARKUP = "<b onclick=1>\"'; DROP TABLE orders;--</b>{0}%s${x}"


def _bill(serial: int, cost_id: str = "") -> tuple[Bill, ...]:
    return (Bill(cost_id or f"26100009{serial:02d}", "2026-10", 4021, 300),)


DATA = SandboxData(
    (
        Customer(CUSTOMER, NAME, _bill(1), 0, ADDRESS, PHONE, "3300018901"),
        Customer(OTHER, NAME, _bill(2), 0, ADDRESS, PHONE, "3300018902"),
        Customer(HOSTILE, MARKUP, _bill(3, "B3');DROP TABLE orders;--<i>"), 0, MARKUP, PHONE, MARKUP),
        Customer(DRAWER, "王\x1bp\x00\x19\x19", _bill(4), 0, "\x1bp\x00\x19\x19"),
    )
)


class Program:
    """`kiosk` with a data directory of its own."""

    def __init__(self, directory: Path, url: str, printer: str) -> None:
        self.directory, self.url = directory, url
        self.data = directory / "data"
        self.settings = directory / "settings.toml"
        self.said = ""
        self.settings.write_text(
            f"""
[counter]
id = "K1"
locale = "en"
[gateway]
url = "{url}"
acq_code = "283499"
[gateway.profile]
finds_by_our_number = "true"
[payment]
pay_timeout_s = 1.0
attended_scan_s = 1.2
attended_show_s = 6.0
show_first_s = 0.2
show_gap_s = 0.2
negative_gap_s = 0.3
scan_asks_s = [0.1, 0.5, 1.0]
lookup_tries = 1
[printer]
kind = "network"
address = "{printer}"
[data]
directory = "{self.data}"
""",
            encoding="utf-8",
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "kiosk", words[0], "--config", str(self.settings), *words[1:]]

    def run(self, *words: str, stdin: str = "", through: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        """A command to its end; what it said is kept. ``through`` stands in the place of ``python -m kiosk``."""
        command = self.command(*words)
        command = command if through is None else [*through, *command[3:]]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
        self.said += done.stdout + done.stderr
        return done

    def scan(self, customer: str, code: str, bill: str = "", **more) -> subprocess.CompletedProcess[str]:
        """A payment by payment code: the customer's bill, or ten yuan."""
        what = ("--bill", bill) if bill else ("--prepay", "10.00")
        return self.run("pay", "--customer", customer, *what, "--scan", "--stdin", "--json", stdin=code + "\n", **more)

    def files(self) -> dict[Path, bytes]:
        """All that lies in the program's directory, and all that it said."""
        found = {path: path.read_bytes() for path in self.directory.rglob("*") if path.is_file()}
        return found | {Path("what was said"): self.said.encode()}


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(DATA) as server:
        yield server


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "paper", assets() / "fonts" / "NotoSansSC-Regular.ttf") as printer:
        yield printer


@pytest.fixture
def program(tmp_path: Path, sandbox: SandboxServer, printer: VirtualPrinter) -> Program:
    directory = tmp_path / "counter"
    directory.mkdir()
    return Program(directory, sandbox.url, printer.address)


@pytest.fixture
def code() -> Callable[[str], str]:
    """A fresh payment code with this ending, that cannot stand anywhere by accident."""
    serial = int.from_bytes(os.urandom(4), "big")

    def fresh(ending: str = "0000") -> str:
        nonlocal serial
        serial += 1
        return sample_code(ending, 70_000_000_000 + serial)

    return fresh


@pytest.fixture
def trades(sandbox: SandboxServer) -> Callable[[], list[dict[str, object]]]:
    """The orders in the gateway's book."""
    return lambda: sandbox.ledger.as_json(sandbox.gateway.now_s())["orders"]
