"""What goes along with the windows: a payment is announced once, when it is sure; the pole shows what is charged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.display.pole import Lamp, Model, Shown
from hardware.virtual.pole import VirtualPole
from kiosk.app import Counter, open_counter
from kiosk.beside import Beside, Screen, on_the_pole
from kiosk.core.commands import NextCustomer, Scanned
from kiosk.core.money import show_yuan
from kiosk.core.sentence import Face
from kiosk.sandbox.behaviours import sample_code
from kiosk.settings import DisplaySettings, Settings, SoundSettings
from kiosk.snapshot import CustomerState, CustomerView, Outcome
from kiosk.ui.examples import examples
from tests.engine.stand import Seen, result, to_pay


class Heard:
    """A player that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def play(self, name: str) -> None:
        self.asked.append(name)

    def play_amount(self, amount_fen: int) -> None:
        self.asked.append(f"amount {amount_fen}")


@pytest.fixture
def pole(tmp_path: Path) -> Iterator[VirtualPole]:
    place = tmp_path / "pole"
    place.mkdir()
    with VirtualPole(place, Model.CD5220) as made:
        yield made


@pytest.fixture
def settings(settings: Settings, pole: VirtualPole) -> Settings:
    display = DisplaySettings(pole="cd5220", pole_port=pole.port)
    return replace(settings, display=display, sound=SoundSettings(enabled=False))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    made = Heard()

    def listening(sounds: object, pole: Screen | None, *, speaks: bool) -> Beside:
        return Beside(made, pole, speaks=True)

    monkeypatch.setattr("kiosk.app.Beside", listening)
    return made


@pytest.fixture
def counter(settings: Settings, seen: Seen, heard: Heard) -> Iterator[Counter]:
    made = open_counter(settings, seen.publish)
    made.start()
    yield made
    made.close()


def test_d20_the_pole_shows_the_very_amount_that_is_charged_from_the_first_to_the_last(
    counter: Counter, seen: Seen, heard: Heard, pole: VirtualPole
) -> None:
    pole.wait_for("B", "")
    to_pay(counter, seen, "6100000101")
    charged = show_yuan(12_850).removeprefix("¥")
    assert pole.wait_for("B", charged).lines["A"] == "TOTAL"
    counter.engine.send(Scanned(sample_code("0000", 31)))
    now = result(seen)
    assert now.result is not None
    assert (now.result.outcome, now.result.total_fen) == (Outcome.PAID, 12_850)
    pole.wait_for("A", "PAID")
    assert pole.wait_for("B", charged).problems == []
    counter.engine.send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND)
    pole.wait_for("B", "")
    assert heard.asked == ["amount 12850"]


def test_a_payment_is_announced_once_and_never_again_at_a_start(
    counter: Counter, seen: Seen, heard: Heard, settings: Settings
) -> None:
    to_pay(counter, seen, "6100000106")
    counter.engine.send(Scanned(sample_code("7009", 32)))  # paid; its notice is not taken for now
    seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.PAID)
    counter.close()
    assert heard.asked == ["amount 6666"]
    again = open_counter(settings, seen.publish)
    again.start()
    seen.until(lambda now: now.pending_count == 1)
    again.close()
    assert heard.asked == ["amount 6666"]


def test_a_payment_that_is_refused_or_in_doubt_is_never_announced(counter: Counter, seen: Seen, heard: Heard) -> None:
    to_pay(counter, seen, "6100000107")
    counter.engine.send(Scanned(sample_code("2000", 33)))
    seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.NOT_PAID)
    counter.engine.send(NextCustomer())
    seen.until(lambda now: now.face is Face.FIND)
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("4000", 34)))
    seen.until(lambda now: now.result is not None and now.result.outcome is Outcome.UNKNOWN, 20.0)
    assert heard.asked == ["error", "error"]


def test_each_state_of_the_customer_has_its_word_and_money_only_where_it_is_owed_or_taken() -> None:
    shown = {state: on_the_pole(CustomerView(state, amount_fen=12_345)) for state in CustomerState}
    with_amount = {state for state, each in shown.items() if each.amount}
    assert with_amount == {
        CustomerState.AMOUNT, CustomerState.QR, CustomerState.CONFIRM, CustomerState.WAIT, CustomerState.PAID,
    }  # fmt: skip
    assert shown[CustomerState.PAID] == Shown("PAID", "¥123.45", Lamp.RECEIVED)
    assert all(each.word.isascii() for each in shown.values())


def test_a_person_is_called_by_one_sound_and_a_refused_scan_told_by_another() -> None:
    heard = Heard()
    beside = Beside(heard, None, speaks=False)
    plain = examples()["find"]
    beside.shows(plain)
    beside.shows(replace(plain, rings=1))
    beside.shows(replace(plain, rings=1))
    banners = [shown for shown in examples().values() if shown.banner is not None]
    refused = next(shown for shown in banners if shown.banner and shown.banner.what.code.startswith("code."))
    beside.shows(replace(refused, rings=1))
    beside.shows(replace(refused, rings=1, version=9))
    assert heard.asked == ["attention", "error"]
