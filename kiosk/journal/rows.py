"""An order as a row, and back.

``COLUMNS`` are the durable fields of ``Order`` under their own names; the masked name is kept in a table of its own
(outside the chain), ``asking`` nowhere. Values are those SQLite stores: enums as their text, flags as 0 and 1, the
known ids as a JSON array.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from kiosk.core.bills import Attempt
from kiosk.core.order import Asking, Kind, Mode, Order, State, order_of_fields
from kiosk.journal.chain import NOTICE_HASH, Event, storable

#: Set by the first event and never changed after it.
FIXED_COLUMNS = (
    "order_no",
    "customer_no",
    "kind",
    "mode",
    "principal_fen",
    "created_ms",
    "late_fee_fen",
    "total_fen",
    "cost_id",
    "period",
    "known_ids",
    "wallet",
    "cashier",
)
#: What later events may change.
MUTABLE_COLUMNS = (
    "override",
    "state",
    "gateway_order_no",
    "pay_url",
    "exists_elsewhere",
    "bytes_left",
    "reason",
    "success_seen",
    "paid_ms",
    "credited_ms",
)
COLUMNS = FIXED_COLUMNS + MUTABLE_COLUMNS
__all__ = ["COLUMNS", "FIXED_COLUMNS", "MUTABLE_COLUMNS", "NOTICE_HASH", "Values", "attempt_of", "order_of", "replayed",
           "values_of"]

Values = dict[str, str | int | None]

_IDS = msgspec.json.Decoder(tuple[str, ...])
_NOTHING_ASKED = Asking()


def values_of(order: Order) -> Values:
    """The row of an order: column to value."""
    return {
        "order_no": order.order_no,
        "customer_no": storable(order.customer_no),
        "kind": order.kind.value,
        "mode": order.mode.value,
        "principal_fen": order.principal_fen,
        "created_ms": order.created_ms,
        "late_fee_fen": order.late_fee_fen,
        "total_fen": order.total_fen,
        "cost_id": storable(order.cost_id),
        "period": storable(order.period),
        "known_ids": msgspec.json.encode([storable(cost_id) for cost_id in order.known_ids]).decode(),
        "wallet": order.wallet,
        "cashier": storable(order.cashier),
        "override": order.override,
        "state": order.state.value,
        "gateway_order_no": storable(order.gateway_order_no),
        "pay_url": storable(order.pay_url),
        "exists_elsewhere": int(order.exists_elsewhere),
        "bytes_left": int(order.bytes_left),
        "reason": storable(order.reason),
        "success_seen": int(order.success_seen),
        "paid_ms": order.paid_ms,
        "credited_ms": order.credited_ms,
    }


def order_of(row: Sequence[Any]) -> Order:
    """The order in a row of ``COLUMNS`` with the masked name behind them.

    Raises :class:`apsw.CorruptError` for a row that no order of ours can have made: SQLite has no sums over its pages,
    so a flipped byte in a cell is found here first.
    """
    try:
        return _order_of(row)
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise apsw.CorruptError(f"the row of {row[0]!r} holds what no order has: {error}") from error


def attempt_of(row: Sequence[Any]) -> Attempt:
    """What a look-up needs of an order, from the columns that :class:`Attempt` names. Raises as :func:`order_of`."""
    order_no, cost_id, period, principal_fen, state, known_ids = row
    try:
        return Attempt(order_no, cost_id, period, principal_fen, State(state).value, frozenset(_IDS.decode(known_ids)))
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise apsw.CorruptError(f"the row of {order_no!r} holds what no order has: {error}") from error


def _order_of(row: Sequence[Any]) -> Order:
    values: dict[str, Any] = dict(zip(COLUMNS, row[:-1], strict=True))
    values["kind"] = Kind(values["kind"])
    values["mode"] = Mode(values["mode"])
    values["state"] = State(values["state"])
    values["known_ids"] = _IDS.decode(values["known_ids"])
    for flag in ("exists_elsewhere", "bytes_left", "success_seen"):
        values[flag] = bool(values[flag])
    values["name_masked"], values["asking"] = row[len(COLUMNS)], _NOTHING_ASKED
    return order_of_fields(values)


def replayed(events: Iterable[Event]) -> dict[str, Any]:
    """The row that these events of one order make, oldest first (with ``NOTICE_HASH`` where a notice was stored)."""
    values: dict[str, Any] = {}
    for event in events:
        values.update(event.fields_changed())
    return values
