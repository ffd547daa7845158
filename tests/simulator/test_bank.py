"""The simulator's own gateway speaks as the sandbox does: the same calls, the same codes, the same money."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kiosk.core.messages import Call as OurCall
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.replies import Counters, Replies
from kiosk.gateway.signing import sign
from kiosk.sandbox.behaviours import Call, sample_code
from kiosk.sandbox.calls import Gateway
from kiosk.sandbox.customers import DEFAULT, Conduct, SandboxData
from kiosk.sandbox.ledger import Ledger
from kiosk.simulator import distortion
from kiosk.simulator.bank import ARREARS, CUSTOMER, NOTICES, PAY, QUERY, UNIFIED, Bank, Debt, Stands
from kiosk.simulator.faults import Fault
from kiosk.simulator.plan import Plan, plan
from kiosk.simulator.schedule import Schedule

NOBODY = "6999999999"
_OURS = {
    CUSTOMER: OurCall.CUSTOMER, ARREARS: OurCall.ARREARS, PAY: OurCall.PAY, UNIFIED: OurCall.UNIFIED,
    QUERY: OurCall.QUERY, NOTICES[0]: OurCall.NOTICE, NOTICES[1]: OurCall.NOTICE,
}  # fmt: skip


def calm_plan() -> Plan:
    """A story without a fault, at a gateway like the sandbox's own, whose first scanned order is paid at once."""
    return next(
        drawn
        for drawn in map(plan, range(5000))
        if drawn.conduct.finds_by_ours and not drawn.conduct.own_numbers and drawn.conduct.idempotent
        and not drawn.faults & {Fault.REFUND, Fault.LAGGING, Fault.RENAMED}
        and drawn.conduct.unopened == "0001" and 0.03 < drawn.fates.of(0, 50).roll() < 0.7
        and drawn.fates.of(0, 53).one_of(("0000", "1002")) == "0000"
    )  # fmt: skip


class Both:
    """One debtor of the sandbox's data, at both gateways."""

    def __init__(self) -> None:
        data = SandboxData(DEFAULT.customers, conduct=Conduct(own_numbers=False))
        self.now_s = 0.0
        self.ledger = Ledger.of(data.customers)
        self.sandbox = Gateway(
            data, self.ledger, base_url="http://127.0.0.1:1", clock=lambda: self.now_s,
            wall=lambda: datetime(2026, 11, 24, tzinfo=UTC), new_token=lambda: "t1",
        )  # fmt: skip
        self.schedule = Schedule()
        self.moved: list[str] = []
        self.bank = Bank(
            calm_plan(), self.schedule, lambda fault: None, lambda trade: self.moved.append(trade.order_no),
            lambda trade: None,
        )  # fmt: skip
        self.customer_no, account = next((no, one) for no, one in self.ledger.accounts.items() if one.bills)
        self.bill = next(iter(account.bills.values()))
        self.bank.debts[self.customer_no] = []
        for bill in account.bills.values():
            debt = Debt(self.customer_no, bill.period, bill.principal_fen, bill.late_fee_fen, bill.cost_id)
            self.bank.add_debt(debt)
        self.counters = Counters()
        self._replies = Replies(Endpoint(url="http://127.0.0.1:1", acq_code="283499"), WireProfile(), self.counters)

    def ask(self, path: str, **fields: str) -> tuple[str, str, bool]:
        """Both answers, read by the real client, must be the same: code, status, whether it names an order."""
        request = {"version": "3.0", "channel": "APP", "acq_code": "283499", **fields}
        body = json.dumps({"request": request, "sign": sign(request)}).encode()
        theirs = self._read(path, self.sandbox.answer(Call(path), "application/json; charset=utf-8", body).body)
        ours = self._read(path, distortion.sealed(self.bank.answer(path, request, 0)))
        assert ours == theirs
        return ours

    def _read(self, path: str, body: bytes) -> tuple[str, str, bool]:
        answer = self._replies.read(_OURS[path], 200, "application/json; charset=utf-8", body).answer
        assert answer.heard.value == "answered", answer
        return answer.sub_code, answer.status, bool(answer.order_no)

    def later(self) -> None:
        """Whatever is to happen soon has happened."""
        self.now_s += 10.0
        while (self.schedule.next_s() or 99.0) < 10.0:
            self.schedule.step()


@pytest.fixture
def both() -> Both:
    return Both()


def payment(both: Both, order_no: str) -> dict[str, str]:
    bill = both.bill
    return {
        "usr_id": both.customer_no, "order_no": order_no, "fee_mod": "0", "cost_id": bill.cost_id,
        "ow_amt": f"{bill.principal_fen / 100:.2f}", "dflt_pny": f"{bill.late_fee_fen / 100:.2f}",
    }  # fmt: skip


def notice(sent: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in sent.items() if key not in ("fee_mod", "auth_code")}


def test_a_scanned_bill_from_look_up_to_credit(both: Both) -> None:
    assert both.ask(CUSTOMER, usr_id=NOBODY)[0] == "1003"
    assert both.ask(CUSTOMER, usr_id=both.customer_no)[0] == "0000"
    assert both.ask(ARREARS, usr_id=both.customer_no)[0] == "0000"
    sent = payment(both, "K1AAAAAAAAAA0001")
    assert both.ask(QUERY, pre_order_no=sent["order_no"]) == ("1003", "", False)
    assert both.ask(PAY, **sent, auth_code=sample_code("0000", 1)) == ("0000", "", True)
    assert both.ask(PAY, **sent, auth_code=sample_code("0000", 2))[0] == "1002"
    both.later()
    assert both.moved == [sent["order_no"]]
    assert both.ask(QUERY, pre_order_no=sent["order_no"]) == ("0000", "SUCCESS", True)
    assert both.ask(NOTICES[0], **notice(sent))[0] == "0000"
    assert both.ask(NOTICES[0], **notice(sent))[0] == "0000"
    assert both.bank.trades[0].credits == 1


def test_a_qr_that_nobody_opens_is_not_paid_and_gets_no_notice(both: Both) -> None:
    sent = payment(both, "K1AAAAAAAAAA0002")
    assert both.ask(UNIFIED, **sent) == ("0000", "", True)
    assert both.ask(QUERY, pre_order_no=sent["order_no"])[:2] == ("0001", "")
    assert both.ask(NOTICES[0], **notice(sent))[0] == "0001"
    assert both.bank.trades[0].stands is Stands.WAITING


def test_a_notice_for_an_order_that_is_not_there(both: Both) -> None:
    assert both.ask(NOTICES[0], **notice(payment(both, "K1AAAAAAAAAA0003")))[0] == "1003"


def test_replies_are_signed_so_that_the_real_client_verifies_them(both: Both) -> None:
    both.ask(ARREARS, usr_id=both.customer_no)
    seen = both.counters.seen()
    assert (seen.get("wrong_sign", 0), seen.get("unsigned", 0), seen["replies"]) == (0, 0, 2)
