"""The pages that the rail leads to beside *Collect*: each has its half on the engine's thread, in a file of its own.

Rules
1. One page is open at a time. It alone gets what is scanned, and the commands that are its own; a payment at the desk
   goes on behind it untouched.
2. A command is legal or dropped, as at the desk (law 4).
3. Nothing here waits: what is slow goes to a lane and comes back to the half that asked for it (``done``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk.core import commands as c
from kiosk.core.order import Instant
from kiosk.core.sentence import Page


class PageHalf(Protocol):
    """A page as the engine knows it. Everything is called on the engine's thread."""

    @property
    def page(self) -> Page:
        """Which one it is."""

    def opened(self) -> None:
        """The rail led here; nothing of the last visit is left."""

    def left(self) -> None:
        """The rail led away."""

    def legal(self, at: Instant) -> Sequence[type]:
        """The page's own commands that are legal now; asked only while it is open."""

    def command(self, command: object, at: Instant) -> None:
        """Carry one of them out."""

    def scanned(self, text: str, at: Instant) -> None:
        """Something was scanned while the page is open."""

    def done(self, key: tuple[str, ...], result: object, at: Instant) -> bool:
        """The result of slow work, open or not; False where another asked for it."""

    def due_s(self, at: Instant) -> float | None:
        """When an open page has to be looked at again though nothing happens, in monotonic seconds."""


class Pages:
    """Which page is open, and whose turn it is."""

    #: What is legal wherever one is.
    ALWAYS: tuple[type, ...] = (c.GoTo, c.SetPin)

    def __init__(self, halves: Sequence[PageHalf]) -> None:
        self._halves = {half.page: half for half in halves}
        self.page = Page.COLLECT

    @property
    def _open(self) -> PageHalf | None:
        return self._halves.get(self.page)

    def legal(self, at: Instant) -> frozenset[str]:
        """The names of the commands that are legal now beside the desk's."""
        half = self._open
        own = half.legal(at) if half is not None else ()
        return frozenset([command.__name__ for command in (*self.ALWAYS, *own)])

    def command(self, command: object, at: Instant) -> bool:
        """Carry a command out where it is a page's; False: it is the desk's."""
        if isinstance(command, c.GoTo):
            self._go(command.page)
            return True
        if not isinstance(command, c.OnPages):
            return False
        half = self._open
        if half is not None and type(command) in half.legal(at):
            half.command(command, at)
        return True

    def scanned(self, text: str, at: Instant) -> bool:
        """Give what was scanned to the open page; False: it is the desk's."""
        half = self._open
        if half is None:
            return False
        half.scanned(text, at)
        return True

    def done(self, key: tuple[str, ...], result: object, at: Instant) -> bool:
        """Give the result of slow work to the page that asked for it; False: none did."""
        return any(half.done(key, result, at) for half in self._halves.values())

    def due_s(self, at: Instant) -> float | None:
        """When the open page has to be looked at again."""
        half = self._open
        return half.due_s(at) if half is not None else None

    def _go(self, page: Page) -> None:
        half = self._open
        if half is not None:
            half.left()
        self.page = page
        half = self._open
        if half is not None:
            half.opened()
