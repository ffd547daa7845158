"""A report as files: CSV for any program, and a workbook (XLSX).

Rules
1. CSV: UTF-8 with its mark in front, lines ending in CR LF: so Excel opens it by a double click, in Chinese too.
2. A text that a spreadsheet would take for a formula gets an apostrophe before it (CSV) or is stored as a text (XLSX):
   a reason typed by somebody must never run on the accountant's machine.
3. Amounts are yuan: in the CSV with two decimals and nothing else, in the workbook numbers with two decimals shown;
   either can be added up. They are made of whole fen (a ``Decimal``, never a float of ours).
4. openpyxl is imported when a workbook is made and no sooner: starting the counter does not wait for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal

from kiosk.core.calendar import to_second
from kiosk.core.money import wire_yuan
from kiosk.core.receipt import Say
from kiosk.core.report import Amounts, Report, Word, heading, words_of
from kiosk.core.sentence import Sentence

#: What begins a formula; a tab or a line's end in front is skipped by some programs, and full-width signs are read by
#: others as the half-width ones.
_BEGINS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_BYTE_ORDER_MARK = "\ufeff"
_TAKINGS = ("cashier", "wallet", "kind", "mode", "count", "principal", "late_fee", "total")
_ENTRIES = ("class", "order_no", "customer_no", "kind", "amount", "state", "time", "cashier", "by", "why")
_COLUMN_WIDTH = 18

#: A text, a count, or an amount in fen (a ``Decimal`` of yuan).
Cell = str | int | Decimal


def csv_bytes(report: Report, say: Say) -> bytes:
    """The report as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([[_defused(cell) for cell in row] for row in _rows(report, say)])
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def xlsx_bytes(report: Report, say: Say) -> bytes:
    """The report as a workbook of one sheet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(report.name)
    for number, row in enumerate(_rows(report, say), 1):
        for column, cell in enumerate(row, 1):
            made = sheet.cell(number, column, cell)
            if isinstance(cell, str):
                made.data_type = "s"  # openpyxl would take "=..." for a formula
            elif isinstance(cell, Decimal):
                made.number_format = "0.00"
            if number == 1:
                made.font = Font(bold=True)
    for column in range(1, len(_ENTRIES) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _COLUMN_WIDTH
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _defused(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell
    return str(cell)


def _rows(report: Report, say: Say) -> Iterator[Sequence[Cell]]:
    def word(code: str) -> str:
        return say(Sentence.of(code))

    yield (say(heading(report)),)
    if report.shift is not None:
        shift = report.shift
        closed = to_second(shift.closed_ms) if shift.closed_ms is not None else word("report.still_open")
        yield (word("receipt.cashier"), shift.cashier, to_second(shift.opened_ms), closed)
    yield ()
    yield [word(f"report.column_{name}") for name in _TAKINGS]
    for taking in report.takings:
        yield (*words_of(taking, word), *_amounts(taking.amounts))
    yield (word("report.sum"), "", "", "", *_amounts(report.total))
    yield ()
    yield from _entries(report, word)
    yield ()
    yield (word("report.reprints"), len(report.reprints))
    yield (word("report.chain"), report.chain_head)


def _amounts(amounts: Amounts) -> tuple[Cell, ...]:
    sums = (amounts.principal_fen, amounts.late_fee_fen, amounts.total_fen)
    return (amounts.count, *map(_yuan, sums))


def _yuan(fen: int) -> Decimal:
    return Decimal(wire_yuan(fen))


def _entries(report: Report, word: Word) -> Iterator[Sequence[Cell]]:
    yield [word(f"report.column_{name}") for name in _ENTRIES]
    for apart, entries in report.apart.items():
        for entry in entries:
            yield (
                word(f"report.apart_{apart}"), entry.order_no, entry.customer_no, word(f"kind.{entry.kind}"),
                _yuan(entry.total_fen), word(f"state.{entry.state}"), to_second(entry.at_ms), entry.cashier, entry.by,
                entry.why,
            )  # fmt: skip
