"""How a device is: one vocabulary for scanner, printer and display.

1. Pure: values only. Who looks at a device decides its state; this file decides how it is said.
2. A `Reason` is a stable string. Wording, logs and settings key on it, so a value is never renamed.
3. `detail` is for a log or a tooltip (a path, an operating-system message). It is never matched on, and
   never holds what a customer's code or receipt says.
4. Two healths are equal when what they say is: since when, and how often what happened, are told beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    """What is true of a device right now."""

    OFF = "off"  # nobody asked for this device: not configured, or its driver is stopped
    CONNECTING = "connecting"  # being opened for the first time, or settling after it was opened
    UP = "up"  # open and, as far as can be known, working
    DEGRADED = "degraded"  # working, but somebody should look soon
    DOWN = "down"  # not usable now; the driver keeps trying and it may come back by itself
    MISCONFIGURED = "misconfigured"  # not usable until a person changes a setting or a cable


class Reason(Enum):
    """Why a device is in its state; the key of the sentence that a person reads."""

    NONE = "none"
    NOT_CONFIGURED = "not_configured"  # the settings name no such device
    STOPPED = "stopped"  # the program stopped the driver

    # the way to the device
    NOT_FOUND = "not_found"  # no such port, queue or host: not plugged in
    DENIED = "denied"  # it is there, this user may not open it
    BUSY = "busy"  # another program holds it
    GONE = "gone"  # it was open and vanished: unplugged, connection lost
    MISCONFIG = "misconfig"  # what is there is not such a device (a plain file, another kind of port)
    UNREACHABLE = "unreachable"  # a network device that refuses or does not answer
    STALLED = "stalled"  # open, but it takes no more bytes

    # a scanner's talk
    WRONG_BAUD = "wrong_baud"  # mostly noise arrives: speed or parity differ
    SILENT = "silent"  # nothing was read for a long time; information only

    # a printer's talk
    PAPER_OUT = "paper_out"
    PAPER_LOW = "paper_low"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    CUTTER = "cutter"
    OVERHEATED = "overheated"
    DEVICE_FAULT = "device_fault"  # it reports an error that it cannot recover from by itself
    UNKNOWN_STATUS = "unknown_status"  # it does not say how it is, or says what cannot be understood

    INTERNAL = "internal"  # our own fault: an exception nobody expected; the driver goes on


@dataclass(frozen=True, slots=True)
class Health:
    """One device's state at one moment, as it is handed to whoever listens.

    `device` is the room's name (`scanner`, `printer`, `display`, `pole`, `sound`), `detail` a short text for the
    log. `since_s` is the driver's clock (monotonic seconds) when state and reason became what they are, and
    `counters` what happened since the driver was started, as (name, count) in the order to be shown.
    """

    device: str
    state: State
    reason: Reason = Reason.NONE
    detail: str = ""
    since_s: float = field(default=0.0, compare=False)
    counters: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    @property
    def usable(self) -> bool:
        """True when the device can be asked to work now (`UP` or `DEGRADED`)."""
        return self.state in (State.UP, State.DEGRADED)
