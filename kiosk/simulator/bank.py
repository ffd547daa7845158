"""The gateway and the wallets behind it: the truth about money, against which everything else is held.

Rules
1. It is a lean model of its own beside ``kiosk.sandbox``: the same ledger idea (a trade, its state, its credits), with
   answers as plain fields. A test holds the two to the same words.
2. Money moves at one place (:meth:`Bank._money_moves`), and whoever watches is told at that moment.
3. What a site may differ in is :class:`~kiosk.simulator.plan.Conduct`; lies are marked on the trade that they concern.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from kiosk.simulator.faults import Fault
from kiosk.simulator.plan import Dice, Plan
from kiosk.simulator.schedule import Schedule

PAY, UNIFIED, QUERY = "/trade/pay", "/trade/unified", "/trade/query"
CUSTOMER, ARREARS = "/trade/userInfoQuery", "/trade/owInfoQuery"
NOTICES = ("/trade/owPayNotice", "/trade/rechargePayNotice")
QR_HOST = "https://pay.example/q/"

#: A reply's fields; ``data`` is JSON as it stands in the text.
Fields = dict[str, str]


class Stands(Enum):
    """How a trade stands in truth."""

    WAITING = auto()  # nobody has opened the QR
    PAYING = auto()  # a customer is at it
    PAID = auto()
    REFUSED = auto()
    NOT_AUTHORISED = auto()
    CLOSED = auto()
    REVOKED = auto()
    REFUNDED = auto()
    EXPIRED = auto()


#: From these no money can move any more.
ENDED = frozenset(
    {Stands.REFUSED, Stands.NOT_AUTHORISED, Stands.CLOSED, Stands.REVOKED, Stands.REFUNDED, Stands.EXPIRED}
)
_ANSWERS = {
    Stands.PAYING: ("0000", "USERPAYING"),
    Stands.PAID: ("0000", "SUCCESS"),
    Stands.REFUSED: ("0000", "PAYERROR"),
    Stands.NOT_AUTHORISED: ("0008", ""),
    Stands.CLOSED: ("0003", ""),
    Stands.REVOKED: ("0004", ""),
    Stands.REFUNDED: ("0002", ""),
}


@dataclass(slots=True, eq=False)
class Debt:
    """One bill in truth, whatever ids it goes by."""

    customer_no: str
    period: str
    principal_fen: int
    late_fee_fen: int
    cost_id: str
    paid: list[Trade] = field(default_factory=list)
    credited: bool = False


@dataclass(slots=True, eq=False)
class Trade:
    """One order at the gateway."""

    order_no: str
    number: str
    index: int
    is_scan: bool
    customer_no: str
    debt: Debt | None
    total_fen: int
    created_s: float
    ends_s: float
    stands: Stands
    pay_url: str = ""
    #: The gateway broke its word about this trade: the counter cannot be blamed, only for being silent about it.
    lied: bool = False
    was_paid: bool = False
    credits: int = 0


class Bank:
    """The book of one story."""

    def __init__(
        self, plan: Plan, schedule: Schedule, struck: Callable[[Fault], None], money_moved: Callable[[Trade], None],
        credited: Callable[[Trade], None],
    ) -> None:  # fmt: skip
        self._plan, self._schedule, self._struck = plan, schedule, struck
        self._money_moved, self._credited = money_moved, credited
        self.trades: list[Trade] = []
        self.by_order: dict[str, Trade] = {}
        self._by_number: dict[str, Trade] = {}
        self.by_url: dict[str, Trade] = {}
        self.debts: dict[str, list[Debt]] = {}
        self._by_id: dict[str, Debt] = {}
        self._codes: set[str] = set()
        self._lists = 0
        #: How many things are still to come by themselves (a confirmation, an end); a story waits for them.
        self.pending = 0

    def add_debt(self, debt: Debt) -> None:
        """A customer owes this."""
        self.debts.setdefault(debt.customer_no, []).append(debt)
        self._by_id[debt.cost_id] = debt

    def trade(self, number: str) -> Trade | None:
        """The trade that goes by this number, ours or the gateway's."""
        return self.by_order.get(number) or self._by_number.get(number)

    # --- the calls -------------------------------------------------------------------------------------------------

    def answer(self, path: str, request: Fields, index: int) -> Fields:
        """Do what the call asks; the reply's fields. ``index``: which order of the story (or customer) it is."""
        if path == QUERY:
            return self._query(request["pre_order_no"])
        if path in (PAY, UNIFIED):
            return self._payment(path, request, index)
        if path in NOTICES:
            return self._notice(request["order_no"], index)
        if request["usr_id"] not in self.debts:
            return says("1003")
        if path == CUSTOMER:
            return says("0000", data='{"usr_name":"张三","usr_addr":"南京路1号","balance":"0.00"}')
        return says("0000", data=self._listed(request["usr_id"]))

    def _listed(self, customer_no: str) -> str:
        rows: list[str] = []
        for debt in self.debts[customer_no]:
            if debt.credited:
                continue
            if Fault.RENAMED in self._plan.faults and self._plan.fates.of(len(rows), 41, self._lists).chance(0.3):
                self._rename(debt)
            rows.append(
                f'{{"cost_id":"{debt.cost_id}","period":"{debt.period}","ow_amt":"{_yuan(debt.principal_fen)}",'
                f'"dflt_pny":"{_yuan(debt.late_fee_fen)}"}}'
            )
        self._lists += 1
        return f"[{','.join(rows)}]"

    def _rename(self, debt: Debt) -> None:
        self._struck(Fault.RENAMED)
        debt.cost_id = f"R{len(self._by_id):05d}"
        self._by_id[debt.cost_id] = debt

    def _payment(self, path: str, request: Fields, index: int) -> Fields:
        if request["order_no"] in self.by_order:
            return says("1002")
        trade = self._entered(path, request, index)
        dice = self._plan.fates.of(index, 50)
        if trade.debt.credited if trade.debt is not None else "cost_id" in request:
            trade.stands = Stands.REFUSED
            return says("0009")
        if path == UNIFIED:
            trade.pay_url = f"{QR_HOST}{len(self.trades):04d}"
            self.by_url[trade.pay_url] = trade
            return says("0000", order_no=trade.number, pay_url=trade.pay_url)
        if request["auth_code"] in self._codes:
            trade.stands = Stands.REFUSED
            return says("0009")
        self._codes.add(request["auth_code"])
        return self._wallet_asks(trade, dice)

    def _entered(self, path: str, request: Fields, index: int) -> Trade:
        own = self._plan.conduct.own_numbers
        if own:
            self._struck(Fault.OWN_NUMBER)
        late = request.get("dflt_pny", "0.00")
        now_s = self._schedule.now_s
        is_scan = path == PAY
        life_s = self._plan.policy.scan_life_s if is_scan else self._plan.policy.qr_life_s
        trade = Trade(
            order_no=request["order_no"],
            number=f"G{len(self.trades) + 1:08d}" if own else request["order_no"],
            index=index,
            is_scan=is_scan,
            customer_no=request["usr_id"],
            debt=self._by_id.get(request.get("cost_id", "")),
            total_fen=_fen(request.get("ow_amt") or request["rchg_amt"]) + _fen(late),
            created_s=now_s,
            ends_s=now_s + life_s,
            stands=Stands.PAYING if is_scan else Stands.WAITING,
        )
        self.trades.append(trade)
        self.by_order[trade.order_no] = trade
        self._by_number[trade.number] = trade
        if self._plan.conduct.finds_by_ours:
            self._by_number[trade.order_no] = trade
        self._schedule.at(trade.ends_s, self._ends, trade)
        return trade

    def _wallet_asks(self, trade: Trade, dice: Dice) -> Fields:
        """Scan mode: what the customer's wallet makes of the code."""
        fate = dice.roll()
        if fate < 0.03:
            trade.stands = dice.one_of((Stands.REFUSED, Stands.NOT_AUTHORISED))
            return says("0009" if trade.stands is Stands.REFUSED else "0008")
        if fate < 0.7:
            self._later(dice.between(0.05, 3.0), self._money_moves, trade)
        elif fate < 0.84:
            self._later(3.0 + 40.0 * dice.roll() * dice.roll(), self._money_moves, trade)
        elif fate < 0.87:
            self._later(dice.between(60.0, 0.95 * (trade.ends_s - trade.created_s)), self._money_moves, trade)
        elif fate < 0.97:
            stands = dice.one_of((Stands.REFUSED, Stands.REFUSED, Stands.CLOSED, Stands.REVOKED))
            self._later(dice.between(0.0, 20.0), self._refuses, trade, stands)
        return says("0000", order_no=trade.number)

    def _query(self, asked: str) -> Fields:
        trade = self._by_number.get(asked)
        conduct, now_s = self._plan.conduct, self._schedule.now_s
        if trade is None:
            return says("1003")
        if now_s < trade.created_s + conduct.lag_s:
            self._struck(Fault.LAGGING)
            return says("1003")
        named = asked if conduct.names == "asked" else trade.number
        if trade.stands is Stands.EXPIRED:
            return _status(conduct.afterwards, named)
        if trade.stands is Stands.WAITING:
            return _status(conduct.unopened, named)
        sub_code, status = _ANSWERS[trade.stands]
        return says(sub_code, order_no=named, status=status) if status else says(sub_code, order_no=named)

    def _notice(self, number: str, index: int) -> Fields:
        trade = self._by_number.get(number)
        if trade is None:
            return says("1003")
        if trade.stands is Stands.REFUNDED:
            return says("0002")
        if trade.stands is not Stands.PAID:
            return says("0001")
        if trade.credits and self._plan.conduct.idempotent:
            return says(self._plan.fates.of(index, 53).one_of(("0000", "1002")))
        trade.credits += 1
        if trade.debt is not None:
            trade.debt.credited = True
        self._credited(trade)
        return says("0000")

    # --- phones ----------------------------------------------------------------------------------------------------

    def phone_opens(self, pay_url: str, dice: Dice) -> None:
        """A customer scans the QR and does what customers do; a second phone on a paid one is told so."""
        trade = self.by_url[pay_url]
        if trade.stands is not Stands.WAITING:
            return
        trade.stands = Stands.PAYING
        wait_s = 0.3 + 15.0 * dice.roll() * dice.roll()
        if dice.chance(0.1):
            self._later(wait_s, self._puts_away, trade)
        elif self._schedule.now_s + wait_s < trade.ends_s:
            self._later(wait_s, self._money_moves, trade)

    # --- what happens by itself ------------------------------------------------------------------------------------

    def _later(self, wait_s: float, happen: Callable[..., None], *given: object) -> None:
        self.pending += 1
        self._schedule.after(wait_s, self._happens, happen, given)

    def _happens(self, happen: Callable[..., None], given: tuple[object, ...]) -> None:
        self.pending -= 1
        happen(*given)

    def _money_moves(self, trade: Trade) -> None:
        if trade.stands in ENDED and not trade.lied:
            return
        trade.stands, trade.was_paid = Stands.PAID, True
        if trade.debt is not None:
            trade.debt.paid.append(trade)
        dice = self._plan.fates.of(trade.index, 52)
        if Fault.REFUND in self._plan.faults and dice.chance(0.15):
            self._later(dice.between(1.0, 1500.0), self._refunds, trade)
        self._money_moved(trade)

    def _refuses(self, trade: Trade, stands: Stands) -> None:
        trade.stands = stands
        if self._plan.conduct.breaks_word and stands is Stands.REFUSED:
            self._struck(Fault.BROKEN_WORD)
            trade.lied = True
            self._later(self._plan.fates.of(trade.index, 54).between(30.0, 500.0), self._money_moves, trade)

    def _puts_away(self, trade: Trade) -> None:
        trade.stands = Stands.WAITING

    def _refunds(self, trade: Trade) -> None:
        self._struck(Fault.REFUND)
        trade.stands = Stands.REFUNDED
        if trade.debt is not None:
            trade.debt.paid.remove(trade)

    def _ends(self, trade: Trade) -> None:
        if trade.stands in (Stands.WAITING, Stands.PAYING):
            trade.stands = Stands.EXPIRED


def says(sub_code: str, **fields: str) -> Fields:
    """A reply's fields for a call that the gateway took."""
    return {"code": "SUCCESS", "msg": "OK", "sub_code": sub_code, "sub_msg": "说明", **fields}


def _status(word: str, named: str) -> Fields:
    if word.isdigit():
        return says(word, order_no=named) if word != "1003" else says(word)
    return says("0000", order_no=named, status=word)


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def _fen(yuan: str) -> int:
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part or 0)
