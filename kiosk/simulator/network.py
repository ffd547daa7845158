"""The lanes and their lines in virtual time: the real client's bytes, the bank's answers, and what befalls both.

Rules
1. One job a lane at a time, in order. No thread: a job that would wait is left (:class:`Suspended`) and done again from
   its beginning when the reply is there, with what it heard so far; a body is built once.
2. A request that arrives late arrives before the hold-off is over, counted from when the client closed the line.
3. Whoever dies (a crash) hears nothing any more; what was on its way arrives all the same.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from kiosk.core.messages import Answer, Heard
from kiosk.gateway.received import LineError, Received
from kiosk.lanes import Done
from kiosk.ports import Job, Lane
from kiosk.simulator import distortion
from kiosk.simulator.bank import ARREARS, CUSTOMER, NOTICES, PAY, QUERY, UNIFIED, Bank, Fields
from kiosk.simulator.faults import OF_A_LOOK_UP, OF_A_NOTICE, OF_A_PAYMENT, OF_A_QUERY, Fault
from kiosk.simulator.plan import Dice, Plan
from kiosk.simulator.schedule import Schedule
from kiosk.simulator.watch import Flight, Known, Watch

#: A share of the hold-off within which everything that is late arrives.
_WITHIN_HOLD_OFF = 0.95
_FAULTS = {
    PAY: OF_A_PAYMENT, UNIFIED: OF_A_PAYMENT, QUERY: OF_A_QUERY, CUSTOMER: OF_A_LOOK_UP, ARREARS: OF_A_LOOK_UP,
    NOTICES[0]: OF_A_NOTICE, NOTICES[1]: OF_A_NOTICE,
}  # fmt: skip
_KIND = {path: number for number, path in enumerate((PAY, UNIFIED, QUERY, CUSTOMER, ARREARS, *NOTICES))}
#: Look-ups are no order's; their fates are drawn as of this one.
_NO_ORDER = 97
_PRINT_S = 0.8
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_request = msgspec.json.Decoder(dict[str, str]).decode


class Suspended(BaseException):
    """A job waits: for a reply (``path``), or for time to pass. No error, so that nobody mistakes it for one."""

    def __init__(self, path: str, body: bytes, wait_s: float) -> None:
        super().__init__(path)
        self.path, self.body, self.wait_s = path, body, wait_s


Outcome = Received | LineError | None


class SimulatedTransport:
    """A lane's ``Transport``: what was heard is given again, what was not suspends the job."""

    def __init__(self) -> None:
        self._heard: list[Outcome] = []
        self._at = 0

    def replay(self, heard: list[Outcome]) -> None:
        """The job on this lane begins (again) with this."""
        self._heard, self._at = heard, 0

    def exchange(
        self, path: str, build: Callable[[], bytes], timeout_s: float, fresh_s: float | None = None
    ) -> Received:
        """See :class:`~kiosk.gateway.received.Transport`."""
        if self._at == len(self._heard):
            raise Suspended(path, build(), timeout_s)
        outcome = self._heard[self._at]
        self._at += 1
        if isinstance(outcome, Received):
            return outcome
        assert outcome is not None
        raise outcome

    def sleep(self, wait_s: float) -> None:
        """The pause between two tries of a look-up."""
        if self._at == len(self._heard):
            raise Suspended("", b"", wait_s)
        self._at += 1

    def open_ahead(self, timeout_s: float) -> bool:
        """Connections are always to be had; that one is refused is a fault of the call itself."""
        return True

    def close(self) -> None:
        """There is nothing to close."""


@dataclass(slots=True, eq=False)
class Trip:
    """One request on its way, and the job that waits for it."""

    path: str
    request: Fields
    dice: Dice
    fault: Fault | None
    known: Known | None
    index: int
    sent_s: float
    deadline_s: float
    flight: Flight
    lane: Lane
    resume: Callable[[Outcome], None]
    untrue: bool = False


class Network:
    """All lines of a story; it outlives the counter's processes."""

    def __init__(
        self, plan: Plan, schedule: Schedule, bank: Bank, watch: Watch, struck: Callable[[Fault], None]
    ) -> None:
        self._plan, self._schedule, self._bank, self._watch, self._struck = plan, schedule, bank, watch, struck
        self.odds = plan.fault_odds
        self._asked: dict[tuple[int, int], int] = {}
        self._old: dict[Lane, Fields] = {}
        self._drawn = {
            path: tuple(fault for fault in faults if fault in plan.faults) for path, faults in _FAULTS.items()
        }
        self._open: list[Trip] = []

    def send(self, path: str, body: bytes, timeout_s: float, lane: Lane, resume: Callable[[Outcome], None]) -> None:
        """A request leaves, or does not; ``resume`` hears what comes of it."""
        request = _checked(self._watch, body)
        known = self._about(path, request)
        index = known.index if known is not None else _NO_ORDER
        kind = _KIND[path]
        nth = self._asked.get((index, kind), 0)
        self._asked[index, kind] = nth + 1
        dice = self._plan.fates.of(index, kind, nth)
        fault = self._fault(path, dice)
        now_s = self._schedule.now_s
        trip = Trip(path, request, dice, fault, known, index, now_s, now_s + timeout_s, Flight(), lane, resume)
        number = request.get("order_no") or request.get("pre_order_no", "")
        self._watch.told("request", f"{path} {number} {fault or ''}")
        self._open.append(trip)
        if fault is Fault.REFUSED:
            self._end(dice.between(0.001, 1.0), trip, LineError(Answer(heard=Heard.NOT_SENT)))
            return
        self._watch.leaves(path, request, body)
        self._travel(trip)

    def the_counter_died(self) -> None:
        """Every line of the counter is closed from now on."""
        for trip in self._open:
            trip.flight.closed_s = self._schedule.now_s
        self._open.clear()

    def _about(self, path: str, request: Fields) -> Known | None:
        number = request.get("order_no") or request.get("pre_order_no")
        return self._watch.by_number(number) if number else None

    def _fault(self, path: str, dice: Dice) -> Fault | None:
        if dice.roll() >= self.odds or not self._drawn[path]:
            return None
        fault = dice.one_of(self._drawn[path])
        if fault is Fault.REQUEST_TWICE and path in NOTICES and not self._plan.conduct.idempotent:
            return None  # no counter could help it: the site's own promise is broken on the way
        if fault is Fault.REPLY_OTHERS and len(self._watch.known) < 2:
            return None
        self._struck(fault)
        return fault

    # --- there -----------------------------------------------------------------------------------------------------

    def _travel(self, trip: Trip) -> None:
        dice, now_s = trip.dice, self._schedule.now_s
        left_s = trip.deadline_s - now_s
        hold_off_s = self._plan.policy.hold_off_s * _WITHIN_HOLD_OFF
        out_s = dice.between(0.005, 0.15)
        match trip.fault:
            case Fault.REQUEST_LOST:
                self._end(left_s, trip, _silent())
                return
            case Fault.REQUEST_LATE:
                self._end(left_s, trip, _silent())
                self._arrives_at(trip, trip.deadline_s + dice.roll() * hold_off_s, replied=False)
                return
            case Fault.RESET:
                end_s = dice.between(0.01, min(2.0, left_s))
                self._end(end_s, trip, LineError(Answer(heard=Heard.BROKEN)))
                if dice.chance(0.5):
                    self._arrives_at(trip, now_s + end_s + dice.roll() * dice.roll() * hold_off_s, replied=False)
                return
            case Fault.REQUEST_TWICE:
                self._arrives_at(trip, now_s + out_s + dice.roll() * dice.roll() * hold_off_s, replied=False)
            case Fault.SLOW:
                out_s = dice.between(0.3, 0.9) * left_s
        self._arrives_at(trip, now_s + out_s, replied=True)

    def _arrives_at(self, trip: Trip, moment_s: float, *, replied: bool) -> None:
        if trip.known is not None and trip.path in (PAY, UNIFIED):
            trip.known.flying.append((moment_s, trip.flight))
        self._schedule.at(moment_s, self._arrives, trip, replied)

    def _arrives(self, trip: Trip, replied: bool) -> None:
        closed_s = trip.flight.closed_s
        if closed_s is not None and self._schedule.now_s > closed_s + self._plan.policy.hold_off_s:
            return
        is_undone = trip.fault in distortion.WITHOUT_WORK and trip.dice.chance(0.5)
        fields = None if is_undone else self._bank.answer(trip.path, trip.request, trip.index)
        if not replied:
            return
        reply = distortion.distorted(trip, fields, self._watch, self._old.get(trip.lane))
        wait_s = trip.dice.between(0.005, 0.2)
        if reply.outcome is None or self._schedule.now_s + wait_s > trip.deadline_s:
            self._end(trip.deadline_s - self._schedule.now_s, trip, _silent())
            return
        trip.untrue = reply.untrue
        if reply.fields is not None and not reply.untrue and _may_come_again(reply.fields):
            self._old[trip.lane] = reply.fields
        self._end(wait_s, trip, reply.outcome, reply.fields)

    # --- and back --------------------------------------------------------------------------------------------------

    def _end(self, wait_s: float, trip: Trip, outcome: Outcome, fields: Fields | None = None) -> None:
        self._schedule.after(wait_s, self._ended, trip, outcome, fields)

    def _ended(self, trip: Trip, outcome: Outcome, fields: Fields | None) -> None:
        if trip.flight.closed_s is not None:
            return  # who waited for it is gone
        trip.flight.closed_s = self._schedule.now_s
        self._open.remove(trip)
        watch, known = self._watch, trip.known
        watch.heard(trip.path, known, fields, trip.sent_s, true=not trip.untrue)
        if not trip.untrue or known is None:
            trip.resume(outcome)
            return
        before = known.order.state
        trip.resume(outcome)
        watch.after_untrue(trip.path, known, before)


class SimulatedLanes:
    """One process's lanes (``ports.Workers``)."""

    def __init__(
        self,
        schedule: Schedule,
        network: Network,
        transports: dict[Lane, SimulatedTransport],
        post: Callable[[Done], None],
        watch: Watch,
    ) -> None:
        self._schedule, self._network, self._transports, self._post = schedule, network, transports, post
        self._watch = watch
        self._queues: dict[Lane, deque[Job]] = {lane: deque() for lane in Lane}
        self._busy: set[Lane] = set()
        self.alive = True
        self.submitted: Callable[[], None] = lambda: None

    def submit(self, job: Job) -> None:
        """Queue the job on its lane; returns at once."""
        self.submitted()
        self._queues[job.lane].append(job)
        if job.lane not in self._busy:
            self._busy.add(job.lane)
            self._schedule.after(0.001, self._next, job.lane)

    def _next(self, lane: Lane) -> None:
        if not self.alive:
            return
        if not self._queues[lane]:
            self._busy.discard(lane)
            return
        self._work(self._queues[lane].popleft(), [])

    def _work(self, job: Job, heard: list[Outcome]) -> None:
        transport = self._transports.get(job.lane)
        if transport is not None:
            transport.replay(heard)
        try:
            result = job.work()
        except Suspended as waiting:
            self._wait(job, heard, waiting)
            return
        except Exception as error:
            self._watch.violated("ours", f"the job {job.key[:2]} raised {error!r}")
            result = error
        if job.lane is Lane.PRINTER:
            self._schedule.after(_PRINT_S, self._done, job, result)
        else:
            self._done(job, result)

    def _wait(self, job: Job, heard: list[Outcome], waiting: Suspended) -> None:
        def resume(outcome: Outcome) -> None:
            if self.alive:
                heard.append(outcome)
                self._work(job, heard)

        if waiting.path:
            self._network.send(waiting.path, waiting.body, waiting.wait_s, job.lane, resume)
        else:
            self._schedule.after(waiting.wait_s, resume, None)

    def _done(self, job: Job, result: object) -> None:
        if not self.alive:
            return
        self._post(Done(job.key, result))
        self._next(job.lane)


def _may_come_again(fields: Fields) -> bool:
    """What is no lie when it is old: a negative that was true once may not be any more, which no counter could see."""
    return fields.get("sub_code") == "0000" and fields.get("status") != "PAYERROR"


def _checked(watch: Watch, body: bytes) -> Fields:
    """The request's fields, its signature as interface.md part 3 has it."""
    envelope = _decode(body)
    fields = _request(envelope["request"])
    text = "&".join([f"{key}={fields[key]}" for key in sorted(fields)])
    sign = hashlib.sha256(text.encode()).hexdigest()
    watch.require(bytes(envelope["sign"]) == f'"{sign}"'.encode(), "wire", "a request is signed wrongly")
    return fields


def _silent() -> LineError:
    return LineError(Answer(heard=Heard.SILENT))
