"""The strict reading of a client's call: envelope, signature, fields, lengths.

Rules (interface.md parts 1 to 3)
1. Checked in this order: content type, JSON, shape, types, signature, fields. The first fault found is the one told.
2. What is wrong raises :class:`Breach`; it is answered with ``code`` FAIL and noted.
3. A breach's text never holds a field's value (a payment code is one of them).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from kiosk.sandbox.dials import Call
from kiosk.sandbox.digest import digest

MAX_BODY_BYTES = 64 << 10

_CONTENT_TYPE = re.compile(r"application/json; *charset=utf-8", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d{1,17})\.(\d{2})", re.ASCII)

_TEXT_LENGTHS = {
    "version": 8, "channel": 16, "acq_code": 16, "usr_id": 32, "order_no": 32, "pre_order_no": 32, "cost_id": 32,
}
_AMOUNTS = frozenset({"ow_amt", "dflt_pny", "rchg_amt"})
_PATTERNS = {"fee_mod": re.compile(r"[01]"), "auth_code": re.compile(r"\d{16,32}", re.ASCII)}

_COMMON = ("version", "channel", "acq_code")
_ARREARS = ("ow_amt", "cost_id", "dflt_pny")
_FIELDS: Mapping[Call, tuple[str, ...]] = {
    Call.CUSTOMER: ("usr_id",),
    Call.ARREARS: ("usr_id",),
    Call.PAY: ("usr_id", "order_no", "fee_mod", "auth_code"),
    Call.UNIFIED: ("usr_id", "order_no", "fee_mod"),
    Call.QUERY: ("pre_order_no",),
    Call.ARREARS_NOTICE: ("usr_id", "order_no", *_ARREARS),
    Call.PREPAYMENT_NOTICE: ("usr_id", "order_no", "rchg_amt"),
}


class Breach(Exception):
    """The client broke a rule of the interface: a stable name and a sentence."""

    def __init__(self, rule: str, says: str) -> None:
        super().__init__(f"{rule}: {says}")
        self.rule = rule
        self.says = says


def read_call(call: Call, content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a well-formed call, each a text; raises :class:`Breach`."""
    if _CONTENT_TYPE.fullmatch(content_type.strip()) is None:
        raise Breach("content_type", "the content type must be application/json; charset=utf-8")
    fields, sign = _opened(_json(body))
    _check_sign(fields, sign)
    _check_names(call, fields)
    for name, value in fields.items():
        _check_value(name, value)
    return fields


def fen(amount: str) -> int:
    """Fen from an amount that :func:`read_call` let through."""
    whole, part = amount.split(".")
    return int(whole) * 100 + int(part)


def _json(body: bytes) -> object:
    if len(body) > MAX_BODY_BYTES:
        raise Breach("too_large", f"a call has at most {MAX_BODY_BYTES} bytes")
    try:
        parsed: object = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Breach("not_json", "the body is no JSON in UTF-8") from error
    return parsed


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise Breach("doubled_key", "a key stands twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _opened(document: object) -> tuple[dict[str, str], str]:
    if not isinstance(document, dict) or set(document) != {"request", "sign"}:
        raise Breach("envelope", 'the body must be {"request": {...}, "sign": "..."}')
    request, sign = document["request"], document["sign"]
    if not isinstance(request, dict) or not isinstance(sign, str):
        raise Breach("envelope", "request must be an object and sign a text")
    wrong = sorted(name for name, value in request.items() if not isinstance(value, str))
    if wrong:
        raise Breach("not_text", f"every value must be a JSON string: {', '.join(wrong)}")
    return request, sign


def _check_sign(fields: dict[str, str], sign: str) -> None:
    ambiguous = sorted(name for name, value in fields.items() if {"&", "="} & set(value))
    if ambiguous:
        raise Breach("ambiguous", f"& and = would sign as other fields: {', '.join(ambiguous)}")
    if sign != digest(fields):
        raise Breach("signature", "the signature is not the digest of the request")


def _check_names(call: Call, fields: Mapping[str, str]) -> None:
    required = {*_COMMON, *_FIELDS[call], *_payment_fields(call, fields)}
    missing = sorted(required - set(fields))
    if missing:
        raise Breach("missing_field", f"missing: {', '.join(missing)}")
    unknown = sorted(set(fields) - required)
    if unknown:
        raise Breach("unknown_field", f"not a field of this call: {', '.join(unknown)}")


def _payment_fields(call: Call, fields: Mapping[str, str]) -> tuple[str, ...]:
    if call not in (Call.PAY, Call.UNIFIED):
        return ()
    return ("rchg_amt",) if fields.get("fee_mod") == "1" else _ARREARS


def _check_value(name: str, value: str) -> None:
    if not value:
        raise Breach("empty_field", f"a field without a value is left out: {name}")
    if name in _AMOUNTS:
        if _AMOUNT.fullmatch(value) is None:
            raise Breach("amount", f"yuan with two decimals, at most 17 digits before the point: {name}")
        return
    pattern = _PATTERNS.get(name)
    if pattern is not None and pattern.fullmatch(value) is None:
        raise Breach("value", f"not a value that this field can have: {name}")
    if pattern is None and (len(value) > _TEXT_LENGTHS[name] or not value.isprintable()):
        raise Breach("length", f"at most {_TEXT_LENGTHS[name]} printable characters: {name}")
