"""The project's own files, as these tests look at them."""

import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The directory that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file that git keeps, relative to the root."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("only a git work tree knows which files belong to the project")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


@pytest.fixture
def dev_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], ModuleType]]:
    """Loads packaging/dev.py as the script of another project directory."""

    def load(project: Path) -> ModuleType:
        target = project / "packaging"
        target.mkdir(parents=True)
        for name in ("dev.py", "system_needs.py", "bench.py"):
            shutil.copy(ROOT / "packaging" / name, target / name)
        monkeypatch.syspath_prepend(str(target))
        return importlib.import_module("dev")

    for name in ("dev", "system_needs", "bench"):
        sys.modules.pop(name, None)
    yield load
    for name in ("dev", "system_needs", "bench"):
        sys.modules.pop(name, None)
