"""The cashier and the customers: what they press, scan and pay, drawn from what the windows show.

Rules
1. A cashier presses only what the published snapshot says is legal; what they choose among it is the seed's.
2. A customer pays only a QR that was on a screen; whoever saw it may pay it later, from a picture, or twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from kiosk.core import commands as c
from kiosk.simulator.bank import Bank
from kiosk.simulator.faults import Fault
from kiosk.simulator.plan import Plan
from kiosk.simulator.schedule import Schedule
from kiosk.snapshot import Face, PayView, Snapshot

#: What a cashier may press beside the work itself, and how likely it is each time they look.
_NOW_AND_THEN = {"AskNow": 0.25, "WithdrawQr": 0.12, "StopWaiting": 0.12, "PrintSlip": 0.1, "Refresh": 0.08}
#: Why nothing could begin, as the banner says it: an earlier attempt on the bill has to end first.
_BLOCKED = frozenset({"lock.open_attempt", "lock.credited"})
#: Whoever finds a bill blocked lets time pass, of which a day has only so much.
_LOOKS_OF_A_WAIT = 10
#: Values for the fields of commands, by the fields' names.
_WORDS = {"why": "客户要求", "pin": "1234", "text": "4200001234"}


class Customers:
    """The phones before the counter."""

    def __init__(self, plan: Plan, schedule: Schedule, bank: Bank, struck: Callable[[Fault], None]) -> None:
        self._plan, self._schedule, self._bank, self._struck = plan, schedule, bank, struck
        self._seen: set[str] = set()
        #: How many phones will still open a QR.
        self.pending = 0
        self.shown = ""

    def see(self, qr_text: str) -> None:
        """What the customer's window shows now; a QR is taken in once."""
        self.shown = qr_text
        if not qr_text or qr_text in self._seen or qr_text not in self._bank.by_url:
            return
        self._seen.add(qr_text)
        faults = self._plan.faults
        dice = self._plan.fates.of(self._bank.by_url[qr_text].index, 60)
        fate, life_s = dice.roll(), self._plan.policy.qr_life_s
        if fate < 0.9:
            self._opens(qr_text, 1.5 + 14.0 * dice.roll() * dice.roll())
        elif fate < 0.97 and faults & {Fault.PAID_LATE, Fault.PAID_HIDDEN}:
            self._opens(qr_text, dice.between(20.0, life_s))
        if Fault.PAID_TWICE in faults and dice.chance(0.3):
            self._struck(Fault.PAID_TWICE)
            self._opens(qr_text, dice.between(2.0, 60.0))

    def _opens(self, qr_text: str, wait_s: float) -> None:
        self.pending += 1
        self._schedule.after(wait_s, self._opened, qr_text, wait_s)

    def _opened(self, qr_text: str, wait_s: float) -> None:
        self.pending -= 1
        if self.shown != qr_text:
            self._struck(Fault.PAID_HIDDEN)
        elif wait_s > 20.0:
            self._struck(Fault.PAID_LATE)
        trade = self._bank.by_url[qr_text]
        self._bank.phone_opens(qr_text, self._plan.fates.of(trade.index, 61, int(wait_s)))


class Cashier:
    """Serves customers until enough payments were begun; then finishes what is on the screen, and goes."""

    def __init__(
        self, plan: Plan, customer_nos: list[str], send: Callable[[c.Command], None], struck: Callable[[Fault], None]
    ) -> None:
        self._plan, self._random, self._send, self._struck = plan, plan.random, send, struck
        self._customer_nos = customer_nos
        self._codes = 0
        self._last_code = ""
        self._looks_left = 20 + 20 * plan.payments
        self._pin_set = False

    def act(self, seen: Snapshot, begun: int) -> float | None:
        """Look at the window and do something; seconds until the next look, or None: the day is done."""
        self._looks_left -= 1
        enough = begun >= self._plan.payments or self._looks_left <= 0
        if seen.face is Face.FIND:
            return self._on_find(seen, enough)
        if seen.face is Face.ACCOUNT:
            return self._on_account(seen, enough)
        return self._on_pay(seen, enough) if seen.face is Face.PAY else self._on_result(seen, enough)

    def _on_find(self, seen: Snapshot, enough: bool) -> float | None:
        if enough:
            return None
        if seen.find.searching:
            return 2.0
        number = self._random.choice(self._customer_nos)
        self._send(c.LookUp(number) if self._random.random() < 0.8 else c.Scanned(number))
        return 1.2

    def _on_account(self, seen: Snapshot, enough: bool) -> float:
        assert seen.account is not None
        roll = self._random.random()
        if enough and seen.allows(c.Back):
            self._send(c.Back())
        elif seen.allows(c.Confirm):
            self._send(c.Confirm() if roll < 0.8 else c.Back())
        elif self._presses(seen, "Refresh"):
            return 1.0
        elif seen.allows(c.PayBills) and roll < 0.75:
            self._chooses(seen)
            self._send(c.PayBills())
        elif seen.banner is not None and seen.allows(c.LookUp) and roll > 0.5:
            self._send(c.LookUp(self._random.choice(self._customer_nos)))
        elif seen.allows(c.PayPrepayment) and roll < 0.93:
            self._send(c.PayPrepayment(self._random.choice(("100.00", "50", "20.5", "2500.00"))))
        elif roll > 0.97 and seen.allows(c.Back):
            self._send(c.Back())
        return self._random.uniform(0.5, 3.0)

    def _chooses(self, seen: Snapshot) -> None:
        """Mostly all bills that are due; now and then one is left out."""
        assert seen.account is not None
        chosen = [row.cost_id for row in seen.account.bills if row.chosen]
        if len(chosen) > 1 and self._random.random() < 0.3:
            self._send(c.ChooseBill(self._random.choice(chosen), False))

    def _on_pay(self, seen: Snapshot, enough: bool) -> float:
        assert seen.pay is not None
        if seen.pay.order_no:
            return self._waits(seen, seen.pay)
        if seen.banner is not None and seen.banner.what.code in _BLOCKED and seen.allows(c.Back):
            self._send(c.Back())
            self._looks_left -= _LOOKS_OF_A_WAIT
            return self._random.uniform(30.0, 120.0)
        roll = self._random.random()
        refused = seen.banner is not None and self._random.random() < 0.7
        if (enough or refused or roll < 0.03) and seen.allows(c.Back):
            self._send(c.Back())
        elif roll < 0.55 and seen.allows(c.Scanned):
            self._scans()
        elif seen.allows(c.ShowQr):
            self._send(c.ShowQr())
        return self._random.uniform(0.5, 2.0)

    def _scans(self) -> None:
        """A fresh code, mostly; now and then the last one again, or a scanner that reads twice."""
        if self._last_code and Fault.CODE_AGAIN in self._plan.faults and self._random.random() < 0.45:
            self._struck(Fault.CODE_AGAIN)
        else:
            self._codes += 1
            prefix = self._random.choice(("13", "28", "62"))
            tail = f"{self._plan.seed % 10**8:08d}{self._codes:06d}"
            self._last_code = f"{prefix}00{tail}".ljust(19 if prefix == "62" else 18, "0")
        self._send(c.Scanned(self._last_code))
        if Fault.DOUBLE_SCAN in self._plan.faults and self._random.random() < 0.45:
            self._struck(Fault.DOUBLE_SCAN)
            self._send(c.Scanned(self._last_code))

    def _waits(self, seen: Snapshot, pay: PayView) -> float:
        """While a payment runs: ask, stop waiting, or let the customer do."""
        for name in ("AskNow", "WithdrawQr", "StopWaiting"):
            if self._presses(seen, name):
                break
        else:
            self._allows_second(seen, pay.order_no)
        return self._random.uniform(5.0, 16.0)

    def _on_result(self, seen: Snapshot, enough: bool) -> float:
        assert seen.result is not None
        for name in ("PrintSlip", "AskNow", "WithdrawQr"):
            self._presses(seen, name)
        roll = self._random.random()
        if self._allows_second(seen, seen.result.reference):
            return 2.0
        if not enough and seen.allows(c.TryAgain) and roll < 0.7:
            self._send(c.TryAgain())
        elif not enough and seen.allows(c.GoOn) and roll < 0.8:
            self._send(c.GoOn())
        elif seen.allows(c.NextCustomer) and roll < 0.9:
            self._send(c.NextCustomer())
        elif seen.allows(c.LookUp) and not enough:
            self._send(c.LookUp(self._random.choice(self._customer_nos)))
        return self._random.uniform(0.5, 4.0)

    def _presses(self, seen: Snapshot, name: str) -> bool:
        if name not in seen.legal or self._random.random() >= _NOW_AND_THEN[name]:
            return False
        self._send(getattr(c, name)())
        return True

    def _allows_second(self, seen: Snapshot, order_no: str) -> bool:
        """A second attempt, where the counter offers one; a supervisor's PIN where it wants one."""
        if "AllowSecond" not in seen.legal or not order_no or self._random.random() >= 0.3:
            return False
        words = {item.name: _WORDS.get(item.name, "") for item in fields(c.AllowSecond)}
        self._send(c.AllowSecond(**{**words, "order_no": order_no}))
        return True
