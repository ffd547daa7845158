"""The security tests have numbers, Z1 to Z28; each is held by a test that bears it, somewhere in this tree."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
NUMBERED = re.compile(r"def test_z0?([1-9]\d?)_")
ALL = range(1, 29)

#: What only a window can show is held by the tests of the windows, under names of their own.
IN_A_WINDOW = {
    11: "the painted QR is read back from the picture of the window (tests/ui/test_qr.py)",
    14: "clipboard and undo belong to the field that the scan did not go into",
    15: "a keyboard that pretends to be a scanner types into the window that has the focus",
    16: "digits typed slowly are told from a scan by the same filter of the window's keys",
}


def held() -> dict[int, list[str]]:
    """The files that hold a test of each number."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for number in NUMBERED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(int(number), []).append(path.name)
    return found


def test_every_number_that_needs_no_window_is_held_by_a_test():
    lacking = set(ALL) - set(held()) - set(IN_A_WINDOW)
    assert not lacking, f"no test is named after Z{sorted(lacking)}"


def test_there_is_no_number_beyond_the_list():
    assert set(held()) <= set(ALL)
