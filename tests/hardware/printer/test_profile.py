"""Profiles fit their paper, or are refused."""

from __future__ import annotations

import pytest

from hardware.printer.profile import PROFILES, PrinterProfile, ProfileError, profile_for


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: str(profile.name))
def test_every_profile_is_found_by_its_name_and_paper(profile: PrinterProfile) -> None:
    assert profile_for(profile.name, profile.width_mm) is profile


@pytest.mark.parametrize(("width_mm", "columns"), [(58, 32), (80, 48)])
def test_without_a_name_the_paper_decides(width_mm: int, columns: int) -> None:
    assert profile_for("", width_mm).columns == columns


@pytest.mark.parametrize(
    ("name", "width_mm"), [("generic-80", 58), ("raster-58", 80), ("epson", 58), ("", 76)]
)
def test_r22_a_profile_for_other_paper_is_refused(name: str, width_mm: int) -> None:
    with pytest.raises(ProfileError):
        profile_for(name, width_mm)


@pytest.mark.parametrize("wrong", [{"columns": 33}, {"dots": 380}, {"slice_rows": 129}, {"chunk_bytes": 0}])
def test_a_profile_that_contradicts_itself_cannot_be_made(wrong: dict[str, int]) -> None:
    numbers = {"width_mm": 58, "dots": 384, "columns": 32} | wrong
    with pytest.raises(ProfileError):
        PrinterProfile("made-up", **numbers)
