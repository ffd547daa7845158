"""The walls between rooms: a small tree with the project's rooms and its contracts, and one wrong import at a time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# The least tree in which every contract has something to hold, each part importing what it may.
SOUND = {
    "kiosk/__init__.py": "",
    "kiosk/wording.py": "",
    "kiosk/snapshot.py": "import kiosk.core.order",
    "kiosk/engine.py": "import threading, kiosk.core.order",
    "kiosk/app.py": "import kiosk.engine, kiosk.gateway.client, kiosk.journal.store, kiosk.ui.bridge, hardware.scanner",
    "kiosk/core/__init__.py": "",
    "kiosk/core/order.py": "import dataclasses, decimal, enum, datetime",
    "kiosk/gateway/__init__.py": "",
    "kiosk/gateway/client.py": "import httpx",
    "kiosk/journal/__init__.py": "",
    "kiosk/journal/store.py": "import apsw",
    "kiosk/sandbox/__init__.py": "",
    "kiosk/sandbox/server.py": "import starlette.applications, uvicorn",
    "kiosk/ui/__init__.py": "",
    "kiosk/ui/bridge.py": "import PySide6.QtCore, kiosk.engine, kiosk.snapshot",
    "kiosk/ui/pay.py": "import PySide6.QtWidgets, kiosk.snapshot, kiosk.wording, kiosk.ui.bridge",
    "hardware/__init__.py": "",
    "hardware/scanner.py": "import serial",
}

BREACHES = [
    ("hardware/scanner.py", "import PySide6.QtCore"),
    ("hardware/scanner.py", "import kiosk.wording"),
    ("kiosk/core/order.py", "import threading"),
    ("kiosk/core/order.py", "import time"),
    ("kiosk/core/order.py", "import random"),
    ("kiosk/core/order.py", "import secrets"),
    ("kiosk/core/order.py", "import socket"),
    ("kiosk/core/order.py", "import os"),
    ("kiosk/core/order.py", "import asyncio"),
    ("kiosk/core/order.py", "import httpx"),
    ("kiosk/core/order.py", "import kiosk.wording"),
    ("kiosk/core/order.py", "import hardware.scanner"),
    ("kiosk/engine.py", "import PySide6.QtCore"),
    ("kiosk/engine.py", "import httpx"),
    ("kiosk/engine.py", "import apsw"),
    ("kiosk/engine.py", "import sqlite3"),
    ("kiosk/__init__.py", "import httpx"),
    ("hardware/scanner.py", "import apsw"),
    ("kiosk/app.py", "import uvicorn"),
    ("kiosk/app.py", "from PySide6 import QtWidgets"),
    ("kiosk/ui/pay.py", "import kiosk.engine"),
    ("kiosk/ui/pay.py", "import kiosk.journal.store"),
    ("kiosk/ui/pay.py", "import kiosk.core.order"),
    ("kiosk/ui/pay.py", "import hardware.scanner"),
    ("kiosk/ui/bridge.py", "import kiosk.gateway.client"),
    ("kiosk/sandbox/server.py", "import httpx"),
    ("kiosk/journal/store.py", "import starlette"),
]


@pytest.fixture
def tree(tmp_path: Path, root: Path) -> Path:
    """The sound tree with the project's own contracts."""
    for name, source in SOUND.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source + "\n", encoding="utf-8")
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-P", "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    command += ["--no-cache", "--no-logo"]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)


def test_a_tree_that_keeps_to_its_rooms_passes(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("module", "wrong_import"), BREACHES)
def test_one_wrong_import_is_found(tree, module, wrong_import):
    with (tree / module).open("a", encoding="utf-8") as file:
        file.write(wrong_import + "\n")
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "is not allowed to import" in done.stdout, done.stdout
