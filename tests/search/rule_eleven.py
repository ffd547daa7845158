"""Rule 11 read a second time, from the page and not from proof.py: what an answer proves, kept beside the machine.

The walk holds every ``failed`` of the machine against it: where one answer too many counts and two more are needed, no
money is in danger on any way, and still the rule is broken.
"""

from __future__ import annotations

from typing import NamedTuple

from kiosk.core.messages import Answer, Heard
from kiosk.core.order import Order, State
from tests.search import moments

ANSWERS = 3
_SHOWN_ENDS = ("0003", "0004")
_SCAN_ENDS = ("PAYERROR", *_SHOWN_ENDS)
_ABSENT = ("1003",)


class Evidence(NamedTuple):
    """What was heard of one order in this run of the program."""

    sign: bool = False
    #: The last negative answer, and whether it is older than the gap.
    negative: str = ""
    negative_old: bool = False
    #: Answers 1003 under (c), and whether the first is older than the span.
    absent: int = 0
    absent_old: bool = False
    #: Negative answers under (d).
    expired: int = 0

    def older(self) -> Evidence:
        """After half a hold-off: longer than gap and span."""
        return self._replace(negative_old=bool(self.negative), absent_old=self.absent > 0)


class Hearing(NamedTuple):
    """One answer to a payment query, and what the page wants known of it."""

    answer: Answer
    order: Order
    offset_s: float
    asked_by: str
    #: Asked by a number that pay or unified returned, or by which this gateway was seen to find orders.
    admitted: bool


def judged(evidence: Evidence, hearing: Hearing) -> tuple[Evidence, bool]:
    """The evidence with this answer, and whether it now proves that the order cannot be paid."""
    said = _said(hearing)
    order = hearing.order
    if said in ("", "SUCCESS") or (hearing.offset_s == moments.BESIDE and said != "USERPAYING"):
        return evidence, False
    absent = said in _ABSENT and not (order.state is State.IN_DOUBT and order.reason == said)
    if not absent:
        evidence = evidence._replace(sign=True, absent=0, absent_old=False)
    after, by_d = _by_life(evidence, said, hearing, absent)
    if absent:
        after, by_c = _by_absence(after._replace(negative="", negative_old=False), hearing)
        return after, by_c or by_d
    after, by_b = _by_negatives(after, said, order)
    return after, by_b or by_d


def _said(hearing: Hearing) -> str:
    """The one word of the answer that counts; empty: nothing that is about this order."""
    answer = hearing.answer
    if answer.heard is not Heard.ANSWERED:
        return ""
    if answer.order_no and answer.order_no not in (*hearing.order.numbers, hearing.asked_by):
        return ""
    if answer.sub_code == "0000":
        return answer.status if answer.order_no else ""
    return answer.sub_code or "nothing"


def _by_negatives(evidence: Evidence, said: str, order: Order) -> tuple[Evidence, bool]:
    ends = _SHOWN_ENDS if order.state is State.SHOWN else _SCAN_ENDS
    counts = said in ends or (said in ("0008", "0009") and order.reason == said)
    if not counts:
        return evidence._replace(negative="", negative_old=False), False
    if evidence.negative != said:
        return evidence._replace(negative=said, negative_old=False), False
    return evidence, evidence.negative_old


def _by_absence(evidence: Evidence, hearing: Hearing) -> tuple[Evidence, bool]:
    order = hearing.order
    late = hearing.offset_s >= moments.HOLD_OFF_S
    if order.state is State.SHOWN or evidence.sign or order.gateway_order_no or not (hearing.admitted and late):
        return evidence, False
    count = min(ANSWERS, evidence.absent + 1)
    return evidence._replace(absent=count), count == ANSWERS and evidence.absent_old


def _by_life(evidence: Evidence, said: str, hearing: Hearing, absent: bool) -> tuple[Evidence, bool]:
    shown = hearing.order.state is State.SHOWN
    counts = said == "0001" or (shown and said == "PAYERROR") or (absent and hearing.admitted)
    if not counts:
        return (evidence if absent else evidence._replace(expired=0)), False
    if hearing.offset_s < moments.LIFE_S:
        return evidence, False
    count = min(ANSWERS, evidence.expired + 1)
    return evidence._replace(expired=count), count == ANSWERS
