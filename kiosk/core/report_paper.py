"""A report on paper (日报, X 报表, Z 报表), for the printers of receipts: 58 and 80 mm.

Rules
1. It is no receipt and bears no QR; the chain's head on its foot binds it to the journal (payment.md rule 14). It
   stands there whole, by eight digits; ``kiosk verify --anchor`` takes it so, or its first twelve digits and more.
2. A group of many orders names the first :data:`PRINTED_ORDERS` and counts the rest: the roll is finite, and the whole
   list is on the screen and in the file.
3. A Z report is printed once; every further print says so (补打 第N次). An X report says that it is none.
"""

from __future__ import annotations

from kiosk.core.calendar import to_second
from kiosk.core.money import chinese_capitals, show_yuan
from kiosk.core.receipt import CLOCK_SET_MS, Letterhead, Paper, ReceiptLine, Say
from kiosk.core.report import Apart, Entry, Report, Taking, heading, summed, total_fen, words_of

#: Orders named in one group.
PRINTED_ORDERS = 20
#: The chain's head on a line of 32 columns.
_HEAD_GROUP, _GROUPS_A_LINE = 8, 3


def report_paper(
    report: Report, head: Letterhead, say: Say, *, printed_ms: int, copy: int = 1
) -> tuple[ReceiptLine, ...]:
    """The report as a printable document. ``head.cashier`` is whoever prints it; ``copy`` 1 is the first print."""
    paper = Paper(say)
    _head(paper, report, head, copy)
    for cashier, takings in report.cashiers().items():
        _cashier(paper, cashier, takings)
    _total(paper, report)
    for apart, entries in report.apart.items():
        if entries:
            _apart(paper, apart, entries)
    if report.reprints:
        paper.told(paper.word("report.reprints"), paper.word("report.times", count=len(report.reprints)))
    if report.is_z and report.shift is not None and report.shift.left:
        paper.text("report.goes_on", count=len(report.shift.left))
    _foot(paper, report, printed_ms)
    return tuple(paper.lines)


def _head(paper: Paper, report: Report, head: Letterhead, copy: int) -> None:
    paper.lines.append(ReceiptLine("text", paper.say(heading(report)), align="center", size=2, bold=True))
    if head.training:
        paper.text("receipt.training", align="center", bold=True)
    if copy > 1:
        paper.text("receipt.copy", align="center", bold=True, count=copy - 1)
    if report.shift is not None and not report.is_z:
        paper.text("report.x_is_no_z", align="center")
    paper.lines.append(ReceiptLine("text", head.branch, align="center"))
    paper.pair("receipt.counter", head.counter_id)
    if report.shift is not None:
        paper.pair("receipt.cashier", report.shift.cashier)
        paper.pair("report.opened_at", to_second(report.shift.opened_ms))
        paper.pair("report.closed_at", to_second(report.shift.closed_ms) if report.shift.closed_ms is not None else "")
    paper.pair("report.printed_by", head.cashier)
    paper.rule()


def _cashier(paper: Paper, cashier: str, takings: tuple[Taking, ...]) -> None:
    name = cashier or paper.word("report.no_cashier")
    paper.told(paper.word("receipt.cashier"), name, bold=True)
    for taking in takings:
        _, *words = words_of(taking, paper.word)
        paper.lines.append(ReceiptLine("text", " ".join(words)))
        paper.told(_count(paper, taking.amounts.count), show_yuan(taking.amounts.total_fen))
    amounts = summed(takings)
    paper.told(
        f"{paper.word('receipt.subtotal')} {_count(paper, amounts.count)}", show_yuan(amounts.total_fen), bold=True
    )
    paper.rule()


def _total(paper: Paper, report: Report) -> None:
    amounts, early = report.total, report.before_opening
    paper.pair("report.column_count", str(amounts.count))
    paper.pair("receipt.principal", show_yuan(amounts.principal_fen))
    paper.pair("receipt.late_fee", show_yuan(amounts.late_fee_fen))
    paper.pair("receipt.total", show_yuan(amounts.total_fen), bold=True)
    paper.pair("receipt.capitals", chinese_capitals(amounts.total_fen))
    if early.count:
        paper.text("report.before_opening", count=early.count, amount=show_yuan(early.total_fen))
    paper.text("report.note")
    paper.rule()


def _apart(paper: Paper, apart: Apart, entries: tuple[Entry, ...]) -> None:
    total = show_yuan(total_fen(entries))
    paper.told(f"{paper.word(f'report.apart_{apart}')} {_count(paper, len(entries))}", total, bold=True)
    for entry in entries[:PRINTED_ORDERS]:
        paper.told(entry.order_no, show_yuan(entry.total_fen))
    if len(entries) > PRINTED_ORDERS:
        paper.text("report.more", count=len(entries) - PRINTED_ORDERS)


def _foot(paper: Paper, report: Report, printed_ms: int) -> None:
    if paper.lines[-1].kind != "rule":
        paper.rule()
    paper.pair("receipt.printed_at", to_second(printed_ms))
    if printed_ms < CLOCK_SET_MS:
        paper.text("receipt.clock_wrong", align="center", bold=True)
    paper.lines.append(ReceiptLine("blank"))
    paper.text("receipt.signed_by_supervisor")
    paper.rule()
    if report.chain_head:
        paper.text("report.anchor", align="center")
        for line in _head_lines(report.chain_head):
            paper.lines.append(ReceiptLine("text", line, align="center"))


def _head_lines(head: str) -> list[str]:
    groups = [head[at : at + _HEAD_GROUP] for at in range(0, len(head), _HEAD_GROUP)]
    return [" ".join(groups[at : at + _GROUPS_A_LINE]) for at in range(0, len(groups), _GROUPS_A_LINE)]


def _count(paper: Paper, count: int) -> str:
    return paper.word("report.count", count=count)
