"""``kiosk recover`` on a journal that is broken: built anew, orders taken up, payments only after ``--accept-copy``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

COPY = "journal.events.txt"


@pytest.fixture
def broken(journal_data: Path) -> Path:
    (journal_data / "journal.db").write_bytes(b"torn apart " * 3000)
    return journal_data


def test_a_broken_journal_is_built_anew_and_waits_for_a_supervisor(on_journal: Run, broken: Path) -> None:
    told = on_journal("verify")
    assert told.returncode == 2
    told = on_journal("recover")
    # Its orders are taken up; nobody answers, so they stay open.
    assert told.returncode == 3
    assert "--accept-copy" in told.stderr
    assert len(json.loads(on_journal("orders", "--pending", "--json").stdout)) == 3
    assert [path.name[:17] for path in broken.glob("journal.db.broken-*")] == ["journal.db.broken"]
    told = on_journal("recover", "--accept-copy")
    assert told.returncode == 3
    assert "payments may begin again" in told.stderr
    told = on_journal("recover", "--accept-copy")
    assert "No journal is waiting" in told.stderr
    assert on_journal("verify").returncode == 0


def test_where_the_copy_is_broken_too_a_sentence_says_so_and_nothing_is_deleted(
    on_journal: Run, broken: Path
) -> None:
    copy = broken / COPY
    copy.write_bytes(copy.read_bytes().replace(b'"kind":"intent"', b'"kind":"intend"', 1))
    before = {path.name: path.read_bytes() for path in broken.glob("journal.*") if path.name != "journal.lock"}
    told = on_journal("recover")
    assert told.returncode == 2
    assert "没有删除任何文件" in told.stderr
    assert {name: (broken / name).read_bytes() for name in before} == before
