"""``kiosk report``: what scripts and people get of a day and of a shift, and as files."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.shift import ShiftTurn
from kiosk.journal import Journal
from tests.cli.conftest import AT, Run

DAY = "2026-11-23"


@pytest.fixture
def takings(journal_data: Path) -> str:
    """A shift with one payment of ¥102.17 and one whose wallet is not known; the chain's head after its closing."""
    with Journal.open(journal_data) as journal:
        seen = [f"K1ABCDEFGHJK000{number}" for number in range(1, 4)]
        journal.turn_shift(ShiftTurn.OPEN, AT, by="", to="=1+1", seen=seen)
        for number, wallet in enumerate(("wechat", ""), 7):
            order = Order(
                order_no=f"K1ABCDEFGHJK000{number}", customer_no="6100000102", kind=Kind.ARREARS,
                mode=Mode.SCAN if wallet else Mode.SHOW, principal_fen=9_630, late_fee_fen=587, total_fen=10_217,
                cost_id=f"C{number}", created_ms=AT.wall_ms, wallet=wallet, cashier="=1+1",
            )  # fmt: skip
            at = Instant(2.0, AT.wall_ms + 1000)
            order = journal.append(order, [Append(EventKind.INTENT)], at)
            paid = replace(order, state=State.PAID, paid_ms=at.wall_ms, success_seen=True)
            paid = journal.append(paid, [Append(EventKind.PAID)], at, b"the notice")
            credited = replace(paid, state=State.CREDITED, credited_ms=at.wall_ms)
            journal.append(credited, [Append(EventKind.CREDITED)], at)
        journal.turn_shift(ShiftTurn.CLOSE, AT, by="Li", to="", seen=seen)
        return journal.chain_head()


def test_a_day_is_one_object_with_its_totals_and_what_stands_apart(on_journal: Run, takings: str) -> None:
    told = on_journal("report", "--day", DAY, "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert list(found) == [
        "day", "shift", "made_at", "total", "before_opening", "takings", "apart", "reprints", "chain_head",
    ]  # fmt: skip
    assert (found["day"], found["shift"], found["chain_head"]) == (DAY, None, takings)
    assert found["total"] == {"count": 2, "principal_fen": 19_260, "late_fee_fen": 1_174, "total_fen": 20_434}
    assert [taking["wallet"] for taking in found["takings"]] == [None, "wechat"]
    assert found["apart"]["doubtful"]["count"] == 3
    assert found["apart"]["doubtful"]["orders"][0]["order_no"] == "K1ABCDEFGHJK0001"


def test_a_closed_shift_is_its_z_report(on_journal: Run, takings: str) -> None:
    found = json.loads(on_journal("report", "--shift", "1", "--json").stdout)
    assert found["day"] is None
    assert (found["shift"]["number"], found["shift"]["closed_by"], found["shift"]["handed_over"]) == (1, "Li", False)
    assert [left["state"] for left in found["shift"]["left"]] == ["intent"] * 3
    assert (found["total"]["count"], found["chain_head"]) == (2, takings)
    text = on_journal("report", "--shift", "1").stdout
    assert text.startswith("Z report, shift 1  ")
    assert "¥204.34" in text
    assert text.splitlines()[-1].endswith(takings)


def test_a_day_without_payments_is_no_error_and_a_shift_that_never_was_is_a_no(on_journal: Run) -> None:
    told = on_journal("report", "--day", "2020-01-01")
    assert told.returncode == 0
    assert told.stdout.startswith("2020-01-01: nothing was taken")
    told = on_journal("report", "--shift", "7")
    assert told.returncode == 1
    assert told.stderr == "没有第 7 班。\n"


def test_a_journal_that_was_never_begun_has_an_empty_report(on_journal: Run, journal_data: Path) -> None:
    for file in journal_data.iterdir():
        file.unlink()
    told = on_journal("report", "--day", DAY, "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["total"]["count"] == 0
    assert on_journal("report", "--shift", "1").returncode == 1


@pytest.mark.parametrize("day", ["2026-02-30", "9999-12-31"])
def test_what_is_no_day_exits_2_with_a_sentence(on_journal: Run, day: str) -> None:
    told = on_journal("report", "--day", day)
    assert told.returncode == 2
    assert day in told.stderr
    assert "YYYY-MM-DD" in told.stderr


@pytest.mark.parametrize("arguments", [("--shift", "-1"), ("--shift", "x"), ("--shift", "1", "--day", DAY)])
def test_what_is_no_shift_exits_2(on_journal: Run, arguments: tuple[str, ...]) -> None:
    assert on_journal("report", *arguments).returncode == 2


def test_the_csv_opens_in_excel_adds_up_and_runs_no_formula(on_journal: Run, takings: str, tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    told = on_journal("report", "--shift", "1", "--csv", str(file), "--json")
    assert told.returncode == 0
    assert str(file) in told.stderr
    json.loads(told.stdout)
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n")
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert [row[-1] for row in rows if row[:1] == ["'=1+1"]] == ["102.17", "102.17"]
    assert ["Total", "", "", "", "2", "192.60", "11.74", "204.34"] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_the_workbook_holds_numbers_that_add_up_and_no_formula(on_journal: Run, takings: str, tmp_path: Path) -> None:
    file = tmp_path / "day.xlsx"
    assert on_journal("report", "--shift", "1", "--xlsx", str(file)).returncode == 0
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert sheet.title == "Z1"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    total = next(row for row in rows if row[0] == "Total")
    assert total[4:8] == [2, 192.6, 11.74, 204.34]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
    assert [cell.value for cell in cells].count("=1+1") == 3


@pytest.mark.parametrize("option", ["--csv", "--xlsx"])
def test_a_file_that_cannot_be_written_exits_2_and_is_named(on_journal: Run, option: str, tmp_path: Path) -> None:
    told = on_journal("report", "--day", DAY, option, str(tmp_path / "nowhere" / "file"))
    assert told.returncode == 2
    assert "nowhere" in told.stderr
    assert told.stdout == ""
