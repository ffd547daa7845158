"""``kiosk demo``: the counter with everything embedded; ``--walkthrough DIR`` tells its story by itself."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli import DONE, NO, USAGE
from kiosk.errors import UsageError
from kiosk.wording import Wording

if TYPE_CHECKING:
    from kiosk.demo.world import World
    from kiosk.settings import Settings
    from kiosk.ui.shell import Shell


def run(given: argparse.Namespace) -> int:
    """The demo until its window is closed; or the story: 0 when every step was as it should be, else 1."""
    from kiosk.cli.windows import has_display

    size = _size(given.size)
    if given.walkthrough is None and not has_display():
        raise UsageError("error.no_display")
    if given.walkthrough is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from kiosk.demo.world import World
    except ModuleNotFoundError as error:
        raise UsageError("error.sandbox_missing") from error
    with World(locale=given.locale, theme=given.theme, lan=given.lan) as world:
        return _run(given, world, size)


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.partition("x")
    if not (cross and width.isdigit() and height.isdigit() and int(width) >= 1024 and int(height) >= 768):
        raise UsageError("error.usage", detail=f"--size {text[:20]}: 1024x768, 1366x768, 1920x1080")
    return int(width), int(height)


def _run(given: argparse.Namespace, world: World, size: tuple[int, int]) -> int:
    from kiosk.app import open_counter
    from kiosk.core.commands import SetPin
    from kiosk.core.policy import PaymentPolicy
    from kiosk.demo.customer import acts
    from kiosk.demo.dials import dials
    from kiosk.demo.world import DEMO_PIN, shortened
    from kiosk.ui.demo_bar import Turn
    from kiosk.ui.shell import Shell

    policy = PaymentPolicy()
    settings = world.settings(shortened(policy) if given.walkthrough is not None else policy)
    wording = Wording(settings.counter.locale)
    shell = Shell(wording, settings.ui.theme, size=size, beside=True)
    counter = open_counter(settings, shell.bridge.publish, wording=wording)
    with contextlib.closing(counter):
        counter.engine.send(SetPin(DEMO_PIN))
        shell.bridge.attach(counter.engine.send)
        counter.start()
        shell.show(told=counter.display_is)
        if given.walkthrough is None:
            told = acts(world, wording, lambda: shell.bridge.latest)
            turns = [
                Turn(wording.say(dial.off), wording.say(dial.on), dial.turn, dial.in_window)
                for dial in dials(world, shell.second.pretend_gone)
            ]
            note = wording.say("demo.pin", pin=DEMO_PIN)
            shell.show_bar(wording.say("demo.title"), told, turns, note, wording.say("demo.dials"))
            shell.listen_for_signals()
            shell.execute()
            return DONE
        code = _walk(given.story, Path(given.walkthrough), shell, world, settings)
        shell.close()
    return code


def _walk(story: str, directory: Path, shell: Shell, world: World, settings: Settings) -> int:
    from kiosk.demo.devices import DevicesStory
    from kiosk.demo.walkthrough import Walkthrough
    from kiosk.ui.robot import Robot, StoryError

    try:
        kinds = {"payment": Walkthrough, "devices": DevicesStory}
        kinds[story](Robot(shell), world, settings, directory).tell()
    except StoryError as error:
        print(f"the story went wrong: {error}", file=sys.stderr)
        return NO
    except OSError as error:
        print(f"the pictures cannot be saved in {directory}: {error}", file=sys.stderr)
        return USAGE
    return DONE
