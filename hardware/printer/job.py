"""One job's conversation with a printer: how it is, the job, and whether it came out.

1. Before a job the printer is asked how it is; one that says that it cannot print is sent nothing. One that does
   not answer is printed to all the same, and then nothing can be confirmed.
2. After a job `GS r` is asked, which a printer answers when everything before it was worked off. Only that answer,
   and a printer that is well after it, is a confirmation.
3. A printer that spoke and falls silent, restarts, or runs out of paper has interrupted the job: what is on the
   paper nobody knows.
4. Every wait has a limit. The questions travel behind the job's bytes, so that a printer which still takes bytes is
   not called silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.health import Reason
from hardware.printer.status import Answer, Asb, Event, Flow, PrinterStatus, Sensor, StatusParser, of_answers, of_asb
from hardware.printer.transport import Interrupted, Link, NotSent, SaysNoMore, TransportError

ANSWER_S = 0.5  # for one answer
SETTLE_S = 6.0  # for the end of a job, since the last sign of life
LEARNED_SETTLE_S = 1.0  # of a printer that never yet told the end of a job
_LOOK_S = 0.1
_QUESTIONS = (1, 2, 4)


class RefusedError(Exception):
    """The printer says that it cannot print, and why; nothing was sent."""

    def __init__(self, status: PrinterStatus) -> None:
        super().__init__(status.reason.value)
        self.status = status


@dataclass(frozen=True, slots=True)
class Delivery:
    """A job that was taken whole. `confirmed`: it is on the paper. `status` None: the printer does not say."""

    confirmed: bool
    status: PrinterStatus | None = None
    #: The printer answers, but did not tell the end of the job.
    ends_are_told: bool = True


@dataclass(slots=True)
class Conversation:
    """What was asked and heard on one link."""

    link: Link
    clock: Callable[[], float] = time.monotonic
    _parser: StatusParser = field(default_factory=StatusParser)
    _answers: dict[int, int] = field(default_factory=dict)
    _asked: int | None = None
    _sensor: int | None = None
    _asb: PrinterStatus | None = None
    _held: bool = False
    #: XON came though nothing was held: it was just switched on.
    restarted: bool = False

    def status(self, cancelled: threading.Event) -> PrinterStatus | None:
        """How the printer is by its own word; None where it does not answer, or not as a printer does."""
        self._await_answer(cancelled)  # to an earlier question: it would be taken for the first one's
        self._answers.clear()
        for question in _QUESTIONS:
            if not self._ask(question, cancelled):
                return None
        if self._answers[2] & 0x40:
            self._ask(3, cancelled)
        return of_answers(self._answers)

    def _ask(self, question: int, cancelled: threading.Event) -> bool:
        self._question(question, cancelled)
        return self._await_answer(cancelled)

    def _await_answer(self, cancelled: threading.Event) -> bool:
        deadline_s = self.clock() + ANSWER_S
        while self._asked is not None and not cancelled.is_set():
            left_s = deadline_s - self.clock()
            if left_s <= 0:
                return False
            self._hear(left_s)
        return self._asked is None

    def _question(self, question: int, cancelled: threading.Event) -> None:
        self.link.send(b"\x10\x04" + bytes([question]), cancelled)
        self._asked = question

    def _hear(self, timeout_s: float) -> bool:
        events = self._parser.feed(self.link.hear(timeout_s))
        for event in events:
            self._take(event)
        return bool(events)

    def _take(self, event: Event) -> None:
        match event:
            case Answer(byte=byte) if self._asked is not None:
                self._answers[self._asked], self._asked = byte, None
            case Sensor(byte=byte):
                self._sensor = byte
            case Asb(data=data):
                self._asb = of_asb(data)
            case Flow(goes=goes):
                self.restarted = self.restarted or (goes and not self._held)
                self._held = not goes

    def settle(self, total: int, settle_s: float, cancelled: threading.Event) -> Delivery:
        """Wait for the end of the job that was sent. Raises `Interrupted`."""
        self._forget()
        self.link.send(b"\x1dr\x01", cancelled)
        moved_s, waiting, heard = self.clock(), self.link.waiting(), False
        while self._sensor is None:
            if cancelled.is_set():
                raise Interrupted(Reason.STOPPED, "cancelled", total)
            heard = self._hear(_LOOK_S) or heard
            self._look(total)
            before, waiting = waiting, self.link.waiting()
            if waiting < before:
                moved_s = self.clock()
            if self.clock() - moved_s > settle_s:
                return self._without_end(total, heard)
            if not waiting:
                self._ask_next(cancelled)
        return self._ended(total, cancelled)

    def _forget(self) -> None:
        """What was heard before the job says nothing about it."""
        self._answers.clear()
        self._sensor = self._asked = None

    def _ask_next(self, cancelled: threading.Event) -> None:
        """One question at a time: they wait behind the job where the printer is slow."""
        if self._asked is None:
            self._question(_QUESTIONS[len(self._answers) % len(_QUESTIONS)], cancelled)

    def _look(self, total: int) -> None:
        """Raises `Interrupted` where what was heard says that the job is not coming out."""
        if self.restarted:
            raise Interrupted(Reason.GONE, "the printer was switched on in the middle of the job", total)
        if self._asb is not None and not self._asb.can_print:
            raise Interrupted(self._asb.reason, "told by itself", total)
        known = of_answers(self._answers)
        is_whole = all(question in self._answers for question in _QUESTIONS)
        if not known.can_print and (is_whole or known.reason is not Reason.OFFLINE):
            raise Interrupted(known.reason, "after the job", total)

    def _without_end(self, total: int, heard: bool) -> Delivery:
        if not heard:
            raise Interrupted(Reason.GONE, "it answered before the job and is silent after it", total)
        return Delivery(False, of_answers(self._answers), ends_are_told=False)

    def _ended(self, total: int, cancelled: threading.Event) -> Delivery:
        if self._sensor is not None and self._sensor & 0x0C:
            raise Interrupted(Reason.PAPER_OUT, "the paper ended with the job", total)
        status = self.status(cancelled)
        self._look(total)
        if status is None:
            return Delivery(False)
        if not status.can_print:
            raise Interrupted(status.reason, "after the job", total)
        return Delivery(True, status)


def _asked(talk: Conversation, cancelled: threading.Event) -> PrinterStatus | None:
    """How the printer is, before the job: whatever goes wrong here, nothing of it was sent."""
    try:
        return talk.status(cancelled)
    except SaysNoMore:
        return None
    except Interrupted as error:
        raise NotSent(error.reason, error.detail) from error


def deliver(
    link: Link, data: bytes, *, asks: bool, cancelled: threading.Event, settle_s: float = SETTLE_S,
    clock: Callable[[], float] = time.monotonic,
) -> Delivery:  # fmt: skip
    """Print one job on an open link, asking how the printer is where `asks`.

    Raises `RefusedError`, `NotSent`, `Interrupted`.
    """
    talk = Conversation(link, clock)
    before = _asked(talk, cancelled) if asks and link.hears else None
    if before is not None and not before.can_print:
        raise RefusedError(before)
    link.send(data, cancelled)
    if before is None:
        return Delivery(link.finish(cancelled))
    try:
        delivered = talk.settle(len(data), settle_s, cancelled)
    except Interrupted:
        raise
    except TransportError as error:
        raise Interrupted(error.reason, error.detail, len(data)) from error
    link.finish(cancelled)
    return delivered
