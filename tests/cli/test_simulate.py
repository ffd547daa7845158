"""``kiosk simulate`` as scripts use it: exit codes, one JSON value, a seed that replays."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.cli import run
from kiosk.core.order import State
from kiosk.core.proof import Proof
from kiosk.simulator.campaign import Totals, campaign

#: A stretch of seeds in which one negative that is taken for final is soon found out.
LOOSENED_SEEDS = 200


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def figures(output: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output)
    found.pop("took_s")
    return found


@pytest.fixture
def one_negative_is_final(monkeypatch: pytest.MonkeyPatch) -> None:
    def negative(self: Proof, turn: Any, row: Any, message: object, at: object) -> Any:
        live = turn.order.state in (State.INTENT, State.IN_DOUBT, State.SHOWN)
        return turn.to(State.FAILED, str(row)) if live else turn

    monkeypatch.setattr(Proof, "negative", negative)


def test_sound_rules_exit_0_with_the_figures() -> None:
    done = kiosk("simulate", "--seeds", "30", "--workers", "1")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    for figure in ("payments simulated", "faults injected", "crashes", "violated invariants"):
        assert re.search(rf"^{figure} +\d+", done.stdout, re.MULTILINE), figure
    assert re.search(r"^violated invariants +0$", done.stdout, re.MULTILINE)


def test_json_is_one_value_and_from_chooses_the_stories(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "--seeds", "4", "--from", "20", "--workers", "1", "--json"]) == 0
    whole = figures(capsys.readouterr().out)
    assert (whole["first_seed"], whole["stories"], whole["violations"], whole["broken"]) == (20, 4, 0, [])
    payments = 0
    for seed in range(20, 24):
        assert run(["simulate", "--seeds", "1", "--from", str(seed), "--workers", "1", "--json"]) == 0
        payments += figures(capsys.readouterr().out)["payments"]
    assert payments == whole["payments"]


@pytest.mark.usefixtures("one_negative_is_final")
def test_a_violation_exits_1_and_tells_rule_story_and_the_command_that_replays_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["simulate", "--seeds", str(LOOSENED_SEEDS), "--workers", "1"]) == 1
    told = capsys.readouterr().out
    replay = re.search(r"^replay: kiosk (simulate --from \d+ --seeds 1)$", told, re.MULTILINE)
    violated = re.search(r"^(seed \d+: rule 11: .*)$", told, re.MULTILINE)
    assert replay
    assert violated
    seed = re.search(r"\d+", violated[1])
    assert seed
    assert run(["simulate", "--from", seed[0], "--seeds", "1"]) == 1
    again = capsys.readouterr().out
    assert violated[1] in again
    assert " commit " in again


def test_one_that_is_stopped_tells_its_figures_and_exits_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*given: Any, **named: Any) -> Iterator[Totals]:
        yield next(campaign(*given, **named))
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.cli.simulate.campaign", stopped)
    assert run(["simulate", "--seeds", "100", "--workers", "1", "--json"]) == 3
    told = capsys.readouterr()
    assert figures(told.out)["stories"] == 50
    assert told.err == "stopped\n"


def test_a_long_run_draws_a_bar_where_somebody_looks_and_nothing_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.cli.simulate._BAR_FROM", 2)
    assert run(["simulate", "--seeds", "2", "--workers", "1"]) == 0
    assert "#" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(["simulate", "--seeds", "2", "--workers", "1"]) == 0
    assert f"[{'#' * 30}]" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--seeds", "0"], ["--seeds", "-3"], ["--from", "x"], ["--workers", "0"], ["now"]])
def test_wrong_usage_exits_2(wrong: list[str]) -> None:
    done = kiosk("simulate", *wrong)
    assert (done.returncode, done.stdout) == (2, "")
