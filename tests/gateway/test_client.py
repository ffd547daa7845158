"""What one call is: the bytes that go out, and a deadline of its own for each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.core.messages import Heard
from kiosk.core.order import Order
from kiosk.core.payment_code import PaymentCode
from kiosk.core.policy import PaymentPolicy
from kiosk.gateway.client import Gateway
from kiosk.gateway.profile import Endpoint, WireProfile

ServeAt = Callable[..., Any]
GatewayAt = Callable[..., Gateway]
Envelope = Callable[..., bytes]


def test_the_policys_deadlines_are_each_calls_own(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode
) -> None:
    def behave(visit: Any) -> None:
        visit.request()
        visit.until_client_leaves()

    server = serve(behave)
    policy = PaymentPolicy(
        query_timeout_s=0.1, pay_timeout_s=0.15, notice_timeout_s=0.1, lookup_timeout_s=0.1, lookup_tries=2
    )
    gateway = Gateway(Endpoint(url=server.url, acq_code="1"), WireProfile(), policy, sleep=lambda _seconds: None)
    assert gateway.query("1").heard is Heard.SILENT
    assert gateway.pay(order, code).heard is Heard.SILENT
    assert gateway.notice(order, b"{}").heard is Heard.SILENT
    assert gateway.customer("1").answer.heard is Heard.SILENT
    assert len(server.requests) == 5
    gateway.close()


def test_what_goes_out_is_the_interface(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode, envelope: Envelope
) -> None:
    server = serve(lambda visit: (visit.request(), visit.reply(envelope(order_no="G1"))))
    answer = gateway_at(server.url + "/base/").pay(order, code)
    line, headers, body = server.requests[0]
    assert line == "POST /base/trade/pay HTTP/1.1"
    assert headers[b"content-type"] == b"application/json; charset=utf-8"
    sent = json.loads(body)
    assert set(sent) == {"request", "sign"}
    assert sent["request"]["auth_code"] == code.digits
    assert (answer.heard, answer.sub_code, answer.order_no) == (Heard.ANSWERED, "0000", "G1")


def test_z9_what_cannot_be_signed_is_not_sent(
    serve: ServeAt, gateway_at: GatewayAt, order: Order, code: PaymentCode
) -> None:
    server = serve(lambda visit: visit.until_client_leaves())
    gateway = gateway_at(server.url)
    answer = gateway.pay(replace(order, cost_id="1&status=SUCCESS"), code)
    assert (answer.heard, server.visits) == (Heard.NOT_SENT, 0)
    assert "cost_id" in answer.detail
    assert gateway.pay(replace(order, total_fen=10099), code).heard is Heard.NOT_SENT
    assert server.visits == 0
