"""Plays short sounds by what the system has, on one thread; nobody ever waits for a sound.

1. The newest wins: what is playing is cut off for what comes now. A sound is bounded in time.
2. Windows' winsound, else the first of `PROGRAMS` that is there. Where there is none, or it fails (no sound card), the
   counter is silent; that is told once, by health, and is no error of anybody's.
3. Files are looked for when they are wanted, so that a site may replace them.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hardware.health import Health, Reason, State
from hardware.sound.amount import fragments

_log = logging.getLogger(__name__)

DEVICE = "sound"
PROGRAMS: tuple[tuple[str, ...], ...] = (("pw-play",), ("paplay",), ("aplay", "-q"))
#: Names of the three tones.
PAID, ERROR, ATTENTION = "paid", "error", "attention"
LONGEST_S = 10.0
JOIN_S = 0.9
_LOOK_S = 0.05


def find_program() -> tuple[str, ...] | None:
    """The command that plays a file here, without the file; None where there is none."""
    for program, *options in PROGRAMS:
        path = shutil.which(program)
        if path is not None:
            return (path, *options)
    return None


class Player:
    """Plays files of a directory, `NAME.wav`. `command` plays a file: None looks for one; on Windows none is needed."""

    def __init__(
        self,
        directory: Path,
        on_health: Callable[[Health], None] | None = None,
        *,
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory, self._on_health, self._clock = directory, on_health, clock
        self._command = tuple(command) if command is not None else None if sys.platform == "win32" else find_program()
        self._changed = threading.Condition()
        self._wanted: tuple[str, ...] | None = None
        self._stopping = False
        self._played = self._failed = 0
        self._health = Health(DEVICE, State.OFF)
        self._thread = threading.Thread(target=self._work, name="sound", daemon=True)

    @property
    def health(self) -> Health:
        """How it is, and how often what happened."""
        counters = (("played", self._played), ("failed", self._failed))
        return Health(
            DEVICE, self._health.state, self._health.reason, self._health.detail, self._health.since_s, counters
        )

    def start(self) -> None:
        """Begin to listen for wishes."""
        if self._command is None and sys.platform != "win32":
            names = ", ".join(name for name, *_ in PROGRAMS)
            self._say(State.OFF, Reason.NOT_FOUND, f"none of {names} is installed")
        else:
            self._say(State.UP)
        self._thread.start()

    def stop(self) -> None:
        """Cut off what plays, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    # --- wishes: from any thread, at once --------------------------------------------------------------------------

    def play(self, name: str) -> None:
        """Play one sound."""
        self._want((name,))

    def play_amount(self, amount_fen: int) -> None:
        """Read "received" and an amount aloud; an amount that cannot be read is the tone alone."""
        try:
            self._want(("received", *fragments(amount_fen)))
        except ValueError:
            self.play(PAID)

    def test(self) -> None:
        """Something to hear whether it works."""
        self.play(PAID)

    def _want(self, names: tuple[str, ...]) -> None:
        with self._changed:
            self._wanted = names
            self._changed.notify_all()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted is not None or self._stopping)
                if self._stopping:
                    return
                names, self._wanted = self._wanted or (), None
            try:
                self._perform(names)
            except Exception as error:  # a sound is never worth a thread
                _log.warning("sound: %s could not be played: %s", names[0], error)
                self._has_failed(Reason.DEVICE_FAULT, str(error))

    def _perform(self, names: tuple[str, ...]) -> None:
        if self._command is None and sys.platform != "win32":
            self._failed += 1
            return
        files = [self._directory / f"{name}.wav" for name in names]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            self._has_failed(Reason.MISCONFIG, f"there is no {missing[0]}")
            return
        with contextlib.ExitStack() as stack:
            file = files[0] if len(files) == 1 else joined(files, stack)
            code = self._play_file(file)
        if code == 0:
            self._played += 1
            self._say(State.UP)
        elif code is not None:
            self._has_failed(Reason.DEVICE_FAULT, f"exit code {code}")

    def _play_file(self, file: Path) -> int | None:
        """The player's exit code; None where it was cut off."""
        if self._command is None:
            return self._play_on_windows(file)
        process = subprocess.Popen(
            [*self._command, str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            if self._is_cut_off(lambda: process.poll() is not None):
                return None
            return process.returncode
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def _play_on_windows(self, file: Path) -> int | None:
        winsound: Any = importlib.import_module("winsound")
        with wave.open(str(file)) as sound:
            end_s = self._clock() + sound.getnframes() / sound.getframerate()
        winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
        if self._is_cut_off(lambda: self._clock() >= end_s):
            winsound.PlaySound(None, 0)
            return None
        return 0

    def _is_cut_off(self, ended: Callable[[], bool]) -> bool:
        """Wait for the end; True where something newer is wanted, time is up, or we are to stop."""
        limit_s = self._clock() + LONGEST_S
        while not ended():
            with self._changed:
                if self._stopping or self._wanted is not None or self._clock() > limit_s:
                    return True
                self._changed.wait(_LOOK_S)
        return False

    def _has_failed(self, reason: Reason, detail: str) -> None:
        self._failed += 1
        self._say(State.DOWN, reason, detail)

    def _say(self, state: State, reason: Reason = Reason.NONE, detail: str = "") -> None:
        health = Health(DEVICE, state, reason, detail, self._clock())
        if health == self._health:
            return
        self._health = health
        _log.info("sound %s (%s) %s", state.value, reason.value, detail)
        if self._on_health is not None:
            self._on_health(health)


def joined(files: Sequence[Path], stack: contextlib.ExitStack) -> Path:
    """One file of several of the same kind, so that nothing is between them; it goes with the stack."""
    handle, name = tempfile.mkstemp(suffix=".wav", prefix="kiosk-sound-")
    os.close(handle)
    path = Path(name)
    stack.callback(lambda: path.unlink(missing_ok=True))
    with wave.open(name, "wb") as whole:
        for number, file in enumerate(files):
            with wave.open(str(file), "rb") as part:
                if number == 0:
                    whole.setparams(part.getparams())
                whole.writeframes(part.readframes(part.getnframes()))
    return path
