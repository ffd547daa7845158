"""A gateway that misbehaves on purpose, over real sockets on the loopback address; and the values of one payment."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk.core.order import Kind, Mode, Order
from kiosk.core.payment_code import PaymentCode, payment_code
from kiosk.core.policy import PaymentPolicy
from kiosk.gateway.client import Gateway
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.signing import sign

Behaviour = Callable[["Visit"], None]


class Visit:
    """One connection to the server, as the behaviour of a test sees it."""

    def __init__(self, sock: socket.socket, number: int, server: HostileServer) -> None:
        self.sock, self.number, self.server = sock, number, server
        self._buffer = b""

    def request(self) -> bytes:
        """Read one whole request; its body. Empty where the client left."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return b""
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        length = int(headers[b"content-length"])
        while len(rest) < length:
            if not self._more():
                return b""
            rest = self._buffer.partition(b"\r\n\r\n")[2]
        self._buffer = rest[length:]
        body = rest[:length]
        self.server.requests.append((lines[0].decode(), headers, body))
        return body

    def _more(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except OSError:
            return False
        self.server.received += data
        self._buffer += data
        return bool(data)

    def send(self, data: bytes) -> None:
        """Send, whatever the client does meanwhile."""
        try:
            self.sock.sendall(data)
        except OSError:
            self.server.client_left.set()

    def reply(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """A whole reply."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """End with a reset instead of an orderly close."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.sock.close()

    def until_client_leaves(self) -> None:
        """Say nothing until the client closes or the test ends."""
        while self._more():
            pass
        self.server.client_left.set()


class HostileServer:
    """Accepts on a loopback port and treats each visit as the test wants."""

    def __init__(self, behave: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.behave, self._tls = behave, tls
        self.requests: list[tuple[str, dict[bytes, bytes], bytes]] = []
        self.received = b""
        self.visits = 0
        self.client_left = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.visits += 1
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock, self.visits), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._sockets.append(sock)
            self.behave(Visit(sock, number, self))
        except OSError:
            self.client_left.set()
        finally:
            sock.close()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(5)
        for sock in self._sockets:
            sock.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileServer]]:
    """Start hostile servers; they end with the test."""
    servers: list[HostileServer] = []

    def start(behave: Behaviour, tls: ssl.SSLContext | None = None) -> HostileServer:
        servers.append(HostileServer(behave, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def gateway_at() -> Iterator[Callable[..., Gateway]]:
    """A client for an address, with short deadlines; closed with the test."""
    gateways: list[Gateway] = []

    def make(url: str, timeout_s: float = 3.0, **options: Any) -> Gateway:
        policy = options.pop("policy", None) or PaymentPolicy(
            pay_timeout_s=timeout_s,
            query_timeout_s=timeout_s,
            notice_timeout_s=timeout_s,
            lookup_timeout_s=timeout_s,
            **options.pop("limits", {}),
        )
        wire_profile = options.pop("profile", None) or WireProfile()
        known = {"clock", "wall", "sleep", "counters"}
        more = {name: options.pop(name) for name in known & set(options)}
        more.setdefault("sleep", lambda _seconds: None)
        endpoint = Endpoint(url=url, acq_code="283499", **options)
        gateways.append(Gateway(endpoint, wire_profile, policy, **more))
        return gateways[-1]

    yield make
    for gateway in gateways:
        gateway.close()


@pytest.fixture
def code() -> PaymentCode:
    """A payment code that must turn up nowhere."""
    return payment_code("134500000000000017")


@pytest.fixture
def order() -> Order:
    """Arrears of 100.00 and a late fee of 1.00, by scan."""
    return Order(
        order_no="K01ABCDEFGHIJ000001",
        customer_no="6100000213",
        kind=Kind.ARREARS,
        mode=Mode.SCAN,
        principal_fen=10000,
        late_fee_fen=100,
        total_fen=10100,
        cost_id="23424",
        created_ms=0,
    )


@pytest.fixture
def envelope() -> Callable[..., bytes]:
    """A reply's bytes with a true signature, or the one given."""

    def make(signature: str | None = None, **fields: Any) -> bytes:
        response = {"code": "SUCCESS", "msg": "OK", "sub_code": "0000", "sub_msg": "成功"} | fields
        texts = {key: value for key, value in response.items() if isinstance(value, str)}
        true_sign = sign(texts) if len(texts) == len(response) else ""
        sent = {"response": response, "sign": true_sign if signature is None else signature}
        return json.dumps(sent, ensure_ascii=False).encode()

    return make
