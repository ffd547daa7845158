"""``kiosk verify``: what is wrong and where, in sentences; and the receipt's code as an anchor."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import apsw
import pytest

from kiosk.cli.verify import sentence
from kiosk.journal import Finding, Journal
from kiosk.wording import Wording
from tests.cli.conftest import Run


def test_every_finding_has_a_sentence_in_both_languages() -> None:
    source = (Path(__file__).parents[2] / "kiosk" / "journal" / "verify.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'Finding\("([a-z_]+)"|yield "([a-z_]+)"|return "([a-z_]+)"', source))
    told = {one for found in codes for one in found if one}
    assert len(told) == 25
    for locale in ("zh_CN", "en"):
        wording = Wording(locale)
        for code in told:
            text = sentence(Finding(code, "event 7", "detail"), wording)
            assert "7" in text
            assert not text.startswith("["), code
            assert text.endswith("(detail)")


def test_z22_an_edited_deleted_or_swapped_row_is_told_by_number_and_in_a_sentence(
    on_journal: Run, journal_data: Path
) -> None:
    assert on_journal("verify").returncode == 0
    connection = apsw.Connection(str(journal_data / "journal.db"))
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE events SET at_ms = at_ms + 1 WHERE number = 2")
    for _, text in triggers:
        connection.execute(str(text))
    connection.close()
    told = on_journal("verify")
    assert told.returncode == 1
    assert told.stdout.splitlines()[0] == "event 2 was edited."
    assert "2 findings" in told.stderr
    findings = json.loads(on_journal("verify", "--json").stdout)["findings"]
    assert findings[0] == {"code": "event_edited", "where": "event 2", "detail": ""}


def test_z22_a_tail_cut_off_everywhere_is_found_by_the_code_on_the_receipt(
    on_journal: Run, journal_data: Path
) -> None:
    with Journal.open(journal_data) as journal:
        head = journal.chain_head()
    printed = head[:16]
    kept = on_journal("verify", "--anchor", printed)
    assert kept.returncode == 0
    assert "event 3 of" in kept.stderr
    spaced = " ".join(head[at : at + 8] for at in range(0, 64, 8))  # as a Z report bears it
    told = json.loads(on_journal("verify", "--anchor", spaced, "--json").stdout)
    assert told["anchor"] == {"event": 3, "at": "2026-11-23T10:00:00.000+08:00"}
    assert on_journal("verify", "--anchor", head.upper()).returncode == 0
    connection = apsw.Connection(str(journal_data / "journal.db"))
    trigger = str(connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'events_never_go'").get)
    connection.execute("DROP TRIGGER events_never_go")
    connection.execute("DELETE FROM events WHERE number = 3")
    connection.execute("DELETE FROM orders WHERE order_no LIKE '%3'")
    connection.execute(trigger)
    connection.close()
    copy = journal_data / "journal.events.txt"
    copy.write_bytes(b"".join(copy.read_bytes().splitlines(keepends=True)[:2]))
    assert on_journal("verify").returncode == 0
    told = on_journal("verify", "--anchor", printed)
    assert told.returncode == 1
    assert "receipt" in told.stdout


def test_an_anchor_too_short_to_prove_anything_is_refused(on_journal: Run) -> None:
    assert on_journal("verify", "--anchor", "ab12").returncode == 2
    assert on_journal("verify", "--anchor", "no hexadecimal digits").returncode == 2


def test_z23_a_file_that_others_may_read_is_told_with_what_its_rights_must_be(
    on_journal: Run, journal_data: Path
) -> None:
    if os.name != "posix":
        pytest.skip("Windows keeps its rights elsewhere")
    (journal_data / "journal.db").chmod(0o644)
    told = on_journal("verify")
    assert told.returncode == 2
    assert "600" in told.stderr


def test_z24_a_second_process_exits_2_with_a_sentence_and_verify_reads_beside(
    on_journal: Run, journal_data: Path
) -> None:
    with Journal.open(journal_data):
        told = on_journal("recover")
        assert told.returncode == 2
        assert "另一个程序" in told.stderr
        assert on_journal("verify").returncode == 0
