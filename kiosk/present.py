"""From the desk and the orders to the snapshot: which words, which stage, which outcome. No decisions about money.

Rules
1. Every sentence is chosen by what the journal knows of the order, never by what somebody hopes.
2. Nothing of the cashier's side goes into :class:`CustomerView` but the masked name and the amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from kiosk.core.account import Account
from kiosk.core.bills import mask_middle
from kiosk.core.commands import AllowSecond
from kiosk.core.desk import Desk
from kiosk.core.messages import Answer, Found, Heard
from kiosk.core.money import parse_yuan, show_yuan
from kiosk.core.order import OPEN, UNDECIDED, Kind, Mode, Order, State
from kiosk.core.policy import PaymentPolicy
from kiosk.core.polling import attended_until
from kiosk.core.run import Item, Run
from kiosk.core.sentence import Banner, Face, Level, Sentence
from kiosk.core.settling import who_allows_second
from kiosk.paper import Printing
from kiosk.snapshot import (
    AccountView,
    BillRow,
    CounterView,
    CustomerState,
    CustomerView,
    FindView,
    Outcome,
    PayView,
    Pill,
    Recent,
    ResultLine,
    ResultView,
    SecondView,
    Snapshot,
    Stage,
)

#: A paid result goes back to *Find* by itself after this (screens.md part 2).
LEAVES_AFTER_S = 4.0

#: Alarms that a person at the counter must see; the others are kept in the log and on the gateway's pill.
_FOR_THE_CASHIER = frozenset(
    {
        "late_success", "paid_twice", "not_credited", "exists_elsewhere", "refunded_late", "contradicted", "gave_up",
        "notice_refused", "notice_unclear", "credited_before", "stranger", "refunded_seen",
    }
)  # fmt: skip
#: The gateway's codes for a channel that takes no payments.
_CHANNEL_OUT = frozenset({"1006", "1009", "1010"})
_NOT_PAID = frozenset({State.FAILED, State.UNSEEN, State.REFUNDED})
_PAID = frozenset({State.PAID, State.CREDITED})
#: Reasons of ``failed`` that have words of their own; others are told as refused.
_TOLD_REASONS = frozenset({"not_sent", "payerror", "0003", "0004", "0008", "0009", "not_found", "expired"})


Refuses = Callable[[Order], str]


def _never_second(order: Order) -> str:
    return "never"


def gateway_pill(answer: Answer) -> Pill:
    """How the gateway is, by its newest answer."""
    return _gateway_pill(answer.heard in (Heard.ANSWERED, Heard.CALL_FAILED), answer.heard)


def reach_pill(reached: bool) -> Pill:
    """How the gateway is before its first answer: whether a connection could be opened."""
    return _gateway_pill(reached, Heard.NOT_SENT)


@cache
def _gateway_pill(is_well: bool, heard: Heard) -> Pill:
    level = Level.GOOD if is_well else Level.BAD
    advice = None if is_well else Sentence.of(f"gateway.{heard}")
    return Pill("gateway", level, Sentence.of(f"pill.gateway.{level}"), advice)


def alarm_banner(order: Order, code: str) -> Banner | None:
    """What the counter is told of an alarm; None where the log and the gateway's pill are enough."""
    if code in _FOR_THE_CASHIER:
        what = Sentence.of(f"alarm.{code}", order_no=order.order_no)
    elif order.asking.attended:
        what = _strange_answer(order, code)
    else:
        return None
    return Banner(Level.WARN, what, reference=order.order_no)


def _strange_answer(order: Order, code: str) -> Sentence:
    """An alarm of the table (``pay.redirect``), in words; ``what`` and ``call`` are sentences themselves."""
    call, _, row = code.partition(".")
    if row in _CHANNEL_OUT:
        return Sentence.of("alarm.channel_out", code=row)
    what, named = Sentence.of(f"gateway.{row}"), Sentence.of(f"call.{call}")
    return Sentence.of("alarm.answer", order_no=order.order_no, call=named, what=what)


def _second(order: Order | None, policy: PaymentPolicy, refuses: Refuses) -> SecondView | None:
    """A second attempt, where one is thinkable: an undecided order that this process waits for no more."""
    if order is None or order.state not in UNDECIDED or order.asking.calling:
        return None
    by = who_allows_second(policy, order.kind)
    if by == "never":
        return None
    code = refuses(order)
    return SecondView(order.order_no, by, Sentence.of(f"second.{code}") if code else None)


def snapshot(
    desk: Desk,
    orders: Mapping[str, Order],
    counter: CounterView,
    policy: PaymentPolicy,
    *,
    pills: tuple[Pill, ...] = (),
    printing: Printing | None = None,
    refuses: Refuses = _never_second,
    legal: frozenset[str] = frozenset(),
    **more: Any,
) -> Snapshot:
    """What the windows show now. ``refuses`` says why no second attempt may stand beside an order (empty: it may);
    ``legal`` are the commands that are legal beside the desk's, ``more`` the snapshot's fields that are none of the
    desk's."""
    pay = _pay(desk, policy, refuses) if desk.face is Face.PAY and desk.run is not None else None
    legal |= desk.legal(orders)
    result = None
    if desk.face is Face.RESULT and desk.run is not None:
        result = replace(_result(desk, orders, printing, legal), second=_second(desk.order, policy, refuses))
    if any(view is not None and view.second is not None and view.second.refused is None for view in (pay, result)):
        legal |= {AllowSecond.__name__}
    return Snapshot(
        counter=counter,
        face=desk.face,
        pills=pills,
        pending_count=_pending(desk, orders),
        banner=desk.banner or desk.shut,
        find=_find(desk) if desk.face is Face.FIND else _NO_FIND,
        account=_account(desk, policy) if desk.face is Face.ACCOUNT and desk.account is not None else None,
        pay=pay,
        result=result,
        customer=_customer(desk, counter, pay, result, pills),
        legal=legal,
        **more,
    )


def _pending(desk: Desk, orders: Mapping[str, Order]) -> int:
    here = {item.order_no for item in desk.run.items} if desk.run is not None else set()
    return sum(order.state in OPEN and order.order_no not in here for order in orders.values())


_NO_FIND = FindView()


def _find(desk: Desk) -> FindView:
    recent = tuple(Recent(customer.customer_no, customer.name_masked) for customer in desk.recent)
    return FindView(desk.searching, recent)


# --- Account -------------------------------------------------------------------------------------------------------


def _account(desk: Desk, policy: PaymentPolicy) -> AccountView:
    account = desk.account
    assert account is not None
    rows = tuple(
        BillRow(
            bill.cost_id,
            bill.period,
            bill.principal_fen,
            bill.late_fee_fen,
            bill.total_fen,
            bill.cost_id in account.chosen,
            Sentence.of(f"lock.{account.locked[bill.cost_id]}") if bill.cost_id in account.locked else None,
        )
        for bill in account.bills
    )
    customer = account.customer
    return AccountView(
        customer_no=customer.customer_no,
        name_masked=customer.name_masked,
        address_masked=mask_middle(customer.address) if customer.address else "",
        name=customer.name,
        address=customer.address,
        balance_fen=customer.balance_fen,
        bills=rows,
        chosen_fen=sum(row.total_fen for row in rows if row.chosen),
        chosen_count=sum(row.chosen for row in rows),
        note=_note(account),
        received=account.received,
        fetched_s=account.fetched.mono_s,
        refreshing=account.refreshing,
        prepay_min_fen=parse_yuan(policy.prepay_min),
        prepay_max_fen=parse_yuan(policy.prepay_max),
        question=desk.question,
        question_fen=desk.question_fen,
    )


def _note(account: Account) -> Sentence | None:
    match account.found:
        case Found.NOTHING:
            return Sentence.of("account.nothing_owed")
        case Found.UNREADABLE:
            return Sentence.of("account.unreadable")
        case Found.NO_ANSWER:
            return Sentence.of("account.no_answer")
    return None if account.bills else Sentence.of("account.nothing_owed")


# --- Pay -----------------------------------------------------------------------------------------------------------


def title(item: Item | Order) -> Sentence:
    """What is being paid for, in words."""
    if item.kind is Kind.PREPAYMENT:
        return Sentence.of("pay.for_prepayment")
    return Sentence.of("pay.for_bill", period=item.period) if item.period else Sentence.of("pay.for_arrears")


def _pay(desk: Desk, policy: PaymentPolicy, refuses: Refuses) -> PayView:
    run, order = desk.run, desk.order
    assert run is not None
    assert desk.account is not None
    live = order is not None and order.state is State.SHOWN
    withdrawn = live and order is not None and order.asking.hidden_s is not None
    shown = live and not withdrawn
    second = _second(order, policy, refuses) if withdrawn else None
    free = second is not None and second.refused is None
    return PayView(
        amount_fen=run.item.total_fen,
        name_masked=desk.account.customer.name_masked,
        customer_no=desk.account.customer.customer_no,
        title=title(run.item),
        stage=_stage(order),
        sentence=Sentence.of("pay.qr_withdrawn_unpaid") if free else _doing(order, run),
        since_s=desk.since.mono_s,
        position=run.position + 1,
        count=len(run.items),
        scan_armed=order is None and desk.shut is None,
        qr_text=order.pay_url if order is not None and shown else "",
        qr_until_s=attended_until(policy, order.mode, order.asking) if order is not None and shown else None,
        order_no=run.item.order_no,
        withdrawn=withdrawn,
        second=second,
    )


def _stage(order: Order | None) -> Stage:
    if order is None:
        return Stage.READY
    match order.state:
        case State.CREDITED:
            return Stage.CREDITED
        case State.PAID:
            return Stage.PAID
        case State.INTENT if order.asking.calling:
            return Stage.SENDING
    return Stage.WAITING


def _doing(order: Order | None, run: Run) -> Sentence:
    """What is happening, one sentence."""
    if order is None:
        if len(run.items) == 1:
            return Sentence.of("pay.ready")
        return Sentence.of("pay.ready_many", position=run.position + 1, count=len(run.items))
    if order.state is State.INTENT and order.asking.calling:
        return Sentence.of("pay.sending" if order.mode is Mode.SCAN else "pay.fetching_qr")
    match order.state:
        case State.SHOWN if order.asking.hidden_s is not None:
            return Sentence.of("pay.qr_withdrawn")
        case State.SHOWN:
            return Sentence.of("pay.qr_shown")
        case State.IN_DOUBT:
            return Sentence.of("pay.in_doubt")
        case State.PAID | State.CREDITED:
            return Sentence.of("pay.paid")
    return Sentence.of("pay.userpaying" if order.asking.heard == "query.userpaying" else "pay.waiting")


# --- Result --------------------------------------------------------------------------------------------------------


def outcome(order: Order | None) -> Outcome | None:
    """How an order ended for the customer before us; None where none was begun."""
    if order is None:
        return None
    if order.state in _PAID:
        return Outcome.PAID
    return Outcome.NOT_PAID if order.state in _NOT_PAID else Outcome.UNKNOWN


def _result(desk: Desk, orders: Mapping[str, Order], printing: Printing | None, legal: frozenset[str]) -> ResultView:
    run, order = desk.run, desk.order
    assert run is not None
    assert desk.account is not None
    now = outcome(order) or Outcome.NOT_PAID
    lines = tuple(_line(item, orders.get(item.order_no)) for item in run.items)
    paid_fen = sum(line.amount_fen for line in lines if line.outcome is Outcome.PAID)
    stays = now is not Outcome.PAID or "GoOn" in legal
    return ResultView(
        outcome=now,
        headline=Sentence.of(f"result.{now}"),
        advice=_advice(order, run),
        name_masked=desk.account.customer.name_masked,
        customer_no=desk.account.customer.customer_no,
        total_fen=paid_fen if now is Outcome.PAID else run.item.total_fen,
        lines=lines,
        reference=run.item.order_no,
        printing=printing_told(printing),
        leaves_s=None if stays else desk.since.mono_s + LEAVES_AFTER_S,
        since_s=desk.since.mono_s,
    )


def _line(item: Item, order: Order | None) -> ResultLine:
    state = Sentence.of(f"state.{order.public_state}") if order is not None else Sentence.of("result.not_begun")
    return ResultLine(title(item), item.total_fen, outcome(order), state)


def _advice(order: Order | None, run: Run) -> Sentence:
    if order is None:
        return Sentence.of("result.not_begun")
    match order.state:
        case State.CREDITED:
            return Sentence.of("result.credited")
        case State.PAID:
            return Sentence.of("result.crediting")
        case State.UNSEEN:
            return Sentence.of("result.no_qr")
        case State.REFUNDED:
            return Sentence.of("result.refunded")
        case State.MANUAL:
            return Sentence.of("result.manual")
        case State.FAILED:
            told = order.reason in _TOLD_REASONS
            return Sentence.of(f"result.because_{order.reason}" if told else "result.because_refused")
    return Sentence.of("result.do_not_charge_again", amount=show_yuan(run.item.total_fen))


def printing_told(printing: Printing | None) -> Sentence | None:
    """How a print goes, in words."""
    if printing is None:
        return None
    return Sentence.of(f"printing.{printing.result}" if printing.result is not None else "printing.now")


# --- the customer's side -------------------------------------------------------------------------------------------


def _customer(
    desk: Desk, counter: CounterView, pay: PayView | None, result: ResultView | None, pills: tuple[Pill, ...]
) -> CustomerView:
    if pay is not None:
        return CustomerView(
            state=_customer_pays(desk.order),
            branch=counter.branch,
            name_masked=pay.name_masked,
            amount_fen=pay.amount_fen,
            position=pay.position,
            count=pay.count,
            qr_text=pay.qr_text,
            qr_until_s=pay.qr_until_s,
        )
    if result is not None:
        ended = {
            Outcome.PAID: CustomerState.PAID,
            Outcome.NOT_PAID: CustomerState.NOT_PAID,
            Outcome.UNKNOWN: CustomerState.WAIT,
        }
        return CustomerView(ended[result.outcome], counter.branch, result.name_masked, result.total_fen)
    no_gateway = any(pill.device == "gateway" and pill.level is Level.BAD for pill in pills)
    closed = desk.shut is not None or no_gateway
    return CustomerView(CustomerState.CLOSED if closed else CustomerState.IDLE, counter.branch)


def _customer_pays(order: Order | None) -> CustomerState:
    if order is None or (order.mode is Mode.SHOW and order.asking.calling):
        return CustomerState.AMOUNT
    match order.state:
        case State.SHOWN:
            return CustomerState.QR if order.asking.hidden_s is None else CustomerState.WAIT
        case State.IN_DOUBT:
            return CustomerState.WAIT
    return CustomerState.CONFIRM if order.state in UNDECIDED else CustomerState.PAID
