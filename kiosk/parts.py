"""What an engine is made of, and what may be put into its inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hardware.health import Health
from kiosk.core.commands import Command
from kiosk.core.hours import ClosedHours
from kiosk.core.machine import Machine
from kiosk.core.order import Order
from kiosk.core.policy import PaymentPolicy
from kiosk.core.receipt import Letterhead, Say
from kiosk.lanes import Done
from kiosk.pages.devices import DevicesPort, NoDevices
from kiosk.ports import Clock, GatewayPort, JournalPort, Lane, PrinterPort
from kiosk.snapshot import CounterView, Snapshot


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """A device's health changed."""

    health: Health


@dataclass(frozen=True, slots=True)
class Stop:
    """The last message."""


Inbound = Command | Done | HealthChanged | Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an engine is made of; app.py chooses."""

    machine: Machine
    policy: PaymentPolicy
    #: A regular expression with one group: the customer number inside a paper bill's barcode; empty: all of it.
    customer_pattern: str = ""
    closed_hours: ClosedHours = field(default_factory=ClosedHours)
    journal: JournalPort
    gateways: Mapping[Lane, GatewayPort]
    printer: PrinterPort | None
    clock: Clock
    counter: CounterView
    letterhead: Letterhead
    say: Say
    #: Ten characters of ``[0-9A-Z]``, drawn at this start.
    drawn: str
    publish: Callable[[Snapshot], None]
    #: Told of an order whose payment was confirmed and is in the journal, while its customer stands at the counter.
    paid: Callable[[Order], None] = lambda order: None
    devices: DevicesPort = field(default_factory=NoDevices)
    #: Where each device is, as the settings name it; without any entry the counter has no devices to tell of.
    places: Mapping[str, str] = field(default_factory=dict)
    #: Wrong PINs before they begin to lock (``[security] pin_tries``).
    pin_tries: int = 5
