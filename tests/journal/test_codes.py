"""A payment code is used once, and nothing of it lies on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant
from kiosk.core.payment_code import payment_code
from kiosk.journal import Journal
from kiosk.journal.errors import JournalRefusedError

CODE = payment_code("134567890123456789")
OTHER = payment_code("134567890123456788")


def _use(till: Any, **fields: Any) -> Any:
    order = till.fresh(**fields)
    till.journal.remember_code(CODE, order.order_no, till.later())
    return till.journal.append(order, [Append(EventKind.INTENT)], till.later())


def test_a_used_code_is_known_and_another_is_not(till: Any) -> None:
    assert not till.journal.code_used(CODE, till.at)
    _use(till)
    assert till.journal.code_used(CODE, till.at)
    assert not till.journal.code_used(OTHER, till.at)


def test_a_code_is_used_from_its_scan_on_before_its_intent_is_written(till: Any) -> None:
    till.journal.remember_code(CODE, "7AB3KQ9XW2M00001", till.at)
    assert till.journal.code_used(CODE, till.at)


def test_a_code_whose_intent_failed_is_not_used(till: Any) -> None:
    till.intent()
    with pytest.raises(JournalRefusedError):
        _use(till)
    assert not till.journal.code_used(CODE, till.at)


def test_a_code_is_refused_with_its_intent_where_nobody_asked_before(till: Any) -> None:
    _use(till)
    with pytest.raises(JournalRefusedError):
        _use(till, cost_id="B2")
    assert len(till.journal.open_orders()) == 1


def test_a_used_code_is_known_after_a_restart_and_forgotten_after_its_time(directory: Path, till_of: Any) -> None:
    with Journal.open(directory, code_memory_s=60) as journal:
        till = till_of(journal)
        _use(till)
        used_at = till.at
    with Journal.open(directory, code_memory_s=60) as journal:
        assert journal.code_used(CODE, Instant(0.0, used_at.wall_ms))
        assert journal.code_used(CODE, Instant(59.0, used_at.wall_ms + 59_000))
        assert not journal.code_used(CODE, Instant(60.0, used_at.wall_ms + 60_000))
        # A clock set back does not make it fresh.
        assert journal.code_used(CODE, Instant(60.0, used_at.wall_ms - 10**9))


@pytest.mark.parametrize("restarted", [False, True])
def test_a_wall_clock_set_ten_years_ahead_makes_no_used_code_fresh(
    restarted: bool, directory: Path, till_of: Any
) -> None:
    ten_years_ms = 10 * 365 * 86_400_000
    with Journal.open(directory) as journal:
        till = till_of(journal)
        _use(till)
        late = Instant(till.at.mono_s + 60, till.at.wall_ms + ten_years_ms)
        if not restarted:
            till.journal.remember_code(OTHER, "7AB3KQ9XW2M00009", late)
            assert journal.code_used(CODE, late)
    with Journal.open(directory) as journal:
        assert journal.code_used(CODE, late)


def test_what_both_clocks_say_is_over_leaves_the_table(directory: Path, till_of: Any) -> None:
    with Journal.open(directory, code_memory_s=1) as journal:
        till = till_of(journal)
        _use(till)
        for _ in range(5):
            till.later()
        order = till.fresh(cost_id="B2")
        journal.remember_code(OTHER, order.order_no, till.at)
        journal.append(order, [Append(EventKind.INTENT)], till.later())
        assert not journal.code_used(CODE, till.at)
        assert journal._db.execute("SELECT count(*) FROM codes").get == 1


def test_the_code_of_an_order_that_sent_nothing_may_be_used_again(till: Any) -> None:
    order = _use(till)
    till.journal.forget_code(order.order_no)
    assert not till.journal.code_used(CODE, till.at)
    _use(till, cost_id="B2")


def test_no_file_holds_the_code_and_the_text_copy_no_name(till: Any, directory: Path) -> None:
    _use(till, name_masked="欧**")
    names = {path.name for path in directory.iterdir()}
    assert {"journal.db", "journal.db-wal", "journal.events.txt", "journal.lock"} <= names
    for path in directory.iterdir():
        assert CODE.digits.encode() not in path.read_bytes()
    assert "欧".encode() not in (directory / "journal.events.txt").read_bytes()


def test_the_key_is_drawn_once_for_a_journal(directory: Path, till_of: Any) -> None:
    drawn: list[int] = []

    def draw(length: int) -> bytes:
        drawn.append(length)
        return bytes(range(length))

    for _ in range(2):
        Journal.open(directory, random_bytes=draw).close()
    assert drawn == [32]
