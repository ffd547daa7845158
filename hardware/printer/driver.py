"""The printer as the application sees it: a document goes in, and what is known of it comes out.

1. `print` blocks, and has no thread of its own: the application calls it from a worker thread.
2. A trouble is a result, never an exception: a printer must not be able to hurt a payment.
3. Bytes taken are not paper printed: only the printer's own word after the job confirms it (`job`).
4. A job that may be on paper is not printed again under its id unless a person asks (`reprint=True`). The
   journal holds this across restarts; here it holds against a double call.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from hardware.health import Health, Reason, State
from hardware.printer.document import Document, DocumentError
from hardware.printer.encode import EncodedJob, encode_document
from hardware.printer.job import LEARNED_SETTLE_S, SETTLE_S, Conversation, Delivery, RefusedError, deliver
from hardware.printer.lines import SerialTransport, UsbTransport
from hardware.printer.profile import PrinterProfile, profile_for
from hardware.printer.raster import FontUnavailable, RowPainter
from hardware.printer.spooler import SpoolerTransport
from hardware.printer.status import PrinterStatus
from hardware.printer.transport import (
    FileTransport,
    Interrupted,
    Link,
    NotSent,
    SaysNoMore,
    TcpTransport,
    Transport,
    TransportError,
    parse_address,
)

_log = logging.getLogger(__name__)

BUSY_S, BUSY_GAP_S = 2.5, 0.4  # for a printer that takes one client at a time
REMEMBERED_JOBS = 10_000  # ids of one Printer; a busy counter prints some hundred a day
_NEEDS_A_PERSON = frozenset({Reason.MISCONFIG, Reason.DENIED})


@dataclass(frozen=True, slots=True)
class PrinterConfig:
    """`kind` is "network" (`address` host:port), "serial" (a port), "usb" (a device of the USB printer class),
    "spooler" (a queue of Windows), "file" (a path) or "none". `baud` and `flow` are a serial line's. `drawer`: open
    the drawer with each first print, where the profile has one."""

    kind: str
    address: str = ""
    width_mm: int = 58
    profile: str = ""
    font_path: Path | None = None
    baud: int = 9600
    flow: str = "none"
    drawer: bool = False


class Outcome(Enum):
    """What is known of a job's paper."""

    CONFIRMED = "confirmed"  # it is there
    SENT_UNCONFIRMED = "sent_unconfirmed"  # all of it was taken; nobody said that it was printed
    NOT_SENT = "not_sent"  # the paper is untouched; the job may be tried again
    INTERRUPTED = "interrupted"  # none, some or all of it may be on paper
    REFUSED = "refused"  # it was not tried, and trying again changes nothing


KINDS = ("network", "serial", "usb", "spooler", "file", "none")
#: What is counted, in the order to be shown.
COUNTERS = ("jobs", "confirmed", "unconfirmed", "not_sent", "interrupted", "refused")
_COUNTED = {
    Outcome.CONFIRMED: "confirmed",
    Outcome.SENT_UNCONFIRMED: "unconfirmed",
    Outcome.NOT_SENT: "not_sent",
    Outcome.INTERRUPTED: "interrupted",
    Outcome.REFUSED: "refused",
}
#: What the printer said that lets it print all the same.
_STATES = {
    Reason.NONE: State.UP,
    Reason.PAPER_LOW: State.DEGRADED,
    Reason.UNKNOWN_STATUS: State.DEGRADED,
    Reason.MISCONFIG: State.DEGRADED,
}


class Refusal(Enum):
    """Why a job was not tried, where the device is not the reason."""

    ALREADY_PRINTED = "already_printed"
    NOT_PRINTABLE = "not_printable"  # the document itself: too long, or of an unknown kind


@dataclass(frozen=True, slots=True)
class JobResult:
    """`sent` of `total` bytes were taken; `detail` is for the log."""

    outcome: Outcome
    sent: int = 0
    total: int = 0
    reason: Reason | Refusal = Reason.NONE
    detail: str = ""

    @property
    def may_be_on_paper(self) -> bool:
        """True where a second print has to carry the reprint mark."""
        return self.outcome in (Outcome.CONFIRMED, Outcome.SENT_UNCONFIRMED, Outcome.INTERRUPTED)


class Printer:
    """One printer. Raises ValueError when made from settings that cannot be right.

    `on_health` is called with the printer's health whenever that changes, on the thread that found out.
    """

    def __init__(self, config: PrinterConfig, on_health: Callable[[Health], None] | None = None) -> None:
        self._profile = profile_for(config.profile, config.width_mm)
        self._transport = _transport(config, self._profile)
        self._drawer = self._profile.drawer if config.drawer else b""
        self._painter = RowPainter(config.font_path) if config.font_path else None
        self._on_health = on_health
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._printed: OrderedDict[str, None] = OrderedDict()
        off = self._transport is None
        self._counts = dict.fromkeys(COUNTERS, 0)
        self._settle_s = SETTLE_S
        self._has_answered = False
        self._health = _health(
            State.OFF if off else State.CONNECTING, Reason.NOT_CONFIGURED if off else Reason.NONE
        )

    @property
    def health(self) -> Health:
        """The printer's health as of the last job or `probe`, with what became of the jobs so far."""
        return replace(self._health, counters=tuple(self._counts.items()))

    @property
    def tells_its_state(self) -> bool:
        """Whether it makes sense to look at it while nothing is printed."""
        speaks = isinstance(self._transport, TcpTransport | SerialTransport | UsbTransport)
        return speaks and self._profile.status != "none"

    def print(self, job_id: str, document: Document, *, reprint: bool = False) -> JobResult:
        """Print `document` and say what became of it. Never raises.

        `job_id` names the paper: the order's number and which copy it is.
        """
        with self._lock:
            self._cancelled.clear()
            if self._transport is None:
                return JobResult(Outcome.REFUSED, reason=Reason.NOT_CONFIGURED)
            if job_id in self._printed and not reprint:
                return JobResult(Outcome.REFUSED, reason=Refusal.ALREADY_PRINTED)
            job = self._encoded(document)
            if isinstance(job, EncodedJob) and not reprint:
                job = replace(job, data=self._drawer + job.data)  # before the paper, which may end
            result = job if isinstance(job, JobResult) else self._sent(self._transport, job)
            self._counts["jobs"] += 1
            self._counts[_COUNTED[result.outcome]] += 1
            if result.may_be_on_paper:
                self._remember(job_id)
            return result

    def cancel(self) -> None:
        """Stop the job that is being sent, if one is; it ends within a fraction of a second."""
        self._cancelled.set()

    def probe(self) -> Health:
        """See whether the printer can be reached and how it says it is, printing nothing; its health."""
        with self._lock:
            self._cancelled.clear()
            if self._transport is not None:
                try:
                    status = self._asked(self._transport)
                except TransportError as error:
                    self._failed(error)
                else:
                    if not self._cancelled.is_set():
                        self._told(status)
            return self.health

    def _asked(self, transport: Transport) -> PrinterStatus | None:
        """How it says it is, on a connection of its own. Raises `TransportError`."""
        link = transport.open()
        try:
            asks = self._profile.status != "none" and link.hears
            return Conversation(link).status(self._cancelled) if asks else None
        except SaysNoMore:
            return None
        finally:
            link.close()

    def _encoded(self, document: Document) -> EncodedJob | JobResult:
        draw = self._painter
        try:
            try:
                return encode_document(
                    document, self._profile, (lambda row: draw.bitmap(row, self._profile)) if draw else None
                )
            except FontUnavailable as error:
                _log.warning("printer: no font to draw with: %s", error)
                return encode_document(document, self._profile, None)
        except DocumentError as error:
            return JobResult(Outcome.REFUSED, reason=Refusal.NOT_PRINTABLE, detail=str(error))
        except ValueError as error:
            self._set(_health(State.MISCONFIGURED, Reason.MISCONFIG, str(error)))
            return JobResult(Outcome.REFUSED, reason=Reason.MISCONFIG, detail=str(error))
        except Exception as error:  # rule 2: strangers' text goes through a drawing library here
            _log.exception("printer: the document could not be encoded")
            return JobResult(Outcome.REFUSED, reason=Reason.INTERNAL, detail=repr(error))

    def _sent(self, transport: Transport, job: EncodedJob) -> JobResult:
        total = len(job.data)
        try:
            delivery = self._delivered(transport, job.data)
        except RefusedError as error:
            self._told(error.status)
            return JobResult(Outcome.REFUSED, 0, total, error.status.reason, "by its own word")
        except NotSent as error:
            self._failed(error)
            return JobResult(Outcome.NOT_SENT, 0, total, error.reason, error.detail)
        except Interrupted as error:
            self._interrupted(transport, error)
            return JobResult(Outcome.INTERRUPTED, error.sent, total, error.reason, error.detail)
        if delivery.confirmed or not delivery.ends_are_told:
            self._settle_s = SETTLE_S if delivery.confirmed else LEARNED_SETTLE_S
        self._told(delivery.status, lacks_font=job.substituted)
        return JobResult(Outcome.CONFIRMED if delivery.confirmed else Outcome.SENT_UNCONFIRMED, total, total)

    def _delivered(self, transport: Transport, data: bytes) -> Delivery:
        if self._cancelled.is_set():
            raise NotSent(Reason.STOPPED, "cancelled before the first byte")
        asks = self._profile.status != "none"
        link = self._opened(transport)
        try:
            return deliver(link, data, asks=asks, cancelled=self._cancelled, settle_s=self._settle_s)
        except TransportError:
            link.abort()
            raise
        finally:
            link.close()

    def _opened(self, transport: Transport) -> Link:
        """A link. A printer that was well a moment ago and takes no connection has another client: it is tried again
        for a short while. Raises `NotSent`."""
        was_well, until_s = self._health.usable, time.monotonic() + BUSY_S
        while True:
            try:
                return transport.open()
            except NotSent as error:
                passes = was_well and error.reason in (Reason.UNREACHABLE, Reason.BUSY)
                if not passes or time.monotonic() >= until_s or self._cancelled.wait(BUSY_GAP_S):
                    raise

    def _interrupted(self, transport: Transport, error: Interrupted) -> None:
        """A job broke off. A printer that tells its state is asked why: a stall is only how it looks from here."""
        self._failed(error)
        if error.reason in (Reason.STALLED, Reason.GONE) and self._profile.status != "none":
            try:
                status = self._asked(transport)
            except TransportError as second:
                _log.info("printer: and it cannot be asked why: %s", second)
            else:
                if status is not None and not status.can_print:
                    self._told(status)

    def _told(self, status: PrinterStatus | None, *, lacks_font: bool = False) -> None:
        """What the printer said of itself, or that it says nothing."""
        reason, detail = Reason.NONE, ""
        if status is not None:
            self._has_answered, reason = True, status.reason
        elif self._has_answered and self._profile.status != "none":
            reason, detail = Reason.UNKNOWN_STATUS, "it used to answer"
        if reason is Reason.NONE and lacks_font:
            reason, detail = Reason.MISCONFIG, "no font: rare characters print as 〓"
        self._set(_health(_STATES.get(reason, State.DOWN), reason, detail))

    def _failed(self, error: TransportError) -> None:
        if error.reason is Reason.STOPPED:
            return  # we stopped it; that says nothing about the printer
        state = State.MISCONFIGURED if error.reason in _NEEDS_A_PERSON else State.DOWN
        self._set(_health(state, error.reason, error.detail))

    def _set(self, health: Health) -> None:
        if health == self._health:
            return
        health = replace(health, since_s=time.monotonic())
        self._health = health
        _log.info("printer %s (%s) %s", health.state.value, health.reason.value, health.detail)
        if self._on_health is not None:
            self._on_health(health)

    def _remember(self, job_id: str) -> None:
        self._printed[job_id] = None
        while len(self._printed) > REMEMBERED_JOBS:
            self._printed.popitem(last=False)


def _health(state: State, reason: Reason = Reason.NONE, detail: str = "") -> Health:
    return Health("printer", state, reason, detail)


def _transport(config: PrinterConfig, profile: PrinterProfile) -> Transport | None:
    if config.kind == "none":
        return None
    if not config.address and config.kind != "usb":
        raise ValueError(f"printer of kind {config.kind!r} needs an address")
    if config.kind == "file":
        return FileTransport(Path(config.address))
    if config.kind == "network":
        host, port = parse_address(config.address)
        return TcpTransport(host, port, chunk_bytes=profile.chunk_bytes, pause_s=profile.pause_s)
    if config.kind == "serial":
        return SerialTransport(config.address, baud=config.baud, flow=config.flow, pause_s=profile.pause_s)
    if config.kind == "usb":
        return UsbTransport(config.address, pause_s=profile.pause_s)
    if config.kind == "spooler":
        return SpoolerTransport(config.address)
    raise ValueError(f"printer kind {config.kind!r} is not one of {', '.join(KINDS)}")
