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
from dataclasses import replace
from datetime import datetime

from kiosk.sandbox.behaviours import BEHAVIOURS, Behaviour, State, behaviour_of_code
from kiosk.sandbox.customers import Bill, SandboxData
from kiosk.sandbox.dials import ORDINARY_ANSWER, Answer, Call, Names
from kiosk.sandbox.envelope import Breach, fen, read_call
from kiosk.sandbox.ledger import Account, Ledger, Noted, Trade, masked
from kiosk.sandbox.scenario import ORDINARY_SCENARIO, SCAN, SHOW, Scenario, Subject
from kiosk.sandbox.writing import Outcome, outcome

__all__ = ["QUERY_ANSWERS", "Gateway", "Outcome"]

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


#: An order number that no order has, named wherever ``unknown`` is dialled.
STRANGER = "X2020000000000000001"


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
        scenario: Scenario = ORDINARY_SCENARIO,
    ) -> None:
        self.data = scenario.applied(data)
        self.scenario = scenario
        self.ledger = ledger
        self._base_url = base_url
        self._clock = clock
        self._wall = wall
        self._new_token = new_token
        self._copies: Counter[tuple[Call, str]] = Counter()
        #: Each order number that ever came, ours and the gateway's, with the client's own and whom it concerns.
        self._known: dict[str, tuple[str, Subject]] = {}
        self._given_out = 0
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
                return self._outcome({"code": "FAIL", "msg": str(breach)}, ORDINARY_ANSWER)
            try:
                reply, answer = self._calls[call](call, fields, body)
            except _Refusal as refusal:
                if refusal.rule:
                    self._note(call, refusal.rule, refusal.says, fields.get("order_no", ""))
                reply, answer = {}, Answer(refusal.sub_code)
            named = reply if answer.sub_code == "0000" or call is Call.QUERY else {}
            return self._outcome(_business(answer, self._naming(named, answer, fields)), answer)

    def elsewhere(self) -> None:
        """A client followed a redirect: what it sent there may have held a payment code, so nothing of it is kept."""
        with self.ledger.lock:
            self.ledger.note(Noted(self._wall(), "", "redirect_followed", "a call is never sent on elsewhere"))

    def _outcome(self, fields: Mapping[str, object], answer: Answer) -> Outcome:
        return outcome(
            fields, answer, signed=self.data.conduct.signed, at=self._wall(), base_url=self._base_url
        )

    def _note(self, call: Call, rule: str, says: str, order_no: str = "") -> None:
        self.ledger.note(Noted(self._wall(), call.value, rule, says, order_no))

    def _planned(self, call: Call, behaviour: Behaviour, key: str, subject: Subject) -> Answer:
        """The one place where an answer is chosen; ``key`` is the order or the customer whose copies are counted."""
        nth = self._copies[call, key]
        self._copies[call, key] += 1
        dialled = self.scenario.answer(call, nth + 1, subject)
        return behaviour.answer(call, nth) if dialled is None else dialled

    def _naming(self, reply: Mapping[str, object], answer: Answer, fields: _Fields) -> Mapping[str, object]:
        """The reply with the order number that is dialled."""
        names = answer.writing.names
        if names is Names.TRUTH:
            return reply
        asked = fields.get("order_no") or fields.get("pre_order_no", "")
        trade = self.ledger.trade(asked)
        if names is Names.NEW_UNKNOWN:
            self._given_out += 1
            return {**reply, "order_no": f"{STRANGER}{self._given_out}"}
        number = {
            Names.OURS: trade.order_no if trade else asked,
            Names.GATEWAY: trade.gateway_order_no if trade else asked,
            Names.OTHER_ORDER: self._other_order_no(trade),
        }.get(names, STRANGER)
        return {**reply, "order_no": number}

    def _other_order_no(self, trade: Trade | None) -> str:
        others = [each.gateway_order_no for each in self.ledger.trades if each is not trade]
        return others[-1] if others else STRANGER

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
        return {"data": data}, self._planned_look_up(call, account)

    def _planned_look_up(self, call: Call, account: Account) -> Answer:
        number = account.customer.customer_no
        return self._planned(call, BEHAVIOURS[account.customer.behaviour], number, Subject(number))

    def _arrears(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        account = self._account(fields["usr_id"])
        data = [_bill_fields(bill, self._shown_id(account, bill)) for bill in account.bills.values()]
        return {"data": data}, self._planned_look_up(call, account)

    def _shown_id(self, account: Account, bill: Bill) -> str:
        if self.data.conduct.cost_ids != "fresh":
            return bill.cost_id
        self._given_out += 1
        shown = f"{bill.cost_id[:20]}-{self._given_out}"
        account.given_out[shown] = bill.cost_id
        return shown

    # Payments

    def _pay(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        code = fields["auth_code"]
        subject = Subject(fields["usr_id"], code[-4:], SCAN)
        trade = self._ordered(fields, subject, behaviour_of_code(code))
        trade.masked_code = masked(code)
        trade.begun_s = trade.created_s
        if not self.ledger.code_is_new(code):
            self._reject(trade, _Refusal("0009", "payment_code_twice", "this payment code was used before"))
        self._check_debt(trade, fields)
        return {"order_no": trade.gateway_order_no}, self._taken(call, trade, subject)

    def _unified(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        behaviour = BEHAVIOURS[self._account(fields["usr_id"]).customer.behaviour]
        subject = Subject(fields["usr_id"], mode=SHOW)
        trade = self._ordered(fields, subject, behaviour)
        trade.token = self._new_token()
        self._check_debt(trade, fields)
        reply: dict[str, object] = {
            "order_no": trade.gateway_order_no,
            "pay_url": f"{self._base_url}/phone/{trade.token}",
        }
        return reply, self._taken(call, trade, subject)

    def _taken(self, call: Call, trade: Trade, subject: Subject) -> Answer:
        """The order comes to be, unless the answer, or the behaviour, has it otherwise."""
        answer = self._planned(call, trade.behaviour, trade.order_no, subject)
        if trade.behaviour.makes_order if answer.works is None else answer.works:
            self.ledger.enter(trade)
        return answer

    def _ordered(self, fields: _Fields, subject: Subject, behaviour: Behaviour) -> Trade:
        if not self.ledger.number_is_new(fields["order_no"]):
            raise _Refusal("1002", "order_number_twice", "an order number is sent with one pay or unified only")
        self._account(fields["usr_id"])
        is_arrears = fields["fee_mod"] == "0"
        bill = self.ledger.accounts[fields["usr_id"]].bill(fields.get("cost_id", ""))
        trade = Trade(
            order_no=fields["order_no"],
            gateway_order_no=self._own_number(fields["order_no"]),
            mode=subject.mode,
            customer_no=fields["usr_id"],
            cost_id=fields["cost_id"] if is_arrears else "",
            period=bill.period if bill else "",
            principal_fen=fen(fields["ow_amt" if is_arrears else "rchg_amt"]),
            late_fee_fen=fen(fields["dflt_pny"]) if is_arrears else 0,
            behaviour=self.scenario.behaviour(behaviour, subject),
            created_at=self._wall(),
            created_s=self._clock(),
            life_s=self.data.conduct.qr_life_s,
            bill_id=bill.cost_id if bill else "",
        )
        self._known[trade.order_no] = self._known[trade.gateway_order_no] = trade.order_no, subject
        return trade

    def _own_number(self, order_no: str) -> str:
        if not self.data.conduct.own_numbers:
            return order_no
        return f"G{self._wall():%Y%m%d%H%M%S}{len(self.ledger.trades) + 1:06d}"

    def _check_debt(self, trade: Trade, fields: _Fields) -> None:
        if trade.total_fen <= 0:
            self._reject(trade, _Refusal("0009", "amount_zero", "nothing is to be paid"))
        if not trade.cost_id:
            return
        bill = self.ledger.accounts[trade.customer_no].bill(trade.cost_id)
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
        trade = self._found(asked)
        key, subject = self._known.get(asked, (asked, Subject()))
        behaviour = trade.behaviour if trade else BEHAVIOURS["paid_at_once"]
        planned = self._planned(call, behaviour, key, subject)
        if planned.sub_code != "0000":
            return {}, planned
        sub_code, status = QUERY_ANSWERS[trade.state(self._clock())] if trade else ("1003", "")
        if planned.status:
            sub_code, status = "0000", planned.status
        named = trade.gateway_order_no if trade and self.data.conduct.query_names == "gateway" else asked
        reply: dict[str, object] = {} if sub_code == "1003" else {"order_no": named}
        if status:
            reply["status"] = status
        return reply, replace(planned, sub_code=sub_code)

    def _found(self, asked: str) -> Trade | None:
        """The order that a query by this number finds, now."""
        trade = self.ledger.trade(asked)
        if trade is None or self._clock() - trade.created_s < trade.behaviour.found_after_s:
            return None
        by_ours = asked == trade.order_no and asked != trade.gateway_order_no
        return None if by_ours and not self.data.conduct.finds_by_our_number else trade

    def _notice(self, call: Call, fields: _Fields, body: bytes) -> tuple[dict[str, object], Answer]:
        trade = self.ledger.trade(fields["order_no"])
        if trade is None:
            raise _Refusal("1003", "notice_without_order", "no such order")
        self._check_notice(trade, fields, body)
        trade.notices += 1
        trade.notice = body
        answer = self._planned(call, trade.behaviour, trade.order_no, self._known[trade.order_no][1])
        if answer.sub_code != "0000" if answer.works is None else not answer.works:
            return {}, answer
        conduct = self.data.conduct
        credited_before = bool(trade.credits)
        self.ledger.credit(
            trade, self._wall(), again=not conduct.notices_idempotent, owed_again=conduct.cost_ids == "recurring"
        )
        exists = conduct.notices_idempotent and conduct.repeated_notice == "exists"
        if credited_before and exists and answer.sub_code == "0000":
            return {}, replace(answer, sub_code="1002")
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
        owed = self.ledger.accounts[trade.customer_no].bill(trade.cost_id)
        if trade.cost_id and not trade.credits and (owed is None or owed.period != trade.period):
            raise _Refusal("0009", "bill_credited_twice", "another order was credited for this bill")


def _business(answer: Answer, reply: Mapping[str, object]) -> dict[str, object]:
    if answer.code != "SUCCESS":
        return {"code": answer.code, "msg": "系统繁忙"}
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


def _bill_fields(bill: Bill, cost_id: str) -> dict[str, str]:
    return {
        "cost_id": cost_id,
        "period": bill.period,
        "ow_amt": _yuan(bill.principal_fen),
        "dflt_pny": _yuan(bill.late_fee_fen),
    }


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"
