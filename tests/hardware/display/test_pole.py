"""Pole displays: what is sent, and what a strict display on a pty shows of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.display.pole import COLUMNS, TEST, Lamp, Model, Pole, Shown, render
from hardware.health import Health, Reason, State
from hardware.ports.serial_port import SerialPort
from hardware.ports.transport import TransportStalled
from hardware.virtual.pole import PoleScreen, VirtualPole

MODELS = pytest.mark.parametrize("model", Model)


@pytest.fixture
def virtual(posix: None, tmp_path: Path, model: Model):
    with VirtualPole(tmp_path, model) as pole:
        yield pole


def line_of(model: Model) -> str:
    return "B" if model is Model.CD5220 else "A"


@MODELS
def test_d17_the_amount_stands_there_whole(model: Model) -> None:
    screen = PoleScreen(model)
    screen.feed(render(model, Shown("TOTAL", "¥1,234.50", Lamp.TOTAL)))
    assert screen.problems == []
    assert screen.lines[line_of(model)] == ("1,234.50" if model is Model.CD5220 else "1234.50")
    assert screen.lamp == (0 if model is Model.CD5220 else 2)


@pytest.mark.parametrize(
    ("model", "amount"),
    [
        (Model.LED8, "¥1,234,567.89"), (Model.CD5220, "¥" + "9" * (COLUMNS + 1)), (Model.LED8, "一百元"),
        (Model.CD5220, "一百元"), (Model.LED8, "12.5O"),
    ],
)  # fmt: skip
def test_d17_d20_a_figure_that_does_not_fit_whole_is_not_shown_at_all(model: Model, amount: str) -> None:
    screen = PoleScreen(model)
    screen.feed(render(model, Shown("TOTAL", amount, Lamp.TOTAL)))
    assert screen.problems == []
    assert screen.lines[line_of(model)] == ""
    assert screen.lamp == 0


@given(st.sampled_from(list(Model)), st.text(max_size=40), st.text(max_size=30), st.sampled_from(list(Lamp)))
def test_d17_no_text_whatever_makes_a_display_show_rubbish(model: Model, word: str, amount: str, lamp: Lamp) -> None:
    screen = PoleScreen(model)
    screen.feed(render(model, Shown(word, amount, lamp)))
    assert screen.problems == []


@given(st.sampled_from(list(Model)), st.integers(0, 10**12))
def test_d20_what_can_be_read_is_the_amount_or_nothing(model: Model, amount_fen: int) -> None:
    text = f"¥{amount_fen // 100:,}.{amount_fen % 100:02d}"
    screen = PoleScreen(model)
    screen.feed(render(model, Shown("TOTAL", text, Lamp.TOTAL)))
    shown = screen.lines[line_of(model)].replace(",", "")
    assert shown in ("", f"{amount_fen // 100}.{amount_fen % 100:02d}")


@MODELS
def test_d18_each_change_clears_first_so_that_no_mode_swallows_it(model: Model) -> None:
    screen = PoleScreen(model)
    for amount in ("¥1.00", "¥22.00", "¥3.00"):
        screen.feed(render(model, Shown("TOTAL", amount, Lamp.TOTAL)))
    assert (screen.problems, screen.clears) == ([], 3)
    assert screen.lines[line_of(model)] == "3.00"


@MODELS
def test_d13_d14_absent_at_start_and_pulled_out_it_comes_back_with_what_it_has_to_show(
    virtual: VirtualPole, model: Model
) -> None:
    told: list[Health] = []
    virtual.unplug()
    pole = Pole(model, virtual.port, told.append)
    pole.start()
    pole.show(Shown("TOTAL", "¥12.50", Lamp.TOTAL))
    _until(lambda: pole.health.reason is Reason.NOT_FOUND)
    virtual.plug()
    virtual.wait_for(line_of(model), "12.50")
    virtual.unplug()
    _until(lambda: pole.health.state is State.DOWN)
    virtual.plug()
    virtual.wait_for(line_of(model), "12.50")  # nobody had to show it again
    pole.stop()
    assert virtual.screen.problems == []
    assert State.UP in [health.state for health in told]


@MODELS
def test_d16_a_hundred_changes_are_a_few_writes_and_the_newest_stands(virtual: VirtualPole, model: Model) -> None:
    pole = Pole(model, virtual.port)
    pole.start()
    _until(lambda: pole.health.state is State.UP)
    for number in range(1, 101):
        pole.show(Shown("TOTAL", f"¥{number}.00", Lamp.TOTAL))
    virtual.wait_for(line_of(model), "100.00")
    pole.stop()  # what the display shows is counted a moment later
    counts = dict(pole.health.counters)
    assert counts["writes"] + counts["skipped"] == 100


class Stuck:
    """A port that opens and takes nothing."""

    def __init__(self) -> None:
        self.opened = 0

    def open(self) -> None:
        self.opened += 1

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        raise TransportStalled("takes no more bytes")

    def cancel(self) -> None: ...

    def close(self) -> None: ...


def test_d15_a_line_that_takes_no_bytes_is_told_and_nobody_waits_for_it() -> None:
    stuck = Stuck()
    pole = Pole(Model.LED8, "x", connect=lambda: stuck)
    pole.start()
    began = time.monotonic()
    pole.show(Shown("TOTAL", "¥1.00", Lamp.TOTAL))
    assert time.monotonic() - began < 0.1
    _until(lambda: pole.health.reason is Reason.STALLED)
    _until(lambda: stuck.opened >= 2)
    pole.stop()


@pytest.mark.expects_error_log("hardware.display.pole")
def test_x2_an_error_of_ours_in_a_drivers_thread_is_told_and_the_thread_goes_on(posix: None, tmp_path: Path) -> None:
    with VirtualPole(tmp_path, Model.CD5220) as virtual:
        failures = [RuntimeError("ours")]

        def connect() -> SerialPort:
            if failures:
                raise failures.pop()
            return SerialPort(virtual.port)

        told: list[Reason] = []
        pole = Pole(Model.CD5220, "x", lambda health: told.append(health.reason), connect=connect)
        pole.start()
        pole.show(Shown("TOTAL", "¥12.50", Lamp.TOTAL))
        virtual.wait_for("B", "12.50")
        pole.stop()
    assert Reason.INTERNAL in told


@MODELS
def test_d19_the_test_pattern_shows_a_wrong_speed_to_whoever_looks(virtual: VirtualPole, model: Model) -> None:
    pole = Pole(model, virtual.port)
    pole.start()
    pole.test()
    virtual.wait_for(line_of(model), TEST.amount)
    pole.stop()


def _until(holds) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
