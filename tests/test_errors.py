"""Errors for people: a sentence each, an exit status each, and every error of the journal mapped."""

import os
import random
from pathlib import Path

import pytest

from kiosk import errors
from kiosk.core.sentence import Sentence
from kiosk.journal import errors as journal
from kiosk.rights import private_directory
from kiosk.wording import LOCALES, Wording

posix = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")


def _below(kind: type) -> set[type]:
    return {kind}.union(*(_below(child) for child in kind.__subclasses__()))


def test_every_error_stands_in_the_drawn_tree() -> None:
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in _below(errors.KioskError) if kind.__name__ not in drawn] == []


def test_exit_statuses_are_the_contracts() -> None:
    assert errors.SettingsError([Sentence.of("settings.toml")]).exit_code == 2
    assert errors.MachineError("error.busy").exit_code == 2
    assert errors.RefusedError("cli.no_answer").exit_code == 1
    assert errors.DoubtError("cli.in_doubt").exit_code == 3
    assert errors.InternalError("K7-3QX9").exit_code == 3


def test_the_map_of_the_journals_errors_is_complete() -> None:
    assert set(errors.JOURNAL_ERRORS) == {kind.__name__ for kind in _below(journal.JournalOpenError)}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "error",
    [
        journal.JournalOpenError(Path("j.db"), "no space"),
        journal.JournalMissingError(Path("j.db")),
        journal.JournalHeldError(Path("j.db"), 12),
        journal.JournalRightsError(Path("j.db"), 0o644, 0o600),
        journal.JournalNewerError(Path("j.db"), 9, 1),
        journal.JournalBrokenError(Path("j.db"), "not a database"),
    ],
)
def test_each_error_of_the_journal_is_told_with_its_path(error: journal.JournalOpenError, locale: str) -> None:
    told = errors.of_journal(error).told(Wording(locale).say)
    assert "j.db" in told
    assert "[" not in told


def test_a_held_journal_exits_2() -> None:
    error = errors.of_journal(journal.JournalHeldError(Path("j.db"), None))
    assert isinstance(error, errors.JournalHeldError)
    assert error.exit_code == 2


def test_several_faults_are_told_a_line_each() -> None:
    error = errors.SettingsError(
        [Sentence.of("settings.unknown_key", file="a", key=key) for key in ("one", "two", "three")]
    )
    assert len(error.told(Wording("en").say).splitlines()) == 3
    assert str(error).splitlines()[1] == "settings.unknown_key file=a key=two"


def test_a_reference_is_short_and_has_no_letter_taken_for_another() -> None:
    choose = random.Random(7).choice
    found = {errors.reference(choose) for _ in range(500)}
    assert len(found) > 490
    assert {len(reference) for reference in found} == {7}
    assert not set("".join(found)) & set("01IOS5")


def test_a_missing_directory_is_made_private(tmp_path: Path) -> None:
    path = private_directory(tmp_path / "a" / "b")
    assert path.is_dir()
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o700
    assert private_directory(path) == path


@posix
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777, 0o701])
def test_a_directory_open_to_others_is_refused_with_its_rights(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "data"
    path.mkdir()
    path.chmod(mode)
    with pytest.raises(errors.DataDirectoryError) as caught:
        private_directory(path)
    told = caught.value.told(Wording("en").say)
    assert f"{mode:04o}" in told
    assert "chmod 700" in told


@posix
def test_a_file_open_to_others_inside_is_refused(tmp_path: Path) -> None:
    path = private_directory(tmp_path / "data")
    (path / "journal.db").touch(0o600)
    private_directory(path)
    (path / "journal.db").chmod(0o640)
    with pytest.raises(errors.DataDirectoryError) as caught:
        private_directory(path)
    assert "chmod 600" in caught.value.told(Wording("en").say)


def test_a_data_directory_that_is_a_file_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "data").touch(0o600)
    with pytest.raises(errors.DataDirectoryError) as caught:
        private_directory(tmp_path / "data")
    assert caught.value.code == "error.data_directory_is_file"


def test_a_directory_that_cannot_be_made_is_told_with_the_cause(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.DataDirectoryError) as caught:
        private_directory(tmp_path / "file" / "data")
    assert caught.value.code == "error.data_directory_cannot"
