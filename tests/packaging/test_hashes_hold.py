"""A real pip, a real lock of one package, no network: the file that was locked goes in, any other does not."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

WHEEL = "lockedthing-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: lockedthing\nVersion: 1.0\n"
TAGS = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of one module, as a file pip installs."""
    path = tmp_path_factory.mktemp("wheels") / WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lockedthing.py", "")
        archive.writestr("lockedthing-1.0.dist-info/METADATA", METADATA)
        archive.writestr("lockedthing-1.0.dist-info/WHEEL", TAGS)
        archive.writestr("lockedthing-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def offline_dev(tmp_path, dev_at, wheel, monkeypatch):
    """dev.py over a fresh project with a fresh `.venv`, its pip bound to the one wheel."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(wheel.parent), "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    dev = dev_at(tmp_path / "project")
    subprocess.run([sys.executable, "-m", "venv", str(dev.VENV)], check=True)
    return dev


def lock_with(dev, digest: str) -> Path:
    lock = dev.MAIN_LOCK
    lock.write_text(f"lockedthing==1.0 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
    return lock


def is_installed(dev) -> bool:
    return subprocess.run([str(dev.PYTHON), "-c", "import lockedthing"], capture_output=True).returncode == 0


def test_z27_a_wrong_hash_in_the_lock_stops_the_installation(offline_dev, wheel):
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    wrong = ("0" if right[0] != "0" else "1") + right[1:]
    with pytest.raises(offline_dev.Stop, match="do not go on"):
        offline_dev.fill_venv(lock_with(offline_dev, wrong))
    assert not is_installed(offline_dev)
    assert not offline_dev.STAMP.exists()

    offline_dev.install_locked(lock_with(offline_dev, right))
    assert is_installed(offline_dev)
