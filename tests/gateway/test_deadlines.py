"""Each kind of call has a deadline of its own, and a look-up has one a try."""

from __future__ import annotations

from typing import Any

from kiosk.core.messages import Heard
from kiosk.core.order import Order
from kiosk.core.payment_code import PaymentCode
from kiosk.core.policy import PaymentPolicy
from kiosk.gateway.client import Gateway
from kiosk.gateway.profile import Endpoint, WireProfile

ServeAt = Callable[..., Any]
GatewayAt = Callable[..., Gateway]


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
