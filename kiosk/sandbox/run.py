"""Running the sandbox: in a thread of a program (``SandboxServer``), or as a command (``serve``).

Rules
1. Port 0 takes a free port; the socket is bound before anything else is started, so an address in use is told at once.
2. ``stop`` returns within about a second, even while a call hangs.
3. Standard output of the command has one line, when it accepts: ``listening on http://127.0.0.1:PORT``. The tables of
   customers and payment codes go to standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType, TracebackType

import uvicorn

from kiosk.sandbox.behaviours import codes_table, sample_code
from kiosk.sandbox.calls import Gateway
from kiosk.sandbox.customers import DEFAULT, DataError, SandboxData, load
from kiosk.sandbox.ledger import Ledger
from kiosk.sandbox.scenario import ORDINARY_SCENARIO, Scenario
from kiosk.sandbox.scenario_file import ScenarioError, load_scenario, told
from kiosk.sandbox.server import Connections, Server

_START_TIMEOUT_S = 10.0
_STOP_TIMEOUT_S = 10.0
_TICK_S = 1.0
_ANY = "0.0.0.0"


def _now() -> datetime:
    return datetime.now().astimezone()


def _new_token() -> str:
    return secrets.token_urlsafe(12)


class _Uvicorn(uvicorn.Server):
    """uvicorn that says when it accepts, and that leaves no connection open when it stops."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self.accepts = threading.Event()
        self._connections = connections
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then tell."""
        await super().startup(sockets)
        self.accepts.set()

    async def main_loop(self) -> None:
        """As uvicorn's, but it wakes at once when it is to stop; its tick keeps the Date header right."""
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _TICK_S)

    def ask_to_stop(self) -> None:
        """From any thread: stop serving soon."""
        self.should_exit = True
        if self._loop is not None and self._wake is not None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: it has stopped.
                self._loop.call_soon_threadsafe(self._wake.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what hangs, then stop as uvicorn does."""
        self._connections.close_all()
        await super().shutdown(sockets)


class SandboxServer:
    """The sandbox gateway on a real port, in a thread of this program::

        with SandboxServer() as sandbox:
            ...  # sandbox.url, sandbox.ledger

    ``public_host`` is the name under which a customer's phone reaches this machine (for ``pay_url``); without it the
    host itself. ``clock`` (seconds, monotonic) rules what takes its time, ``wall`` what is written down; ``scenario``
    what goes wrong. Raises ``OSError`` where the port cannot be had.
    """

    def __init__(
        self,
        data: SandboxData = DEFAULT,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_host: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = _now,
        new_token: Callable[[], str] = _new_token,
        scenario: Scenario = ORDINARY_SCENARIO,
    ) -> None:
        if not 0 <= port <= 65535:
            # socket.create_server would leak its socket on this one.
            raise OSError(errno.EINVAL, "a port is a number from 0 to 65535")
        self._socket = socket.create_server((host, port))
        self.port: int = self._socket.getsockname()[1]
        local = "127.0.0.1" if host == _ANY else host
        #: Where a client on this machine reaches it.
        self.url = f"http://{local}:{self.port}"
        #: Where a customer's phone reaches it.
        self.public_url = f"http://{public_host or local}:{self.port}"
        #: The gateway's book: ``ledger.as_json(...)`` is what ``GET /ledger`` gives.
        self.ledger = Ledger.of(data.customers)
        self.gateway = Gateway(
            data, self.ledger,
            base_url=self.public_url, clock=clock, wall=wall, new_token=new_token, scenario=scenario,
        )  # fmt: skip
        self._server = _uvicorn(self.gateway)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="sandbox-gateway", daemon=True
        )

    def start(self) -> None:
        """Serve, and return when calls are accepted."""
        self._thread.start()
        if not self._server.accepts.wait(_START_TIMEOUT_S):
            raise RuntimeError("the sandbox gateway did not start")

    def stop(self) -> None:
        """Stop serving; every open connection is closed. Doing it twice is harmless."""
        self._server.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(_STOP_TIMEOUT_S)
        self._socket.close()

    def __enter__(self) -> SandboxServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _uvicorn(gateway: Gateway) -> _Uvicorn:
    connections = Connections()
    config = uvicorn.Config(
        Server(gateway, connections).app,
        loop="asyncio",
        http=connections.protocol(),
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
    )
    return _Uvicorn(config, connections)


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    data_file: Path | None = None,
    public_host: str | None = None,
    scenario: str | None = None,
) -> int:
    """``kiosk sandbox``: serve until SIGINT or SIGTERM. Returns 0, or 2 with a sentence on standard error where the
    data file, the scenario (a file, or a shipped one's name) or the port cannot be used."""
    try:
        data = DEFAULT if data_file is None else load(data_file)
        played = ORDINARY_SCENARIO if scenario is None else load_scenario(scenario)
        server = SandboxServer(data, host=host, port=port, public_host=public_host, scenario=played)
    except ScenarioError as error:
        print(f"the scenario cannot be used: {error}", file=sys.stderr)
        return 2
    except DataError as error:
        print(f"the sandbox's data cannot be used: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        reason = error.strerror or error
        print(f"port {port} on {host} cannot be used: {reason}; choose another, 0 takes a free one", file=sys.stderr)
        return 2
    stopped = threading.Event()
    before = _on_signals(lambda number, frame: stopped.set())
    try:
        with server:
            print(f"listening on {server.url}", flush=True)
            print(description(data), file=sys.stderr, flush=True)
            if scenario is not None:
                print(told(played), file=sys.stderr, flush=True)
            # A wait without a limit would keep signals out on Windows.
            while not stopped.wait(0.5):
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


_Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> dict[signal.Signals, _Handler]:
    """Have SIGINT and SIGTERM handled; the handlers before, to be put back. Only the main thread can do this."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}


def description(data: SandboxData) -> str:
    """The printed tables: customers and payment codes, each with what it does."""
    return (
        f"Customers (payee {data.payee}); any other number is unknown:\n{data.table()}\n"
        f"Payment codes, by their last four digits; each code is good for one payment, e.g. {sample_code('0000', 1)}:\n"
        f"{codes_table()}\n"
        "  any other: paid at once; NN are seconds\n"
        "GET /ledger gives orders, credits and the client's breaches as JSON."
    )
