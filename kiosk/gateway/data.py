"""The look-ups' ``data``: which the source types as a text of 16 and must yet carry customers and bills.

Rules
1. Shapes that are read: an object, a list of objects, JSON inside a text, ``k=v&k=v`` (interface.md part 5).
2. A shape that cannot be read is never "nothing owed".
3. One bill without a readable amount or an id makes the whole list unreadable: half a list is no list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.core.bills import Bill, Customer
from kiosk.core.money import MAX_FEN, AmountError, parse_yuan
from kiosk.gateway.profile import WireProfile
from kiosk.gateway.signing import OutgoingValueError, outgoing
from kiosk.gateway.strict_json import UnreadableError, compact, parse

MAX_RECEIVED = 2000
_CUSTOMER_KEY = "usr_id"
_MAX_COST_ID_LENGTH = 32


def unpacked(data: Any) -> Any:
    """The data as an object, a list or None, whichever shape it came in; raises :class:`UnreadableError`."""
    if not isinstance(data, str):
        return data
    text = data.strip()
    if not text:
        return None
    if text[0] in "[{":
        return parse(text)
    pairs = [part.partition("=") for part in text.split("&")]
    found = {key.strip(): value.strip() for key, _, value in pairs}
    if not all(key.strip() and equals for key, equals, _ in pairs) or len(found) != len(pairs):
        raise UnreadableError("data is a text of no known shape")
    return found


def received_text(data: Any) -> str:
    """The data as it came, for a cashier's eyes: bounded, and on one line."""
    text = data if isinstance(data, str) else compact(data)
    return "".join(char if char.isprintable() else " " for char in text)[:MAX_RECEIVED]


def named_customer(data: Any) -> str:
    """The customer that the data is about, where it says so in its first object."""
    first = data[0] if isinstance(data, list) and data else data
    return _scalar(first, (_CUSTOMER_KEY,)) if isinstance(first, dict) else ""


def read_customer(data: Any, customer_no: str, profile: WireProfile) -> Customer:
    """The customer in unpacked data; without data, one without details. Raises :class:`UnreadableError`."""
    if isinstance(data, list) and len(data) <= 1:
        data = data[0] if data else None
    if not data and not isinstance(data, bool):
        return Customer(customer_no)
    if not isinstance(data, dict):
        raise UnreadableError("the customer's data is no object")
    aliases = profile.customer_aliases
    known = {alias for names in aliases.values() for alias in names} | {_CUSTOMER_KEY}
    balance = _scalar(data, aliases["balance"])
    other = [(key, received_text(value)) for key, value in data.items() if key not in known and value is not None]
    balance_fen = _balance(balance)
    if balance and balance_fen is None:
        other.append((aliases["balance"][0], balance))
    return Customer(
        customer_no,
        name=_scalar(data, aliases["name"]),
        address=_scalar(data, aliases["address"]),
        phone=_scalar(data, aliases["phone"]),
        meter_no=_scalar(data, aliases["meter_no"]),
        balance_fen=balance_fen,
        other=tuple(other),
    )


def read_bills(data: Any, profile: WireProfile) -> tuple[Bill, ...]:
    """What is owed by unpacked data; empty: nothing. Raises :class:`UnreadableError`."""
    bills = [_bill(item, profile) for item in _bill_objects(data, profile)]
    return tuple(bill for bill in bills if bill.total_fen > 0)


def _bill_objects(data: Any, profile: WireProfile) -> Sequence[Mapping[str, Any]]:
    aliases = profile.bill_aliases
    if isinstance(data, dict):
        held = [data[key] for key in aliases["list"] if key in data]
        if held:
            data = held[0] if len(held) == 1 else [item for items in held for item in unpacked(items) or ()]
            data = unpacked(data)
        elif not _is_a_bill(data, profile):
            _require_understood(data, profile)
            return ()
    if data is None or data == {}:
        return ()
    items = [data] if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableError("the bills are no list of objects")
    return items


def _is_a_bill(data: Mapping[str, Any], profile: WireProfile) -> bool:
    aliases = profile.bill_aliases
    return any(key in data for name in ("amount", "late_fee", "cost_id") for key in _bill_keys(aliases, name, profile))


def _require_understood(data: Mapping[str, Any], profile: WireProfile) -> None:
    """An object with no list in it: nothing is owed only where every other key of it is understood."""
    known = {alias for names in profile.customer_aliases.values() for alias in names} | {_CUSTOMER_KEY}
    if not known.issuperset(data):
        raise UnreadableError("there is no list of bills under a known key")


def _bill_keys(aliases: Mapping[str, tuple[str, ...]], name: str, profile: WireProfile) -> tuple[str, ...]:
    return (*aliases[name], profile.late_fee_key) if name == "late_fee" else aliases[name]


def _bill(item: Mapping[str, Any], profile: WireProfile) -> Bill:
    aliases = profile.bill_aliases
    bill = Bill(
        cost_id=_exact(item, aliases["cost_id"]),
        principal_fen=_amount(_scalar(item, aliases["amount"])),
        late_fee_fen=_amount(_scalar(item, _bill_keys(aliases, "late_fee", profile)) or "0.00"),
        period=_scalar(item, aliases["period"]),
        holds_late_fee=profile.amount_holds_late_fee,
    )
    if bill.total_fen > MAX_FEN:
        raise UnreadableError("an amount that the interface cannot hold")
    if bill.total_fen:
        _require_cost_id(bill.cost_id)
    return bill


def _require_cost_id(cost_id: str) -> None:
    """An id that could not be sent back with a payment makes the bill one that cannot be paid here."""
    try:
        outgoing("cost_id", cost_id, _MAX_COST_ID_LENGTH)
    except OutgoingValueError as error:
        raise UnreadableError(str(error)) from None


def _amount(text: str) -> int:
    try:
        return parse_yuan(text)
    except AmountError as error:
        raise UnreadableError(f"an amount that is none: {error.reason}") from None


def _balance(text: str) -> int | None:
    """A balance for the cashier's information: below zero or oddly written it is shown as received."""
    try:
        return parse_yuan(text)
    except AmountError:
        return None


def _scalar(item: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The text under the first of these keys that has one, fit for a line on a screen; numbers as received."""
    text = _exact(item, keys)
    return (text if text.isprintable() else "".join([c if c.isprintable() else " " for c in text])).strip()


def _exact(item: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The same to the character: what is sent back must be what was received."""
    for key in keys:
        value = item.get(key)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise UnreadableError(f"{key[:40]!r} is neither text nor number")
        return value
    return ""
