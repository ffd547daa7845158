"""Which screen is the customer's. Pure: what is known of each screen goes in; a screen, or why none, comes out.

1. A screen is known by its stable key (maker, model, serial number; its connector's name where it tells none), never by
   its place in a list: the order changes, and so does which one is "primary".
2. Never the cashier's screen, nor one that shows the same picture or lies over it.
3. Where the settings name a screen, no other one is taken: the customer's data are not for any screen that is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Rect = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class ScreenSeen:
    """A screen as it is now; ``name`` is its connector's."""

    name: str
    geometry: Rect
    is_cashier: bool = False
    maker: str = ""
    model: str = ""
    serial_number: str = ""

    @property
    def key(self) -> str:
        """What stays when it is plugged in elsewhere."""
        told = [part for part in (self.maker, self.model, self.serial_number) if part]
        return " ".join(told) if self.model or self.serial_number else self.name

    @property
    def words(self) -> str:
        """How it is told to a person."""
        said = self.key if self.key == self.name else f"{self.key} ({self.name})"
        return f"{said} {self.geometry[2]}x{self.geometry[3]}"


class Why(StrEnum):
    """Why there is none, or no other: the words of ``hardware.health.Reason``."""

    NONE = "none"
    NOT_CONFIGURED = "not_configured"  # one screen only: there is nothing to show on
    NOT_FOUND = "not_found"  # the one that the settings name is not there
    MISCONFIG = "misconfig"  # it is the cashier's, or shows the cashier's picture


@dataclass(frozen=True, slots=True)
class Chosen:
    """The customer's screen; None with the reason."""

    screen: ScreenSeen | None
    why: Why = Why.NONE


def choose(screens: Sequence[ScreenSeen], wanted: str = "") -> Chosen:
    """The screen that is named ``wanted`` (by key or connector), or else the one that is not the cashier's."""
    cashier = next((screen for screen in screens if screen.is_cashier), None)
    able = sorted((screen for screen in screens if _can_show(screen, cashier)), key=lambda screen: screen.key)
    if not wanted:
        return Chosen(able[0]) if able else Chosen(None, Why.NOT_CONFIGURED)
    named = [screen for screen in screens if wanted in (screen.key, screen.name)]
    if not named:
        return Chosen(None, Why.NOT_FOUND)
    found = next((screen for screen in named if screen in able), None)
    return Chosen(found) if found is not None else Chosen(None, Why.MISCONFIG)


def _can_show(screen: ScreenSeen, cashier: ScreenSeen | None) -> bool:
    if screen.is_cashier or screen.geometry[2] <= 0 or screen.geometry[3] <= 0:
        return False
    return cashier is None or not _overlap(screen.geometry, cashier.geometry)


def _overlap(one: Rect, other: Rect) -> bool:
    (x, y, width, height), (u, v, wide, high) = one, other
    return x < u + wide and u < x + width and y < v + high and v < y + height
