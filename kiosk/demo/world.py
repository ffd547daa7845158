"""The world around a demo counter: gateway, scanner, printer, settings, in a fresh temporary directory.

Rules
1. Nothing of the site is touched: the settings are the demo's own, the data directory is new and goes with it.
2. The counter in it is the ordinary one; only what stands outside of it is virtual.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import tempfile
import urllib.request
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from hardware.display.pole import Model
from hardware.virtual.pole import VirtualPole
from hardware.virtual.printer import VirtualPrinter
from hardware.virtual.scanner import VirtualScanner
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.paths import assets
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.customers import DEFAULT
from kiosk.sandbox.run import SandboxServer
from kiosk.settings import (
    CounterSettings,
    DisplaySettings,
    PrinterSettings,
    ScannerSettings,
    Settings,
    UiSettings,
)

_PHONE_TIMEOUT_S = 5.0
#: The supervisor's PIN of every demo counter, told on the demo's bar.
DEMO_PIN = "246810"


class World:
    """Everything outside of a demo counter; a context manager."""

    def __init__(self, *, locale: str = "zh_CN", theme: str = "light", lan: bool = False) -> None:
        self._locale, self._theme = locale, theme
        self._stack = contextlib.ExitStack()
        self._lan_host = lan_address() if lan else None
        self._scans = 0

    def __enter__(self) -> World:
        with contextlib.ExitStack() as stack:
            self.directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-demo-")))
            host = "0.0.0.0" if self._lan_host else "127.0.0.1"
            self.sandbox = stack.enter_context(SandboxServer(DEFAULT, host=host, public_host=self._lan_host))
            self.scanner = stack.enter_context(VirtualScanner(self.directory))
            font = assets() / "fonts" / "NotoSansSC-Regular.ttf"
            self.printer = stack.enter_context(VirtualPrinter(self.directory / "receipts", font, width_mm=80))
            self.pole = self._pole(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _pole(self, stack: contextlib.ExitStack) -> VirtualPole | None:
        """A pole display, where this system has pseudo-terminals."""
        if sys.platform == "win32":
            return None
        return stack.enter_context(VirtualPole(self.directory, Model.CD5220))

    def settings(self, policy: PaymentPolicy | None = None) -> Settings:
        """The demo counter's settings; ``policy`` shortens its waits for a story that drives itself."""
        hosts = (self._lan_host,) if self._lan_host else ()
        settings = Settings(
            counter=CounterSettings(id="DEMO01", branch=DEFAULT.payee, cashier="0012", locale=self._locale),
            gateway=Endpoint(url=self.sandbox.url, acq_code="283499"),
            traits=GatewayTraits(finds_by_our_number="true"),
            profile=WireProfile(pay_url_hosts=hosts),
            payment=policy or PaymentPolicy(),
            scanner=ScannerSettings(kind="serial", port=self.scanner.port, suffix="cr"),
            printer=PrinterSettings(kind="network", address=self.printer.address, width=80),
            display=DisplaySettings(pole="cd5220", pole_port=self.pole.port) if self.pole else DisplaySettings(),
            ui=UiSettings(theme=self._theme),
        )
        return settings.with_data_directory(self.directory / "data")

    # --- the customer ----------------------------------------------------------------------------------------------

    def hold_phone_to_scanner(self, ending: str) -> None:
        """A fresh payment code whose last four digits choose what becomes of the payment (the sandbox's table)."""
        self._scans += 1
        self.scanner.scan(sample_code(ending, self._scans))

    def scan(self, text: str) -> None:
        """Anything else held to the scanner, such as a paper bill."""
        self.scanner.scan(text)

    def phone_pays(self, pay_url: str, *, confirm: bool = True) -> None:
        """The customer's phone: open the page behind the QR, and press its button. Raises :class:`OSError`."""
        with urllib.request.urlopen(pay_url, timeout=_PHONE_TIMEOUT_S) as page:
            page.read()
        pressed = pay_url if confirm else f"{pay_url}/refuse"
        with urllib.request.urlopen(pressed, data=b"", timeout=_PHONE_TIMEOUT_S) as page:
            page.read()


def lan_address() -> str:
    """This machine's own address on its network; nothing is sent to find it. Loopback where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: a route is looked up, no packet leaves
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def shortened(policy: PaymentPolicy) -> PaymentPolicy:
    """The waits of a story that drives itself: the same rules, less patience at the counter."""
    return replace(
        policy, attended_scan_s=6.0, attended_show_s=30.0, negative_gap_s=2.0, show_first_s=1.5, gap_max_s=2.0
    )
