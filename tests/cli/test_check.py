"""``kiosk check``: a line each for what a counter stands on, as scripts and people read it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.checking import _machine
from kiosk.core.receipt import CLOCK_SET_MS
from kiosk.core.sentence import Level
from kiosk.demo.world import World

Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(
        f"""
[counter]
id = "K1"
locale = "en"
[gateway]
url = "{world.sandbox.url}"
acq_code = "283499"
[scanner]
kind = "serial"
port = "{world.scanner.port}"
[printer]
kind = "network"
address = "{world.printer.address}"
width = 80
[display]
pole = "cd5220"
pole_port = "{world.pole.port if world.pole else ""}"
[data]
directory = "{tmp_path / "data"}"
""",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kiosk", "check", *arguments],
            capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip

    return run


def levels(told: subprocess.CompletedProcess[str]) -> dict[str, str]:
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return {each["name"]: each["level"] for each in found}


def test_a_counter_with_all_its_devices_has_nothing_to_be_seen_to(check: Check, settings: Path, world: World) -> None:
    told = check("--config", str(settings), "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    found = levels(told)
    assert {found[name] for name in ("settings", "data", "gateway", "scanner", "printer", "pole")} == {"good"}
    assert found["display"] == "off"  # there is no display to look at
    assert world.printer.receipts == []


def test_each_device_in_trouble_is_a_line_with_what_to_do(check: Check, settings: Path, world: World) -> None:
    world.scanner.unplug()
    world.printer.paper_out()
    if world.pole is not None:
        world.pole.unplug()
    told = check("--config", str(settings), "--json")
    assert told.returncode == 1
    codes = {each["name"]: each["code"] for each in json.loads(told.stdout)}
    assert codes["scanner"] == "health.not_found"
    assert codes["printer"] == "health.paper_out"
    assert codes["pole"] == "health.not_found"


def test_people_read_a_line_each_and_a_last_word(check: Check, settings: Path, world: World) -> None:
    world.printer.power_off()
    told = check("--config", str(settings))
    lines = told.stdout.splitlines()
    assert any(line.lstrip().startswith("X  Printer") and "network" in line.lower() for line in lines)
    assert any(line.lstrip().startswith("ok  Scanner") for line in lines)
    assert told.stderr.strip() == "1 to be seen to."


def test_x9_programs_that_take_ports_away_and_x5_a_clock_that_was_never_set_are_told(tmp_path: Path) -> None:
    for number, name in (("12", "ModemManager"), ("13", "brltty"), ("14", "bash")):
        (tmp_path / number).mkdir()
        (tmp_path / number / "comm").write_text(name + "\n")
    found = list(_machine(0, tmp_path))
    assert [(each.name, each.level, dict(each.what.fields).get("program")) for each in found] == [
        ("clock", Level.BAD, None), ("programs", Level.WARN, "ModemManager"), ("programs", Level.WARN, "brltty"),
    ]  # fmt: skip
    assert list(_machine(CLOCK_SET_MS, tmp_path / "none")) == []


def test_x4_in_a_plain_locale_every_word_is_still_written(
    check: Check, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text(settings.read_text(encoding="utf-8").replace('"en"', '"zh_CN"'), encoding="utf-8")
    for name in ("LANG", "LC_ALL"):
        monkeypatch.setenv(name, "C")
    told = check("--config", str(settings))
    assert "扫码枪正常。" in told.stdout


def test_without_settings_it_runs_and_says_so(check: Check, tmp_path: Path) -> None:
    told = check("--config", str(tmp_path / "none.toml"), "--json")
    assert told.returncode == 1
    found = json.loads(told.stdout)
    assert (found[0]["name"], found[0]["level"], found[0]["code"]) == ("settings", "bad", "settings.file_missing")


def test_a_port_that_the_running_counter_holds_is_told_as_that(check: Check, settings: Path, world: World) -> None:
    from hardware.scanner.driver import ScannerConfig, ScannerDriver

    driver = ScannerDriver(ScannerConfig(world.scanner.port), lambda scan: None, lambda health: None)
    driver.start()
    try:
        told = check("--config", str(settings), "--json")
    finally:
        driver.stop()
    codes = {each["name"]: each["code"] for each in json.loads(told.stdout)}
    assert codes["scanner"] == "health.busy"
