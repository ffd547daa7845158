"""The devices as the counter shows them: the pills of the header, the page *Devices*, and what is tried there.

Rules
1. How a device is, its driver says (``hardware.health``, one vocabulary); here that gets its words and nothing is
   decided about it.
2. Trying a device is nobody's payment: what is scanned on the page goes nowhere else, and a test page is no paper of
   an order.
3. What may be a payment code is shown masked; anything else short, so that a page never fills a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hardware.health import Health, Reason, State
from kiosk.core.bills import CustomerNumberError, customer_number
from kiosk.core.commands import TryDevice
from kiosk.core.order import Instant
from kiosk.core.payment_code import PaymentCodeError, looks_like_payment_code, mask_code, payment_code
from kiosk.core.sentence import Level, Page, Sentence
from kiosk.ports import Job, PrintResult
from kiosk.snapshot import DeviceRow, DevicesView, Pill, ScanTried

#: The devices of a counter in the order of the page; the gateway is no device.
DEVICES = ("scanner", "printer", "display", "pole", "sound")
#: Those whose pills stand in the header also where there are none.
ALWAYS_TOLD = ("scanner", "printer", "display")
#: Devices with something to press on the page. A scanner is tried by scanning.
PRESSED = ("printer", "pole", "sound")
#: How often the page looks at the counts again.
LOOK_S = 1.0
#: So much of a scanned text is shown.
SHOWN_LENGTH = 40

_LEVELS = {
    State.OFF: Level.OFF,
    State.CONNECTING: Level.BUSY,
    State.UP: Level.GOOD,
    State.DEGRADED: Level.WARN,
    State.DOWN: Level.BAD,
    State.MISCONFIGURED: Level.BAD,
}


class DevicesPort(Protocol):
    """The devices' drivers, all of which answer at once."""

    def healths(self) -> Iterable[Health]:
        """How every device is now, with its counts."""
        ...

    def try_out(self, device: str) -> None:
        """Begin to show or play something harmless on a device other than the printer."""
        ...

    def diagnostics(self) -> str:
        """The machine, the versions and the settings in words, without a secret."""
        ...


class NoDevices:
    """A counter without any (a command, a simulation)."""

    def healths(self) -> Iterable[Health]:
        """None."""
        return ()

    def try_out(self, device: str) -> None:
        """There is nothing to try."""

    def diagnostics(self) -> str:
        """Nothing to tell."""
        return ""


def level_of(health: Health) -> Level:
    """How much a device's health asks for attention."""
    return _LEVELS[health.state]


def pill_of(health: Health) -> Pill:
    """A device's health as the header shows it."""
    level = level_of(health)
    return Pill(health.device, level, Sentence.of(f"pill.{health.device}.{level}"), advice_of(health))


def advice_of(health: Health) -> Sentence | None:
    """What is wrong and what to do; None where nothing is."""
    is_well = level_of(health) in (Level.GOOD, Level.OFF)
    return None if is_well or health.reason is Reason.NONE else Sentence.of(f"health.{health.reason.value}")


@dataclass(slots=True)
class Devices:
    """What the engine keeps of its devices; on the engine's thread."""

    port: DevicesPort = field(default_factory=NoDevices)
    #: Where each is, as the settings name it.
    places: Mapping[str, str] = field(default_factory=dict)
    #: Whether a scanned text is an order's number of this counter.
    knows_order: Callable[[str], bool] = lambda text: False
    #: The job that prints a test page, and where it goes.
    test_page: Callable[[], Job] | None = None
    submit: Callable[[Job], None] = lambda job: None
    is_open: bool = False
    page: Page = Page.DEVICES
    _pills: dict[str, Pill] = field(default_factory=dict)
    _tried: dict[str, Sentence] = field(default_factory=dict)
    _scan: ScanTried | None = None
    _diagnostics: str = ""

    def __post_init__(self) -> None:
        for device in ALWAYS_TOLD if self.places else ():
            self.told(Health(device, State.OFF, Reason.NOT_CONFIGURED))

    # --- the header ------------------------------------------------------------------------------------------------

    def told(self, health: Health) -> None:
        """A device's health changed."""
        self._pills[health.device] = pill_of(health)

    def gateway(self, pill: Pill, *, first: bool = False) -> None:
        """How the gateway is; ``first``: unless something newer is known."""
        if not first or "gateway" not in self._pills:
            self._pills["gateway"] = pill

    def pills(self) -> tuple[Pill, ...]:
        """What the header shows."""
        return tuple(self._pills.values())

    # --- the page --------------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """Nothing of the last visit is left on it."""
        self.is_open = True
        self._tried, self._scan = {}, None
        self._diagnostics = self.port.diagnostics()

    def left(self) -> None:
        """Nothing is tried any more."""
        self.is_open = False

    def legal(self, at: Instant) -> Sequence[type]:
        """Whatever can be tried may be."""
        return (TryDevice,)

    def command(self, command: object, at: Instant) -> None:
        """Try a device."""
        if isinstance(command, TryDevice):
            self.press(command.device)

    def done(self, key: tuple[str, ...], result: object, at: Instant) -> bool:
        """What became of the test page."""
        if key == ("test_page",):
            self.printed(result)
            return True
        return False

    def due_s(self, at: Instant) -> float | None:
        """When the page has to be looked at again, for its counts."""
        return at.mono_s + LOOK_S

    def view(self) -> DevicesView | None:
        """The page as it is now; None while it is not open."""
        if not self.is_open:
            return None
        known = {health.device: health for health in self.port.healths()}
        rows = [self._row(known.get(device) or Health(device, State.OFF, Reason.NOT_CONFIGURED)) for device in DEVICES]
        return DevicesView(tuple(rows), self._scan, self._diagnostics)

    def _row(self, health: Health) -> DeviceRow:
        level, device = level_of(health), health.device
        return DeviceRow(
            device=device,
            level=level,
            word=Sentence.of(f"pill.{device}.{level}"),
            advice=advice_of(health) or Sentence.of(f"health.{device}.{level}"),
            place=self.places.get(device, ""),
            detail=health.detail,
            since_s=health.since_s if level is not Level.OFF else None,
            counters=tuple((Sentence.of(f"counter.{name}"), count) for name, count in health.counters if count),
            can_try=device in PRESSED and level is not Level.OFF,
            tried=self._tried.get(device),
        )

    def press(self, device: str) -> None:
        """Try a device, where the page is open and the device is one that can be tried."""
        if not self.is_open or device not in PRESSED:
            return
        if device == "printer":
            self._print()
        else:
            self._tried[device] = Sentence.of(f"devices.tried_{device}")
            self.port.try_out(device)

    def _print(self) -> None:
        told = self._tried.get("printer")
        if self.test_page is None or (told is not None and told.code == "devices.tried_now"):
            return
        self._tried["printer"] = Sentence.of("devices.tried_now")
        self.submit(self.test_page())

    def printed(self, result: object) -> None:
        """What became of the test page; what is no word of the printer's is an interrupted print."""
        told = result if isinstance(result, PrintResult) else PrintResult.INTERRUPTED
        self._tried["printer"] = Sentence.of(f"devices.tried_{told}")

    def scanned(self, text: str, at: Instant) -> None:
        """Something was scanned while the page was open: show what it is."""
        count = self._scan.count + 1 if self._scan is not None else 1
        self._scan = ScanTried(_shown(text), len(text), _meaning(text, self.knows_order), count, at.mono_s)


def _shown(text: str) -> str:
    """A scanned text as it may be shown."""
    if looks_like_payment_code(text) or _may_be_payment_code(text):
        return mask_code(text.strip())
    seen = "".join(character if character.isprintable() else "·" for character in text[:SHOWN_LENGTH])
    return seen + ("…" if len(text) > SHOWN_LENGTH else "")


def _may_be_payment_code(text: str) -> bool:
    try:
        payment_code(text)
    except PaymentCodeError:
        return False
    return True


def _meaning(text: str, knows_order: Callable[[str], bool]) -> Sentence:
    """What the counter would take a scanned text for."""
    if looks_like_payment_code(text):
        try:
            wallet = payment_code(text).wallet
        except PaymentCodeError:
            wallet = "unknown"
        return Sentence.of("devices.scan_is_payment_code", wallet=Sentence.of(f"wallet.{wallet}"))
    if knows_order(text.strip().upper()):
        return Sentence.of("devices.scan_is_order")
    try:
        customer_number(text)
    except CustomerNumberError:
        return Sentence.of("devices.scan_is_other")
    return Sentence.of("devices.scan_is_customer")
