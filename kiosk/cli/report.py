"""``kiosk report``: the totals of a day or a shift, read beside a running counter."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kiosk.cli import DONE, require_day, settings_of
from kiosk.cli.columns import aligned
from kiosk.core.calendar import day, iso, to_second
from kiosk.core.money import show_yuan
from kiosk.core.report import Amounts, Apart, Entry, Report, Taking, grouped, heading, total_fen, words_of
from kiosk.core.shift import Shift
from kiosk.errors import RefusedError, UsageError, of_journal
from kiosk.journal import JournalReader
from kiosk.journal.errors import JournalMissingError, JournalOpenError
from kiosk.report_files import csv_bytes, xlsx_bytes
from kiosk.wording import Wording

#: Only a number far beyond any shift's has more digits.
_MOST_DIGITS = 9


def run(given: argparse.Namespace) -> int:
    """Print the report; a day without payments, and a journal not begun, is no error. A shift that never was is 1."""
    now_ms = time.time_ns() // 1_000_000
    wanted = day(now_ms) if given.day is None else given.day
    require_day(wanted)
    shift = _shift_number(given.shift)
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    report = _read(settings.data_directory, wanted, shift)
    for path, content in ((given.csv, csv_bytes), (given.xlsx, xlsx_bytes)):
        if path is not None:
            _write(Path(path), content(report, wording.say), wording)
    if given.json:
        print(json.dumps(as_json(report, now_ms), ensure_ascii=False))
    else:
        print(as_text(report, wording, counter_id=settings.counter.id, now_ms=now_ms))
    return DONE


def _shift_number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= _MOST_DIGITS):
        raise UsageError("error.usage", detail=f"--shift {text[:20]}: 1, 2, 3 ...")
    return int(text)


def _read(directory: Path, wanted: str, shift: int | None) -> Report:
    try:
        with JournalReader(directory) as reader:
            found = reader.day_report(wanted) if shift is None else reader.shift_report(shift)
    except JournalMissingError:
        found = Report(day=wanted, apart=grouped(())) if shift is None else None
    except JournalOpenError as error:
        raise of_journal(error) from error
    if found is None:
        raise RefusedError("report.no_such_shift", number=shift or 0)
    return found


def _write(path: Path, content: bytes, wording: Wording) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError("report.cannot_write", path=str(path), detail=error.strerror or str(error)) from error
    print(wording.say("report.written", path=str(path)), file=sys.stderr)


# --- for scripts -----------------------------------------------------------------------------------------------------


def as_json(report: Report, now_ms: int) -> dict[str, Any]:
    """The report as scripts read it: amounts in fen, times ISO 8601 with offset."""
    return {
        "day": report.day or None,
        "shift": _shift(report.shift) if report.shift is not None else None,
        "made_at": iso(now_ms),
        "total": asdict(report.total),
        "before_opening": asdict(report.before_opening),
        "takings": [_taking(taking) for taking in report.takings],
        "apart": {str(apart): _group(entries) for apart, entries in report.apart.items()},
        "reprints": [{"papers": list(one.papers), "copy": one.copy, "at": iso(one.at_ms)} for one in report.reprints],
        "chain_head": report.chain_head or None,
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "number": shift.number,
        "cashier": shift.cashier,
        "opened_at": iso(shift.opened_ms),
        "closed_at": iso(shift.closed_ms),
        "closed_by": shift.closed_by or None,
        "handed_over": shift.handed_over,
        "left": [{"order_no": left.order_no, "state": str(left.state)} for left in shift.left],
    }


def _taking(taking: Taking) -> dict[str, Any]:
    who = {"cashier": taking.cashier, "wallet": taking.wallet or None, "kind": taking.kind, "mode": taking.mode}
    return who | asdict(taking.amounts)


def _group(entries: tuple[Entry, ...]) -> dict[str, Any]:
    orders = [
        {
            "order_no": entry.order_no,
            "customer_no": entry.customer_no,
            "cashier": entry.cashier,
            "kind": entry.kind,
            "state": str(entry.state),
            "total_fen": entry.total_fen,
            "at": iso(entry.at_ms),
            "by": entry.by or None,
            "why": entry.why or None,
        }
        for entry in entries
    ]
    return {"count": len(orders), "total_fen": total_fen(entries), "orders": orders}


# --- for people ------------------------------------------------------------------------------------------------------

_COLUMNS = ("cashier", "wallet", "kind", "mode", "count", "principal", "late_fee", "total")
_FIGURES = range(4, len(_COLUMNS))


def as_text(report: Report, wording: Wording, *, counter_id: str, now_ms: int) -> str:
    """The report in words and aligned columns; one sentence for a day that brought nothing."""
    if report.is_empty and report.shift is None:
        lines = [wording.say("report.empty", day=report.day)]
    else:
        lines = list(_lines(report, wording, counter_id, now_ms))
    if report.chain_head:
        lines.append(wording.say("receipt.chain", head=report.chain_head))
    return "\n".join(lines)


def _lines(report: Report, wording: Wording, counter_id: str, now_ms: int) -> Iterator[str]:
    say = wording.say
    yield f"{say(heading(report))}  {say('receipt.counter')} {counter_id}  {to_second(now_ms)}"
    if report.shift is not None:
        yield _span(report.shift, wording)
    yield ""
    rows = [[say(f"report.column_{name}") for name in _COLUMNS]]
    rows += [[*words_of(taking, say), *_amounts(taking.amounts)] for taking in report.takings]
    rows.append([say("report.sum"), "", "", "", *_amounts(report.total)])
    yield from aligned(rows, right=_FIGURES)
    yield say("report.note")
    if report.before_opening.count:
        early = report.before_opening
        yield say("report.before_opening", count=early.count, amount=show_yuan(early.total_fen))
    for apart, entries in report.apart.items():
        if entries:
            yield ""
            yield from _apart(apart, entries, wording)
    if report.reprints:
        yield ""
        yield f"{say('report.reprints')}  {say('report.times', count=len(report.reprints))}"
    yield ""


def _span(shift: Shift, wording: Wording) -> str:
    words = [shift.cashier or wording.say("report.no_cashier"), to_second(shift.opened_ms)]
    words.append("–")
    words.append(to_second(shift.closed_ms) if shift.closed_ms is not None else wording.say("report.still_open"))
    return " ".join(words)


def _amounts(amounts: Amounts) -> list[str]:
    return [str(amounts.count), *map(show_yuan, (amounts.principal_fen, amounts.late_fee_fen, amounts.total_fen))]


def _apart(apart: Apart, entries: tuple[Entry, ...], wording: Wording) -> Iterator[str]:
    total = show_yuan(total_fen(entries))
    yield f"{wording.say(f'report.apart_{apart}')}  {wording.say('report.count', count=len(entries))}  {total}"
    rows = [
        [
            f"  {to_second(entry.at_ms)}",
            entry.order_no,
            entry.customer_no,
            show_yuan(entry.total_fen),
            wording.say(f"state.{entry.state}"),
            " ".join(word for word in (entry.by, entry.why) if word),
        ]
        for entry in entries
    ]
    yield from aligned(rows, right={3})
