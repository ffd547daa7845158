"""The devices as the counter shows them: words for each health, the page, and what is tried on it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.health import Health, Reason, State
from kiosk.app import Counter
from kiosk.core.commands import GoTo, LookUp, Scanned, TryDevice
from kiosk.core.order import Instant
from kiosk.core.sentence import Level, Page
from kiosk.diagnostics import diagnostics
from kiosk.pages.devices import DEVICES, PRESSED, Devices, pill_of
from kiosk.parts import HealthChanged
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.run import SandboxServer
from kiosk.settings import Settings
from kiosk.snapshot import Face
from kiosk.wording import LOCALES, Wording
from tests.engine.stand import Seen, to_pay

AT = Instant(10.0, 1_763_432_640_000)
CODE = "134567890123450000"


class Bench:
    """Devices whose health the test says."""

    def __init__(self, *healths: Health) -> None:
        self.known = list(healths)
        self.tried: list[str] = []

    def healths(self) -> Iterable[Health]:
        return self.known

    def try_out(self, device: str) -> None:
        self.tried.append(device)

    def diagnostics(self) -> str:
        return "all of it"


def _open(*healths: Health) -> tuple[Devices, Bench]:
    bench = Bench(*healths)
    devices = Devices(bench, {"scanner": "serial /dev/ttyS0"}, {"K1-1"}.__contains__)
    devices.opened()
    return devices, bench


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("device", DEVICES)
def test_every_state_and_reason_of_every_device_has_its_words(locale: str, device: str) -> None:
    wording = Wording(locale)
    for state in State:
        for reason in Reason:
            devices, _ = _open(Health(device, state, reason))
            view = devices.view()
            assert view is not None
            row = next(row for row in view.rows if row.device == device)
            pill = pill_of(Health(device, state, reason))
            for sentence in (row.word, row.advice, pill.word, *([pill.advice] if pill.advice else [])):
                assert wording.has(sentence.code), sentence.code


def test_a_device_without_a_driver_is_off_and_cannot_be_tried() -> None:
    view = _open()[0].view()
    assert view is not None
    assert {(row.level, row.can_try, row.since_s) for row in view.rows} == {(Level.OFF, False, None)}


def test_a_row_tells_since_when_and_how_often_what_happened() -> None:
    counters = (("frames", 7), ("noise", 0), ("duplicates", 2))
    view = _open(Health("scanner", State.UP, since_s=3.5, counters=counters))[0].view()
    assert view is not None
    row = view.rows[0]
    assert (row.since_s, row.place) == (3.5, "serial /dev/ttyS0")
    assert [(name.code, count) for name, count in row.counters] == [("counter.frames", 7), ("counter.duplicates", 2)]


# --- trying --------------------------------------------------------------------------------------------------------


def test_nothing_is_tried_while_the_page_is_shut() -> None:
    devices, bench = _open(Health("sound", State.UP))
    devices.left()
    devices.press("sound")
    assert (bench.tried, devices.view()) == ([], None)


def test_only_devices_that_can_be_tried_are() -> None:
    devices, bench = _open()
    for device in (*DEVICES, "gateway", ""):
        devices.press(device)
    assert bench.tried == [device for device in DEVICES if device in PRESSED and device != "printer"]


@pytest.mark.parametrize(
    ("text", "shown", "code"),
    [
        (CODE, "13************0000", "devices.scan_is_payment_code"),
        (CODE * 2, None, "devices.scan_is_payment_code"),
        ("9123456789012345678", "91*************5678", "devices.scan_is_customer"),
        ("0541203387", "0541203387", "devices.scan_is_customer"),
        ("k1-1", "k1-1", "devices.scan_is_order"),
        ("https://x/?a=1&b\x07", "https://x/?a=1&b·", "devices.scan_is_other"),
    ],
)
def test_what_is_scanned_on_the_page_is_told_and_never_a_code_in_full(text: str, shown: str | None, code: str) -> None:
    devices, _ = _open(Health("scanner", State.UP))
    devices.scanned(text, AT)
    view = devices.view()
    assert view is not None
    assert view.scan is not None
    assert (view.scan.meaning.code, view.scan.length, view.scan.count) == (code, len(text), 1)
    assert CODE not in view.scan.text
    assert shown is None or view.scan.text == shown


def test_a_page_that_is_opened_again_has_forgotten_the_last_visit() -> None:
    devices, _ = _open(Health("sound", State.UP))
    devices.scanned("123", AT)
    devices.press("sound")
    devices.opened()
    view = devices.view()
    assert view is not None
    assert view.scan is None
    assert all(row.tried is None for row in view.rows)


# --- through the engine --------------------------------------------------------------------------------------------


def test_a_scan_on_the_page_reaches_no_payment_and_no_look_up(counter: Counter, seen: Seen) -> None:
    counter.engine.send(LookUp("6100000103"))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    counter.engine.send(GoTo(Page.DEVICES))
    counter.engine.send(Scanned("6100000205"))
    now = seen.until(lambda now: now.devices is not None and now.devices.scan is not None)
    assert (now.face, now.account and now.account.customer_no) == (Face.ACCOUNT, "6100000103")
    counter.engine.send(GoTo(Page.COLLECT))
    now = seen.until(lambda now: now.page is Page.COLLECT)
    assert now.devices is None


def test_s21_a_scan_that_waited_too_long_is_told_and_not_taken(counter: Counter, seen: Seen) -> None:
    counter.engine.send(Scanned("6100000103", time.monotonic() - 6.0))
    now = seen.until(lambda now: now.banner is not None)
    assert now.banner is not None
    assert (now.banner.what.code, now.face) == ("code.scanned_late", Face.FIND)
    counter.engine.send(Scanned("6100000103", time.monotonic()))
    seen.until(lambda now: now.face is Face.ACCOUNT)


def test_s20_a_scan_while_a_payment_is_in_flight_is_told_and_never_kept(
    counter: Counter, seen: Seen, sandbox: SandboxServer
) -> None:
    to_pay(counter, seen, "6100000101")
    counter.engine.send(Scanned(sample_code("1005", 71)))  # the customer has to confirm: it takes a while
    seen.until(lambda now: now.pay is not None and now.pay.order_no != "")
    counter.engine.send(Scanned(sample_code("0000", 72)))
    now = seen.until(lambda now: now.banner is not None)
    assert now.banner is not None
    assert now.banner.what.code.startswith("code.")
    seen.until(lambda now: now.result is not None, 20.0)
    book = sandbox.ledger.as_json(sandbox.gateway.now_s())
    assert len(book["orders"]) == 1


def test_the_test_page_is_printed_and_its_result_told(counter: Counter, seen: Seen, settings: Settings) -> None:
    counter.engine.send(GoTo(Page.DEVICES))
    counter.engine.send(TryDevice("printer"))
    now = seen.until(
        lambda now: now.devices is not None
        and any(row.tried is not None and row.tried.code != "devices.tried_now" for row in now.devices.rows)
    )
    assert now.devices is not None
    row = next(row for row in now.devices.rows if row.device == "printer")
    assert row.tried is not None
    assert row.tried.code == "devices.tried_confirmed"
    data = Path(settings.printer.address).read_bytes()
    assert "打印测试页" in data.decode("gb18030", "replace")


def test_a_health_that_changes_is_on_the_pill_at_once(counter: Counter, seen: Seen) -> None:
    seen.until(lambda now: any(pill.device == "printer" and pill.level is Level.GOOD for pill in now.pills))
    counter.engine.post(HealthChanged(Health("printer", State.DOWN, Reason.PAPER_OUT)))
    now = seen.until(lambda now: any(pill.device == "printer" and pill.level is Level.BAD for pill in now.pills))
    pill = next(pill for pill in now.pills if pill.device == "printer")
    assert pill.advice is not None
    assert pill.advice.code == "health.paper_out"


def test_diagnostics_name_every_setting_once_and_mark_what_is_not_the_default(settings: Settings) -> None:
    text = diagnostics(settings, {"printer": "file x"})
    lines = text.splitlines()
    assert any(line.startswith("* counter.id = ") for line in lines)
    assert any(line.startswith("  payment.") for line in lines)
    assert len([line for line in lines if " printer.width = " in line]) == 1


def test_diagnostics_hold_no_key(settings: Settings) -> None:
    told = diagnostics(replace(settings, gateway=replace(settings.gateway, client_key="/etc/kiosk/secret.pem")), {})
    assert "secret.pem" not in told
    assert "gateway.client_key = (set)" in told
