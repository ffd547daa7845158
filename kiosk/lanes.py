"""The lanes: a few worker threads for slow work, so that nothing slow ever runs on the engine's thread.

Rules
1. One thread a lane, one job at a time, in order; a lane never waits for another one (design.md part 2).
2. Whatever a job returns goes back as ``Done``; what it raises goes back too, as the result, to be read as silence.
3. Threads are daemons: a job that hangs in its last deadline does not keep the program from ending.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

import msgspec

from kiosk.core.messages import Answer, Heard
from kiosk.ports import Job, Lane

_log = logging.getLogger(__name__)

#: How long :meth:`Lanes.stop` waits for all lanes together before it abandons them.
STOP_WAIT_S = 2.0


class Done(msgspec.Struct, frozen=True):
    """A job's end: its key, and what it returned or raised."""

    key: tuple[str, ...]
    result: object


class Lanes:
    """The worker threads; ``post`` receives a :class:`Done` for every job, on the lane's thread."""

    def __init__(self, post: Callable[[Done], None]) -> None:
        self._post = post
        self._queues: dict[Lane, queue.SimpleQueue[Job | None]] = {lane: queue.SimpleQueue() for lane in Lane}
        self._threads = [
            threading.Thread(target=self._run, args=(lane,), name=f"lane-{lane}", daemon=True) for lane in Lane
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Queue the job on its lane; returns at once."""
        self._queues[job.lane].put(job)

    def stop(self) -> None:
        """Let each lane end after its present job; jobs still queued are dropped."""
        for lane in Lane:
            pending = self._queues[lane]
            while not pending.empty():
                pending.get()
            pending.put(None)
        for thread in self._threads:
            thread.join(STOP_WAIT_S / len(self._threads))

    def _run(self, lane: Lane) -> None:
        while (job := self._queues[lane].get()) is not None:
            try:
                result = job.work()
            except Exception as error:
                _log.exception("a job on lane %s failed: %s", lane, job.key[:2])
                result = error
            self._post(Done(job.key, result))


def answer_of(result: object) -> Answer:
    """A job's answer; whatever else came back (an error of ours on a lane) is silence, never a refusal."""
    return result if isinstance(result, Answer) else Answer(heard=Heard.BROKEN, detail=repr(result)[:200])
