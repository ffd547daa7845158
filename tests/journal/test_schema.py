"""The database's settings, and how it grows."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from kiosk.journal import Journal, JournalReader
from kiosk.journal.errors import JournalBrokenError, JournalMissingError, JournalNewerError
from kiosk.journal.schema import APPLICATION_ID, MIGRATIONS, connect_writing, migrate


def test_the_connection_is_set_as_the_power_cuts_demand(journal: Journal) -> None:
    found = {name: journal._db.pragma(name) for name in ("journal_mode", "synchronous", "application_id")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "application_id": APPLICATION_ID}
    assert journal._db.pragma("user_version") == len(MIGRATIONS)


def test_every_table_is_strict(journal: Journal) -> None:
    rows = journal._db.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    assert {row for row in rows if not row[1]} == {("sqlite_schema", 0)}


def test_a_migration_and_its_record_are_one(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "db"))
    first = ("first", ("CREATE TABLE one(a INTEGER) STRICT", MIGRATIONS[0][1][0]))
    second = ("second", ("ALTER TABLE one ADD COLUMN b TEXT", "INSERT INTO one VALUES (1, 'kept')"))
    failing = ("third", ("DROP TABLE one", "CREATE TABLE this is no SQL"))
    migrate(connection, tmp_path, (first,))
    migrate(connection, tmp_path, (first, second))
    with pytest.raises(apsw.SQLError):
        migrate(connection, tmp_path, (first, second, failing))
    assert connection.pragma("user_version") == 2
    assert connection.execute("SELECT * FROM migrations").fetchall() == [(1, "first"), (2, "second")]
    assert connection.execute("SELECT * FROM one").fetchall() == [(1, "kept")]
    migrate(connection, tmp_path, (first, second, ("third", ("DROP TABLE one",))))
    assert connection.pragma("user_version") == 3
    connection.close()


def test_a_journal_of_a_newer_program_is_refused(directory: Path) -> None:
    Journal.open(directory).close()
    _set(directory, "user_version", len(MIGRATIONS) + 1)
    with pytest.raises(JournalNewerError):
        Journal.open(directory)
    with pytest.raises(JournalNewerError):
        JournalReader(directory)


def test_somebody_elses_database_is_refused_and_left_alone(directory: Path) -> None:
    directory.mkdir(0o700)
    connection = apsw.Connection(str(directory / "journal.db"))
    connection.execute("CREATE TABLE theirs(a)")
    connection.close()
    (directory / "journal.db").chmod(0o600)
    before = (directory / "journal.db").read_bytes()
    with pytest.raises(JournalBrokenError):
        Journal.open(directory)
    with pytest.raises(JournalBrokenError):
        JournalReader(directory)
    assert b"theirs" in before
    connection = apsw.Connection(str(directory / "journal.db"))
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    connection.close()


def test_a_file_that_a_crash_left_empty_becomes_a_journal(directory: Path) -> None:
    directory.mkdir(0o700)
    (directory / "journal.db").touch(0o600)
    with pytest.raises(JournalMissingError):
        JournalReader(directory)
    Journal.open(directory).close()
    with JournalReader(directory) as reader:
        assert reader.orders() == []


def test_a_migration_cut_short_is_begun_again(directory: Path) -> None:
    Journal.open(directory).close()
    connection = connect_writing(directory / "journal.db")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE half(a)")
    connection.close(True)
    with Journal.open(directory) as journal:
        assert journal._db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").get == 0


def _set(directory: Path, pragma: str, value: int) -> None:
    connection = apsw.Connection(str(directory / "journal.db"))
    connection.pragma(pragma, value)
    connection.close()
