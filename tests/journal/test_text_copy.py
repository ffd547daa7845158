"""The text copy: behind the database, never before it, and mended at the next open."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.order import State
from kiosk.journal import Journal, verify
from kiosk.journal.chain import event_in
from kiosk.journal.errors import JournalBrokenError

NAME = "journal.events.txt"


def test_each_event_is_a_line_of_json_as_soon_as_it_is_committed(till: Any, directory: Path) -> None:
    order = till.credited(name_masked="张*")
    lines = (directory / NAME).read_bytes().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["intent", "paid", "credited"]
    first = json.loads(lines[0])
    assert first["order_no"] == order.order_no
    assert first["change"]["total_fen"] == 12_400
    assert "name_masked" not in first["change"]
    last = event_in(lines[-1])
    assert last is not None
    assert last.hash == till.journal.chain_head()


@pytest.mark.parametrize("cut", [1, 30, 700])
def test_a_torn_tail_is_written_again(directory: Path, till_of: Any, cut: int) -> None:
    with Journal.open(directory) as journal:
        till_of(journal).credited()
    whole = (directory / NAME).read_bytes()
    (directory / NAME).write_bytes(whole[:-cut])
    assert verify(directory) == (1, [])
    Journal.open(directory).close()
    assert (directory / NAME).read_bytes() == whole


def test_a_tail_of_zeros_as_a_power_cut_leaves_it_is_written_again(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till_of(journal).credited()
    whole = (directory / NAME).read_bytes()
    (directory / NAME).write_bytes(whole[:-300] + bytes(300 + 200_000))
    Journal.open(directory).close()
    assert (directory / NAME).read_bytes() == whole


def test_a_copy_that_was_lost_is_made_again(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        for number in range(20):
            till.credited(cost_id=str(number))
    whole = (directory / NAME).read_bytes()
    (directory / NAME).unlink()
    assert [finding.code for finding in verify(directory)[1]] == ["copy_missing"]
    Journal.open(directory).close()
    assert (directory / NAME).read_bytes() == whole


def test_a_database_older_than_its_copy_is_not_opened_for_payments(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        till.intent()
    backup = (directory / "journal.db").read_bytes()
    with Journal.open(directory) as journal:
        till.journal = journal
        till.intent(cost_id="B2")
    (directory / "journal.db").write_bytes(backup)
    with pytest.raises(JournalBrokenError, match="event 2"):
        Journal.open(directory)
    assert [(one.code, one.where) for one in verify(directory)[1]] == [("copy_is_ahead", "event 2")]


def test_a_database_that_went_another_way_than_its_copy_is_not_opened(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        till.intent()
    backup = (directory / "journal.db").read_bytes(), (directory / NAME).read_bytes()
    with Journal.open(directory) as journal:
        till.journal = journal
        till.intent(cost_id="B2")
    other = (directory / NAME).read_bytes()
    (directory / "journal.db").write_bytes(backup[0])
    (directory / NAME).write_bytes(backup[1])
    with Journal.open(directory) as journal:
        till.journal = journal
        till.intent(cost_id="B3")
    (directory / NAME).write_bytes(other)
    with pytest.raises(JournalBrokenError, match="another"):
        Journal.open(directory)


def test_a_lost_database_beside_its_copy_is_not_taken_for_a_new_journal(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till_of(journal).intent()
    (directory / "journal.db").unlink()
    with pytest.raises(JournalBrokenError):
        Journal.open(directory)


def test_a_copy_that_cannot_be_written_fails_no_commit_and_catches_up(
    till: Any, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = till.intent()
    # Its file goes read-only under it, as a disk may.
    handle = till.journal._copy._file._handle
    kept = os.dup(handle)
    read_only = os.open(directory / NAME, os.O_RDONLY)
    os.dup2(read_only, handle)
    os.close(read_only)
    with caplog.at_level(logging.WARNING, "kiosk.journal"):
        order = till.to(first, State.PAID)
    assert "text copy" in caplog.text
    assert till.journal.order(order.order_no) == order
    os.dup2(kept, handle)
    os.close(kept)
    till.to(order, State.CREDITED)
    assert len((directory / NAME).read_bytes().splitlines()) == 3
    till.journal.close()
    assert verify(directory) == (1, [])


def test_the_copy_is_synced_when_its_time_has_come_and_at_close(
    directory: Path, till_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    journal = Journal.open(directory, copy_sync_s=3.0)
    till = till_of(journal)
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(handle), real(handle))[1])
    journal.tick(till.at)
    till.intent()
    journal.tick(till.later(1.0))
    assert synced == []
    journal.tick(till.later(1.0))
    assert len(synced) == 1
    journal.tick(till.later(10.0))
    assert len(synced) == 1
    till.intent(cost_id="B2")
    journal.close()
    assert len(synced) == 2
