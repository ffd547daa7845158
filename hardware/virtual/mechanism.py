"""What a receipt printer knows of itself: paper, cover, cutter, buffer. Bytes go in, answers come out. Pure.

1. Questions in real time (DLE EOT) are answered as they arrive, also while nothing moves; `GS r` is answered
   when what stands before it has been printed, as Epson's reference has it.
2. While it is out of paper or open it prints nothing and fills its buffer, and then takes no more bytes.
3. Lies are dials too: silent, one answer to every question, paper that ends in the middle of a job.

The bytes of the answers were checked against the tables of Epson's reference (dle_eot, gs_lr, gs_la).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.virtual.decoder import Feed, Picture, TextLine, decode

BUFFER_BYTES = 4096
_FIXED = 0x12  # 0xx1xx10: every answer to DLE EOT
_QUESTION = b"\x10\x04"


@dataclass(slots=True)
class Mechanism:
    """The state of one printer. `rows_left` is the paper in dots, None for a roll that never ends."""

    columns: int
    rows_left: int | None = None
    is_low: bool = False
    is_open: bool = False
    cutter_is_stuck: bool = False
    is_hot: bool = False
    is_mute: bool = False
    #: What it answers to whatever it is asked, where it lies.
    lie: bytes | None = None
    waiting: bytearray = field(default_factory=bytearray)
    printed: bytearray = field(default_factory=bytearray)
    _tail: bytes = b""
    _rows_used: int = 0
    _sensors_told: int = 0

    # --- state -----------------------------------------------------------------------------------------------------

    @property
    def is_out_of_paper(self) -> bool:
        """Nothing is left to print on."""
        return self.rows_left is not None and self.rows_left <= self._rows_used

    @property
    def is_stopped(self) -> bool:
        """It prints nothing now."""
        return self.is_out_of_paper or self.is_open or self.cutter_is_stuck or self.is_hot

    @property
    def room(self) -> int:
        """Bytes that the buffer still takes."""
        return BUFFER_BYTES - len(self.waiting)

    def status(self, question: int) -> int:
        """The answer to DLE EOT `question`, 1 to 4."""
        out = self.is_out_of_paper
        bits = {
            1: 0x04 | (0x08 if self.is_stopped else 0),
            2: (0x04 if self.is_open else 0) | (0x20 if out else 0) | (0x40 if self._has_error else 0),
            3: (0x08 if self.cutter_is_stuck else 0) | (0x40 if self.is_hot else 0),
            4: (0x0C if self.is_low or out else 0) | (0x60 if out else 0),
        }[question]
        return _FIXED | bits

    @property
    def _has_error(self) -> bool:
        return self.cutter_is_stuck or self.is_hot

    # --- bytes -----------------------------------------------------------------------------------------------------

    def receive(self, piece: bytes) -> bytes:
        """Take bytes into the buffer; the answers to the questions in real time among them."""
        self.waiting += piece
        seen = self._tail + piece
        self._tail = seen[-2:]
        answers = bytearray()
        at = seen.find(_QUESTION)
        while at >= 0 and at + 2 < len(seen):
            if 1 <= seen[at + 2] <= 4:
                answers += self._said(bytes([self.status(seen[at + 2])]))
            at = seen.find(_QUESTION, at + 3)
        return bytes(answers)

    def work(self, most: int) -> bytes:
        """Print up to `most` bytes of the buffer, unless it is stopped; the answers to `GS r` among them."""
        answers = bytearray()
        while most > 0 and self.waiting and not self.is_stopped:
            step = min(most, 256 if self.rows_left is not None else most)
            self.printed += self.waiting[:step]
            del self.waiting[:step]
            most -= step
            if self.rows_left is not None or b"\x1dr" in self.printed[-step - 2 :]:  # else nothing hangs on it
                answers += self._reckon()
        return bytes(answers)

    def _reckon(self) -> bytes:
        """What was printed so far: how much paper it took, and the sensors that were asked for."""
        so_far = decode(bytes(self.printed), self.columns)
        self._rows_used = sum(
            element.spacing if isinstance(element, TextLine) else len(element.rows) if isinstance(element, Picture)
            else element.dots if isinstance(element, Feed) else 0
            for element in so_far.elements
        )  # fmt: skip
        new = so_far.sensors[self._sensors_told :]
        self._sensors_told = len(so_far.sensors)
        low = 0x03 if self.is_low else 0
        return b"".join(self._said(bytes([low | (0x0C if self.is_out_of_paper else 0)])) for _ in new)

    def _said(self, answer: bytes) -> bytes:
        if self.is_mute:
            return b""
        return answer if self.lie is None else self.lie

    def end_job(self) -> bytes:
        """The job is over: its bytes, with those that were never printed; the paper it took is gone."""
        data = bytes(self.printed + self.waiting)
        if self.rows_left is not None:
            self.rows_left = max(0, self.rows_left - self._rows_used)
        self.forget()
        return data

    def forget(self) -> None:
        """Switched off: what was in the buffer is lost."""
        self.waiting.clear()
        self.printed.clear()
        self._tail, self._rows_used, self._sensors_told = b"", 0, 0


def without_questions(data: bytes) -> bytes:
    """A job's bytes without the questions about the printer's state before and after it."""
    while len(data) >= 3 and data[:2] == _QUESTION and 1 <= data[2] <= 4:
        data = data[3:]
    while len(data) >= 3 and (data[-3:-1] in (_QUESTION, b"\x1dr")) and 1 <= data[-1] <= 4:
        data = data[:-3]
    return data
