"""One writer, held by the operating system; files that nobody else may read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.journal import Journal, JournalReader, verify
from kiosk.journal.errors import JournalHeldError, JournalMissingError, JournalOpenError, JournalRightsError

_HOLD = """
import sys, time
from pathlib import Path
from kiosk.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""

_TRY = """
import sys
from pathlib import Path
from kiosk.journal import Journal
from kiosk.journal.errors import JournalHeldError
try:
    Journal.open(Path(sys.argv[1]))
except JournalHeldError as error:
    print(error.pid)
"""


@pytest.fixture
def file_rights() -> None:
    if os.name != "posix":
        pytest.skip("Windows keeps its rights elsewhere; the installer sets them")


def _child(program: str, directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_second_process_is_refused_and_told_who_holds_the_journal(journal: Journal, directory: Path) -> None:
    with _child(_TRY, directory) as child:
        assert child.communicate(timeout=20)[0].strip() == str(os.getpid())
    assert child.returncode == 0


def test_the_lock_of_a_killed_process_is_free(directory: Path) -> None:
    with _child(_HOLD, directory) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(JournalHeldError) as held:
            Journal.open(directory)
        assert held.value.pid == child.pid
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=20)
    Journal.open(directory).close()


def test_a_second_writer_in_the_same_process_is_refused_too(journal: Journal, directory: Path) -> None:
    with pytest.raises(JournalHeldError):
        Journal.open(directory)
    journal.close()
    Journal.open(directory).close()


def test_a_journal_that_cannot_be_opened_lets_the_lock_go(directory: Path) -> None:
    Journal.open(directory).close()
    database = directory / "journal.db"
    whole = database.read_bytes()
    database.write_bytes(b"no database at all" * 1000)
    with pytest.raises(JournalOpenError):
        Journal.open(directory)
    database.write_bytes(whole)
    Journal.open(directory).close()


@pytest.mark.usefixtures("file_rights")
def test_the_directory_is_0700_and_its_files_0600_whatever_the_umask(directory: Path) -> None:
    before = os.umask(0)
    try:
        with Journal.open(directory), JournalReader(directory):
            assert directory.stat().st_mode & 0o7777 == 0o700
            found = {path.name: path.stat().st_mode & 0o7777 for path in directory.iterdir()}
    finally:
        os.umask(before)
    assert set(found.values()) == {0o600}
    assert len(found) == 5


@pytest.mark.usefixtures("file_rights")
@pytest.mark.parametrize("name", ["", "journal.db", "journal.lock", "journal.events.txt"])
def test_a_journal_that_others_may_read_is_refused(directory: Path, name: str) -> None:
    Journal.open(directory).close()
    path = directory / name
    path.chmod(path.stat().st_mode | 0o040)
    with pytest.raises(JournalRightsError) as refused:
        Journal.open(directory)
    assert refused.value.path == path
    with pytest.raises(JournalRightsError):
        JournalReader(directory)
    with pytest.raises(JournalRightsError):
        verify(directory)
    path.chmod(refused.value.mode)
    Journal.open(directory).close()


def test_a_place_where_no_directory_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalOpenError):
        Journal.open(tmp_path / "file" / "data")


def test_readers_need_a_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalMissingError):
        JournalReader(tmp_path / "nothing")
    with pytest.raises(JournalMissingError):
        verify(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
