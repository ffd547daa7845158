"""The simulated disk: what is synced is safe, what is not may be anything, and the same seed leaves the same."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from kiosk.simulator.disk import NEVER, SECTOR, DiskFault, SimulatedDisk


@pytest.fixture
def disk() -> Iterator[SimulatedDisk]:
    disk = SimulatedDisk("simulated disk")
    yield disk
    disk.unregister()


def _connect(disk: SimulatedDisk, path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path / "db"), vfs=disk.name)
    try:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", 2)
        connection.execute("CREATE TABLE IF NOT EXISTS t(a)")
    except BaseException:
        _close(connection)
        raise
    return connection


def _close(connection: apsw.Connection) -> None:
    """Closing carries the log over; what the disk says to that is raised when all is closed."""
    with contextlib.suppress(apsw.Error):
        connection.close(True)


def _rows(disk: SimulatedDisk, path: Path) -> list[int]:
    connection = _connect(disk, path)
    rows = [row[0] for row in connection.execute("SELECT a FROM t ORDER BY a").fetchall()]
    assert connection.pragma("integrity_check") == "ok"
    connection.close()
    return rows


def _story(disk: SimulatedDisk, path: Path) -> list[int]:
    """Commits until the power goes off; which of them were acknowledged."""
    done: list[int] = []
    connection = None
    try:
        connection = _connect(disk, path)
        for number in range(6):
            connection.execute("INSERT INTO t VALUES (?)", (number,))
            done.append(number)
            if number == 3:
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.Error:
        assert disk.is_off
    if connection is not None:
        _close(connection)
    return done


def test_every_cut_leaves_what_was_acknowledged_and_at_most_one_more(disk: SimulatedDisk, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    assert _story(disk, tmp_path / "whole") == list(range(6))
    seen_more = 0
    for cut in range(1, disk.operations + 1):
        place = tmp_path / str(cut)
        place.mkdir()
        disk.cut_at(disk.operations + cut)
        done = _story(disk, place)
        disk.cut()
        disk.restore(random.Random(cut))
        found = _rows(disk, place)
        assert found in (done, [*done, len(done)])
        seen_more += found != done
    assert seen_more, "no cut commit was ever found whole: unsynced writes are never kept"


def test_without_syncs_commits_are_lost(disk: SimulatedDisk, tmp_path: Path) -> None:
    lost = 0
    for seed in range(20):
        place = tmp_path / str(seed)
        place.mkdir()
        connection = _connect(disk, place)
        connection.pragma("synchronous", 0)
        for number in range(5):
            connection.execute("INSERT INTO t VALUES (?)", (number,))
        disk.cut()
        _close(connection)
        disk.restore(random.Random(seed))
        try:
            lost += _rows(disk, place) != list(range(5))
        except (apsw.Error, AssertionError):
            lost += 1
    assert lost > 10


def test_the_same_seed_leaves_the_same_files(disk: SimulatedDisk, tmp_path: Path) -> None:
    left = []
    for name in ("one", "two"):
        place = tmp_path / name
        place.mkdir()
        before = disk.operations
        disk.cut_at(before + 30)
        _story(disk, place)
        disk.restore(random.Random(7))
        left.append({file.name: file.read_bytes() for file in place.iterdir()})
        for file in place.iterdir():
            file.unlink()
    # The -wal names its salt at random, which is SQLite's own; all that depends on the seed is which bytes stay.
    assert left[0].keys() == left[1].keys()
    assert {name: len(text) for name, text in left[0].items()} == {name: len(text) for name, text in left[1].items()}
    assert left[0]["db"] == left[1]["db"]


def test_the_copy_keeps_what_was_synced_and_perhaps_pieces_of_the_rest(disk: SimulatedDisk, tmp_path: Path) -> None:
    outcomes = set()
    for seed in range(60):
        path = tmp_path / f"copy{seed}"
        copy = disk.open_copy(path)
        copy.write(b"s" * 600, 0)
        copy.sync()
        copy.write(b"u" * 3000, 600)
        disk.cut()
        with pytest.raises(OSError, match="simulated"):
            copy.write(b"x", 3600)
        copy.close()
        disk.restore(random.Random(seed))
        found = path.read_bytes()
        assert found[:600] == b"s" * 600
        outcomes.add(found[600:])
    assert b"" in outcomes
    assert b"u" * 3000 in outcomes
    assert any(0 < len(text) < 3000 and set(text) == {ord("u")} for text in outcomes)
    assert any(b"\0" * SECTOR in text and text.endswith(b"u") for text in outcomes)


def test_a_failed_sync_is_forgotten_by_the_next_and_only_a_power_cut_tells(
    disk: SimulatedDisk, tmp_path: Path
) -> None:
    lost = 0
    for seed in range(20):
        path = tmp_path / f"copy{seed}"
        copy = disk.open_copy(path)
        copy.sync()
        copy.write(b"u" * 100, 0)
        disk.fail(DiskFault.SYNC_ERROR, count=1)
        with pytest.raises(OSError, match="simulated"):
            copy.sync()
        copy.sync()
        assert copy.read(0, 100) == b"u" * 100
        disk.cut()
        copy.close()
        disk.restore(random.Random(seed))
        lost += path.read_bytes() != b"u" * 100
    assert 0 < lost < 20


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DiskFault.FULL, apsw.FullError),
        (DiskFault.WRITE_ERROR, apsw.IOError),
        (DiskFault.SYNC_ERROR, apsw.IOError),
        (DiskFault.READ_ONLY, apsw.IOError),
    ],
)
def test_a_fault_is_told_as_sqlite_knows_it_and_ends(
    disk: SimulatedDisk, tmp_path: Path, fault: DiskFault, error: type[Exception]
) -> None:
    connection = _connect(disk, tmp_path)
    disk.fail(fault)
    with pytest.raises(error):
        connection.execute("INSERT INTO t VALUES (1)")
    disk.heal()
    assert disk.trap == NEVER
    connection.execute("INSERT INTO t VALUES (2)")
    connection.close()
    assert 2 in _rows(disk, tmp_path)


def test_a_commit_in_wal_costs_one_sync_and_both_are_counted(disk: SimulatedDisk, tmp_path: Path) -> None:
    connection = _connect(disk, tmp_path)
    writes, syncs = disk.writes, disk.syncs
    connection.execute("INSERT INTO t VALUES (1)")
    assert disk.syncs == syncs + 1
    assert disk.writes > writes
    connection.close()
