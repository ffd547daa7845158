"""The queue of Windows, on a spooler that stands for it: Windows itself is not run here."""

from __future__ import annotations

import threading

import pytest

from hardware.health import Reason
from hardware.printer.spooler import DOCUMENT, SpoolerError, SpoolerTransport, WindowsSpooler
from hardware.printer.transport import NotSent, send


class Queue:
    """A spooler's queue in memory; `refuses` is Windows' error number for a call by its name."""

    def __init__(self, *jobs: tuple[int, str, float], **refuses: int) -> None:
        self.jobs, self.refuses = list(jobs), refuses
        self.papers: list[bytes] = []
        self.calls: list[str] = []
        self._document = b""

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.refuses:
            raise SpoolerError(self.refuses[name], name)

    def open(self, queue: str) -> int:
        self._called("open")
        return 7

    def waiting(self, handle: int) -> list[tuple[int, str, float]]:
        self._called("waiting")
        return list(self.jobs)

    def cancel(self, handle: int, job: int) -> None:
        self._called("cancel")
        self.jobs = [each for each in self.jobs if each[0] != job]

    def begin(self, handle: int, document: str) -> None:
        self._called("begin")
        self._document = b""

    def write(self, handle: int, data: bytes) -> int:
        self._called("write")
        self._document += data[:1000]
        return len(data[:1000])

    def end(self, handle: int) -> None:
        self._called("end")
        self.papers.append(self._document)

    def abort(self, handle: int) -> None:
        self._called("abort")

    def close(self, handle: int) -> None:
        self._called("close")


def test_a_job_goes_into_the_queue_whole_and_is_not_called_printed() -> None:
    queue = Queue()
    assert send(SpoolerTransport("POS-58", queue), b"x" * 2500, threading.Event()) is False
    assert queue.papers == [b"x" * 2500]
    assert queue.calls[-2:] == ["end", "close"]


def test_r30_our_old_jobs_are_taken_out_and_those_of_others_and_new_ones_stay() -> None:
    queue = Queue((1, DOCUMENT, 86_400.0), (2, "report.docx", 86_400.0), (3, DOCUMENT, 5.0))
    send(SpoolerTransport("POS-58", queue), b"x", threading.Event())
    assert [job for job, _, _ in queue.jobs] == [2, 3]


def test_r30_a_queue_that_does_not_tell_its_jobs_still_prints() -> None:
    queue = Queue(waiting=5)
    send(SpoolerTransport("POS-58", queue), b"x", threading.Event())
    assert queue.papers == [b"x"]


@pytest.mark.parametrize(
    ("call", "number", "reason"),
    [("open", 1801, Reason.NOT_FOUND), ("open", 5, Reason.DENIED), ("begin", 1722, Reason.DEVICE_FAULT),
     ("write", 112, Reason.DEVICE_FAULT)],
)  # fmt: skip
def test_what_the_spooler_refuses_is_not_sent(call: str, number: int, reason: Reason) -> None:
    queue = Queue(**{call: number})
    with pytest.raises(NotSent) as caught:
        send(SpoolerTransport("POS-58", queue), b"x", threading.Event())
    assert caught.value.reason is reason
    assert queue.papers == []
    assert ("abort" in queue.calls) is (call == "write")


def test_elsewhere_than_on_windows_there_is_no_such_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.printer.spooler.ctypes.WinDLL", None, raising=False)
    with pytest.raises(SpoolerError):
        WindowsSpooler()
