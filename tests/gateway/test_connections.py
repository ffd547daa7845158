"""Which connection a call may take: one that is good, that carried nothing lately where money moves, that holds no
reply of another call."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

from kiosk.core.messages import Heard
from kiosk.core.order import Order
from kiosk.core.payment_code import PaymentCode
from kiosk.gateway.client import Gateway

Envelope = Callable[..., bytes]
ServeAt = Callable[..., Any]
GatewayAt = Callable[..., Gateway]


def test_questions_share_one_connection(serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope) -> None:
    server = serve(lambda visit: [visit.request() and visit.reply(envelope()) for _ in range(4)])
    gateway = gateway_at(server.url)
    assert [gateway.query("1").heard for _ in range(3)] == [Heard.ANSWERED] * 3
    assert server.visits == 1


def test_a_doubled_reply_is_not_taken_for_the_answer_to_the_next_call(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, order: Order
) -> None:
    """Both copies are read at once; the second must not acknowledge a notice that the gateway never saw."""
    body = envelope(code="SUCCESS", msg="OK", sub_code="0000", order_no=order.order_no, status="SUCCESS")

    def doubled(visit: Any) -> None:
        visit.request()
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body) * 2)
        visit.until_client_leaves()

    server = serve(lambda visit: doubled(visit) if visit.number == 1 else visit.reply(b"{}"))
    gateway = gateway_at(server.url)
    assert gateway.query(order.order_no).status == "SUCCESS"
    assert gateway.notice(order, gateway.notice_body(order)).heard is Heard.UNREADABLE
    assert server.visits == 2


def test_a_notice_goes_on_a_connection_that_carried_nothing(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, order: Order
) -> None:
    """The second copy of a query's reply comes when the notice is on its way: it is not its acknowledgement."""

    def doubled_late(visit: Any) -> None:
        visit.request()
        visit.reply(envelope(order_no=order.order_no, status="SUCCESS"))
        visit.request()
        visit.reply(envelope(order_no=order.order_no, status="SUCCESS"))

    server = serve(
        lambda visit: doubled_late(visit) if visit.number == 1 else visit.request() and visit.reply(envelope("wrong"))
    )
    gateway = gateway_at(server.url)
    assert gateway.query(order.order_no).status == "SUCCESS"
    assert gateway.notice(order, gateway.notice_body(order)).heard is Heard.BAD_SIGN
    assert server.visits == 2


def test_lanes_have_connections_of_their_own(serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope) -> None:
    server = serve(lambda visit: [visit.request() and visit.reply(envelope()) for _ in range(4)])
    gateway = gateway_at(server.url)
    lane = gateway.another_lane()
    gateway.query("1")
    lane.query("1")
    lane.close()
    assert server.visits == 2
    assert gateway.counters.seen()["replies"] == 2


class _Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_payment_takes_no_connection_that_lay_idle(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, order: Order, code: PaymentCode
) -> None:
    server = serve(lambda visit: [visit.request() and visit.reply(envelope()) for _ in range(4)])
    clock = _Clock()
    gateway = gateway_at(server.url, clock=clock)
    gateway.query("1")
    clock.now_s += 1.9
    gateway.pay(order, code)
    assert server.visits == 1, "used within fresh_connection_s"
    clock.now_s += 2.1
    gateway.pay(order, code)
    assert server.visits == 2
    clock.now_s += 2.1
    gateway.query("1")
    assert server.visits == 2, "a question may take it"


def test_a_connection_opened_ahead_carries_the_payment(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, order: Order, code: PaymentCode
) -> None:
    server = serve(lambda visit: [visit.request() and visit.reply(envelope()) for _ in range(4)])
    clock = _Clock()
    gateway = gateway_at(server.url, clock=clock)
    gateway.warm()
    clock.now_s += 20
    assert gateway.open_connection()
    assert gateway.pay(order, code).heard is Heard.ANSWERED
    assert server.visits == 1
    clock.now_s += 3
    assert gateway.open_connection()
    clock.now_s += 26
    assert gateway.pay(order, code).heard is Heard.ANSWERED
    assert server.visits == 3, "one that was used is replaced, and so is one opened too long ago"


def test_no_connection_ahead_harms_nothing(gateway_at: GatewayAt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    gateway = gateway_at(f"http://127.0.0.1:{port}")
    gateway.warm()
    assert not gateway.open_connection()


def test_a_connection_closed_by_the_gateway_is_not_written_to(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, order: Order, code: PaymentCode
) -> None:
    closed = threading.Event()

    def once(visit: Any) -> None:
        visit.request()
        visit.reply(envelope())
        visit.sock.shutdown(socket.SHUT_RDWR)
        closed.set()

    server = serve(once)
    gateway = gateway_at(server.url)
    assert gateway.query("1").heard is Heard.ANSWERED
    assert closed.wait(5)
    assert gateway.pay(order, code).heard is Heard.ANSWERED
    assert (server.visits, len(server.requests)) == (2, 2)


def test_a_close_that_crosses_a_payment_is_a_doubt_and_no_second_sending(
    serve: ServeAt, gateway_at: GatewayAt, envelope: Envelope, order: Order, code: PaymentCode
) -> None:
    """The gateway takes the request on a kept connection and closes: nobody knows what it did."""

    def second_unanswered(visit: Any) -> None:
        visit.request()
        visit.reply(envelope())
        visit.request()

    server = serve(second_unanswered)
    gateway = gateway_at(server.url)
    gateway.query("1")
    assert gateway.pay(order, code).heard in (Heard.SILENT, Heard.BROKEN)
    assert server.visits == 1
    assert server.received.count(code.digits.encode()) == 1
