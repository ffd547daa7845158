"""``kiosk run``: the counter itself, full screen or in a window."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from kiosk.app import open_counter
from kiosk.cli import DONE, settings_of
from kiosk.errors import UsageError
from kiosk.ui.shell import Shell
from kiosk.wording import Wording


def has_display() -> bool:
    """Whether windows can be seen: Linux needs X11 or Wayland, other systems have a desktop."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    )


def run(given: argparse.Namespace) -> int:
    """Open the counter and return when its window is closed."""
    settings = settings_of(given)
    if not has_display():
        raise UsageError("error.no_display")
    wording = Wording(settings.counter.locale)
    shell = Shell(wording, settings.ui.theme, customer_screen=settings.display.screen)
    shell.listen_for_signals()
    counter = open_counter(settings, shell.bridge.publish, wording=wording)
    with contextlib.closing(counter):
        shell.bridge.attach(counter.engine.send)
        shell.ask_first_pin()
        if settings.scanner.kind == "keyboard":
            shell.read_keyboard_scanner()
        counter.start()
        shell.show(full_screen=not given.windowed, told=counter.display_is)
        shell.execute()
    return DONE
