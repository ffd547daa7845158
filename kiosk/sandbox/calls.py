"""The seven calls, decided: bytes in, bytes and a way to deliver them out. No HTTP, no thread, no clock of its own.

Rules
1. A call that is not well formed is answered with ``code`` FAIL; a well-formed one with SUCCESS and a ``sub_code``.
2. The work is done before the reply is delivered: a lost reply is a reply to work that was done.
3. What only a broken client does (a number or a payment code twice, a wrong amount, a notice for what is not paid, a
   notice with other bytes than before) is refused and noted as a breach.
4. A client that was refused on pay or unified can still ask: the order stands in the book as failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kiosk.sandbox.behaviours import BEHAVIOURS, Answer, Behaviour, Call, Delivery, State, behaviour_of_code
from kiosk.sandbox.customers import Bill, SandboxData
from kiosk.sandbox.digest import sealed
from kiosk.sandbox.envelope import Breach, fen, read_call
from kiosk.sandbox.ledger import Account, Ledger, Noted, Trade, masked

#: What a payment query says of each state: ``sub_code`` and ``status`` (interface.md parts 2 and 4).
QUERY_ANSWERS: Mapping[State, tuple[str, str]] = {
    State.PAID: ("0000", "SUCCESS"),
    State.PAYING: ("0000", "USERPAYING"),
    State.UNKNOWN: ("0000", "UNKNOW"),
    State.FAILED: ("0000", "PAYERROR"),
    State.NOT_PAID: ("0001", ""),
    State.REFUNDED: ("0002", ""),
    State.CLOSED: ("0003", ""),
    State.REVOKED: ("0004", ""),
    State.NOT_AUTHORISED: ("0008", ""),
}

_WORDS = {
    "0000": "成功", "0001": "未支付", "0002": "已退款", "0003": "已关闭", "0004": "已撤销", "0008": "授权失败",
    "0009": "交易失败", "1001": "系统错误", "1002": "业务已存在", "1003": "订单不存在", "1006": "渠道商户不可用",
    "1009": "渠道未配置", "1010": "暂不支持该交易",
}

_Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply's body and what becomes of it on its way."""

    body: bytes
    delivery: Delivery = Delivery.REPLY
    delay_s: float = 0.0


class _Refusal(Exception):
    """A well-formed call that is refused: its ``sub_code``, and where the client is to blame, the breach."""

    def __init__(self, sub_code: str, rule: str = "", says: str = "") -> None:
        super().__init__(sub_code)
        self.sub_code = sub_code
        self.rule = rule
        self.says = says


class Gateway:
    """The gateway's judgement over one book. ``base_url`` is what a customer's phone reaches."""

    def __init__(
        self,
        data: SandboxData,
        ledger: Ledger,
        *,
        base_url: str,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
        new_token: Callable[[], str],
    ) -> None:
        self.data = data
        self.ledger = ledger
        self._base_url = base_url
        self._clock = clock
        self._wall = wall
        self._new_token = new_token
        self._copies: Counter[tuple[Call, str]] = Counter()
        self._calls: Mapping[Call, Callable[[Call, _Fields, bytes], tuple[dict[str, object], Answer]]] = {
            Call.CUSTOMER: self._customer,
            Call.ARREARS: self._arrears,
            Call.PAY: self._pay,
            Call.UNIFIED: self._unified,
            Call.QUERY: self._query,
            Call.ARREARS_NOTICE: self._notice,
            Call.PREPAYMENT_NOTICE: self._notice,
        }

    def now_s(self) -> float:
        """The moment by which trades are judged."""
        return self._clock()

    def answer(self, call: Call, content_type: str, body: bytes) -> Outcome:
        """Do what the call asks, and say how it is answered."""
        with self.ledger.lock:
            try:
                fields = read_call(call, content_type, body)
            except Breach as breach:
                self._note(call, breach.rule, breach.says)
                return self._sealed({"code": "FAIL", "msg": str(breach)}, Answer())
            try:
                reply, answer = self._calls[call](call, fields, body)
            except _Refusal as refusal:
                if refusal.rule:
                    self._note(call, refusal.rule, refusal.says, fields.get("order_no", ""))
                reply, answer = {}, Answer(refusal.sub_code)
            named = reply if answer.sub_code == "0000" or call is Call.QUERY else {}
            return self._sealed(_business(answer, named), answer)

    def _sealed(self, fields: Mapping[str, object], answer: Answer) -> Outcome:
        return Outcome(sealed(fields, signed=self.data.conduct.signed), answer.delivery, answer.delay_s)

    def _note(self, call: Call, rule: str, says: str, order_no: str = "") -> None:
        self.ledger.note(Noted(self._wall(), call.value, rule, says, order_no))

    def _planned(self, call: Call, behaviour: Behaviour, key: str) -> Answer:
        """The one place where an answer is chosen; ``key`` is the order or the customer whose copies are counted."""
        nth = self._copies[call, key]
        self._copies[call, key] += 1
        return behaviour.answer(call, nth)

    # Look-ups

    def _account(self, customer_no: str) -> Account:
        account = self.ledger.accounts.get(customer_no)
        if account is None:
            raise _Refusal("1003")
        return account

    def _customer(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        account = self._account(fields["usr_id"])
        customer = account.customer
        details: dict[str, str] = {
            "usr_name": customer.name,
            "usr_addr": customer.address,
            "phone": customer.phone,
            "meter_no": customer.meter_no,
            "balance": _yuan(account.balance_fen),
        }
        data: object = {name: value for name, value in details.items() if value}
        return {"data": data}, self._planned(call, BEHAVIOURS[customer.behaviour], customer.customer_no)

    def _arrears(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        account = self._account(fields["usr_id"])
        customer = account.customer
        data = [_bill_fields(bill) for bill in account.bills.values()]
        return {"data": data}, self._planned(call, BEHAVIOURS[customer.behaviour], customer.customer_no)

    # Payments

    def _pay(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        behaviour = behaviour_of_code(fields["auth_code"])
        trade = self._ordered(fields, "scan", behaviour)
        trade.masked_code = masked(fields["auth_code"])
        trade.begun_s = trade.created_s
        if not self.ledger.code_is_new(fields["auth_code"]):
            self._reject(trade, _Refusal("0009", "payment_code_twice", "this payment code was used before"))
        self._check_debt(trade, fields)
        if behaviour.makes_order:
            self.ledger.enter(trade)
        return {"order_no": trade.gateway_order_no}, self._planned(call, behaviour, trade.order_no)

    def _unified(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        behaviour = BEHAVIOURS[self._account(fields["usr_id"]).customer.behaviour]
        trade = self._ordered(fields, "show", behaviour)
        trade.token = self._new_token()
        self._check_debt(trade, fields)
        if behaviour.makes_order:
            self.ledger.enter(trade)
        reply: dict[str, object] = {
            "order_no": trade.gateway_order_no,
            "pay_url": f"{self._base_url}/phone/{trade.token}",
        }
        return reply, self._planned(call, behaviour, trade.order_no)

    def _ordered(self, fields: _Fields, mode: str, behaviour: Behaviour) -> Trade:
        if not self.ledger.number_is_new(fields["order_no"]):
            raise _Refusal("1002", "order_number_twice", "an order number is sent with one pay or unified only")
        self._account(fields["usr_id"])
        is_arrears = fields["fee_mod"] == "0"
        bill = self.ledger.accounts[fields["usr_id"]].bills.get(fields.get("cost_id", ""))
        return Trade(
            order_no=fields["order_no"],
            gateway_order_no=self._own_number(fields["order_no"]),
            mode=mode,
            customer_no=fields["usr_id"],
            cost_id=fields["cost_id"] if is_arrears else "",
            period=bill.period if bill else "",
            principal_fen=fen(fields["ow_amt" if is_arrears else "rchg_amt"]),
            late_fee_fen=fen(fields["dflt_pny"]) if is_arrears else 0,
            behaviour=behaviour,
            created_at=self._wall(),
            created_s=self._clock(),
            life_s=self.data.conduct.qr_life_s,
        )

    def _own_number(self, order_no: str) -> str:
        if not self.data.conduct.own_numbers:
            return order_no
        return f"G{self._wall():%Y%m%d%H%M%S}{len(self.ledger.trades) + 1:06d}"

    def _check_debt(self, trade: Trade, fields: _Fields) -> None:
        if trade.total_fen <= 0:
            self._reject(trade, _Refusal("0009", "amount_zero", "nothing is to be paid"))
        if not trade.cost_id:
            return
        bill = self.ledger.accounts[trade.customer_no].bills.get(trade.cost_id)
        if bill is None:
            self._reject(trade, _Refusal("0009", "bill_not_owed", "the customer does not owe this bill"))
        elif (bill.principal_fen, bill.late_fee_fen) != (trade.principal_fen, trade.late_fee_fen):
            self._reject(trade, _Refusal("0009", "amount_differs", "the amounts are not those of the bill"))

    def _reject(self, trade: Trade, refusal: _Refusal) -> None:
        trade.rejected = True
        self.ledger.enter(trade)
        raise refusal

    # Questions and notices

    def _query(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        asked = fields["pre_order_no"]
        trade = self.ledger.trade(asked)
        if trade is None:
            raise _Refusal("1003")
        planned = self._planned(call, trade.behaviour, trade.order_no)
        if planned.sub_code != "0000":
            return {}, planned
        sub_code, status = QUERY_ANSWERS[trade.state(self._clock())]
        named = asked if self.data.conduct.query_names == "asked" else trade.gateway_order_no
        reply: dict[str, object] = {"order_no": named}
        if status:
            reply["status"] = status
        return reply, Answer(sub_code, planned.delivery, planned.delay_s)

    def _notice(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        trade = self.ledger.trade(fields["order_no"])
        if trade is None:
            raise _Refusal("1003", "notice_without_order", "no such order")
        self._check_notice(trade, fields, body)
        trade.notices += 1
        trade.notice = body
        if trade.credited_at is not None:
            again = "0000" if self.data.conduct.notices_idempotent else "1002"
            return {}, Answer(again)
        answer = self._planned(call, trade.behaviour, trade.order_no)
        if answer.sub_code == "0000":
            self.ledger.credit(trade, self._wall())
        return {}, answer

    def _check_notice(self, trade: Trade, fields: _Fields, body: bytes) -> None:
        if trade.notice and trade.notice != body:
            raise _Refusal("0009", "notice_changed", "a notice is repeated with the same bytes only")
        if _noticed(fields) != (trade.customer_no, trade.cost_id, trade.principal_fen, trade.late_fee_fen):
            raise _Refusal("0009", "notice_differs", "customer, bill or amounts are not those of the order")
        state = trade.state(self._clock())
        if state is State.REFUNDED:
            raise _Refusal("0002")
        if state is not State.PAID:
            raise _Refusal("0001", "notice_unpaid", "a notice for an order that is not paid")
        owed = self.ledger.accounts[trade.customer_no].bills
        if trade.cost_id and trade.credited_at is None and trade.cost_id not in owed:
            raise _Refusal("0009", "bill_credited_twice", "another order was credited for this bill")


def _business(answer: Answer, reply: Mapping[str, object]) -> dict[str, object]:
    fields: dict[str, object] = {
        "code": "SUCCESS",
        "msg": "OK",
        "sub_code": answer.sub_code,
        "sub_msg": _WORDS.get(answer.sub_code, "其他"),
    }
    return fields | dict(reply) | ({} if answer.data is None else {"data": answer.data})


def _noticed(fields: _Fields) -> tuple[str, str, int, int]:
    if "rchg_amt" in fields:
        return fields["usr_id"], "", fen(fields["rchg_amt"]), 0
    return fields["usr_id"], fields["cost_id"], fen(fields["ow_amt"]), fen(fields["dflt_pny"])


def _bill_fields(bill: Bill) -> dict[str, str]:
    return {
        "cost_id": bill.cost_id,
        "period": bill.period,
        "ow_amt": _yuan(bill.principal_fen),
        "dflt_pny": _yuan(bill.late_fee_fen),
    }


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"
