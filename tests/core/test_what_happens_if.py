"""payment.md part 3, row by row: the table in code beside the page's, and each cell driven through the machine.

``PAGE`` is the page's table in the page's own short words; a cell of the code that says anything else fails. One is
stricter than the page: 0008 and 0009 on a query, where they do not speak of the order, prove no more than a time-out
does (the page lets them count as 1003): a query that failed says nothing of an order that may be paid.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.core.messages import Call
from kiosk.core.order import State
from kiosk.core.table import TABLE, Cell, Move, Row, cell_of

ROOT = Path(__file__).resolve().parents[2]

# fmt: off
#: answer: pay, unified, query, notice. FAIL, DOUBT, UNSEEN, R (ask again), N (the same notice again), ! (alarm).
PAGE: dict[Row, tuple[str, str, str, str]] = {
    Row.NOT_SENT:           ("FAIL",        "FAIL",     "R",           "N"),
    Row.BROKEN:             ("DOUBT",       "UNSEEN",   "R",           "N"),
    Row.SILENT:             ("DOUBT",       "UNSEEN",   "R",           "N"),
    Row.REDIRECT:           ("DOUBT !",     "UNSEEN !", "R !",         "N !"),
    Row.CLIENT_ERROR:       ("DOUBT",       "UNSEEN !", "R slower",    "N slow !"),
    Row.OUT_OF_SERVICE:     ("DOUBT !",     "UNSEEN !", "R slower",    "N slow !"),
    Row.SERVER_ERROR:       ("DOUBT",       "UNSEEN",   "R",           "N"),
    Row.UNREADABLE:         ("DOUBT",       "UNSEEN",   "R !3",        "N !3"),
    Row.BAD_SIGN:           ("DOUBT !",     "UNSEEN !", "R !",         "N !"),
    Row.STRANGER:           ("DOUBT !",     "UNSEEN !", "discard",     "N !"),
    Row.CALL_FAILED:        ("DOUBT",       "UNSEEN",   "R",           "N"),
    Row.ACCEPTED:           ("accepted",    "shown",    "R !",         "credited"),
    Row.UNPAID:             ("DOUBT",       "UNSEEN",   "11 d",        "slow R, query !"),
    Row.REFUNDED:           ("DOUBT",       "UNSEEN !", "refunded",    "stop, query !"),
    Row.CLOSED:             ("DOUBT",       "UNSEEN",   "11 b",        "stop, query !"),
    Row.REVOKED:            ("DOUBT",       "UNSEEN",   "11 b",        "stop, query !"),
    Row.NOT_AUTHORISED:     ("DOUBT, soon", "UNSEEN",   "11 b, or R", "N slow !"),
    Row.TRANSACTION_FAILED: ("DOUBT, soon", "UNSEEN",   "11 b, or R", "N slow !"),
    Row.SYSTEM_ERROR:       ("DOUBT",       "UNSEEN",   "R",           "N"),
    Row.EXISTS:             ("DOUBT !",     "DOUBT !",  "R !",         "by profile"),
    Row.NOT_FOUND:          ("DOUBT",       "UNSEEN",   "11 c, 11 d",  "slow R, query !"),
    Row.NO_MERCHANT:        ("DOUBT !",     "UNSEEN !", "R !",         "N slow !"),
    Row.NO_CHANNEL:         ("DOUBT !",     "UNSEEN !", "R !",         "N slow !"),
    Row.NOT_SUPPORTED:      ("DOUBT !",     "UNSEEN !", "R !",         "N slow !"),
    Row.OTHER_CODE:         ("DOUBT !",     "UNSEEN !", "R !",         "N !"),
    Row.SUCCESS:            ("ignored",     "ignored",  "paid",        "ignored"),
    Row.USERPAYING:         ("ignored",     "ignored",  "ask on",      "ignored"),
    Row.UNKNOWN:            ("ignored",     "ignored",  "ask on, slower", "ignored"),
    Row.PAYERROR:           ("ignored",     "ignored",  "11 b",        "ignored"),
    Row.OTHER_STATUS:       ("ignored",     "ignored",  "ask on, slower !", "ignored"),
}
# fmt: on
_PAGE_WORDS = {
    Move.FAIL: "FAIL", Move.DOUBT: "DOUBT", Move.DOUBT_SOON: "DOUBT, soon", Move.ACCEPT: "accepted",
    Move.UNSEEN: "UNSEEN", Move.SHOW: "shown", Move.AGAIN: "R", Move.SLOWER: "R slower", Move.DISCARD: "discard",
    Move.PENDING: "ask on", Move.UNDECIDED: "ask on, slower", Move.NEGATIVE: "11 b",
    Move.QUERY_FAILED: "11 b, or R", Move.NOT_PAID: "11 d", Move.ABSENT: "11 c, 11 d", Move.PAID: "paid",
    Move.REFUND: "refunded", Move.REPEAT: "N", Move.REPEAT_SLOW: "N slow", Move.CREDIT: "credited",
    Move.EXISTS: "by profile", Move.ASK_AND_WAIT: "slow R, query", Move.ASK_AND_SETTLE: "stop, query",
    Move.IGNORE: "ignored",
}  # fmt: skip
#: What a word leads to at its first answer, with the default settings.
_STATES = {
    "FAIL": State.FAILED, "DOUBT": State.IN_DOUBT, "DOUBT, soon": State.IN_DOUBT, "accepted": State.INTENT,
    "UNSEEN": State.UNSEEN, "shown": State.SHOWN, "paid": State.PAID, "refunded": State.REFUNDED,
    "N": State.PAID, "N slow": State.PAID, "slow R, query": State.PAID, "stop, query": State.MANUAL,
    "credited": State.CREDITED, "by profile": State.CREDITED,
}  # fmt: skip


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("what_happens_if", ROOT / "packaging" / "what_happens_if.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


MAKER = _maker()
CELLS = [(row, call) for row in Row for call in MAKER.CALLS if MAKER.has_cell(row, call)]


def _told(cell: Cell) -> str:
    bell = " !3" if cell.rings_at_third else " !" if cell.rings else ""
    return _PAGE_WORDS[cell.move] + bell


@pytest.mark.parametrize("row", list(Row), ids=str)
def test_the_table_in_code_is_the_pages(row: Row) -> None:
    assert tuple(_told(cell) for cell in TABLE[row]) == PAGE[row]


@pytest.mark.parametrize(("row", "call"), CELLS, ids=lambda value: str(value))
def test_cell(row: Row, call: Call) -> None:
    """The machine, driven to this call and given this answer, does what the page says."""
    made = MAKER.outcome(row, call)
    words, _, bell = PAGE[row][MAKER.CALLS.index(call)].partition(" !")
    rings_now = PAGE[row][MAKER.CALLS.index(call)].endswith("!")
    assert made.state is _STATES.get(words, State.INTENT), "a query that decides nothing leaves the order as it is"
    # 1002 on the first and only copy of a notice rings although the cell does not.
    assert bool(made.alarms) is (rings_now or (row is Row.EXISTS and call is Call.NOTICE)), bell
    if made.state in (State.INTENT, State.IN_DOUBT, State.SHOWN, State.PAID, State.MANUAL):
        assert made.then or made.at_once, "an open order is never left without a next step"


def test_every_row_of_the_code_stands_on_the_page_and_the_other_way() -> None:
    assert list(PAGE) == list(Row) == list(TABLE)
    assert all(isinstance(cell_of(call, row), Cell) for row in Row for call in MAKER.CALLS)


def test_the_written_table_is_what_the_machine_does() -> None:
    assert MAKER.main(["--check"]) == 0, "run: python packaging/what_happens_if.py"


@pytest.mark.parametrize("test", [test for _, tests in MAKER.STORIES for test in tests])
def test_every_test_that_the_table_names_exists(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
