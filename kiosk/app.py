"""The composition root: the one file that knows every part. It wires and decides nothing.

A :class:`Counter` is everything a process needs that may pay: the journal's lock, the engine on its thread, the lanes,
the gateway, the devices. Windows and commands hang themselves onto it by ``publish`` and ``send``.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hardware.health import Health, Reason, State
from hardware.printer.driver import KINDS, JobResult, Outcome, Printer
from hardware.scanner.driver import ScannerDriver
from kiosk.beside import Beside
from kiosk.core.commands import Scanned
from kiosk.core.hours import ClosedHours
from kiosk.core.machine import Machine
from kiosk.core.order import DRAWN_LENGTH, Instant, Order
from kiosk.core.receipt import Letterhead, ReceiptLine
from kiosk.drivers import Drivers, PrinterWatch, make_pole, make_printer, make_scanner, make_sound
from kiosk.engine import Engine
from kiosk.errors import DeviceKindError, MachineError, of_journal
from kiosk.gateway.client import Gateway
from kiosk.gateway.profile import GatewayConfigurationError
from kiosk.journal import Journal
from kiosk.journal.errors import JournalOpenError
from kiosk.lanes import Lanes
from kiosk.logs import close_log, open_log
from kiosk.parts import HealthChanged, Parts
from kiosk.ports import Job, Lane, PrintResult
from kiosk.rights import keep_private, private_directory
from kiosk.settings import Settings
from kiosk.snapshot import CounterView, Snapshot
from kiosk.stop_at import StopAt, stop_at
from kiosk.wording import Wording

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: What this build can drive; the settings' other kinds are refused by name.
SCANNER_KINDS = ("serial", "evdev", "keyboard", "none")
PRINTER_KINDS = KINDS

_PRINT_RESULTS = {
    Outcome.CONFIRMED: PrintResult.CONFIRMED,
    Outcome.SENT_UNCONFIRMED: PrintResult.SENT_UNCONFIRMED,
    Outcome.NOT_SENT: PrintResult.NOT_SENT,
    Outcome.INTERRUPTED: PrintResult.INTERRUPTED,
    Outcome.REFUSED: PrintResult.REFUSED,
}


class SystemClock:
    """Both clocks of this machine."""

    def now(self) -> Instant:
        """The present moment."""
        return Instant(time.monotonic(), time.time_ns() // 1_000_000)


class _PrinterOnItsLane:
    """The driver's results in the engine's words."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    def print(self, job_id: str, document: Sequence[ReceiptLine]) -> PrintResult:
        """Print on the lane's thread; a copy's number is part of the job's id, so none is taken for another."""
        result: JobResult = self._printer.print(job_id, document)
        return _PRINT_RESULTS[result.outcome]


@dataclass(slots=True)
class Counter:
    """One counter at work; :meth:`close` ends it in order."""

    engine: Engine
    journal: Journal
    lanes: Lanes
    gateways: dict[Lane, Gateway]
    wording: Wording
    log: logging.Handler
    drivers: Drivers
    scanner: ScannerDriver | None = None
    printer: Printer | None = None
    printer_watch: PrinterWatch | None = None
    _closed: bool = field(default=False, repr=False)

    def start(self) -> None:
        """Open the devices, take up what is unfinished, begin to listen."""
        self.engine.start()
        self.lanes.submit(Job(Lane.BACKGROUND, ("reach",), self.gateways[Lane.BACKGROUND].open_connection))
        if self.printer is not None:
            self.printer_watch = PrinterWatch(self.printer, self.lanes.submit)
            self.printer_watch.start()
        if self.scanner is not None:
            self.scanner.start()
        self.drivers.start_beside()

    def display_is(self, shown: bool, why: str = "none", words: str = "") -> None:
        """How the customer's window is: on a screen, or why not; that there is no second screen is no error."""
        reason = Reason(why)
        off = reason is Reason.NOT_CONFIGURED
        bad = State.MISCONFIGURED if reason is Reason.MISCONFIG else State.DOWN
        state = State.UP if shown else State.OFF if off else bad
        self.told(Health("display", state, reason, words, since_s=time.monotonic()))

    def told(self, health: Health) -> None:
        """A device's health changed (any thread)."""
        if health.device == "display":
            self.drivers.display = health
        self.engine.post(HealthChanged(health))

    def close(self) -> None:
        """Stop the devices, the engine, the lanes, the connections, and the journal, in this order."""
        if self._closed:
            return
        self._closed = True
        if self.scanner is not None:
            self.scanner.stop()
        self.drivers.stop_beside()
        if self.printer_watch is not None:
            self.printer_watch.stop()
        if self.printer is not None:
            self.printer.cancel()
        self.engine.stop()
        self.lanes.stop()
        for gateway in self.gateways.values():
            gateway.close()
        self.journal.close()
        close_log(self.log)


def open_counter(
    settings: Settings, publish: Callable[[Snapshot], None], *, wording: Wording | None = None, scans: bool = True
) -> Counter:
    """Everything a counter needs, wired and not yet started.

    ``scans`` False leaves the scanner alone (a command that reads the code from standard input). Raises
    :class:`kiosk.errors.KioskError` where the settings, the data directory or the journal's lock forbid it.
    """
    _require_kinds(settings)
    wording = wording or Wording(settings.counter.locale)
    gateways = _gateways(settings)
    _require_sandbox_for_training(settings, gateways[Lane.PAYMENT])
    keep_private()
    log = open_log(private_directory(settings.data_directory))
    try:
        stop = stop_at(os.environ, gateway_is_here=gateways[Lane.PAYMENT].is_on_this_machine)
        journal = open_journal(settings)
    except BaseException:
        close_log(log)
        raise

    def told(health: Health) -> None:
        engine.post(HealthChanged(health))

    drivers = Drivers(settings)
    drivers.pole, drivers.sound = make_pole(settings, told), make_sound(settings, told)
    beside = Beside(drivers.sound, drivers.pole, speaks=settings.sound.speak_amount)

    def shown(snapshot: Snapshot) -> None:
        beside.shows(snapshot)
        publish(snapshot)

    drivers.printer = printer = make_printer(settings, told)
    parts = replace(_parts(settings, journal, gateways, drivers, wording, shown), paid=beside.paid)
    engine = Engine(parts if stop is None else _stopping(parts, stop))
    lanes = Lanes(engine.post)
    engine.attach(lanes)
    counter = Counter(engine, journal, lanes, gateways, wording, log, drivers, printer=printer)
    if settings.scanner.kind == "keyboard":  # the windows read it; without windows nobody does
        told(Health("scanner", State.UP, detail="keyboard"))
    if scans and settings.scanner.kind in ("serial", "evdev"):
        drivers.scanner = counter.scanner = make_scanner(
            settings, lambda scan: engine.send(Scanned(scan.text, scan.at_s)), told
        )
    return counter


def open_journal(settings: Settings) -> Journal:
    """The journal, held for writing; a broken one is put aside and built anew from its text copy. Raises
    :class:`kiosk.errors.KioskError`."""
    policy = settings.payment
    try:
        return Journal.open(
            settings.data_directory, code_memory_s=policy.code_memory_s, watch_s=policy.unseen_watch_s,
            recover_at=SystemClock().now(),
        )
    except JournalOpenError as error:
        raise of_journal(error) from error


def notice_body(settings: Settings, order: Order) -> bytes:
    """The bytes of a paid order's notice, for a command that sends nothing."""
    return _gateways(settings)[Lane.PAYMENT].notice_body(order)


def _require_kinds(settings: Settings) -> None:
    for device, kind, known in (
        ("scanner", settings.scanner.kind, SCANNER_KINDS),
        ("printer", settings.printer.kind, PRINTER_KINDS),
    ):
        if kind not in known:
            raise DeviceKindError(device, kind, known)


def _parts(
    settings: Settings,
    journal: Journal,
    gateways: dict[Lane, Gateway],
    drivers: Drivers,
    wording: Wording,
    publish: Callable[[Snapshot], None],
) -> Parts:
    counter = settings.counter
    return Parts(
        machine=Machine(settings.payment, settings.traits),
        policy=settings.payment,
        customer_pattern=settings.scanner.customer_pattern,
        closed_hours=ClosedHours(counter.closed_hours),
        journal=journal,
        gateways=gateways,
        printer=_PrinterOnItsLane(drivers.printer) if drivers.printer is not None else None,
        devices=drivers,
        places=drivers.places(),
        clock=SystemClock(),
        counter=CounterView(
            counter.id, counter.branch, counter.cashier, settings.ui.training, _is_unprotected(gateways[Lane.PAYMENT])
        ),
        letterhead=Letterhead(
            branch=counter.branch,
            counter_id=counter.id,
            cashier=counter.cashier,
            note=settings.receipt.note,
            service_line=settings.receipt.service_line,
            training=settings.ui.training,
        ),
        say=wording.say,
        drawn="".join(secrets.choice(_LETTERS) for _ in range(DRAWN_LENGTH)),
        publish=publish,
    )


def _stopping(parts: Parts, stop: StopAt) -> Parts:
    """The same parts with the points of a test in them (``kiosk.stop_at``)."""
    return replace(
        parts,
        journal=stop.journal(parts.journal),
        gateways={lane: stop.gateway(gateway) for lane, gateway in parts.gateways.items()},
        printer=stop.printer(parts.printer) if parts.printer is not None else None,
    )


def _is_unprotected(gateway: Gateway) -> bool:
    """Plain http to another machine, allowed in so many words: the screens carry a red banner."""
    return gateway.is_plain_http and not gateway.is_on_this_machine


def _gateways(settings: Settings) -> dict[Lane, Gateway]:
    """A client a lane, each with its own kept connection; the printer's lane has none."""
    try:
        first = Gateway(settings.gateway, settings.profile, settings.payment)
    except GatewayConfigurationError as error:
        raise MachineError("error.gateway_settings", key=error.key, detail=error.reason) from error
    return {Lane.PAYMENT: first, Lane.BESIDE: first.another_lane(), Lane.BACKGROUND: first.another_lane()}


def _require_sandbox_for_training(settings: Settings, gateway: Gateway) -> None:
    """Training never reaches a real gateway: only one on this machine will do."""
    if settings.ui.training and not gateway.is_on_this_machine:
        raise MachineError("error.training_gateway", url=settings.gateway.url)
