"""What is sent: the bodies of the seven calls (interface.md part 2).

Rules
1. Every value is text, found fit and short enough before it is signed; what is not raises
   :class:`~kiosk.gateway.signing.OutgoingValueError`, and nothing was sent.
2. A body is built at the moment of sending; only a notice's is kept, by its caller.
3. Optional fields without a value are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kiosk.core.money import MAX_FEN, wire_yuan
from kiosk.core.order import Kind, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.signing import OutgoingValueError, outgoing, sign

#: The longest value of each field (interface.md parts 1 and 2).
_MAX_LENGTH = {
    "version": 8,
    "channel": 16,
    "acq_code": 16,
    "usr_id": 32,
    "order_no": 32,
    "pre_order_no": 32,
    "cost_id": 32,
    "auth_code": 32,
    "fee_mod": 1,
}
_MAX_AMOUNT_LENGTH = 22
#: JSON without blanks, UTF-8, nothing escaped that need not be.
_encode = msgspec.json.Encoder().encode
_FEE_MODE = {Kind.ARREARS: "0", Kind.PREPAYMENT: "1"}


@dataclass(frozen=True, slots=True)
class Requests:
    """Builds the bodies for one gateway."""

    endpoint: Endpoint
    profile: WireProfile

    def lookup(self, customer_no: str) -> bytes:
        """The customer query's body, and the arrears query's."""
        return self._body({"usr_id": customer_no})

    def query(self, order_no: str) -> bytes:
        """The payment query's body."""
        return self._body({"pre_order_no": order_no})

    def pay(self, order: Order, code: PaymentCode) -> bytes:
        """The pay call's body: the only text outside of ``code`` that holds the payment code."""
        return self._body({**self._payment(order), "auth_code": code.digits})

    def unified(self, order: Order) -> bytes:
        """The unified order's body; it never holds a payment code."""
        return self._body(self._payment(order))

    def notice(self, order: Order) -> bytes:
        """The payment notice's body; it names the gateway's number, else ours."""
        number = order.gateway_order_no or order.order_no
        return self._body({"usr_id": order.customer_no, "order_no": number, **self._amounts(order)})

    def _payment(self, order: Order) -> dict[str, str]:
        self._check_sum(order)
        fields = {"usr_id": order.customer_no, "order_no": order.order_no, "fee_mod": _FEE_MODE[order.kind]}
        return fields | self._amounts(order)

    def _amounts(self, order: Order) -> dict[str, str]:
        if order.kind is Kind.PREPAYMENT:
            return {"rchg_amt": self._amount("rchg_amt", order.principal_fen)}
        late_fee_key = self.profile.late_fee_key
        return {
            "ow_amt": self._amount("ow_amt", order.principal_fen),
            "cost_id": order.cost_id,
            late_fee_key: self._amount(late_fee_key, order.late_fee_fen),
        }

    def _amount(self, field: str, amount_fen: int) -> str:
        if not 0 <= amount_fen <= MAX_FEN:
            raise OutgoingValueError(field, "amount")
        text = wire_yuan(amount_fen)
        return text.removesuffix(".00") if self.profile.plain_amounts else text

    def _check_sum(self, order: Order) -> None:
        """What is charged is what the parts say (payment.md rule 13)."""
        alone = order.kind is Kind.PREPAYMENT or self.profile.amount_holds_late_fee
        expected = order.principal_fen if alone else order.principal_fen + order.late_fee_fen
        if order.total_fen != expected or order.total_fen <= 0:
            raise OutgoingValueError("total_fen", "sum")

    def _body(self, fields: dict[str, str]) -> bytes:
        site = self.endpoint
        request = {"version": site.version, "channel": site.channel, "acq_code": site.acq_code, **fields}
        for field, value in request.items():
            outgoing(field, value, _MAX_LENGTH.get(field, _MAX_AMOUNT_LENGTH))
        envelope = {"request": request, "sign": sign(request)}
        return _encode(envelope)
