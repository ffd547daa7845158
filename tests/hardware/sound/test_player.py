"""Sounds by another process, as aplay is one: the newest wins, nobody waits, and silence is no error."""

from __future__ import annotations

import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.health import Health, Reason, State
from hardware.sound.amount import fragments
from hardware.sound.player import Player

ROOT = Path(__file__).parents[3]
SOUNDS = ROOT / "assets" / "sounds"
#: A program that "plays": it writes down the file's length in frames, and plays as long as it is told.
PLAYS = """
import sys, time, wave
log, seconds, file = sys.argv[1], float(sys.argv[2]), sys.argv[3]
frames = wave.open(file).getnframes()
print(frames, "begins", file=open(log, "a"), flush=True)
time.sleep(seconds)
print(frames, "ends", file=open(log, "a"), flush=True)
sys.exit(int(sys.argv[4]) if len(sys.argv) > 4 else 0)
"""

Make = Callable[..., Player]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.write_text("")
    return path


@pytest.fixture
def make(tmp_path: Path, log: Path) -> Iterator[Make]:
    made: list[Player] = []
    program = tmp_path / "plays.py"
    program.write_text(PLAYS)

    def player(seconds: float = 0.0, on_health: Callable[[Health], None] | None = None, code: str = "") -> Player:
        # The file comes last, as every player has it; an exit code is put behind it by a line of its own.
        wrapper = [sys.executable, "-c", f"import sys; sys.argv += [{code!r}]; exec(open({str(program)!r}).read())"]
        command = [*(wrapper if code else [sys.executable, str(program)]), str(log), str(seconds)]
        made.append(Player(SOUNDS, on_health, command=command))
        made[-1].start()
        return made[-1]

    yield player
    for each in made:
        each.stop()


def until(log: Path, *lines: str) -> None:
    end = time.monotonic() + 10
    while log.read_text().splitlines()[-len(lines) :] != list(lines):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)


def frames(*names: str) -> int:
    total = 0
    for name in names:
        with wave.open(str(SOUNDS / f"{name}.wav")) as sound:
            total += sound.getnframes()
    return total


def test_a_tone_is_played_and_counted(make: Make, log: Path) -> None:
    player = make()
    player.play("paid")
    until(log, f"{frames('paid')} begins", f"{frames('paid')} ends")
    end = time.monotonic() + 5
    while dict(player.health.counters)["played"] < 1 and time.monotonic() < end:
        time.sleep(0.01)
    assert (player.health.state, dict(player.health.counters)) == (State.UP, {"played": 1, "failed": 0})


def test_an_amount_is_one_sound_of_all_its_fragments(make: Make, log: Path) -> None:
    make().play_amount(12_345)
    whole = frames("received", *fragments(12_345))
    until(log, f"{whole} begins", f"{whole} ends")


def test_the_newest_cuts_off_what_plays_and_what_waited_is_dropped(make: Make, log: Path) -> None:
    player = make(seconds=1.5)
    player.play("paid")
    until(log, f"{frames('paid')} begins")
    player.play("attention")
    player.play("error")
    until(log, f"{frames('paid')} begins", f"{frames('error')} begins")


def test_nobody_waits_for_a_sound(make: Make) -> None:
    player = make(seconds=5.0)
    began = time.monotonic()
    for _ in range(200):
        player.play("paid")
    assert time.monotonic() - began < 0.2
    began = time.monotonic()
    player.stop()
    assert time.monotonic() - began < 1.0


def test_x07_without_a_program_to_play_it_is_silent_and_that_is_no_error() -> None:
    told: list[Health] = []
    player = Player(SOUNDS, told.append, command=None)
    player._command = None  # whatever this machine has
    player.start()
    player.play("paid")
    player.stop()
    assert [(health.state, health.reason) for health in told] == [(State.OFF, Reason.NOT_FOUND)]


def test_x07_without_a_sound_card_it_is_told_once_and_tried_again(make: Make, log: Path) -> None:
    told: list[Health] = []
    changed = threading.Condition()

    def tell(health: Health) -> None:
        with changed:
            told.append(health)
            changed.notify_all()

    player = make(on_health=tell, code="1")
    for count in (1, 2, 3):
        player.play("paid")
        end = time.monotonic() + 5
        while dict(player.health.counters)["failed"] < count and time.monotonic() < end:
            time.sleep(0.01)
    assert [(health.state, health.reason) for health in told] == [
        (State.UP, Reason.NONE), (State.DOWN, Reason.DEVICE_FAULT),
    ]  # fmt: skip


def test_a_sound_that_a_site_took_away_is_told_by_its_name(tmp_path: Path) -> None:
    player = Player(tmp_path, command=["true"])
    player.start()
    player.play("paid")
    end = time.monotonic() + 5
    while player.health.reason is not Reason.MISCONFIG and time.monotonic() < end:
        time.sleep(0.01)
    player.stop()
    assert player.health.detail == "there is no paid.wav"
