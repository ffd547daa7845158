"""The locks: every file by its hash, no address, and a wrong hash stops the installation."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = {"requirements.lock": "6.11.3", "packaging/requirements-glibc228.lock": "6.9.3"}
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; .+)?$")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}$")


def pinned(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Each name of a lock with its version and its hashes; fails on a line of any other kind."""
    logical = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pins = {}
    for line in (line for line in logical if line.strip() and not line.lstrip().startswith("#")):
        requirement, *hashes = re.split(r"\s+(?=--)", line.rstrip())
        match = PIN.match(requirement)
        assert match, f"not a pinned requirement: {line}"
        pins[match[1]] = (match[2], hashes)
    return pins


def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def named_requirements(root: Path) -> list[Requirement]:
    declared = project(root)
    groups = [
        declared["build-system"]["requires"],
        declared["project"]["dependencies"],
        *declared["project"]["optional-dependencies"].values(),
    ]
    return [Requirement(line) for group in groups for line in group]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_requirement_has_hashes(root, name):
    pins = pinned(root / name)
    assert len(pins) > 40
    for requirement, (_, hashes) in pins.items():
        assert hashes, requirement
        assert all(HASH.match(word) for word in hashes), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(root, name):
    text = (root / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)
    assert not re.search(r"(?:^|\s)/\w|\\\w", text), "a path of the machine that made it"


@pytest.mark.parametrize("name", LOCKS)
def test_all_that_the_project_names_is_locked_in_a_version_it_allows(root, name):
    pins = pinned(root / name)
    for requirement in named_requirements(root):
        version, _ = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} against {version}"


@pytest.mark.parametrize(("name", "qt"), LOCKS.items())
def test_qt_is_held_at_the_release_that_was_checked(root, name, qt):
    pins = pinned(root / name)
    assert (pins["pyside6-essentials"][0], pins["shiboken6"][0]) == (qt, qt)


def test_the_qt_release_that_aborts_on_python_3_11_is_excluded(root):
    qt = next(r for r in named_requirements(root) if r.name == "PySide6-Essentials")
    assert "6.12.0" not in qt.specifier
    assert "6.8" in qt.specifier


def test_the_lock_for_an_old_c_library_differs_in_qt_alone(root):
    main, old = (pinned(root / name) for name in LOCKS)
    differing = {name for name in main.keys() | old.keys() if main.get(name) != old.get(name)}
    assert differing == {"pyside6-essentials", "shiboken6"}
