"""What a printer says of itself: bytes told apart by their fixed bits, and what they mean. Pure.

1. One parser for everything that may arrive mixed: answers to DLE EOT, ASB packets, answers to GS r, XON and
   XOFF. Each byte belongs to one class or is junk; how the bytes were cut into reads changes nothing.
2. A byte that is not of the class that was asked for is no answer. Silence and junk are UNKNOWN, never OK.
3. An answer that is all well may still be a lie (clones answer 12 to everything): that a job was printed is
   believed only where GS r was answered too, which is another class.

Facts (Epson's reference, pages dle_eot, gs_la, gs_lr): DLE EOT answers 0xx1xx10; an ASB packet is four bytes, the
first 0xx1xx00, the others 0xx0xxxx; GS r 1 answers 0xx0xxxx (its low bits are the near end, 03, and the end, 0C);
XON is 11, XOFF 13. So bit 4 tells a GS r answer from all that may come first but an ASB packet's tail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hardware.health import Reason

XON, XOFF = 0x11, 0x13
ASB_BYTES = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """To DLE EOT: which question it answers, only the one who asked knows."""

    byte: int


@dataclass(frozen=True, slots=True)
class Sensor:
    """To GS r: everything before it was worked off."""

    byte: int


@dataclass(frozen=True, slots=True)
class Asb:
    """An automatic status packet, sent when something changed."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Flow:
    """XON (`goes` True) or XOFF."""

    goes: bool


@dataclass(frozen=True, slots=True)
class Junk:
    """A byte that no printer says by these rules."""

    byte: int


Event: TypeAlias = Answer | Sensor | Asb | Flow | Junk


def is_answer(byte: int) -> bool:
    """Whether a byte has the form of an answer to DLE EOT."""
    return byte & 0x93 == 0x12


def is_asb_head(byte: int) -> bool:
    """Whether a byte can begin an ASB packet."""
    return byte & 0x93 == 0x10


def is_asb_tail(byte: int) -> bool:
    """Whether a byte can stand in an ASB packet after the first."""
    return byte & 0x90 == 0


def is_sensor(byte: int) -> bool:
    """Whether a byte has the form of an answer to GS r."""
    return byte & 0x90 == 0


class StatusParser:
    """Bytes in, events out. Keeps at most the beginning of one ASB packet."""

    def __init__(self) -> None:
        self._packet = bytearray()

    def feed(self, data: bytes) -> list[Event]:
        """The events that end in these bytes."""
        events: list[Event] = []
        for byte in data:
            events += self._one(byte)
        return events

    def _one(self, byte: int) -> list[Event]:
        if byte in (XON, XOFF):
            return [Flow(byte == XON)]
        if is_answer(byte):  # may stand inside a packet: it is told apart by its bit 4
            return [Answer(byte)]
        if self._packet:
            if is_asb_tail(byte):
                return self._in_packet(byte)
            cut = [Junk(each) for each in self._packet]
            self._packet.clear()
            return [*cut, *self._one(byte)]
        if is_asb_head(byte):
            self._packet.append(byte)
            return []
        return [Sensor(byte)] if is_sensor(byte) else [Junk(byte)]

    def _in_packet(self, byte: int) -> list[Event]:
        self._packet.append(byte)
        if len(self._packet) < ASB_BYTES:
            return []
        packet = bytes(self._packet)
        self._packet.clear()
        return [Asb(packet)]


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """How a printer is, as far as valid answers said."""

    is_offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_low: bool = False
    cutter_stuck: bool = False
    overheated: bool = False
    has_fault: bool = False

    @property
    def reason(self) -> Reason:
        """The one thing a person has to know first; NONE where all is well."""
        found = (
            (self.paper_out, Reason.PAPER_OUT),
            (self.cover_open, Reason.COVER_OPEN),
            (self.cutter_stuck, Reason.CUTTER),
            (self.overheated, Reason.OVERHEATED),
            (self.has_fault, Reason.DEVICE_FAULT),
            (self.is_offline, Reason.OFFLINE),
            (self.paper_low, Reason.PAPER_LOW),
        )
        return next((reason for holds, reason in found if holds), Reason.NONE)

    @property
    def can_print(self) -> bool:
        """Whether a job may be sent."""
        return self.reason in (Reason.NONE, Reason.PAPER_LOW)


def of_answers(answers: dict[int, int]) -> PrinterStatus:
    """What the valid answers to DLE EOT 1 to 4 say together; a question without an answer says nothing."""
    first, second, third, fourth = (answers.get(question, 0) for question in (1, 2, 3, 4))
    return PrinterStatus(
        is_offline=bool(first & 0x08),
        cover_open=bool(second & 0x04),
        paper_out=bool(second & 0x20) or bool(fourth & 0x60),
        paper_low=bool(fourth & 0x0C),
        cutter_stuck=bool(third & 0x08),
        overheated=bool(third & 0x40),
        has_fault=bool(third & 0x24) or (bool(second & 0x40) and not third),
    )


def of_asb(packet: bytes) -> PrinterStatus:
    """What an ASB packet says."""
    first, second, third, _ = packet
    return PrinterStatus(
        is_offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        paper_out=bool(third & 0x0C),
        paper_low=bool(third & 0x03),
        cutter_stuck=bool(second & 0x08),
        overheated=bool(second & 0x40),
        has_fault=bool(second & 0x24),
    )
