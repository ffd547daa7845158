"""What a site may say of its scanner."""

import pytest

from hardware.scanner.config import ScannerConfig
from hardware.scanner.framing import Suffix


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("baud", 0),
        ("baud", 9_000_000),
        ("line", "9N1"),
        ("line", "8X1"),
        ("idle_s", 0.0),
        ("idle_s", 60.0),
        ("min_length", 0),
    ],
)
def test_what_cannot_be_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=f"^{field} is .*allowed"):
        ScannerConfig("COM3", **{field: value})


@pytest.mark.parametrize(
    ("settings", "gap_s"),
    [
        ({}, 0.060),
        ({"suffix": Suffix.NONE}, 0.060),
        ({"suffix": Suffix.CR}, 0.250),
        ({"suffix": Suffix.CR, "baud": 1200}, 1 / 3),
        ({"baud": 2400}, 1 / 6),
        ({"suffix": Suffix.CR, "idle_s": 0.1}, 0.1),
    ],
)
def test_the_gap_follows_from_suffix_and_speed_unless_it_is_set(settings, gap_s):
    assert ScannerConfig("COM3", **settings).gap_s() == pytest.approx(gap_s)
