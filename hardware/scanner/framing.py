"""Where one code ends and the next begins, in the bytes of a scanner on a serial line.

1. Pure: no port, no clock, no thread. Time is an argument, in seconds of any monotonic clock.
2. How the bytes were cut into reads makes no difference: feed(a + b) finds what feed(a), feed(b) find.
3. A code ends with a terminator or with a gap in the bytes. The gap is judged by `tick` alone: whoever reads
   calls it after a read that found nothing, so bytes that waited in the kernel while we were busy are never
   taken for a gap.
4. A code neither begins nor ends with a framing byte; so CRLF, LFCR and CRCR give no empty code.
5. Bounded: a code longer than `max_length` is given up, once, and what follows is dropped up to the next
   terminator or gap.
6. Every byte is counted once: in a frame, as separator, in a reply, as noise, or as pending (`FramerCounts`).
7. A scanner's answer to a command comes among its codes; it is a `Reply`, never a code (brands.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from hardware.scanner.brands import REPLY_LIMIT, TELLING_BYTES, Brand, is_reply_begun, is_reply_over

STX, ETX, CR, LF, TAB, NUL = 0x02, 0x03, 0x0D, 0x0A, 0x09, 0x00
FRAMING_BYTES = bytes((CR, LF, TAB, NUL, ETX))

# What no code holds: control characters other than the framing bytes, STX, EOT and the separators FS to US
# (the separators stand inside GS1 codes); DEL; and FF, which neither UTF-8 nor GB18030 uses and which an
# unplugged or mis-timed RS-232 line is full of.
IMPOSSIBLE_BYTES = frozenset(range(0x20)) - frozenset(FRAMING_BYTES) - {STX, 0x04, 0x1C, 0x1D, 0x1E, 0x1F} | {
    0x7F,
    0xFF,
}

DEFAULT_IDLE_S = 0.060
MAX_CODE_BYTES = 4096  # a QR code holds at most 2,953 bytes
MIN_CODE_BYTES = 3  # moving an RS-232 plug makes one or two bytes


class Suffix(Enum):
    """Which terminators end a code. A gap ends it as well, whatever is chosen."""

    AUTO = "auto"  # any framing byte
    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    TAB = "tab"
    NONE = "none"  # the scanner sends none: the gap alone


_ENDS: dict[Suffix, bytes] = {
    Suffix.AUTO: FRAMING_BYTES,
    Suffix.CR: bytes((CR,)),
    Suffix.LF: bytes((LF,)),
    Suffix.CRLF: bytes((LF,)),  # and only after a CR
    Suffix.TAB: bytes((TAB,)),
    Suffix.NONE: b"",
}


def idle_gap_s(baud: int) -> float:
    """The silence in seconds that ends a code at this speed: ten times 40 bits, at least 60 ms.

    A device on USB ignores the speed; there the 60 ms hold.
    """
    return max(DEFAULT_IDLE_S, 400 / baud)


@dataclass(frozen=True, slots=True)
class Frame:
    """One code as it came, without its terminator. The bytes may be a payment code and stay out of the repr."""

    raw: bytes = field(repr=False)
    started_at_s: float
    ended_at_s: float
    terminator: bytes
    symbology: str = ""  # the kind of code, where the scanner's protocol tells it

    @property
    def by_idle(self) -> bool:
        """True when a gap ended it: it may be a part of a code, or two codes without suffix."""
        return not self.terminator


class NoiseKind(Enum):
    JUNK = "junk"  # too short, or with a byte that no code holds
    OVERFLOW = "overflow"  # longer than any code


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that are no code; only how many, since they may be a payment code gone wrong."""

    kind: NoiseKind
    size: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """A scanner's answer to a command, or a notice of its own: no code."""

    size: int
    at_s: float


Found = Frame | Noise | Reply


@dataclass(frozen=True, slots=True)
class FramerCounts:
    """What became of the bytes since the framer was made."""

    bytes_in: int = 0
    frames: int = 0
    frame_bytes: int = 0
    separator_bytes: int = 0
    noise_bytes: int = 0
    junk: int = 0
    overflows: int = 0
    partials: int = 0
    pending_bytes: int = 0
    replies: int = 0
    reply_bytes: int = 0
    repeats: int = 0  # packets that the scanner sent again though they had come
    bad_packets: int = 0


class Framer(Protocol):
    """What cuts a scanner's bytes; see the module's rules."""

    def feed(self, data: bytes, now_s: float) -> list[Found]: ...

    def deadline(self) -> float | None: ...

    def tick(self, now_s: float) -> list[Found]: ...

    def reset(self) -> None: ...

    def counts(self) -> FramerCounts: ...


class LineFramer:
    """Cuts a stream of bytes into codes.

    `idle_s` is the gap in seconds that ends a code, `min_length` and `max_length` its length in bytes, `brand` whose
    answers are to be known as such.
    """

    def __init__(
        self,
        suffix: Suffix = Suffix.AUTO,
        *,
        idle_s: float = DEFAULT_IDLE_S,
        min_length: int = MIN_CODE_BYTES,
        max_length: int = MAX_CODE_BYTES,
        brand: Brand = Brand.UNKNOWN,
    ) -> None:
        if idle_s <= 0 or not 1 <= min_length <= max_length:
            raise ValueError("a framer needs a gap above zero and 1 <= min_length <= max_length")
        self._suffix = suffix
        self._ends = _ENDS[suffix]
        self._idle_s = idle_s
        self._min_length = min_length
        self._max_length = max_length
        self._brand = brand
        self._pending = bytearray()
        self._previous = NUL
        self._discarding = self._in_reply = False
        self._after_frame = False
        self._started_at_s = 0.0
        self._last_at_s = 0.0
        self._bytes_in = self._frames = self._frame_bytes = self._separator_bytes = 0
        self._noise_bytes = self._junk = self._overflows = self._partials = 0
        self._replies = self._reply_bytes = 0

    def feed(self, data: bytes, now_s: float) -> list[Found]:
        """Take bytes that arrived at `now_s`; return what ended in them, in order."""
        found: list[Found] = []
        for byte in data:
            ended = self._take(byte, now_s)
            if ended is not None:
                found.append(ended)
        if data:
            self._last_at_s = now_s
            self._bytes_in += len(data)
        return found

    def deadline(self) -> float | None:
        """When the gap will have ended what is pending; None when nothing is."""
        if self._pending or self._discarding:
            return self._last_at_s + self._idle_s
        return None

    def tick(self, now_s: float) -> list[Found]:
        """Say that nothing has come until `now_s`; ends the pending code when that is past its deadline."""
        deadline = self.deadline()
        if deadline is None or now_s < deadline:
            return []
        self._discarding = False
        if self._in_reply:
            return [self._end_reply(self._last_at_s)]
        return [self._end(self._last_at_s, b"")] if self._pending else []

    def reset(self) -> None:
        """Forget the pending part, for a new connection. It is counted as a partial, and never delivered."""
        if self._pending:
            self._partials += 1
            self._noise_bytes += len(self._pending)
            self._pending.clear()
        self._discarding = self._after_frame = self._in_reply = False
        self._previous = NUL

    def counts(self) -> FramerCounts:
        return FramerCounts(
            bytes_in=self._bytes_in,
            frames=self._frames,
            frame_bytes=self._frame_bytes,
            separator_bytes=self._separator_bytes,
            noise_bytes=self._noise_bytes,
            junk=self._junk,
            overflows=self._overflows,
            partials=self._partials,
            pending_bytes=len(self._pending),
            replies=self._replies,
            reply_bytes=self._reply_bytes,
        )

    def _take(self, byte: int, now_s: float) -> Found | None:
        previous, self._previous = self._previous, byte
        ends = byte in self._ends and (self._suffix is not Suffix.CRLF or previous == CR)
        if self._discarding:
            self._noise_bytes += 1
            self._discarding = not ends
            return None
        if self._in_reply:
            return self._take_of_reply(byte, now_s)
        if not self._pending:
            if byte in FRAMING_BYTES:
                return self._stray(byte, now_s)
            self._started_at_s = now_s
            self._after_frame = False
        self._pending.append(byte)
        if byte in TELLING_BYTES and is_reply_begun(self._brand, self._pending):
            self._in_reply = True
            return None
        if ends:
            return self._end(now_s, b"\r\n" if self._suffix is Suffix.CRLF else bytes((byte,)))
        return self._overflow(now_s) if len(self._pending) > self._max_length else None

    def _take_of_reply(self, byte: int, now_s: float) -> Found | None:
        self._pending.append(byte)
        if is_reply_over(self._pending):
            return self._end_reply(now_s)
        if len(self._pending) <= REPLY_LIMIT:
            return None
        self._in_reply = False
        return self._overflow(now_s)

    def _end_reply(self, now_s: float) -> Reply:
        size = len(self._pending)
        self._pending.clear()
        self._in_reply, self._after_frame = False, True
        self._replies += 1
        self._reply_bytes += size
        return Reply(size, now_s)

    def _stray(self, byte: int, now_s: float) -> Noise | None:
        """A framing byte outside a code: the rest of a terminator, or the NULs of a line at the wrong speed."""
        after_frame, self._after_frame = self._after_frame, False
        if byte == NUL and not after_frame:
            self._junk += 1
            self._noise_bytes += 1
            return Noise(NoiseKind.JUNK, 1, now_s)
        self._separator_bytes += 1
        return None

    def _end(self, ended_at_s: float, terminator: bytes) -> Frame | Noise:
        raw = bytes(self._pending).rstrip(FRAMING_BYTES)
        self._separator_bytes += len(self._pending) - len(raw)
        self._pending.clear()
        if len(raw) < self._min_length or not IMPOSSIBLE_BYTES.isdisjoint(raw):
            self._junk += 1
            self._noise_bytes += len(raw)
            return Noise(NoiseKind.JUNK, len(raw), ended_at_s)
        self._after_frame = bool(terminator)
        self._frames += 1
        self._frame_bytes += len(raw)
        return Frame(raw, self._started_at_s, ended_at_s, terminator)

    def _overflow(self, now_s: float) -> Noise:
        size = len(self._pending)
        self._pending.clear()
        self._discarding = True
        self._overflows += 1
        self._noise_bytes += size
        return Noise(NoiseKind.OVERFLOW, size, now_s)
