"""The demo's whole story, in a process of its own: real windows, real devices' bytes, real HTTP, and the books."""

import subprocess
import sys
from pathlib import Path


def test_the_story_is_told_to_its_end_and_every_picture_is_there(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--walkthrough", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "ledger and journal agree" in told.stdout
    assert len(list(tmp_path.glob("[0-9][0-9].png"))) == 18
    assert len(list(tmp_path.glob("receipt-*.png"))) == 5
