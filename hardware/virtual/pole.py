"""A pole display that is not there: a pty that is read as strictly as the display would, and what it shows.

1. A byte that is no command of its model is kept as a problem: a real one would show rubbish, or nothing any more.
2. In string mode a CD5220 hears CLR alone, besides the next line: whatever else comes is a problem.
3. POSIX only; its link stays the same over replugging, as the virtual scanner's.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.display.pole import COLUMNS, DIGITS, Model

if sys.platform != "win32":
    import pty
    import tty

LINK_NAME = "virtual-pole"
_LINE = re.compile(rb"\x1bQ([AB])([^\r]*)\r")
_LAMP = re.compile(rb"\x1bs([0-4])")


class PoleScreen:
    """What a display makes of bytes. Pure."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._pending = b""
        self.lines = {"A": "", "B": ""}
        self.lamp = 0
        self.problems: list[str] = []
        self.clears = 0
        self._in_strings = False

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self._pending += data
        while self._pending:
            taken = self._one()
            if not taken:
                return
            self._pending = self._pending[taken:]

    def _one(self) -> int:
        """How many bytes the first command takes; 0 where it is not whole yet."""
        head = self._pending
        if head[0] == 0x0C:
            self.lines, self.lamp, self._in_strings = {"A": "", "B": ""}, 0, False
            self.clears += 1
            return 1
        if head[0] != 0x1B:
            return self._problem(1)
        if len(head) < 2:
            return 0
        if head[1:2] == b"@" and self._model is Model.CD5220 and not self._in_strings:
            return 2
        if head[1:2] == b"s" and self._model is Model.LED8:
            return self._lamp(head)
        if head[1:2] == b"Q":
            return self._line(head)
        return self._problem(1)

    def _lamp(self, head: bytes) -> int:
        if len(head) < 3:
            return 0
        found = _LAMP.match(head)
        if found is None:
            return self._problem(2)
        self.lamp = int(found[1])
        return 3

    def _line(self, head: bytes) -> int:
        found = _LINE.match(head)
        if found is None:
            return self._problem(2) if len(head) > 64 else 0
        which, text = found[1].decode(), found[2].decode("latin-1")
        if self._model is Model.LED8:
            if which != "A" or set(text) - set("0123456789.-") or sum(letter != "." for letter in text) > DIGITS:
                return self._problem(len(found[0]))
        elif len(text) > COLUMNS or not text.isascii() or not text.isprintable():
            return self._problem(len(found[0]))
        self.lines[which] = text.strip()
        self._in_strings = True
        return len(found[0])

    def _problem(self, taken: int) -> int:
        self.problems.append(self._pending[:taken].hex(" "))
        return taken


class VirtualPole:
    """A display on a pty; plugged in when made, and a context manager that unplugs it."""

    def __init__(self, directory: Path, model: Model) -> None:
        if sys.platform == "win32":
            raise OSError("this system has no pseudo-terminals")
        self.model = model
        self.screen = PoleScreen(model)
        self.port = str(directory / LINK_NAME)
        self.reads = True
        self._changed = threading.Condition()
        self._near = self._far = -1
        self._ends, self._ended = os.pipe()
        self._lock = threading.Lock()
        self.plug()
        self._thread = threading.Thread(target=self._work, name="virtual-pole", daemon=True)
        self._thread.start()

    def plug(self) -> None:
        """Plug it in, blank."""
        with self._lock:
            if self._near >= 0 or sys.platform == "win32":
                return
            near, self._far = pty.openpty()
            tty.setraw(self._far)
            link = Path(self.port)
            fresh = link.with_name(link.name + ".new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(self._far))
            fresh.replace(link)
            self.screen = PoleScreen(self.model)
            self._near = near

    def unplug(self) -> None:
        """Pull it out."""
        with self._lock:
            if self._near < 0:
                return
            near, self._near = self._near, -1
            Path(self.port).unlink(missing_ok=True)
            for end in (near, self._far):
                with contextlib.suppress(OSError):
                    os.close(end)

    def wait_for(self, line: str, text: str, timeout_s: float = 5.0) -> PoleScreen:
        """The screen, once a line shows this text. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.screen.lines[line] == text, timeout_s):
                raise TimeoutError(f"the pole shows {self.screen.lines}, not {text!r}; problems {self.screen.problems}")
            return self.screen

    def close(self) -> None:
        """Unplug it for good."""
        self.unplug()
        with contextlib.suppress(OSError):
            os.write(self._ended, b"!")
        self._thread.join(2)
        for end in (self._ends, self._ended):
            with contextlib.suppress(OSError):
                os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self) -> None:
        while True:
            near = self._near
            sources = [self._ends] if near < 0 or not self.reads else [self._ends, near]
            try:
                able, _, _ = select.select(sources, [], [], 0.05)
                if self._ends in able:
                    return
                data = os.read(near, 4096) if near in able else b""
            except (OSError, ValueError):
                time.sleep(0.02)  # it was just pulled out
                continue
            if data:
                with self._changed:
                    self.screen.feed(data)
                    self._changed.notify_all()
