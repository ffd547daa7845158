"""A broken database, with really damaged bytes: put aside, built anew from the text copy, and nothing deleted."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.payment_code import PaymentCode
from kiosk.journal import Journal, JournalReader, verify
from kiosk.journal.errors import JournalBrokenError, JournalLostError
from kiosk.ports import JournalError
from kiosk.simulator.disk import SimulatedDisk

#: 2026-11-23 11:00 in China.
NOW = Instant(5000.0, 1_795_402_800_000)
ASIDE = "journal.db.broken-20261123T030000Z"
COPY = "journal.events.txt"
CODE = PaymentCode("281234567890123456", "alipay")


@pytest.fixture
def told(directory: Path, till_of: Any) -> dict[str, Order]:
    """A journal with orders in many states, closed; what it holds."""
    with Journal.open(directory) as journal:
        till = till_of(journal)
        till.credited(name_masked="张*")
        till.paid(cost_id="B2")
        till.to(till.intent(cost_id="B3", mode=Mode.SHOW), State.SHOWN, pay_url="https://pay.example/q")
        till.to(till.intent(cost_id="B4"), State.IN_DOUBT)
        till.intent(customer_no="1002", kind=Kind.PREPAYMENT, cost_id="", period="")
        learned = till.intent(cost_id="B5")
        events = [Append(EventKind.LEARNED, (("finds_by_our_number", "true"),))]
        journal.append(learned, events, till.later())
        code = till.fresh(cost_id="B6")
        journal.remember_code(CODE, code.order_no, till.at)
        journal.append(code, [Append(EventKind.INTENT)], till.later())
        journal.printed(["7AB3KQ9XW2M00001"], 1, "printing", till.later())
        journal.set_pin("argon2 text", till.later())
    return _orders(directory)


def _orders(directory: Path) -> dict[str, Order]:
    with JournalReader(directory) as reader:
        return {order.order_no: order for order in reader.orders()}


def _damage(directory: Path, change: Callable[[bytearray], None]) -> bytes:
    path = directory / "journal.db"
    image = bytearray(path.read_bytes())
    change(image)
    path.write_bytes(image)
    return bytes(image)


def _no_database(image: bytearray) -> None:
    image[:] = b"this was a database once. " * 2000


def _header_gone(image: bytearray) -> None:
    image[:100] = bytes(100)


def _cut_in_half(image: bytearray) -> None:
    del image[len(image) // 2 :]


def _zeros_in_the_middle(image: bytearray) -> None:
    image[len(image) // 2 : -4096] = bytes(len(image) - 4096 - len(image) // 2)


def _torn_pages(image: bytearray) -> None:
    chance = random.Random(5)
    for page in range(3, len(image) // 4096, 3):
        image[page * 4096 : page * 4096 + 512] = chance.randbytes(512)


DAMAGES = [_no_database, _header_gone, _cut_in_half, _zeros_in_the_middle, _torn_pages]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_database_is_put_aside_and_built_anew(
    directory: Path, told: dict[str, Order], damage: Callable[[bytearray], None]
) -> None:
    with Journal.open(directory) as journal:
        head, notice = journal.chain_head(), journal.notice("7AB3KQ9XW2M00002")
    before = (directory / COPY).read_bytes()
    damaged = _damage(directory, damage)
    with pytest.raises(JournalBrokenError):
        Journal.open(directory)
    with Journal.open(directory, recover_at=NOW) as journal:
        assert journal.awaiting_acceptance
        assert {order.order_no for order in journal.open_orders()} == {
            number for number, order in told.items() if order.state is not State.CREDITED
        }
        assert journal.notice("7AB3KQ9XW2M00002") == notice
        assert journal.finds_by_our_number()
    found = _orders(directory)
    assert {number: _without_name(order) for number, order in found.items()} == {
        number: _without_name(order) for number, order in told.items()
    }
    assert (directory / ASIDE).read_bytes() == damaged
    assert (directory / COPY).read_bytes().startswith(before)
    assert verify(directory, anchor=head) == (len(told), [])
    assert not (directory / "journal.recovery").exists()
    assert not (directory / "journal.db.new").exists()


def _without_name(order: Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in Order.__dataclass_fields__ if name not in ("name_masked", "asking")}


def test_payments_wait_until_the_copy_is_accepted_and_the_chain_tells_both(
    directory: Path, told: dict[str, Order]
) -> None:
    _damage(directory, _no_database)
    Journal.open(directory, recover_at=NOW).close()
    with Journal.open(directory, recover_at=NOW) as journal:
        assert journal.awaiting_acceptance
        journal.accept_copy(NOW)
        assert not journal.awaiting_acceptance
        head = journal.chain_head()
        journal.accept_copy(NOW)
        assert journal.chain_head() == head
    with Journal.open(directory) as journal:
        assert not journal.awaiting_acceptance
        events = journal._db.execute("SELECT kind FROM events WHERE order_no = '' ORDER BY number").fetchall()
    assert events == [("pin_set",), ("recovered",), ("copy_accepted",)]
    assert verify(directory) == (len(told), [])


def test_orders_of_a_recovered_journal_go_on_by_the_same_bytes(directory: Path, told: Any, till_of: Any) -> None:
    _damage(directory, _no_database)
    with Journal.open(directory, recover_at=NOW) as journal:
        till = till_of(journal)
        paid = journal.order("7AB3KQ9XW2M00002")
        assert journal.notice(paid.order_no) == b"notice of 7AB3KQ9XW2M00002"
        till.to(paid, State.CREDITED)
        with pytest.raises(JournalError):
            till.intent(cost_id="B3", order_no="7AB3KQ9XW2M99999")
    assert verify(directory)[1] == []


def test_what_can_be_read_beside_the_chain_is_kept_and_what_cannot_is_told(
    directory: Path, told: Any, till_of: Any
) -> None:
    # A database older than its copy can be read as a whole.
    older = (directory / "journal.db").read_bytes()
    with Journal.open(directory) as journal:
        till_of(journal).intent(cost_id="B9", order_no="7AB3KQ9XW2M00090")
    (directory / "journal.db").write_bytes(older)
    with Journal.open(directory, recover_at=NOW) as journal:
        assert journal.order("7AB3KQ9XW2M00090") is not None
        assert journal.code_used(CODE, NOW)
        assert journal.copies(["7AB3KQ9XW2M00001"]) == 1
        assert journal.pin().hash == "argon2 text"
        assert journal.order("7AB3KQ9XW2M00001").name_masked == "张*"
        assert _recovered(journal)["kept"] == "codes names prints pin"
    _damage(directory, _no_database)
    with Journal.open(directory, recover_at=NOW) as journal:
        assert not journal.code_used(CODE, NOW)
        assert journal.pin() is None
        assert _recovered(journal)["kept"] == ""
        assert _recovered(journal)["put_aside"] == f"{ASIDE}-2"


def _recovered(journal: Journal) -> dict[str, str]:
    query = "SELECT * FROM events WHERE kind = 'recovered' ORDER BY number DESC"
    from kiosk.journal.chain import Event

    return Event(*journal._db.execute(query).fetchone()).facts_told()


def test_events_that_the_copy_lost_are_taken_from_what_is_left_of_the_database(
    directory: Path, told: dict[str, Order]
) -> None:
    lines = (directory / COPY).read_bytes().splitlines(keepends=True)
    (directory / COPY).write_bytes(b"".join(lines[:-4]) + lines[-4][:50])
    connection = apsw.Connection(str(directory / "journal.db"))
    connection.execute("DROP INDEX events_order")
    connection.close()
    with Journal.open(directory, recover_at=NOW) as journal:
        assert _recovered(journal)["events_from_broken"] == "4"
    assert _orders(directory).keys() == told.keys()
    assert (directory / COPY).read_bytes().startswith(b"".join(lines))
    assert verify(directory)[1] == []


def test_a_database_that_is_gone_is_built_anew(directory: Path, told: dict[str, Order]) -> None:
    (directory / "journal.db").unlink()
    with Journal.open(directory, recover_at=NOW) as journal:
        assert journal.awaiting_acceptance
    assert _orders(directory).keys() == told.keys()


def test_a_chain_head_that_was_changed_is_broken(directory: Path, told: dict[str, Order]) -> None:
    connection = apsw.Connection(str(directory / "journal.db"))
    trigger = str(connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'events_never_change'").get)
    connection.execute("DROP TRIGGER events_never_change")
    connection.execute("UPDATE events SET facts = '{}' WHERE number = (SELECT max(number) - 1 FROM events)")
    connection.execute("UPDATE events SET at_ms = 0 WHERE number = (SELECT max(number) FROM events)")
    connection.execute(trigger)
    connection.close()
    with pytest.raises(JournalBrokenError, match="was changed"):
        Journal.open(directory)
    Journal.open(directory, recover_at=NOW).close()
    assert verify(directory) == (len(told), [])


def test_damage_met_while_payments_run_is_looked_for_at_the_next_start(
    directory: Path, told: Any, till_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.journal.soundness.CHECKED_BYTES", 0)
    path = directory / "journal.db"
    page = path.read_bytes().index(b"notice of 7AB3KQ9XW2M00001") // 4096
    _damage(directory, lambda image: image.__setitem__(slice(page * 4096, page * 4096 + 8), b"\xff" * 8))
    with Journal.open(directory) as journal:
        with pytest.raises(JournalError):
            journal.notice("7AB3KQ9XW2M00001")
        assert journal.must_reopen
        with pytest.raises(JournalError, match="again"):
            journal.reopen()
    with pytest.raises(JournalBrokenError):
        Journal.open(directory)
    with Journal.open(directory, recover_at=NOW) as journal:
        assert journal.notice("7AB3KQ9XW2M00001") == b"notice of 7AB3KQ9XW2M00001"
    assert verify(directory)[1] == []


@pytest.mark.parametrize("step", range(1, 14))
def test_a_recovery_that_is_cut_short_is_finished_by_the_next_start(
    directory: Path, told: dict[str, Order], step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = _damage(directory, _torn_pages)
    (directory / "journal.db-wal").write_bytes(b"a log of the broken one")
    for name in ("journal.db", "journal.db-wal"):
        (directory / name).chmod(0o600)
    steps = iter(range(1, 99))
    with monkeypatch.context() as cutting:
        for name in ("rename", "fsync"):
            cutting.setattr(os, name, _cut_at(step, steps, getattr(os, name)))
        with pytest.raises(_PowerCutError):
            Journal.open(directory, recover_at=NOW)
    later = Instant(9000.0, NOW.wall_ms + 3_600_000)
    with Journal.open(directory, recover_at=later) as journal:
        assert journal.awaiting_acceptance
    assert _orders(directory).keys() == told.keys()
    assert verify(directory)[1] == []
    kept = {path.read_bytes() for path in directory.glob("journal.db.broken-*")}
    assert damaged in kept
    assert not (directory / "journal.recovery").exists()


class _PowerCutError(BaseException):
    """The process is gone."""


def _cut_at(step: int, steps: Iterator[int], real: Callable[..., Any]) -> Callable[..., Any]:
    def perhaps(*arguments: Any) -> Any:
        if next(steps) == step:
            raise _PowerCutError
        return real(*arguments)

    return perhaps


@pytest.mark.parametrize("line", [0, 3])
def test_where_both_are_broken_nothing_is_touched(directory: Path, told: Any, line: int) -> None:
    _damage(directory, _no_database)
    lines = (directory / COPY).read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"total_fen":12400', b'"total_fen":12401').replace(b'"kind"', b'"kind ')
    (directory / COPY).write_bytes(b"".join(lines))
    before = {path.name: path.read_bytes() for path in directory.iterdir() if path.name != "journal.lock"}
    for _ in range(2):
        with pytest.raises(JournalLostError, match=f"line {line + 1}"):
            Journal.open(directory, recover_at=NOW)
    after = {path.name: path.read_bytes() for path in directory.iterdir() if path.name in before}
    assert after == before


def test_a_database_of_somebody_else_without_a_copy_is_left_where_it_is(directory: Path) -> None:
    directory.mkdir(0o700)
    connection = apsw.Connection(str(directory / "journal.db"))
    connection.execute("CREATE TABLE theirs(a)")
    connection.close()
    (directory / "journal.db").chmod(0o600)
    with pytest.raises(JournalLostError, match="there is none"):
        Journal.open(directory, recover_at=NOW)
    connection = apsw.Connection(str(directory / "journal.db"))
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    connection.close()


def test_a_damaged_copy_alone_is_kept_aside_and_written_again(directory: Path, told: Any) -> None:
    whole = (directory / COPY).read_bytes()
    lines = whole.splitlines(keepends=True)
    damaged = b"".join([*lines[:2], lines[2].replace(b"credited", b"CREDITED"), *lines[3:]])
    (directory / COPY).write_bytes(damaged)
    with Journal.open(directory, recover_at=NOW) as journal:
        assert not journal.awaiting_acceptance
    assert (directory / COPY).read_bytes() == whole
    assert (directory / f"{COPY}.broken-1").read_bytes() == b"".join([damaged[len(b"".join(lines[:2])) :]])
    (directory / COPY).write_bytes(b"no event in here\n" * 100)
    Journal.open(directory).close()
    assert (directory / COPY).read_bytes() == whole
    assert (directory / f"{COPY}.broken-2").read_bytes() == b"no event in here\n" * 100
    assert verify(directory)[1] == []


def test_a_power_cut_in_the_midst_of_building_leaves_the_broken_one_where_it_was(
    place: Callable[[str], Path], till_of: Any
) -> None:
    disk = SimulatedDisk("recovering")
    try:
        for cut in range(1, 60, 3):
            directory = place(str(cut))
            with Journal.open(directory) as journal:
                till = till_of(journal)
                for number in range(5):
                    till.credited(cost_id=str(number))
            _damage(directory, _no_database)
            disk.cut_at(disk.operations + cut)
            try:
                Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy, recover_at=NOW).close()
            except Exception:
                assert disk.is_off
            disk.cut()
            disk.restore(random.Random(cut))
            with Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy, recover_at=NOW) as journal:
                assert journal.awaiting_acceptance
            assert verify(directory) == (5, [])
    finally:
        disk.unregister()


def test_a_damaged_cell_is_damage_of_the_journal_and_not_an_error_of_our_own(
    directory: Path, told: dict[str, Order]
) -> None:
    database = apsw.Connection(str(directory / "journal.db"))
    database.execute("UPDATE orders SET known_ids = '[,' WHERE state = 'in_doubt'")
    database.close(True)
    with pytest.raises(JournalBrokenError):
        Journal.open(directory)
    with Journal.open(directory, recover_at=NOW) as journal:
        assert journal.awaiting_acceptance
    assert {number: order.state for number, order in _orders(directory).items()} == {
        number: order.state for number, order in told.items()
    }
