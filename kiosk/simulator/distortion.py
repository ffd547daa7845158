"""What becomes of a reply: the bank's fields, distorted as the fault says, and the bytes of it.

Rule: what is rightly signed and false about this very order is never made here, but for a single negative that the
machine must not take for final: against more than that payment.md promises nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from kiosk.core.messages import Answer, Heard
from kiosk.gateway.received import LineError, Received
from kiosk.simulator.bank import NOTICES, PAY, QUERY, UNIFIED, Fields, says
from kiosk.simulator.faults import Fault
from kiosk.simulator.watch import Watch

if TYPE_CHECKING:
    from kiosk.simulator.network import Trip

#: With these the gateway may have done what was asked, or not.
WITHOUT_WORK = frozenset(
    {
        Fault.REDIRECT, Fault.CLIENT_ERROR, Fault.SERVER_ERROR, Fault.CALL_FAILED, Fault.SYSTEM_ERROR,
        Fault.OTHER_CODE, Fault.NOTICE_REFUSED,
    }
)  # fmt: skip
_HEADERS = {"content-type": "application/json; charset=utf-8"}
_GARBAGE = (
    b"<html><body>502 Bad Gateway</body></html>",
    b"",
    b'{"response":{"code":"SUCCESS","code":"FAIL"},"sign":""}',
    b'{"response":{"code":"SUCCESS","sub_code":',
    b"[" * 5000,
    b'{"response":{"code":"SUCCESS","sub_code":0},"sign":""}',
    b'\xef\xbb\xbf{"response":{"code":"SUCCESS"},"sign":""}',
)
_STATUSES = {
    Fault.REDIRECT: (301, 302, 307),
    Fault.CLIENT_ERROR: (400, 401, 403, 404, 408, 429),
    Fault.SERVER_ERROR: (500, 502, 503, 504),
}
_SAYS_NOTHING = ("0001", "1002", "1006", "1009", "1010", "9999", "", "0000000000000")
_OF_PAYMENTS = ("0001", "0002", "0003", "0004", "1003", "1006", "1009", "1010", "9999", "")


class Reply(msgspec.Struct, frozen=True):
    """What comes back: None where nothing does. ``untrue``: nobody may believe it."""

    outcome: Received | LineError | None
    fields: Fields | None = None
    untrue: bool = False


def distorted(trip: Trip, fields: Fields | None, watch: Watch, old: Fields | None) -> Reply:
    """The reply to this trip; ``fields`` None: the gateway did not do what was asked."""
    fault, dice = trip.fault, trip.dice
    match fault:
        case Fault.REPLY_LOST | Fault.REPLY_LATE:
            return Reply(None)
        case Fault.REPLY_CUT:
            return Reply(LineError(Answer(heard=Heard.SILENT)))
        case Fault.REDIRECT | Fault.CLIENT_ERROR | Fault.SERVER_ERROR:
            headers = {"retry-after": "7"} if dice.chance(0.3) else {}
            return Reply(Received(dice.one_of(_STATUSES[fault]), headers))
        case Fault.NOT_JSON:
            return Reply(Received(200, _HEADERS, dice.one_of(_GARBAGE)), untrue=True)
        case Fault.WRONG_SIGN:
            return _sealed(fields or says("0000"), sign="0" * 64)
        case Fault.FORGED_SUCCESS:
            return _sealed(_success(trip), sign="f" * 64)
        case Fault.REPLY_OTHERS:
            return _sealed(_of_another(trip, watch), untrue=True)
        case Fault.NUMBER_CHANGED:
            number = f"X{int(dice.roll() * 3)}"
            return _sealed(says("0000", order_no=number, status="SUCCESS"), untrue=True)
        case Fault.REPLY_OLD if old is not None:
            return _sealed(old, untrue=not _is_about(trip, old, watch))
    return _sealed(_said(trip, fields))


def _said(trip: Trip, fields: Fields | None) -> Fields:
    """A true reply, or one whose code says something else of the call than what became of it."""
    fault, dice = trip.fault, trip.dice
    match fault:
        case Fault.CALL_FAILED:
            return {"code": "FAIL", "msg": "系统繁忙"}
        case Fault.SYSTEM_ERROR:
            return says("1001")
        case Fault.OTHER_CODE:
            return says(dice.one_of(_OF_PAYMENTS if trip.path in (PAY, UNIFIED) else _SAYS_NOTHING[1:]))
        case Fault.EXISTS:
            return says("1002")
        case Fault.NOTICE_REFUSED if fields is None:
            return says(dice.one_of(("0001", "0008", "0009", "1006")))
        case Fault.UNFIT_QR if trip.path == UNIFIED and fields is not None and "pay_url" in fields:
            return {**fields, "pay_url": dice.one_of(("javascript:alert(1)", "file:/etc/passwd", "http://10.0.0.1/x"))}
        case Fault.UNKNOWN if fields is not None and fields["sub_code"] == "0000":
            return {**fields, "status": dice.one_of(("UNKNOW", "UNKNOWN", "WAITING", ""))}
        case Fault.NO_NUMBER if fields is not None:
            return {key: value for key, value in fields.items() if key != "order_no"}
        case Fault.ONE_NEGATIVE if fields is not None and _may_lie_once(trip, fields):
            return _negative(trip, fields)
    return fields if fields is not None else says("1001")


def _may_lie_once(trip: Trip, fields: Fields) -> bool:
    """Once an order, where it stands otherwise in truth, and not after the machine may take it for a contradiction."""
    trade = trip.known
    unspent = trade is not None and not trade.spent_negative
    return unspent and fields["sub_code"] in ("0000", "0001") and "order_no" in fields


def _negative(trip: Trip, fields: Fields) -> Fields:
    assert trip.known is not None
    trip.known.spent_negative = True
    word = trip.dice.one_of(("PAYERROR", "0003", "0004"))
    if word == "PAYERROR":
        return {**fields, "sub_code": "0000", "status": word}
    return {**fields, "sub_code": word, "status": ""}


def _success(trip: Trip) -> Fields:
    """What a forger would say; its signature is wrong."""
    number = trip.request.get("order_no") or trip.request.get("pre_order_no", "")
    if trip.path == QUERY:
        return says("0000", order_no=number, status="SUCCESS")
    if trip.path in NOTICES:
        return says("0000")
    return says("0000", order_no=number, pay_url="https://thief.example/q")


def _of_another(trip: Trip, watch: Watch) -> Fields:
    """The reply to a call about another order that this counter knows."""
    others = [one.order for one in watch.known.values() if one is not trip.known]
    other = trip.dice.one_of(others)
    number = other.gateway_order_no or other.order_no
    if trip.path == QUERY:
        return says("0000", order_no=number, status="SUCCESS")
    return says("0000", order_no=number, pay_url=other.pay_url or "https://pay.example/q/other")


def _is_about(trip: Trip, fields: Fields, watch: Watch) -> bool:
    """Whether an older reply tells of this trip's order, by whichever number: its own, or one of the gateway's that
    the counter has not learned yet."""
    named = watch.by_number(fields.get("order_no", ""))
    return named is not None and named is trip.known and "status" in fields


def _sealed(fields: Fields, sign: str = "", *, untrue: bool = False) -> Reply:
    body = sealed(fields, sign)
    return Reply(Received(200, _HEADERS, body), fields, untrue or bool(sign))


def sealed(fields: Fields, sign: str = "") -> bytes:
    """The reply's bytes, signed rightly unless a signature is given; ``data`` stands in it as it is."""
    if not sign:
        text = "&".join([f"{key}={fields[key]}" for key in sorted(fields) if fields[key]])
        sign = hashlib.sha256(text.encode()).hexdigest()
    inner = ",".join([f'"{key}":{text}' if key == "data" else f'"{key}":"{text}"' for key, text in fields.items()])
    return f'{{"response":{{{inner}}},"sign":"{sign}"}}'.encode()
