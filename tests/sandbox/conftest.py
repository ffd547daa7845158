"""A client for the sandbox that shares no code with it: http.client, and a digest of its own."""

import hashlib
import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from kiosk.sandbox.customers import DEFAULT, SandboxData
from kiosk.sandbox.run import SandboxServer

COMMON = {"version": "3.0", "channel": "APP", "acq_code": "283499"}
JSON = "application/json; charset=utf-8"


class TestClock:
    """A clock that only moves when a test moves it."""

    __test__ = False

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def signed(fields: Mapping[str, object]) -> str:
    text = "&".join(f"{key}={_characters(fields[key])}" for key in sorted(fields) if fields[key] not in ("", None))
    return hashlib.sha256(text.encode()).hexdigest()


def _characters(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Client:
    """Calls as the kiosk would make them, and the ledger as anyone may read it."""

    def __init__(self, server: SandboxServer) -> None:
        self.address = urlsplit(server.url).netloc
        self.timeout_s = 5.0
        self._serial = itertools.count(1)

    def exchange(
        self, method: str, path: str, body: bytes = b"", content_type: str = JSON
    ) -> tuple[int, dict[str, str], bytes]:
        with closing(http.client.HTTPConnection(self.address, timeout=self.timeout_s)) as connection:
            connection.request(method, path, body, {"Content-Type": content_type})
            reply = connection.getresponse()
            return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()

    def post(self, path: str, document: object, content_type: str = JSON) -> dict[str, Any]:
        status, _, body = self.exchange("POST", path, json.dumps(document).encode(), content_type)
        assert status == 200
        reply = json.loads(body)
        response: dict[str, Any] = reply["response"]
        assert reply["sign"] in ("", signed(response))
        return response

    def call(self, path: str, **fields: str) -> dict[str, Any]:
        request = {**COMMON, **fields}
        return self.post(path, {"request": request, "sign": signed(request)})

    def signed(self, fields: Mapping[str, object]) -> str:
        return signed(fields)

    def number(self) -> str:
        return f"T{next(self._serial):020d}"

    def code(self, ending: str) -> str:
        return f"13{next(self._serial):012d}{ending}"

    def arrears(self, usr_id: str, index: int = 0) -> dict[str, str]:
        """What pay and the notice say of the customer's bill at this place of the list."""
        bill = self.call("/trade/owInfoQuery", usr_id=usr_id)["data"][index]
        return {key: bill[key] for key in ("ow_amt", "dflt_pny", "cost_id")}

    def pay(self, ending: str = "0000", usr_id: str = "6100000101", **changed: str) -> dict[str, Any]:
        fields = {"order_no": self.number(), "auth_code": self.code(ending), **self.arrears(usr_id), **changed}
        return self.call("/trade/pay", usr_id=usr_id, fee_mod="0", **fields)

    def show(self, usr_id: str = "6100000101", **changed: str) -> dict[str, Any]:
        fields = {"order_no": self.number(), **self.arrears(usr_id), **changed}
        return self.call("/trade/unified", usr_id=usr_id, fee_mod="0", **fields)

    def query(self, order_no: str) -> tuple[str, str | None]:
        reply = self.call("/trade/query", pre_order_no=order_no)
        return reply["sub_code"], reply.get("status")

    def ledger(self) -> dict[str, Any]:
        book: dict[str, Any] = json.loads(self.exchange("GET", "/ledger")[2])
        return book

    def rules(self) -> list[str]:
        return [breach["rule"] for breach in self.ledger()["breaches"]]

    def phone(self, pay_url: str, *, method: str = "GET", more: str = "") -> tuple[int, str]:
        status, _, body = self.exchange(method, urlsplit(pay_url).path + more)
        return status, body.decode()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def start(clock: TestClock) -> Iterator[Callable[..., SandboxServer]]:
    """Starts sandboxes, stops them at the end, and sees to it that no thread of theirs is left."""
    running: list[SandboxServer] = []

    def started(data: SandboxData = DEFAULT, **options: Any) -> SandboxServer:
        server = SandboxServer(data, clock=clock, **options)
        running.append(server)
        server.start()
        return server

    yield started
    for server in running:
        server.stop()
    assert not [server for server in running if server._thread in threading.enumerate()]


@pytest.fixture
def client(start: Callable[..., SandboxServer]) -> Client:
    return Client(start())


@pytest.fixture
def client_of() -> Callable[[SandboxServer], Client]:
    return Client
