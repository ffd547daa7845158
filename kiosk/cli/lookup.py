"""``kiosk lookup``: a customer and the bills, straight from the gateway; the journal is only read."""

from __future__ import annotations

import argparse
import json
import sys

from kiosk.cli import DONE, NO, UNRESOLVED, settings_of
from kiosk.core.bills import Bill, Customer, CustomerNumberError, customer_number, locks
from kiosk.core.messages import ArrearsAnswer, Found
from kiosk.core.money import show_yuan
from kiosk.errors import UsageError, of_journal
from kiosk.gateway.client import Gateway
from kiosk.journal import JournalReader
from kiosk.journal.errors import JournalMissingError, JournalOpenError
from kiosk.settings import Settings
from kiosk.wording import Wording


def run(given: argparse.Namespace) -> int:
    """Print what the gateway says: 0 found, 1 no such customer, 3 no answer."""
    try:
        number = customer_number(given.customer)
    except CustomerNumberError as error:
        raise UsageError(f"number.{error.reason}") from error
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    gateway = Gateway(settings.gateway, settings.profile, settings.payment)
    try:
        customer = gateway.customer(number)
        if customer.found is Found.NOTHING:
            print(wording.say("cli.customer_unknown", customer_no=number), file=sys.stderr)
            return NO
        answered = customer.found in (Found.FOUND, Found.UNREADABLE)
        arrears = gateway.arrears(number) if answered else None
    finally:
        gateway.close()
    if arrears is None or arrears.found is Found.NO_ANSWER:
        print(wording.say("cli.no_answer"), file=sys.stderr)
        return UNRESOLVED
    known = customer.customer or Customer(number)
    locked = _locked(settings, number, arrears.bills)
    if given.json:
        print(json.dumps(_as_json(known, arrears.bills, locked), ensure_ascii=False))
    else:
        print(_as_text(known, arrears, locked, wording))
    return UNRESOLVED if arrears.found is Found.UNREADABLE else DONE


def _locked(settings: Settings, number: str, bills: tuple[Bill, ...]) -> dict[str, str]:
    """Which bills this counter's own journal keeps from being paid now."""
    try:
        with JournalReader(settings.data_directory) as reader:
            open_attempts, credited = reader.attempts(number, [bill.cost_id for bill in bills])
    except JournalMissingError:
        return locks(bills, [], [])
    except JournalOpenError as error:
        raise of_journal(error) from error
    return locks(bills, open_attempts, credited)


def _as_json(customer: Customer, bills: tuple[Bill, ...], locked: dict[str, str]) -> dict[str, object]:
    return {
        "customer_no": customer.customer_no,
        "name_masked": customer.name_masked,
        "balance_fen": customer.balance_fen,
        "bills": [
            {
                "cost_id": bill.cost_id,
                "period": bill.period,
                "principal_fen": bill.principal_fen,
                "late_fee_fen": bill.late_fee_fen,
                "total_fen": bill.total_fen,
                "locked": bill.cost_id in locked,
            }
            for bill in bills
        ],
    }


def _as_text(customer: Customer, arrears: ArrearsAnswer, locked: dict[str, str], wording: Wording) -> str:
    lines = [wording.say("cli.account", customer_no=customer.customer_no, name=customer.name_masked)]
    if arrears.found is Found.UNREADABLE:
        lines.append(wording.say("account.unreadable"))
    elif not arrears.bills:
        lines.append(wording.say("cli.no_bills"))
    for bill in arrears.bills:
        note = wording.say(f"lock.{locked[bill.cost_id]}") if bill.cost_id in locked else ""
        amounts = (show_yuan(bill.principal_fen), show_yuan(bill.late_fee_fen), show_yuan(bill.total_fen))
        lines.append("  ".join((bill.cost_id, bill.period, *(amount.rjust(12) for amount in amounts), note)).rstrip())
    return "\n".join(lines)
