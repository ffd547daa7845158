"""The rail's pages on the engine's thread: one is open, it alone gets its commands and scans, and it forgets."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kiosk.core import commands as c
from kiosk.core.order import Instant
from kiosk.core.sentence import Page
from kiosk.pages import Pages

AT = Instant(5.0, 1_790_000_000_000)


class Half:
    """A page that writes down what it is given."""

    def __init__(self, page: Page, *own: type) -> None:
        self.page, self.own = page, own
        self.got: list[object] = []

    def opened(self) -> None:
        self.got.append("opened")

    def left(self) -> None:
        self.got.append("left")

    def legal(self, at: Instant) -> Sequence[type]:
        return self.own

    def command(self, command: object, at: Instant) -> None:
        self.got.append(command)

    def scanned(self, text: str, at: Instant) -> None:
        self.got.append(text)

    def done(self, key: tuple[str, ...], result: object, at: Instant) -> bool:
        return key == (str(self.page),)

    def due_s(self, at: Instant) -> float | None:
        return at.mono_s + 1.0


@pytest.fixture
def pending() -> Half:
    return Half(Page.PENDING, c.OpenCase)


@pytest.fixture
def devices() -> Half:
    return Half(Page.DEVICES, c.TryDevice)


@pytest.fixture
def pages(pending: Half, devices: Half) -> Pages:
    return Pages((pending, devices))


def test_on_collect_only_the_ways_elsewhere_are_legal(pages: Pages) -> None:
    assert pages.legal(AT) == {"GoTo", "SetPin"}
    assert pages.due_s(AT) is None


def test_a_scan_on_collect_is_the_desks(pages: Pages, pending: Half) -> None:
    assert not pages.scanned("6100000101", AT)
    assert pending.got == []


def test_only_the_open_page_gets_what_is_scanned(pages: Pages, pending: Half, devices: Half) -> None:
    pages.command(c.GoTo(Page.PENDING), AT)
    assert pages.scanned("K1A1", AT)
    assert (pending.got, devices.got) == (["opened", "K1A1"], [])


def test_a_command_of_a_page_that_is_not_open_is_dropped_and_never_the_desks(pages: Pages, devices: Half) -> None:
    pages.command(c.GoTo(Page.PENDING), AT)
    assert pages.command(c.TryDevice("sound"), AT)
    assert devices.got == []


def test_a_command_that_is_not_legal_on_the_open_page_is_dropped(pages: Pages, pending: Half) -> None:
    pages.command(c.GoTo(Page.PENDING), AT)
    assert pages.command(c.CloseCase(), AT)
    assert pending.got == ["opened"]


def test_a_desks_command_goes_to_the_desk_whatever_page_is_open(pages: Pages) -> None:
    pages.command(c.GoTo(Page.PENDING), AT)
    assert not pages.command(c.ShowQr(), AT)


def test_a_page_is_told_when_it_is_left_for_another(pages: Pages, pending: Half, devices: Half) -> None:
    pages.command(c.GoTo(Page.PENDING), AT)
    pages.command(c.GoTo(Page.DEVICES), AT)
    assert (pending.got, devices.got) == (["opened", "left"], ["opened"])
    assert pages.legal(AT) == {"GoTo", "SetPin", "TryDevice"}
    assert pages.due_s(AT) == 6.0


def test_a_result_finds_the_page_that_asked_though_it_is_shut(pages: Pages) -> None:
    assert pages.done(("devices",), None, AT)
    assert not pages.done(("nobody",), None, AT)
