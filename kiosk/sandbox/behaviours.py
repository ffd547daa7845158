"""What the sandbox does beside the ordinary: one table, chosen by a payment code's last digits or by customer.

Rules
1. A behaviour is data: how each call is answered, whether an order comes to be, and what becomes of the payment when.
2. Scan mode: the payment code's last four digits choose. Everything else (look-ups, show mode, and the questions and
   notices of a show-mode order): the customer's behaviour, which the table of customers names.
3. ``NN`` in an ending are two digits of the code: the seconds of every phase that begins "then".
4. An ending that is not in the table is an ordinary customer: paid at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from kiosk.sandbox.dials import NOTICES, ORDINARY_ANSWER, Answer, Call, Delivery

#: Of what a behaviour is made is had from here too.
__all__ = [
    "BEHAVIOURS", "FROM_CODE", "NOTICES", "ORDINARY", "ORDINARY_ANSWER", "Answer", "Behaviour", "Call", "Delivery",
    "Phase", "State", "behaviour_of_code", "codes_table", "sample_code",
]  # fmt: skip


class State(StrEnum):
    """How a payment stands; each has one answer to a payment query (``calls.QUERY_ANSWERS``)."""

    NOT_PAID = "not_paid"
    PAYING = "paying"
    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    REVOKED = "revoked"
    REFUNDED = "refunded"
    NOT_AUTHORISED = "not_authorised"


#: In a phase's place of seconds: the two digits ``NN`` of the payment code.
FROM_CODE = -1.0


@dataclass(frozen=True, slots=True)
class Phase:
    """From ``from_s`` after the payment began (the pay call; the phone's confirmation) it stands like this."""

    from_s: float
    state: State


def _paid_at_once() -> tuple[Phase, ...]:
    return (Phase(0, State.PAID),)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One row of the table. ``answers`` holds for a call its first, second ... answers; beyond them the last one goes
    on where ``for_ever`` is set, else the ordinary answer follows."""

    name: str
    says: str
    ending: str = ""
    phases: tuple[Phase, ...] = field(default_factory=_paid_at_once)
    answers: Mapping[Call, tuple[Answer, ...]] = field(default_factory=lambda: MappingProxyType({}))
    for_ever: bool = True
    makes_order: bool = True
    #: What a refusal on the phone does: that try failed and the QR lives on, or the order is closed.
    refusal: State = State.FAILED
    #: A query finds the order only so long after it was made.
    found_after_s: float = 0.0

    def answer(self, call: Call, nth: int) -> Answer:
        """The answer to this call's ``nth`` copy (from 0) for one order or customer."""
        answers = self.answers.get(call, ())
        if nth < len(answers):
            return answers[nth]
        return answers[-1] if answers and self.for_ever else ORDINARY_ANSWER

    def state(self, since_s: float) -> State:
        """How a payment stands that began ``since_s`` seconds ago."""
        state = self.phases[0].state
        for phase in self.phases:
            if phase.from_s <= since_s:
                state = phase.state
        return state


def _always(
    call: Call, sub_code: str = "0000", delivery: Delivery = Delivery.REPLY, data: object = None
) -> dict[Call, tuple[Answer, ...]]:
    return {call: (Answer(sub_code, delivery, data=data),)}


def _notices(*answers: Answer) -> dict[Call, tuple[Answer, ...]]:
    return dict.fromkeys(sorted(NOTICES), answers)


ORDINARY = Behaviour("paid_at_once", "accepted, and paid at once", "0000")

_CODES = (
    ORDINARY,
    Behaviour(
        "password", "the wallet asks for the password: USERPAYING for NN seconds, then paid", "10NN",
        (Phase(0, State.PAYING), Phase(FROM_CODE, State.PAID)),
    ),
    Behaviour(
        "password_refused", "USERPAYING for NN seconds, then PAYERROR (wrong password, or cancelled)", "11NN",
        (Phase(0, State.PAYING), Phase(FROM_CODE, State.FAILED)),
    ),
    Behaviour(
        "password_closed", "USERPAYING for NN seconds, then closed unpaid: 0003", "13NN",
        (Phase(0, State.PAYING), Phase(FROM_CODE, State.CLOSED)),
    ),
    Behaviour(
        "password_revoked", "USERPAYING for NN seconds, then revoked: 0004", "14NN",
        (Phase(0, State.PAYING), Phase(FROM_CODE, State.REVOKED)),
    ),
    Behaviour(
        "paid_late", "not paid (0001) for NN seconds, then paid", "15NN",
        (Phase(0, State.NOT_PAID), Phase(FROM_CODE, State.PAID)),
    ),
    Behaviour(
        "refunded_later", "paid at once, refunded after NN seconds: 0002", "16NN",
        (Phase(0, State.PAID), Phase(FROM_CODE, State.REFUNDED)),
    ),
    Behaviour("refused", "accepted, then refused: PAYERROR", "2000", (Phase(0, State.FAILED),)),
    Behaviour(
        "insufficient", "not enough money: pay answers 0009, a query PAYERROR", "2001",
        (Phase(0, State.FAILED),), _always(Call.PAY, "0009"),
    ),
    Behaviour(
        "not_authorised", "pay answers 0008, and so does a query", "2008",
        (Phase(0, State.NOT_AUTHORISED),), _always(Call.PAY, "0008"),
    ),
    Behaviour("closed", "accepted, unpaid and closed: 0003", "2003", (Phase(0, State.CLOSED),)),
    Behaviour(
        "never_answers", "pay is never answered, no order comes to be: a query answers 1003", "3000",
        answers=_always(Call.PAY, delivery=Delivery.SILENCE), makes_order=False,
    ),
    Behaviour(
        "never_answers_but_paid", "pay is never answered, yet it was accepted and is paid", "3001",
        answers=_always(Call.PAY, delivery=Delivery.SILENCE),
    ),
    Behaviour(
        "lost_reply", "accepted and paid, but the connection closes without a reply", "3002",
        answers=_always(Call.PAY, delivery=Delivery.CLOSE),
    ),
    Behaviour(
        "lost_request", "the connection closes without a reply, no order comes to be: 1003", "3003",
        answers=_always(Call.PAY, delivery=Delivery.CLOSE), makes_order=False,
    ),
    Behaviour("in_doubt", "accepted, then UNKNOW for ever", "4000", (Phase(0, State.UNKNOWN),)),
    Behaviour("never_paid", "accepted, then 0001 for ever", "4001", (Phase(0, State.NOT_PAID),)),
    Behaviour(
        "system_error_but_paid", "pay answers 1001, yet it is paid", "5001", answers=_always(Call.PAY, "1001"),
    ),
    Behaviour(
        "system_error", "pay answers 1001, no order comes to be: 1003", "5003",
        answers=_always(Call.PAY, "1001"), makes_order=False,
    ),
    Behaviour(
        "channel_unavailable", "pay answers 1006, no order comes to be: 1003", "5006",
        answers=_always(Call.PAY, "1006"), makes_order=False,
    ),
    Behaviour(
        "notice_twice_refused", "paid; the notice is answered 1001 twice, then credited", "7002",
        answers=_notices(Answer("1001"), Answer("1001")), for_ever=False,
    ),
    Behaviour(
        "notice_lost_reply", "paid; the first notice credits, but its connection closes without a reply", "7001",
        answers=_notices(Answer(delivery=Delivery.CLOSE)), for_ever=False,
    ),
    Behaviour(
        "notice_never", "paid; the notice is answered 1001 for ever", "7009", answers=_notices(Answer("1001")),
    ),
)

_CUSTOMERS = (
    Behaviour(
        "unified_never_answers", "unified is never answered, yet the order exists",
        answers=_always(Call.UNIFIED, delivery=Delivery.SILENCE),
    ),
    Behaviour(
        "unified_lost_reply", "unified: the connection closes without a reply, yet the order exists",
        answers=_always(Call.UNIFIED, delivery=Delivery.CLOSE),
    ),
    Behaviour(
        "unified_unavailable", "unified answers 1006, no order comes to be",
        answers=_always(Call.UNIFIED, "1006"), makes_order=False,
    ),
    Behaviour(
        "slow_wallet", "after the phone's confirmation: USERPAYING for 5 seconds, then paid",
        phases=(Phase(0, State.PAYING), Phase(5, State.PAID)),
    ),
    Behaviour("wallet_in_doubt", "after the phone's confirmation: UNKNOW for ever", phases=(Phase(0, State.UNKNOWN),)),
    Behaviour("refusal_closes", "a refusal on the phone closes the order: 0003", refusal=State.CLOSED),
    Behaviour(
        "arrears_never_answer", "the arrears query is never answered",
        answers=_always(Call.ARREARS, delivery=Delivery.SILENCE),
    ),
    Behaviour("customer_system_error", "the customer query answers 1001", answers=_always(Call.CUSTOMER, "1001")),
    Behaviour(
        "arrears_unreadable", "the arrears query's data has a shape that nobody can read",
        answers=_always(Call.ARREARS, data="共欠二笔，请到柜台查询"),
    ),
)

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType({each.name: each for each in (*_CODES, *_CUSTOMERS)})


def behaviour_of_code(payment_code: str) -> Behaviour:
    """The behaviour that a payment code's last four digits choose, its ``NN`` seconds filled in."""
    ending = payment_code[-4:]
    for behaviour in _CODES:
        if behaviour.ending == ending:
            return behaviour
        if behaviour.ending[2:] == "NN" and behaviour.ending[:2] == ending[:2]:
            return _with_seconds(behaviour, float(ending[2:]))
    return ORDINARY


def _with_seconds(behaviour: Behaviour, seconds: float) -> Behaviour:
    phases = (replace(phase, from_s=seconds) if phase.from_s == FROM_CODE else phase for phase in behaviour.phases)
    return replace(behaviour, phases=tuple(phases))


def sample_code(ending: str, serial: int) -> str:
    """A WeChat payment code (18 digits, domain.md) with this ending; another serial gives another code, for each code
    is good for one payment only."""
    return f"13{serial % 10**12:012d}{ending}"


def codes_table() -> str:
    """The table of endings, a row a line, as ``kiosk sandbox`` prints it."""
    return "\n".join(f"  ...{row.ending}  {row.says}" for row in _CODES)
