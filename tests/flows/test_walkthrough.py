"""The demo's whole story, in a process of its own: real windows, real devices' bytes, real HTTP, and the books."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.sandbox.customers import DEFAULT

#: A payment code of the demo's customers, whole (``kiosk.sandbox.behaviours.sample_code``).
WHOLE_CODE = re.compile(rb"(?<!\d)13\d{16}(?!\d)")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story put its pictures."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def told(pictures: Path) -> subprocess.CompletedProcess[str]:
    """The story, told once for all these tests."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--walkthrough", str(pictures)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_the_story_is_told_to_its_end_and_every_picture_is_there(
    told: subprocess.CompletedProcess[str], pictures: Path
) -> None:
    assert told.returncode == 0, told.stdout + told.stderr
    assert "ledger and journal agree" in told.stdout
    assert len(list(pictures.glob("[0-9][0-9].png"))) == 33
    assert len(list(pictures.glob("receipt-*.png"))) == 8


def test_z12_the_storys_files_and_words_hold_no_code_no_full_name_and_no_address(
    told: subprocess.CompletedProcess[str], pictures: Path
) -> None:
    files = {path.name: path.read_bytes() for path in pictures.rglob("*") if path.is_file()}
    assert files
    held = files | {"what was said": (told.stdout + told.stderr).encode()}
    secrets = [text.encode() for each in DEFAULT.customers for text in (each.name, each.address) if len(text) > 1]
    assert [name for name, text in held.items() if WHOLE_CODE.search(text)] == []
    assert [name for name, text in held.items() if any(secret in text for secret in secrets)] == []


def test_the_story_of_devices_turns_every_dial_and_shows_the_page_in_each_state(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--walkthrough", str(tmp_path), "--story", "devices", "--locale", "en"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "every dial was turned" in told.stdout
    assert len(list(tmp_path.glob("[0-9][0-9].png"))) == 16
    assert len(list(tmp_path.glob("receipt-*.png"))) == 5
