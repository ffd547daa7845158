"""The gateway in the walk: what it holds of one order, and every answer that it may give.

Rules
1. A gateway tells no lasting lie, but it may be silent, fail, be slow and be wrong for a moment. What may be said of an
   order at any time is :func:`query_answers`; all rows of the machine's table are in one of its groups.
2. The assumptions of the payment page are built in here and nowhere else: a number by which this gateway finds orders
   finds every order; two equal negatives some seconds apart are true (a false one is a *spell*, over at the next jump
   of the clock); what the table reads as "no such order" is not said of an order that there is, but to a question that
   was on its way before the order came to be; after a whole life nothing can be paid that was not paid before.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from kiosk.core.messages import Answer, Heard

OURS, THEIRS, NOBODYS = "OURS", "THEIRS", "NOBODYS"
PAY_URL = "https://pay.example/1"


class Held(IntEnum):
    """What the gateway holds under this order's number."""

    NOTHING = 0
    LIVE = 1  # accepted; the customer may pay
    PAID = 2
    DEAD = 3  # refused, closed, expired: never paid, and cannot be
    REFUNDED = 4  # paid, and given back
    ELDER = 5  # an old paid order of somebody else's holds the number (answered 1002)


class Spell(IntEnum):
    """Whether this gateway was wrong about this order: for one moment at most."""

    NEVER = 0
    NOW = 1
    OVER = 2


class Site(NamedTuple):
    """One gateway and one counter's use of it: a walk's frame."""

    name: str
    #: The modes that each attempt may have, by attempt.
    modes: tuple[str, ...]
    #: ``finds_by_our_number`` and ``query_names`` of the profile.
    trait: str = "true"
    query_names: str = "asked"
    #: The gateway gives a number of its own | finds orders by ours all the same.
    own_numbers: bool = False
    finds_ours: bool = True
    #: It may be wrong for a moment; refund; hold an old order by the number. The disk may fail; a backup be restored.
    spells: bool = False
    refunds: bool = False
    elders: bool = False
    disk_fails: str = ""  # "any" commit, or the one of "paid"
    restores: bool = False
    doubles: bool = False
    idempotent: bool = True
    second_attempts: bool = True
    #: Every row of the table, not one of each kind; and days go by.
    every_row: bool = False
    days: bool = False


def said(sub_code: str, status: str = "", order_no: str = "", *, pay_url: str = "") -> Answer:
    """A verified reply."""
    return Answer(heard=Heard.ANSWERED, sub_code=sub_code, status=status, order_no=order_no, pay_url=pay_url)


def _line(heard: Heard, http_status: int = 0) -> Answer:
    return Answer(heard=heard, http_status=http_status)


SILENCE = _line(Heard.SILENT)
NOT_SENT = _line(Heard.NOT_SENT)
EXISTS = said("1002")
NOT_FOUND = said("1003")
#: A thief's reply, or a broken one: it says everything that would be wished for, and its signature is wrong.
FORGED = Answer(heard=Heard.BAD_SIGN, sub_code="0000", status="SUCCESS", order_no=OURS, pay_url=PAY_URL)

#: What may be heard of any order at any time, one of each kind: nothing, a forgery, a call that failed, a stranger's
#: number, trouble of the gateway's own, and what is neither yes nor no.
NOISE = (SILENCE, FORGED, _line(Heard.CALL_FAILED), said("1001"))
MORE_NOISE = (
    said("0000", "SUCCESS", NOBODYS),
    _line(Heard.BROKEN),
    _line(Heard.REDIRECT),
    _line(Heard.CLIENT_ERROR, 429),
    _line(Heard.CLIENT_ERROR, 403),
    _line(Heard.SERVER_ERROR),
    _line(Heard.UNREADABLE),
    said("1006"),
    said("1009"),
    said("1010"),
    said("7777"),
    said(""),
    said("0000", "SUCCESS", ""),
)
CALL_NOISE = (SILENCE, FORGED, _line(Heard.CALL_FAILED), said("1001"), said("1003"))
MORE_CALL_NOISE = (
    *(said(code) for code in ("0001", "0002", "0003", "0004", "0008", "0009", "1006", "1009", "1010", "7777", "")),
    *MORE_NOISE[1:7],
)
NEGATIVES = ("PAYERROR", "0003")


def _status(status: str, named: str) -> Answer:
    return said("0000", status, named)


def named_by(site: Site, asked_by: str) -> str:
    """The number that a truthful answer names."""
    return THEIRS if site.own_numbers else asked_by


def finds(site: Site, asked_by: str, held: Held) -> bool:
    """Whether a question by this number finds an order that there is."""
    if held is Held.NOTHING:
        return False
    return asked_by == THEIRS or (asked_by == OURS and site.finds_ours)


def negative(row: str, named: str) -> Answer:
    """One of :data:`NEGATIVES` as an answer."""
    return _status(row, named) if row == "PAYERROR" else said(row)


class Asked(NamedTuple):
    """What the answers to a question depend on."""

    held: Held
    spell: Spell
    asked_by: str
    #: There was no such order at some moment since the question was sent.
    was_nothing: bool
    is_scan: bool
    #: Its whole life is over: who is paid is told so by now.
    aged: bool
    #: pay was answered by this code (0008 and 0009 then speak of the order).
    refused_by: str


def query_answers(site: Site, asked: Asked) -> list[tuple[Answer, bool]]:
    """Every answer that a payment query may bring now, and whether it is a false one (and begins a spell)."""
    found = finds(site, asked.asked_by, asked.held)
    answers = [(answer, False) for answer in (*NOISE, *((*MORE_NOISE, EXISTS) if site.every_row else ()))]
    if asked.asked_by == NOBODYS:
        return answers
    named = named_by(site, asked.asked_by)
    if site.every_row:  # the query itself may fail so, whatever became of the order
        answers += [(said(code), False) for code in ("0008", "0009") if code != asked.refused_by]
    if not found or asked.was_nothing:
        answers.append((NOT_FOUND, False))
    if not found:
        return answers
    return answers + [(_status(status, named), False) for status in _soft(site)] + _facts(site, asked, named)


def _soft(site: Site) -> tuple[str, ...]:
    return ("USERPAYING", "UNKNOW", "UNKNOWN", "NEWWORD") if site.every_row else ("USERPAYING", "UNKNOW")


def _facts(site: Site, asked: Asked, named: str) -> list[tuple[Answer, bool]]:
    match asked.held:
        case Held.PAID:
            late = [] if asked.aged else [(said("0001"), False), *_spell(site, asked, named)]
            return [(_status("SUCCESS", named), False), *late]
        case Held.LIVE:
            tried = [] if asked.is_scan else [(_status("PAYERROR", named), False)]
            return [(said("0001"), False), *tried, *_spell(site, asked, named)]
        case Held.DEAD:
            rows = (*NEGATIVES, "0004") if site.every_row else NEGATIVES
            after = [NOT_FOUND, said("0001"), *(negative(row, named) for row in rows)]
            also = [said(asked.refused_by)] if asked.refused_by else []
            return [(answer, False) for answer in after + also]
        case Held.REFUNDED:
            return [(said("0002"), False)]
        case _:
            return [(_status("SUCCESS", OURS), False)]


def _spell(site: Site, asked: Asked, named: str) -> list[tuple[Answer, bool]]:
    if not site.spells or asked.spell is Spell.OVER:
        return []
    also = [said(asked.refused_by)] if asked.refused_by else []
    return [(answer, True) for answer in [*(negative(row, named) for row in NEGATIVES), *also]]


def call_answers(site: Site, held: Held, *, waiting: bool) -> list[Answer]:
    """Every answer that pay or unified may bring; ``waiting``: the request is on its way still."""
    answers = [*CALL_NOISE, *(MORE_CALL_NOISE if site.every_row else ())]
    if held is not Held.NOTHING:
        number = THEIRS if site.own_numbers else OURS
        answers += [said("0000", "", number, pay_url=PAY_URL)]
        if site.every_row:
            answers += [said("0000", "", number, pay_url=""), said("0000", "", "", pay_url=PAY_URL)]
    if waiting:
        answers.append(NOT_SENT)
    return answers
