"""Which commands are legal at the desk now: the one place that a button's life hangs on (law 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.core import commands as c
from kiosk.core.order import UNDECIDED, State
from kiosk.core.sentence import Face

if TYPE_CHECKING:
    from kiosk.core.desk import Desk


def legal_at(desk: Desk) -> list[type]:
    """The commands that are legal on the desk's face as it is."""
    match desk.face:
        case Face.FIND:
            return [c.LookUp, c.Scanned]
        case Face.ACCOUNT:
            return _on_account(desk)
        case Face.PAY:
            return _on_pay(desk)
        case Face.RESULT:
            return _on_result(desk)


def _on_account(desk: Desk) -> list[type]:
    account = desk.account
    assert account is not None
    if desk.question is not None:
        return [c.Confirm, c.Back, c.Scanned] if desk.shut is None else [c.Back, c.Scanned]
    allowed: list[type] = [c.LookUp, c.Scanned, c.Back]
    if not account.refreshing:
        allowed += [c.Refresh, c.ChooseBill]
    if desk.shut is not None:
        return allowed
    if account.chosen and not account.refreshing:
        allowed.append(c.PayBills)
    return [*allowed, c.PayPrepayment]


def _on_pay(desk: Desk) -> list[type]:
    order = desk.order
    if order is None:
        return [c.Scanned, c.ShowQr, c.Back] if desk.shut is None else [c.Scanned, c.Back]
    allowed: list[type] = [c.Scanned]
    if order.state in UNDECIDED and not order.asking.calling:
        allowed += [c.AskNow, c.StopWaiting]
    if order.state is State.SHOWN:
        allowed.append(c.WithdrawQr if order.asking.hidden_s is None else c.ShowQr)
    return allowed


def _on_result(desk: Desk) -> list[type]:
    assert desk.run is not None
    allowed: list[type] = [c.NextCustomer, c.LookUp, c.Scanned]
    order = desk.order
    if order is None:
        return allowed
    if order.state in UNDECIDED | {State.MANUAL}:
        allowed.append(c.AskNow)
    if order.state is State.SHOWN:
        allowed.append(c.ShowQr)
    if desk.paid_orders() or order.state in UNDECIDED | {State.MANUAL}:
        allowed.append(c.PrintSlip)
    if order.state in (State.FAILED, State.UNSEEN) and desk.shut is None:
        allowed.append(c.TryAgain)
    elif desk.run.position + 1 < len(desk.run.items) and desk.shut is None:
        allowed.append(c.GoOn)
    return allowed
