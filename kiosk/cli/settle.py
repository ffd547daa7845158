"""``kiosk settle``: a supervisor's settlement of one order, and the PIN it needs.

Rules
1. The PIN is read from standard input, never from an argument. A try is counted before it is compared.
2. A release is written with the notice it owes; sending it is left to ``recover`` or ``run``.
3. 1 means: wrong PIN, locked, or not allowed from this state; nothing was changed.
"""

from __future__ import annotations

import argparse
import sys

from kiosk.app import SystemClock, notice_body, open_journal
from kiosk.cli import DONE, settings_of
from kiosk.core.lockout import pin_fault, wait_s
from kiosk.core.machine import Machine
from kiosk.core.messages import Append, EventKind, Settled
from kiosk.core.order import Order
from kiosk.core.sentence import Sentence
from kiosk.core.settling import SETTLEMENTS, reason_in, refuses_settlement
from kiosk.errors import RefusedError, UsageError
from kiosk.journal import Journal
from kiosk.pin_hash import hashed, is_right
from kiosk.settings import Settings
from kiosk.supervision import SUPERVISOR
from kiosk.wording import Wording


def run(given: argparse.Namespace) -> int:
    """Settle one order, or set the PIN."""
    if given.set_pin:
        if given.order is not None or given.settle_as is not None or given.reason is not None:
            raise UsageError("error.usage", detail="--set-pin stands alone")
    elif given.order is None or given.settle_as is None or given.reason is None:
        raise UsageError("error.usage", detail="ORDER --as HOW --reason TEXT | --set-pin")
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    with open_journal(settings) as journal:
        done = _set_pin(journal, settings) if given.set_pin else _settle(journal, settings, given)
    print(wording.say(done), file=sys.stderr)
    return DONE


def _set_pin(journal: Journal, settings: Settings) -> Sentence:
    if journal.pin() is not None:
        _require_pin(journal, settings)
    new = _line_of_input()
    fault = pin_fault(new)
    if fault:
        raise UsageError(f"pin.fault_{fault}")
    journal.set_pin(hashed(new), SystemClock().now())
    return Sentence.of("pin.is_set")


def _settle(journal: Journal, settings: Settings, given: argparse.Namespace) -> Sentence:
    reason = reason_in(given.reason)
    if not reason:
        raise UsageError("pin.needs_reason")
    order = journal.order(given.order.strip().upper())
    if order is None:
        raise UsageError("error.no_such_order", order_no=given.order[:40])
    if journal.pin() is None:
        raise UsageError("pin.none")
    to = SETTLEMENTS[given.settle_as]
    twin = journal.twin_paid(order)
    refused = refuses_settlement(order, to, twin_paid=twin)
    if refused:
        raise RefusedError(f"settle.{refused}")
    _require_pin(journal, settings)
    _write(journal, settings, order, Settled(to=to, by=SUPERVISOR, why=reason, twin_paid=twin))
    if given.settle_as == "release":
        return Sentence.of("cli.released")
    return Sentence.of(f"settle.as_{given.settle_as}")


def _write(journal: Journal, settings: Settings, order: Order, message: Settled) -> None:
    """The machine's own step; of its effects only what is journalled is carried out here."""
    at = SystemClock().now()
    after, effects = Machine(settings.payment, settings.traits).step(order, message, at)
    events = [effect for effect in effects if isinstance(effect, Append)]
    owed = any(event.kind is EventKind.PAID for event in events)
    journal.append(after, events, at, notice_body(settings, after) if owed else None)


def _require_pin(journal: Journal, settings: Settings) -> None:
    """The right PIN on standard input. Raises :class:`RefusedError`."""
    record, at = journal.pin(), SystemClock().now()
    assert record is not None
    left_s = wait_s(record, settings.security.pin_tries, at.mono_s)
    if left_s > 0:
        raise RefusedError("pin.locked", seconds=int(left_s) + 1)
    pin = _line_of_input()
    journal.pin_tried(SystemClock().now())
    if not is_right(record.hash, pin):
        raise RefusedError("pin.wrong")
    journal.pin_was_good()


def _line_of_input() -> str:
    """One line of standard input; typed on a terminal it is not shown."""
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass("PIN: ").strip()
    line = sys.stdin.readline()
    if not line.strip():
        raise UsageError("error.usage", detail="the PIN is a line on standard input")
    return line.strip()
