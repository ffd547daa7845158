"""Looking a customer up: the jobs that ask, and what the journal knows beside the answers. No money moves here."""

from __future__ import annotations

from collections.abc import Container

from kiosk.core.account import Beside
from kiosk.core.bills import is_hidden_by, locks
from kiosk.core.messages import Answer, ArrearsAnswer, CustomerAnswer, Found, Heard
from kiosk.core.order import Kind, Order
from kiosk.ports import GatewayPort, Job, JournalPort, Lane

#: The customer's answer, and the bills' where the customer exists.
LookedUp = tuple[CustomerAnswer, ArrearsAnswer | None]


def look_up_job(gateway: GatewayPort, customer_no: str, token: int) -> Job:
    """Ask for the customer, and for the bills of one that exists."""

    def work() -> LookedUp:
        customer = gateway.customer(customer_no)
        exists = customer.found in (Found.FOUND, Found.UNREADABLE)
        return customer, gateway.arrears(customer_no) if exists else None

    return Job(Lane.BESIDE, ("look_up", str(token)), work)


def refresh_job(gateway: GatewayPort, customer_no: str, token: int) -> Job:
    """Ask for the bills alone."""
    return Job(Lane.BESIDE, ("refresh", str(token)), lambda: gateway.arrears(customer_no))


def looked_up(result: object) -> LookedUp:
    """A look-up job's result; an error on its lane is silence."""
    if isinstance(result, tuple):
        return result
    return CustomerAnswer(answer=_SILENT, found=Found.NO_ANSWER), None


def refreshed(result: object) -> ArrearsAnswer:
    """A refresh job's result; an error on its lane is silence."""
    if isinstance(result, ArrearsAnswer):
        return result
    return ArrearsAnswer(answer=_SILENT, found=Found.NO_ANSWER)


def beside(
    journal: JournalPort, customer_no: str, arrears: ArrearsAnswer | None, allowed: Container[str] = ()
) -> Beside:
    """Which of the bills are locked by earlier attempts, and the customer's open prepayment; beside the attempts in
    ``allowed`` a second one may begin, so they lock nothing."""
    if not customer_no or arrears is None:
        return Beside()
    open_attempts, credited = journal.attempts(customer_no, [bill.cost_id for bill in arrears.bills])
    blocking = [attempt for attempt in open_attempts if attempt.order_no not in allowed]
    return Beside(locks(arrears.bills, blocking, credited), journal.open_prepayment(customer_no))


def blocking(journal: JournalPort, order: Order) -> dict[str, str]:
    """The numbers of the attempts that block a new order's bill, and the lock of each as a code of wording.py; those
    in ``manual`` first.

    Also those whose bill may be this one under a new id (payment.md part 1): a permission beside such an attempt that
    freed the bill at the look-up is asked for once more, and used up, where the order begins.
    """
    found = dict.fromkeys(journal.live_attempts(order), "lock.open_attempt")
    if order.kind is Kind.ARREARS:
        for attempt in journal.attempts(order.customer_no, ())[0]:
            if is_hidden_by(order.cost_id, order.known_ids, attempt):
                found.setdefault(attempt.order_no, "lock.renamed")
    return found


_SILENT = Answer(heard=Heard.SILENT)
