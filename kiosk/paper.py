"""What is printed, and how often it was: receipts and slips, journalled before the printer hears of them.

Rules
1. "Printing" is in the journal before the first byte goes out, so that a second print is known to be one and is
   marked (rule 16); a reprint is always somebody's wish, never a retry.
2. What the printer says is kept and shown as what it is: sent is not printed (hardware.md 5.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.core.desk import Desk
from kiosk.core.order import Instant, Order
from kiosk.core.receipt import Letterhead, ReceiptLine, Say, receipt, refund_request, slip, test_page
from kiosk.core.sentence import Banner, Level, Sentence
from kiosk.ports import Job, JournalPort, Lane, PrinterPort, PrintResult


@dataclass(frozen=True, slots=True)
class Printing:
    """The print that the *Result* face tells of; ``result`` None: printing."""

    job_id: str
    result: PrintResult | None = None


class Paper:
    """The engine's printing half; on its thread."""

    def __init__(
        self, journal: JournalPort, printer: PrinterPort | None, head: Letterhead, say: Say, now: Callable[[], Instant]
    ) -> None:
        self._journal, self._now = journal, now
        self._printer = printer
        self._head = head
        self._say = say
        self.telling: Printing | None = None

    def receipt(self, orders: Sequence[Order], at: Instant) -> Job | None:
        """The job that prints one receipt for these paid orders. Raises :class:`JournalError`, nothing printed."""
        papers = tuple(order.order_no for order in orders)
        copy = self._journal.copies(papers) + 1
        document = receipt(
            orders,
            self._head,
            self._say,
            printed_ms=at.wall_ms,
            copy=copy,
            chain_head=self._journal.chain_head(),
        )
        return self._job(papers, copy, document, at)

    def slip(self, order: Order, at: Instant) -> Job | None:
        """The job that prints the unconfirmed slip. Raises :class:`JournalError`, nothing printed."""
        papers = (f"slip:{order.order_no}",)
        copy = self._journal.copies(papers) + 1
        document = slip(
            order,
            self._head,
            self._say,
            wallet_no=dict(self._journal.evidence(order.order_no)).get("wallet_no", ""),
            printed_ms=at.wall_ms,
            copy=copy,
            chain_head=self._journal.chain_head(),
        )
        return self._job(papers, copy, document, at)

    def refund_request(self, order: Order, at: Instant) -> Job | None:
        """The job that prints a request to refund this order. Raises :class:`JournalError`, nothing printed."""
        papers = (f"refund:{order.order_no}",)
        copy = self._journal.copies(papers) + 1
        document = refund_request(
            order,
            self._head,
            self._say,
            wallet_no=dict(self._journal.evidence(order.order_no)).get("wallet_no", ""),
            printed_ms=at.wall_ms,
            copy=copy,
            chain_head=self._journal.chain_head(),
        )
        return self._job(papers, copy, document, at)

    def test_page(self) -> Job:
        """The job that prints a page to look at. It is no order's paper: the journal does not hear of it."""
        at = self._now()
        printer, document = self._printer, test_page(self._head, self._say, printed_ms=at.wall_ms)

        def work() -> PrintResult:
            return printer.print(f"test-{at.wall_ms}", document) if printer is not None else PrintResult.NONE

        return Job(Lane.PRINTER, ("test_page",), work)

    def _job(self, papers: tuple[str, ...], copy: int, document: tuple[ReceiptLine, ...], at: Instant) -> Job | None:
        job_id, printer = _job_id(papers, copy), self._printer
        if printer is None:
            self.telling = Printing(job_id, PrintResult.NONE)
            return None
        self._journal.printed(papers, copy, "printing", at)
        self.telling = Printing(job_id)
        return Job(Lane.PRINTER, ("print", str(copy), *papers), lambda: printer.print(job_id, document))

    def take_up(self, at: Instant, desk: Desk) -> None:
        """Prints that a process left behind are interrupted: nobody knows what is on the paper, and nothing prints
        them again but a person's wish. Raises :class:`JournalError`."""
        left = self._journal.unfinished_prints()
        for papers, copy in left:
            self._journal.printed(papers, copy, PrintResult.INTERRUPTED, at)
        if left:
            what = Sentence.of("printing.left", count=len(left))
            reference = left[0][0][0].rpartition(":")[2]
            desk.banner = desk.banner or Banner(Level.WARN, what, reference=reference)

    def printed(self, papers: tuple[str, ...], copy: int, result: object, at: Instant) -> None:
        """The printer's word on a job; what is no word of it (an error on its lane) is an interrupted print."""
        told = result if isinstance(result, PrintResult) else PrintResult.INTERRUPTED
        job_id = _job_id(papers, copy)
        if self.telling is not None and self.telling.job_id == job_id:
            self.telling = Printing(job_id, told)
        self._journal.printed(papers, copy, told, at)


def _job_id(papers: tuple[str, ...], copy: int) -> str:
    return f"{papers[0]}-{copy}"
