"""The customer's phone: what opening, confirming and refusing a QR's address does to the order.

Rules
1. Opening the page makes an unpaid order USERPAYING; refusing it makes it PAYERROR, and the QR lives on: opened again,
   it can be paid (payment.md, rule 11 b). A behaviour may say that refusing closes the order.
2. An order is paid once; whoever confirms again is told so and nothing is charged.
3. What cannot be paid any more answers with a status of its own: 404 no such QR, 409 paid already, 410 over.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.core.bills import mask_name
from kiosk.core.money import show_yuan
from kiosk.sandbox.behaviours import State
from kiosk.sandbox.calls import Gateway
from kiosk.sandbox.ledger import Trade
from kiosk.sandbox.page import Notice, confirm_page, notice_page


@dataclass(frozen=True, slots=True)
class Shown:
    """A page and its HTTP status."""

    status: int
    html: str


_NO_SUCH = Notice("stop", "二维码无效", "请回到柜台，请工作人员重新出示二维码。")
_OVER = Notice("stop", "二维码已失效", "未扣款。请回到柜台，请工作人员重新出示二维码。")
_REFUSED = Notice("stop", "已拒绝支付", "未扣款。如需支付，请重新扫码。")
_AGAIN = Notice("done", "已支付，请勿重复付款", "这笔费用已经支付过，本次没有再扣款。")


class Phone:
    """The pages behind ``pay_url``, over one gateway's book."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def open(self, token: str) -> Shown:
        """The customer scans the QR."""
        with self._gateway.ledger.lock:
            trade = self._gateway.ledger.trade_of_token(token)
            if trade is None:
                return self._notice(404, _NO_SUCH)
            if trade.begun_s is not None:
                return self._outcome(trade)
            if self._is_over(trade):
                return self._notice(410, _OVER)
            trade.opened, trade.refused = True, False
            return Shown(200, self._confirm_page(trade))

    def confirm(self, token: str) -> Shown:
        """The customer confirms: the payment begins, and ends as the order's behaviour says."""
        with self._gateway.ledger.lock:
            trade = self._gateway.ledger.trade_of_token(token)
            if trade is None:
                return self._notice(404, _NO_SUCH)
            if trade.begun_s is not None:
                is_paid = trade.state(self._gateway.now_s()) is State.PAID
                return self._notice(409, _AGAIN) if is_paid else self._outcome(trade)
            if self._is_over(trade):
                return self._notice(410, _OVER)
            trade.begun_s = self._gateway.now_s()
            return self._outcome(trade)

    def refuse(self, token: str) -> Shown:
        """The customer refuses; a payment that has begun is not undone by it."""
        with self._gateway.ledger.lock:
            trade = self._gateway.ledger.trade_of_token(token)
            if trade is None:
                return self._notice(404, _NO_SUCH)
            if trade.begun_s is not None:
                return self._outcome(trade)
            if self._is_over(trade):
                return self._notice(410, _OVER)
            trade.refused = True
            return self._notice(200, _REFUSED)

    def _is_over(self, trade: Trade) -> bool:
        return trade.rejected or trade.state(self._gateway.now_s()) is State.CLOSED

    def _notice(self, status: int, notice: Notice) -> Shown:
        return Shown(status, notice_page(self._gateway.data.payee, notice))

    def _outcome(self, trade: Trade) -> Shown:
        amount = show_yuan(trade.total_fen)
        notices = {
            State.PAID: Notice("done", "支付成功", "请稍候，柜台正在为您打印凭证。", amount),
            State.PAYING: Notice("wait", "支付处理中", "请勿重复付款，结果马上就来。", amount, reload_s=2),
            State.UNKNOWN: Notice("wait", "支付结果待确认", "请勿重复付款，请向柜台工作人员查询。", amount),
            State.REFUNDED: Notice("done", "已退款", "款项已原路退回。", amount),
        }
        unpaid = Notice("stop", "支付未成功", "未扣款。请回到柜台，换一种方式支付。", amount)
        return self._notice(200, notices.get(trade.state(self._gateway.now_s()), unpaid))

    def _confirm_page(self, trade: Trade) -> str:
        customer = self._gateway.ledger.accounts[trade.customer_no].customer
        rows = [("户名", mask_name(customer.name)), ("户号", trade.customer_no), ("缴费项目", _what_for(trade))]
        if trade.late_fee_fen:
            rows += [("电费", show_yuan(trade.principal_fen)), ("违约金", show_yuan(trade.late_fee_fen))]
        return confirm_page(
            self._gateway.data.payee,
            show_yuan(trade.total_fen),
            rows,
            [("订单号", trade.gateway_order_no)],
            f"/phone/{trade.token}",
        )


def _what_for(trade: Trade) -> str:
    if not trade.cost_id:
        return "预存电费"
    year, _, month = trade.period.partition("-")
    if year.isdecimal() and month.isdecimal():
        return f"{year}年{int(month)}月电费"
    return f"{trade.period} 电费".strip()
