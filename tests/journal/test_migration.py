"""A journal that the first version wrote: opened, grown, and cut off in the midst of it."""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Kind, Mode, Order, State
from kiosk.journal import Journal, JournalReader, verify
from kiosk.journal.append import Appending
from kiosk.journal.chain import GENESIS
from kiosk.journal.errors import JournalBrokenError, JournalOpenError
from kiosk.journal.schema import MIGRATIONS, migrate
from kiosk.simulator.disk import SimulatedDisk

#: SHA-256 of the statements of each version that was ever written to a counter's disk: they are never edited.
WRITTEN = (
    "8d963bcb85942159ccac25d509ffef80c95a33e565479b317406e2b2b07a1644",
    "6cddfdd131a50701670364f0372cf84467fd919568cb6040a6a2a79e0f46e27d",
    "17484f97665e0c3cbed6ccad5aa067fc53b997b911338a579672957563db4543",
)
AT_MS = 1_795_399_200_000
PAID, SHOWN = "7AB3KQ9XW2M00001", "7AB3KQ9XW2M00002"


def _version_1(directory: Path) -> str:
    """A journal as the first version left it: by its statements, with one order paid and one shown, in WAL, with no
    text copy yet. The chain's head."""
    directory.mkdir(0o700)
    connection = apsw.Connection(str(directory / "journal.db"))
    (directory / "journal.db").chmod(0o600)
    connection.pragma("journal_mode", "wal")
    migrate(connection, directory / "journal.db", MIGRATIONS[:1])
    work = Appending(connection, 0, GENESIS, AT_MS)
    paid = Order(
        order_no=PAID, customer_no="1001", kind=Kind.ARREARS, mode=Mode.SCAN, principal_fen=100, total_fen=100,
        cost_id="B1", created_ms=AT_MS,
    )  # fmt: skip
    shown = replace(paid, order_no=SHOWN, cost_id="B2", mode=Mode.SHOW)
    work.order(paid, [Append(EventKind.INTENT)], None)
    work.order(replace(paid, state=State.PAID, paid_ms=AT_MS), [Append(EventKind.PAID)], b"the notice")
    work.order(shown, [Append(EventKind.INTENT)], None)
    shown = replace(shown, state=State.SHOWN, pay_url="https://pay.example/q")
    work.order(shown, [Append(EventKind.SHOWN)], None)
    connection.execute("INSERT INTO meta(key, value) VALUES ('code_key', ?)", (b"k" * 32,))
    connection.close()
    return work.head


def test_what_was_ever_written_to_a_disk_is_never_edited() -> None:
    found = [hashlib.sha256("\n".join(statements).encode()).hexdigest() for _, statements in MIGRATIONS]
    assert tuple(found[: len(WRITTEN)]) == WRITTEN


def test_a_first_versions_journal_is_opened_with_all_that_is_in_it(directory: Path, till_of: Any) -> None:
    head = _version_1(directory)
    with Journal.open(directory) as journal:
        assert journal.chain_head() == head
        assert [order.order_no for order in journal.open_orders()] == [PAID, SHOWN]
        assert journal.notice(PAID) == b"the notice"
        assert journal.pin() is None
        assert not journal.awaiting_acceptance
        till = till_of(journal)
        journal.set_pin("argon2 text", till.later())
        journal.pin_tried(till.later())
        till.to(journal.order(PAID), State.CREDITED)
    with Journal.open(directory) as journal:
        kept = journal.pin()
        assert (kept.hash, kept.failures) == ("argon2 text", 1)
        journal.pin_was_good()
        assert journal.pin().failures == 0
    assert verify(directory, anchor=head) == (2, [])
    with JournalReader(directory) as reader:
        assert reader.order(SHOWN).pay_url == "https://pay.example/q"


def test_readers_say_that_a_first_versions_journal_waits_for_a_start(directory: Path) -> None:
    _version_1(directory)
    with pytest.raises(JournalBrokenError, match="older program"):
        JournalReader(directory)


def test_a_pins_hash_is_in_no_event_and_in_no_copy_and_that_it_was_set_is(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        journal.set_pin("$argon2id$secret", till_of(journal).later())
        journal.set_pin("$argon2id$other", till_of(journal).later())
        rows = journal._db.execute("SELECT kind, facts, change FROM events").fetchall()
    assert rows == [("pin_set", "{}", "{}")] * 2
    assert b"argon2" not in (directory / "journal.events.txt").read_bytes()
    assert verify(directory) == (0, [])


def test_a_power_cut_at_any_operation_of_the_first_open_loses_nothing(
    place: Callable[[str], Path], till_of: Any
) -> None:
    disk = SimulatedDisk("migrating")
    try:
        cut, went_through = 0, False
        while not went_through:
            cut += 1
            directory = place(str(cut))
            head = _version_1(directory)
            disk.cut_at(disk.operations + cut)
            with contextlib.suppress(JournalOpenError):
                Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy).close()
            went_through = not disk.is_off
            disk.cut()
            disk.restore(random.Random(cut))
            with Journal.open(directory, vfs=disk.name, open_copy=disk.open_copy) as journal:
                assert journal.chain_head() == head
                journal.set_pin("argon2 text", till_of(journal).later())
            assert verify(directory, anchor=head) == (2, [])
        assert cut > 10
    finally:
        disk.unregister()
