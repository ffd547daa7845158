"""The customer's screen: which one it is; and the window that follows it, where screens are plugged in and out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.snapshot import CustomerState, CustomerView, show_yuan
from kiosk.ui.customer_window import STALE_S
from kiosk.ui.examples import examples
from kiosk.ui.screen_choice import Chosen, ScreenSeen, Why, choose

ROOT = Path(__file__).parents[2]
CASHIER = ScreenSeen("eDP-1", (0, 0, 1366, 768), True, "AUO", "B156", "")
OTHER = ScreenSeen("HDMI-1", (1366, 0, 1024, 600), False, "DELL", "P2419", "8XK")
THIRD = ScreenSeen("DP-2", (3000, 0, 1920, 1080))


# --- which one -----------------------------------------------------------------------------------------------------


def test_d1_with_one_screen_there_is_none_and_that_is_no_error():
    assert choose([CASHIER]) == Chosen(None, Why.NOT_CONFIGURED)


@pytest.mark.parametrize("screens", [(CASHIER, OTHER), (OTHER, CASHIER)])
def test_d4_the_other_screen_is_taken_whatever_the_order_and_whichever_is_primary(screens):
    assert choose(screens).screen == OTHER


@pytest.mark.parametrize("wanted", ["DELL P2419 8XK", "HDMI-1"])
def test_a_screen_is_found_by_its_stable_key_or_its_connector(wanted):
    assert choose([CASHIER, THIRD, OTHER], wanted).screen == OTHER
    moved = replace(OTHER, name="HDMI-1" if wanted == "HDMI-1" else "DP-9", geometry=(-1024, 0, 1024, 600))
    assert choose([CASHIER, THIRD, moved], wanted).screen == moved


def test_a_screen_that_is_named_and_absent_is_replaced_by_no_other():
    assert choose([CASHIER, THIRD], "DELL P2419 8XK") == Chosen(None, Why.NOT_FOUND)


def test_d5_d10_a_screen_that_shows_the_cashiers_picture_or_lies_over_it_is_never_taken():
    for room in (CASHIER.geometry, (100, 100, 800, 600), (1365, 0, 10, 10)):
        over = replace(OTHER, geometry=room)
        assert choose([CASHIER, over]) == Chosen(None, Why.NOT_CONFIGURED)
        assert choose([CASHIER, over], "HDMI-1") == Chosen(None, Why.MISCONFIG)
    assert choose([CASHIER, OTHER], "eDP-1") == Chosen(None, Why.MISCONFIG)


def test_d7_the_placeholder_without_size_is_no_screen():
    assert choose([replace(CASHIER, is_cashier=False), ScreenSeen("", (0, 0, 0, 0))]).screen is not None
    assert choose([CASHIER, ScreenSeen("", (0, 0, 0, 0))]).screen is None


def test_two_screens_that_tell_nothing_of_themselves_are_told_apart_by_their_connectors():
    assert [ScreenSeen(name, (0, 0, 1, 1)).key for name in ("VGA-1", "VGA-2")] == ["VGA-1", "VGA-2"]


# --- the window ----------------------------------------------------------------------------------------------------


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """An X server without a screen; ended by its own process."""
    if not shutil.which("Xvfb") or not shutil.which("xrandr"):
        pytest.skip("Xvfb or xrandr is not installed")
    read, write = os.pipe()
    # -noreset: else the monitors vanish with the xrandr that made them.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1824x768x24", "-noreset", "-nolisten", "tcp"],
        pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    if not number:
        server.wait(10)
        pytest.skip("Xvfb does not run here")
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def steps(display: str) -> dict[str, Any]:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.hotplug"], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return {step["what"]: step for step in map(json.loads, done.stdout.splitlines())}


def test_d2_d3_d6_d8_d9_the_window_follows_its_screen_out_and_in_and_never_over_the_cashier(steps: dict[str, Any]):
    assert list(steps)[-1] == "pretended back"
    assert not steps["mirrored"]["visible"]
    assert steps["the cashier came over"]["room"][0] == 0 or not steps["the cashier came over"]["visible"]
    assert {step["active"] for step in steps.values()} == {False}
    assert {step["covered"] for step in steps.values()} == {0}
    assert steps["plugged in"]["choices"] == ["MAIN", "CUST"]
    assert steps["pulled out"]["told"] == [[False, "gone", ""]]


@pytest.mark.expects_error_log("kiosk.ui.customer_window")
def test_d11_data_that_cannot_be_shown_bring_the_idle_page_and_are_told_once(counter, monkeypatch, caplog):
    counter.show("pay-qr")
    show = type(counter.customer)._show

    def fails(window, view):
        if view.state is not CustomerState.IDLE:
            raise ValueError("bad data")
        show(window, view)

    monkeypatch.setattr(type(counter.customer), "_show", fails)
    for name in ("pay-qr", "result-paid", "pay-qr"):
        counter.show(name)
    assert counter.customer.headline.text() == counter.wording.say(
        "customer.welcome", branch=examples()["pay-qr"].customer.branch
    )
    assert not counter.customer.amount.isVisible()
    assert len([record for record in caplog.records if "customer's window" in record.message]) == 1


def test_d12_what_nobody_renews_is_taken_off(counter):
    counter.show("result-paid")
    assert counter.customer.amount.isVisible()
    counter.now_s += STALE_S + 1
    counter.customer.tick()
    assert not counter.customer.amount.isVisible()
    counter.show("result-paid")
    assert counter.customer.amount.isVisible()


@pytest.mark.parametrize("name", [name for name in examples() if name.startswith(("pay", "result"))])
def test_d20_the_customer_reads_the_very_figure_that_is_charged(counter, name):
    snapshot = counter.show(name)
    charged = snapshot.pay.amount_fen if snapshot.pay is not None else snapshot.result.total_fen
    view: CustomerView = snapshot.customer
    if not counter.customer.amount.isVisible() or snapshot.pay is None:
        return
    assert view.amount_fen == charged
    assert counter.customer.amount.text() == show_yuan(charged) == counter.window.pay_screen.amount.text()
