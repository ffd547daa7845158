"""Every row of payment.md part 3 that the line itself can tell, over real sockets."""

from __future__ import annotations

import contextlib
import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.core.messages import Found, Heard
from kiosk.core.order import Order
from kiosk.core.payment_code import PaymentCode
from kiosk.gateway.client import Gateway
from kiosk.gateway.line import Resolver

Envelope = Callable[..., bytes]
ServeAt = Callable[..., Any]
GatewayAt = Callable[..., Gateway]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_refused_is_not_sent(gateway_at: GatewayAt, order: Order, code: PaymentCode) -> None:
    answer = gateway_at(f"http://127.0.0.1:{_free_port()}").pay(order, code)
    assert answer.heard is Heard.NOT_SENT
    assert "Refused" in answer.detail


def test_a_name_that_is_not_resolved_is_not_sent(gateway_at: GatewayAt, order: Order, code: PaymentCode) -> None:
    gateway = gateway_at("https://gateway.invalid")
    gateway._transport.lane._resolver = Resolver(lambda _host, _port: [])
    assert gateway.pay(order, code).heard is Heard.NOT_SENT


def test_a_dead_name_server_does_not_outlast_the_deadline(gateway_at: GatewayAt) -> None:
    never, lookups = threading.Event(), []

    def look_up(host: str, _port: int) -> list[Any]:
        lookups.append(host)
        never.wait(20)
        return []

    gateway = gateway_at("https://gateway.invalid", timeout_s=0.2)
    gateway._transport.lane._resolver = Resolver(look_up)
    began_s = time.monotonic()
    answers = [gateway.query("1"), gateway.query("1")]
    never.set()
    assert [answer.heard for answer in answers] == [Heard.NOT_SENT, Heard.NOT_SENT]
    assert time.monotonic() - began_s < 5
    assert lookups == ["gateway.invalid"], "a second call waits for the same look-up"


def test_connect_timeout_is_not_sent(gateway_at: GatewayAt, order: Order, code: PaymentCode) -> None:
    """A full backlog leaves a connection attempt without an answer."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        answer = gateway_at(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=0.3).pay(order, code)
    assert answer.heard is Heard.NOT_SENT
    assert "ConnectTimeout" in answer.detail


def test_a_silent_handshake_is_not_sent(serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode) -> None:
    server = serve(lambda visit: visit.until_client_leaves())
    answer = gateway_at(f"https://127.0.0.1:{server.port}", timeout_s=0.3).pay(order, code)
    assert answer.heard is Heard.NOT_SENT
    assert server.client_left.wait(5), "the socket is closed at the deadline"


def test_silence_after_the_request_is_silent(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode
) -> None:
    def behave(visit: Any) -> None:
        visit.request()
        visit.until_client_leaves()

    server = serve(behave)
    assert gateway_at(server.url, timeout_s=0.3).pay(order, code).heard is Heard.SILENT
    assert server.client_left.wait(5)
    assert len(server.requests) == 1, "a payment code goes on the wire once"


def test_reset_without_reading_is_broken(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode
) -> None:
    server = serve(lambda visit: (visit.sock.recv(1), visit.reset()))
    assert gateway_at(server.url).pay(order, code).heard is Heard.BROKEN
    assert server.visits == 1


def test_reset_after_reading_is_broken(serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode) -> None:
    server = serve(lambda visit: (visit.request(), visit.reset()))
    assert gateway_at(server.url).pay(order, code).heard is Heard.BROKEN
    assert (server.visits, len(server.requests)) == (1, 1)


@pytest.mark.parametrize(
    "cut",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Ty",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"response":',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"res\r\n',
    ],
)
def test_a_reply_cut_short_is_silent(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode, cut: bytes
) -> None:
    server = serve(lambda visit: (visit.request(), visit.send(cut)))
    assert gateway_at(server.url).pay(order, code).heard is Heard.SILENT
    assert len(server.requests) == 1


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_z19_one_byte_after_another_ends_at_the_total_deadline(
    serve: ServeAt, gateway_at: GatewayAt, head: bytes
) -> None:
    def drip(visit: Any) -> None:
        visit.request()
        visit.send(head)
        for char in b"HTTP/1.1 200 OK\r\nX-" + b"y" * 2000:
            visit.send(bytes([char]))
            if visit.server.client_left.wait(0.05):
                return

    server = serve(drip)
    began_s = time.monotonic()
    assert gateway_at(server.url, timeout_s=0.4).query("1").heard is Heard.SILENT
    assert time.monotonic() - began_s < 10, "a time-out for each read would take two minutes"
    assert server.client_left.wait(5)


def test_z6_a_redirect_is_not_followed(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode, envelope: Envelope
) -> None:
    other = serve(lambda visit: (visit.request(), visit.reply(envelope())))
    server = serve(
        lambda visit: (
            visit.request(),
            visit.reply(b"", f"Location: {other.url}/trade/pay", status="307 Temporary Redirect"),
        )
    )
    answer = gateway_at(server.url).pay(order, code)
    assert (answer.heard, answer.http_status) == (Heard.REDIRECT, 307)
    assert (other.visits, other.received) == (0, b"")


@pytest.mark.parametrize("location", ["", "http://[", "javascript:alert(1)"])
def test_a_broken_redirect_is_one_all_the_same(serve: ServeAt, gateway_at: GatewayAt, location: str) -> None:
    server = serve(lambda visit: (visit.request(), visit.reply(b"", f"Location: {location}", status="302 Found")))
    assert gateway_at(server.url).query("1").heard is Heard.REDIRECT


@pytest.mark.parametrize(
    ("status", "heard"),
    [
        ("400 Bad Request", Heard.CLIENT_ERROR),
        ("403 Forbidden", Heard.CLIENT_ERROR),
        ("500 Internal Server Error", Heard.SERVER_ERROR),
        ("502 Bad Gateway", Heard.SERVER_ERROR),
        ("304 Not Modified", Heard.REDIRECT),
        ("101 Switching Protocols", Heard.UNREADABLE),
        ("204 No Content", Heard.UNREADABLE),
        ("600 Odd", Heard.UNREADABLE),
    ],
)
def test_the_status_line_is_told(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, status: str, heard: Heard
) -> None:
    body = b"" if status[:3] in ("204", "304", "101") else envelope(order_no="1", status="SUCCESS")
    server = serve(lambda visit: (visit.request(), visit.reply(body, status=status)))
    answer = gateway_at(server.url).query("1")
    assert (answer.heard, answer.status) == (heard, "")
    if heard is not Heard.UNREADABLE:
        assert answer.http_status == int(status[:3])


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        (["Retry-After: 7"], 7.0),
        (["Retry-After: 99999"], 300.0),
        (["Retry-After: " + "9" * 5000], 300.0),
        (["Retry-After: Mon, 02 Nov 2026 10:00:30 GMT", "Date: Mon, 02 Nov 2026 10:00:00 GMT"], 30.0),
        (["Retry-After: Mon, 02 Nov 2026 10:00:30 GMT"], 20.0),
        (["Retry-After: Mon, 02 Nov 2020 10:00:30 GMT"], 0.0),
        (["Retry-After: soon"], None),
        (["Retry-After: -1"], None),
        ([], None),
    ],
)
def test_retry_after_is_read_and_bounded(
    serve: ServeAt, gateway_at: GatewayAt, headers: list[str], wait_s: float | None
) -> None:
    server = serve(lambda visit: (visit.request(), visit.reply(b"", *headers, status="429 Too Many Requests")))
    wall_s = 1793613610.0  # 2026-11-02 10:00:10 UTC
    answer = gateway_at(server.url, wall=lambda: wall_s).query("1")
    assert (answer.heard, answer.http_status) == (Heard.CLIENT_ERROR, 429)
    assert answer.retry_after_s == wait_s


def test_the_gateways_clock_is_compared(serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope) -> None:
    server = serve(lambda visit: (visit.request(), visit.reply(envelope(), "Date: Mon, 02 Nov 2026 10:00:00 GMT")))
    gateway = gateway_at(server.url, wall=lambda: 1793613610.0)
    gateway.query("1")
    assert gateway.counters.last_date_skew_s == -10.0


def test_z18_bombs_are_unreadable_and_cheap(serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope) -> None:
    ok = b"HTTP/1.1 200 OK\r\n"
    chunked = ok + b"Transfer-Encoding: chunked\r\n\r\n"
    bombs = {
        "more than 1 MiB": ok + b"Content-Length: 1048577\r\n\r\n" + b" " * 1048577,
        "1 GB announced": ok + b"Content-Length: 1000000000\r\n\r\n",
        "endless": chunked + b"10000\r\n" + b" " * 65536 + b"\r\n",
        "one-byte chunks": chunked + b"1\r\n \r\n" * 20_000,
        "100,000 headers": ok + b"A: b\r\n" * 100_000 + b"\r\n",
        "interim replies": b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000,
        "100,000 levels": ok + b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
        "not HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
        "two lengths": ok + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    }

    def behave(visit: Any) -> None:
        if visit.request():
            name = list(bombs)[len(visit.server.requests) - 1]
            visit.send(bombs[name])
            while name in ("endless", "interim replies") and not visit.server.client_left.is_set():
                visit.send(bombs[name].partition(b"\r\n\r\n")[2] if name == "endless" else bombs[name])
            visit.until_client_leaves()
        visit.server.client_left.clear()

    server = serve(behave)
    gateway = gateway_at(server.url, timeout_s=10.0)
    heard = {}
    for name in bombs:
        heard[name] = gateway.query("1").heard
        gateway.close()
    assert heard == dict.fromkeys(bombs, Heard.UNREADABLE)
    assert gateway.counters.seen()["unreadable"] == len(bombs)


def test_z18_a_compressed_reply_is_not_unpacked(serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope) -> None:
    body = gzip.compress(envelope(order_no="1", status="SUCCESS"))
    server = serve(lambda visit: (visit.request(), visit.reply(body, "Content-Encoding: gzip")))
    answer = gateway_at(server.url).query("1")
    assert (answer.heard, answer.status) == (Heard.UNREADABLE, "")
    assert server.requests[0][1][b"accept-encoding"] == b"identity"


def test_z5_proxies_of_the_environment_are_ignored(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(lambda visit: visit.until_client_leaves())
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    server = serve(lambda visit: (visit.request(), visit.reply(envelope())))
    assert gateway_at(server.url).query("1").heard is Heard.ANSWERED
    assert proxy.visits == 0


def test_a_cookie_is_never_sent_back(serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope) -> None:
    server = serve(lambda visit: [visit.request() and visit.reply(envelope(), "Set-Cookie: a=b") for _ in range(2)])
    gateway = gateway_at(server.url)
    gateway.query("1")
    gateway.query("1")
    assert [b"cookie" in headers for _, headers, _ in server.requests] == [False, False]


# --- tries ---


@pytest.mark.parametrize("status", ["500 Odd", "503 Busy"])
def test_a_look_up_is_tried_three_times(serve: ServeAt, gateway_at: GatewayAt, status: str) -> None:
    server = serve(lambda visit: (visit.request(), visit.reply(b"", status=status)))
    pauses: list[float] = []
    answer = gateway_at(server.url, sleep=pauses.append).customer("6100000213")
    assert (answer.found, answer.answer.heard, len(server.requests)) == (Found.NO_ANSWER, Heard.SERVER_ERROR, 3)
    assert pauses == [0.2, 0.4]


def test_a_look_up_that_succeeds_at_last_is_an_answer(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope
) -> None:
    def behave(visit: Any) -> None:
        visit.request()
        if visit.number == 3:
            visit.reply(envelope())

    server = serve(behave)
    assert gateway_at(server.url).arrears("6100000213").found is Found.NOTHING
    assert server.visits == 3


def test_questions_and_notices_are_sent_once(serve: ServeAt, gateway_at: GatewayAt, order: Order) -> None:
    server = serve(lambda visit: (visit.request(), visit.reply(b"", status="500 Odd")))
    gateway = gateway_at(server.url)
    assert gateway.query("1").heard is Heard.SERVER_ERROR
    assert gateway.unified(order).heard is Heard.SERVER_ERROR
    assert gateway.notice(order, gateway.notice_body(order)).heard is Heard.SERVER_ERROR
    assert [line.split()[1] for line, _, _ in server.requests] == [
        "/trade/query",
        "/trade/unified",
        "/trade/owPayNotice",
    ]


# --- what must not be seen ---


def test_z13_an_error_while_sending_shows_no_code(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(lambda visit: (visit.request(), visit.reset()))
    gateway = gateway_at(server.url)
    answer = gateway.pay(order, code)
    assert code.digits.encode() in server.received
    assert code.digits not in repr(answer) + caplog.text + repr(gateway.__dict__)


def test_z13_a_fault_of_ours_shows_no_code(
    serve: ServeAt,
    gateway_at: GatewayAt,
    order: Order,
    code: PaymentCode,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(lambda visit: visit.until_client_leaves())
    gateway = gateway_at(server.url)

    def faulty(request: Any) -> None:
        raise KeyError(request.read())

    monkeypatch.setattr(gateway._transport.lane, "handle_request", faulty)
    answer = gateway.pay(order, code)
    assert (answer.heard, answer.detail) == (Heard.NOT_SENT, "KeyError")
    assert code.digits not in repr(answer) + caplog.text


def test_a_code_that_the_gateway_repeats_is_masked(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode, envelope: Envelope
) -> None:
    server = serve(
        lambda visit: (visit.request(), visit.reply(envelope(sub_code="0008", sub_msg=f"码{code.digits}无效")))
    )
    answer = gateway_at(server.url).pay(order, code)
    assert code.digits not in repr(answer)
    assert answer.words == f"码{code.masked}无效"
