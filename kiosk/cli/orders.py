"""``kiosk orders``: the journal's orders, read beside a running counter."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from kiosk.cli import DONE, require_day, settings_of
from kiosk.core.calendar import iso, to_second
from kiosk.core.money import show_yuan
from kiosk.core.order import Order, State
from kiosk.core.sentence import Sentence
from kiosk.errors import of_journal
from kiosk.journal import JournalReader
from kiosk.journal.errors import JournalMissingError, JournalOpenError
from kiosk.wording import Wording


def run(given: argparse.Namespace) -> int:
    """Print the orders; an empty journal has none, which is no error."""
    if given.day is not None:
        require_day(given.day)
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    try:
        with JournalReader(settings.data_directory) as reader:
            found = reader.orders(pending=given.pending, day=given.day, find=given.find)
    except JournalMissingError:
        found = []
    except JournalOpenError as error:
        raise of_journal(error) from error
    if given.json:
        print(json.dumps([as_json(order) for order in found], ensure_ascii=False))
    else:
        print(as_table(found, wording))
    return DONE


def as_json(order: Order) -> dict[str, str | int | bool | None]:
    """The order as scripts read it: the fields of design.md part 5, amounts in fen, times ISO 8601 with offset."""
    return {
        "order_no": order.order_no,
        "gateway_order_no": order.gateway_order_no or None,
        "customer_no": order.customer_no,
        "kind": str(order.kind),
        "principal_fen": order.principal_fen,
        "late_fee_fen": order.late_fee_fen,
        "total_fen": order.total_fen,
        "cost_id": order.cost_id or None,
        "mode": str(order.mode),
        "state": str(order.public_state),
        "credited": order.state is State.CREDITED,
        "created_at": iso(order.created_ms),
        "paid_at": iso(order.paid_ms),
        "credited_at": iso(order.credited_ms),
    }


def as_table(orders: Sequence[Order], wording: Wording) -> str:
    """A line an order, newest as the journal gives them, in words."""
    if not orders:
        return wording.say("cli.no_orders")
    return "\n".join(_line(order, wording) for order in orders)


def _line(order: Order, wording: Wording) -> str:
    words = [Sentence.of(f"{group}.{value}") for group, value in (("kind", order.kind), ("state", order.public_state))]
    return "  ".join(
        (
            to_second(order.created_ms),
            order.order_no,
            order.customer_no,
            show_yuan(order.total_fen).rjust(14),
            *(wording.say(word) for word in words),
        )
    )
