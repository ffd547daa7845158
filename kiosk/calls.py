"""The jobs that concern money: the one call, the questions, the notice; and the lane on which each goes.

Rules
1. The customer who stands there goes first: their call and questions have the payment lane, and what runs beside an
   open call, or first after it, has the second connection. All else is the background's (design.md part 2).
2. A question's ``sent`` moment is when it was queued: earlier than the wire's, so rule 11 can only become stricter.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.core.bills import still_owed
from kiosk.core.messages import ArrearsAnswer, Found
from kiosk.core.order import UNDECIDED, Instant, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.ports import GatewayPort, Job, Lane

Gateways = Mapping[Lane, GatewayPort]


def pay_job(gateways: Gateways, order: Order, code: PaymentCode) -> Job:
    """Scan mode's one call; the job holds the code until it is done, and nobody else does."""
    gateway = gateways[Lane.PAYMENT]
    return Job(Lane.PAYMENT, ("call", order.order_no), lambda: gateway.pay(order, code))


def unified_job(gateways: Gateways, order: Order) -> Job:
    """Show mode's one call."""
    gateway = gateways[Lane.PAYMENT]
    return Job(Lane.PAYMENT, ("call", order.order_no), lambda: gateway.unified(order))


def question_job(gateways: Gateways, order: Order, asked_by: str, number: int, at: Instant) -> Job:
    """A payment query; what the machine needs beside the answer travels in the key."""
    lane = _lane(order)
    gateway = gateways[lane]
    key = ("ask", order.order_no, str(number), asked_by, repr(at.mono_s))
    return Job(lane, key, lambda: gateway.query(asked_by))


def notice_job(gateways: Gateways, order: Order, body: bytes) -> Job:
    """The payment notice, as it was stored; its first copy goes while the customer waits for the receipt."""
    first = order.asking.attended and order.asking.notices == 1
    lane = Lane.BESIDE if first else Lane.BACKGROUND
    gateway = gateways[lane]
    return Job(lane, ("notice", order.order_no, str(order.asking.notices)), lambda: gateway.notice(order, body))


def arrears_job(gateways: Gateways, order: Order) -> Job:
    """Whether this order's bill is still owed: the arrears, asked for on the background's lane."""
    gateway = gateways[Lane.BACKGROUND]
    return Job(Lane.BACKGROUND, ("arrears", order.order_no), lambda: gateway.arrears(order.customer_no, alone=True))


def owed(result: object, order: Order) -> bool | None:
    """What the arrears say of this order's bill; None where they say nothing."""
    if not isinstance(result, ArrearsAnswer) or result.found not in (Found.FOUND, Found.NOTHING):
        return None
    return still_owed(order.cost_id, order.period, order.principal_fen, result.bills)


def _lane(order: Order) -> Lane:
    if not order.asking.attended or order.state not in UNDECIDED:
        return Lane.BACKGROUND
    return Lane.BESIDE if order.asking.calling else Lane.PAYMENT
