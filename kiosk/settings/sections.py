"""The table of settings: each once, with its name, type, default and one sentence (design.md part 5).

Rules
1. ``[payment]`` and the halves of ``[gateway.profile]`` and ``[gateway]`` stand where they are used, in
   ``kiosk.core.policy`` and ``kiosk.gateway.profile``; all else is here.
2. Plain values only. Which kinds of devices this build can drive is decided where they are wired.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from kiosk.core.policy import GatewayTraits, PaymentPolicy, setting
from kiosk.gateway.profile import Endpoint, WireProfile

LOCALES = ("zh_CN", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSettings:
    """``[counter]``: who this counter is."""

    id: str = setting("", "The counter's own mark, unique in the institution; every order number begins with it.")
    branch: str = setting("", "The branch's name, on screens and receipts.")
    locale: str = setting("zh_CN", "The language of screens and messages.", LOCALES)
    cashier: str = setting("", "The cashier's name or number on receipts, until there is sign-in.")
    closed_hours: tuple[str, ...] = setting((), 'Spans of the day in which no payment is begun, such as "22:00-06:00".')


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSettings:
    """``[scanner]``: the barcode scanner."""

    kind: str = setting("none", "How the scanner is connected.", ("serial", "keyboard", "evdev", "none"))
    port: str = setting(
        "",
        "The scanner's port: a device, a COM name, a pattern, usb:VID:PID(:SERIAL), socket://host:port; for evdev its"
        " link under /dev/input/by-id.",
    )
    baud: int = setting(9600, "The speed of a serial line in bits per second.")
    suffix: str = setting("auto", "What ends each code.", ("auto", "cr", "lf", "crlf", "tab", "none"))
    protocol: str = setting("raw", "What the scanner talks on its port.", ("raw", "ssi"))
    identifier: str = setting("none", "What it sends before each code to say its kind.", ("none", "aim", "code_id"))
    prefix: str = setting("", "A text that it was set up to send before each code.")
    brand: str = setting("", "Whose answers are to be known as none.", ("", "honeywell", "newland"))
    customer_pattern: str = setting(
        "", "A regular expression whose one group is the customer number inside a paper bill's barcode."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterSettings:
    """``[printer]``: the receipt printer."""

    kind: str = setting(
        "none", "How the printer is connected.", ("usb", "serial", "network", "spooler", "file", "none")
    )
    address: str = setting("", "Where it is: host:port, a device, a print queue, or a file.")
    width: int = setting(58, "The paper's width in millimetres: 58 or 80.")
    profile: str = setting("", "What the printer can do, by name; empty: the plain one for the paper.")
    baud: int = setting(9600, "The speed of a serial printer in bits per second, as its switches say.")
    flow: str = setting(
        "none", "How a serial printer says that it must be waited for.", ("none", "rtscts", "xonxoff", "dsr")
    )
    drawer: bool = setting(False, "Open the cash drawer with each first print, where the profile has one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplaySettings:
    """``[display]``: the customer's window."""

    screen: str = setting(
        "", "The customer's screen, as the page Devices names it; empty: the one that the cashier's window is not on."
    )
    pole: str = setting("none", "The display on a pole beside the counter.", ("none", "cd5220", "led8"))
    pole_port: str = setting("", "The pole display's port, named as a scanner's is.")
    pole_baud: int = setting(0, "The speed of its line in bits per second; 0: as its kind has it (9600, LED8 2400).")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """``[sound]``: what is heard at the counter."""

    enabled: bool = setting(True, "Play a sound when a payment is confirmed, refused, or a person must look.")
    speak_amount: bool = setting(False, "Read the amount aloud when its payment is confirmed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSettings:
    """``[data]``: what must not be lost."""

    directory: str = setting("", "Where journal and logs lie; empty: the platform's place.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """``[security]``: locks."""

    lock_after_s: float = setting(300.0, "After how long without a touch the counter locks.")
    pin_tries: int = setting(5, "After how many wrong PINs the lock-out begins to grow.")


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSettings:
    """``[ui]``: looks."""

    theme: str = setting("light", "The colours.", ("light", "dark", "contrast"))
    training: bool = setting(False, "Training: marked everywhere, never with a real gateway.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSettings:
    """``[receipt]``: what a site prints beside the payment."""

    note: str = setting("本凭条不作报销凭证", "A line at the receipt's foot; empty: none.")
    service_line: str = setting("服务热线 95598", "The service line at the receipt's foot; empty: none.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one counter. ``file`` is where they were read, empty where they came from elsewhere."""

    counter: CounterSettings
    gateway: Endpoint
    traits: GatewayTraits = field(default_factory=GatewayTraits)
    profile: WireProfile = field(default_factory=WireProfile)
    payment: PaymentPolicy = field(default_factory=PaymentPolicy)
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    printer: PrinterSettings = field(default_factory=PrinterSettings)
    display: DisplaySettings = field(default_factory=DisplaySettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    data: DataSettings = field(default_factory=DataSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    ui: UiSettings = field(default_factory=UiSettings)
    receipt: ReceiptSettings = field(default_factory=ReceiptSettings)
    file: str = ""

    @property
    def data_directory(self) -> Path:
        """Where journal and logs lie. Not made here: see ``kiosk.rights.private_directory``."""
        return Path(self.data.directory) if self.data.directory else platform_data_directory()

    def with_data_directory(self, directory: Path) -> Settings:
        """The same settings with their data elsewhere (the demo's, a test's)."""
        return replace(self, data=DataSettings(directory=str(directory)))


def platform_data_directory() -> Path:
    """The platform's place for this user's data."""
    import platformdirs  # 10 ms that a start with [data] directory does without

    return platformdirs.user_data_path("kiosk", appauthor=False)


#: Each table of the file and the classes that its keys fill, by their names in :class:`Settings`.
TABLES: dict[str, dict[str, type]] = {
    "counter": {"counter": CounterSettings},
    "gateway": {"gateway": Endpoint},
    "gateway.profile": {"traits": GatewayTraits, "profile": WireProfile},
    "payment": {"payment": PaymentPolicy},
    "scanner": {"scanner": ScannerSettings},
    "printer": {"printer": PrinterSettings},
    "display": {"display": DisplaySettings},
    "sound": {"sound": SoundSettings},
    "data": {"data": DataSettings},
    "security": {"security": SecuritySettings},
    "ui": {"ui": UiSettings},
    "receipt": {"receipt": ReceiptSettings},
}
#: What has no default that could be right anywhere.
REQUIRED = ("counter.id", "gateway.url", "gateway.acq_code")
