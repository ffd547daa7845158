"""The security tests have numbers, Z1 to Z28; each is held by a test that bears it, somewhere in this tree."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
NUMBERED = re.compile(r"def test_z0?([1-9]\d?)_")
ALL = range(1, 29)


def held() -> dict[int, list[str]]:
    """The files that hold a test of each number."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for number in NUMBERED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(int(number), []).append(path.name)
    return found


def test_every_number_is_held_by_a_test():
    lacking = set(ALL) - set(held())
    assert not lacking, f"no test is named after Z{sorted(lacking)}"


def test_there_is_no_number_beyond_the_list():
    assert set(held()) <= set(ALL)
