"""Zebra's SSI: packets with a checksum, each of which wants an answer within two seconds. Pure.

1. A packet is `LEN OPCODE SOURCE STATUS DATA... CKSUM CKSUM`; LEN counts all but the checksum, which is the two's
   complement of the sum of what stands before it, high byte first. SOURCE is 0 for the scanner, 4 for us.
2. A whole packet is acknowledged at once, before anything is done with it: a scanner that hears nothing sends it
   twice more and then complains. A packet that came already (its resend bit is set, its content the same) is
   acknowledged again and is no second scan.
3. After a bad packet one NAK asks for it again, one byte is dropped, and the next offset is tried; none of it is ever
   taken for a code. 200 ms of silence end it, and what then stands whole behind a false beginning is still read.
4. A scanner at this line may be set to send plain codes (parameter 238 is so by default): what begins after a silence
   and cannot be a packet is read as a line's bytes, until it ends.
5. A long code comes in parts (a status bit says that more follows) or in numbered segments (opcode 0x73). It is whole
   or nothing: parts out of turn, too late or too many are dropped, and never stand before another code.

Sources: Zebra's SSI guides as manualslib 1931353 p.160, docs.zebra.com "SSI Commands" and "Retries"; opcodes, code
types and the segments' layout (seen on cordless scanners, in none of the guides) as in enioka_scan's SsiCommand,
SsiSymbologyTranslator and SsiMultiPacket.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hardware.scanner.framing import (
    FRAMING_BYTES,
    MAX_CODE_BYTES,
    Found,
    Frame,
    FramerCounts,
    LineFramer,
    Noise,
    NoiseKind,
    Reply,
)

CHARACTER_GAP_S = 0.200
PARTS_GAP_S = 3.0  # between two parts of a code; a part whose acknowledgement was lost comes again after 2 s
LEAST_LEN = 4
_DECODE_DATA, _EVENT, _ACK, _NAK = 0xF3, 0xF6, 0xD0, 0xD1
_SEGMENT, _SEGMENT_ACK = 0x73, 0x74
_SCANNER, _HOST = 0, 4
_RESENT, _CONTINUED = 0x01, 0x02
_RESEND_PLEASE = 1
_FIRST_HEAD = 10  # bytes before the code's own in a first segment: number, opcode, 4 unknown, type, unknown, size
#: What a scanner may send of its own accord or as an answer: parameters, revision, capabilities, events, codes.
_OPCODES = frozenset({_DECODE_DATA, _EVENT, _ACK, _NAK, _SEGMENT, 0xC6, 0xA4, 0xD4})
_NOT_ANSWERED = frozenset({_ACK, _NAK})
#: SSI's code types as the names of AIM, where a counter meets them.
_SYMBOLOGIES = {
    0x01: "]A0", 0x03: "]C0", 0x06: "]I0", 0x08: "]E0", 0x0A: "]E4", 0x0B: "]E0", 0x0F: "]C1", 0x11: "]L0",
    0x1B: "]d0", 0x1C: "]Q1", 0x2D: "]z0",
}  # fmt: skip


def packet(opcode: int, data: bytes = b"", *, source: int = _HOST, status: int = 0) -> bytes:
    """A whole packet. Raises ValueError for more data than one holds."""
    length = LEAST_LEN + len(data)
    if length > 0xFF:
        raise ValueError(f"{len(data)} bytes are too much for a packet")
    body = bytes([length, opcode, source, status]) + data
    return body + checksum(body)


def checksum(body: bytes) -> bytes:
    """The two bytes after a packet's body."""
    return (-sum(body) & 0xFFFF).to_bytes(2, "big")


@dataclass(slots=True)
class _Parts:
    """What has come of a code that needs more than one packet."""

    code_type: int
    size: int | None  # in bytes, where segments told it
    last_at_s: float
    data: bytearray = field(default_factory=bytearray)
    segments: int = 0


class SsiFramer:
    """Cuts a scanner's packets into codes; :meth:`answers` is what has to be sent back, at once."""

    def __init__(self, raw: LineFramer) -> None:
        """``raw`` reads what is no packet."""
        self._raw = raw
        self._pending = bytearray()
        self._answers = bytearray()
        self._is_raw = self._is_lost = False
        self._started_at_s = self._last_at_s = 0.0
        self._parts: _Parts | None = None
        self._last_content = self._last_answer = b""
        self._bytes_in = self._frames = self._frame_bytes = self._separator_bytes = self._noise_bytes = 0
        self._overflows = 0
        self._replies = self._reply_bytes = self._repeats = self._bad = self._partials = 0

    def answers(self) -> bytes:
        """What is to be written to the scanner now; each answer is handed out once."""
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    def feed(self, data: bytes, now_s: float) -> list[Found]:
        """Take bytes that arrived at `now_s`; return what ended in them, in order."""
        found: list[Found] = []
        for byte in data:
            self._bytes_in += 1
            if self._is_raw:
                found += self._feed_raw(byte, now_s)
                continue
            if not self._pending:
                self._started_at_s = now_s
            self._pending.append(byte)
            found += self._look(now_s)
        if data:
            self._last_at_s = now_s
        return found

    def _feed_raw(self, byte: int, now_s: float) -> list[Found]:
        found = self._raw.feed(bytes([byte]), now_s)
        self._is_raw = self._raw.deadline() is not None
        return found

    def deadline(self) -> float | None:
        """When a silence will have ended what is pending; None when nothing is."""
        if self._is_raw:
            return self._raw.deadline()
        return self._last_at_s + CHARACTER_GAP_S if self._pending or self._is_lost else None

    def tick(self, now_s: float) -> list[Found]:
        """Say that nothing has come until `now_s`."""
        deadline = self.deadline()
        if deadline is None or now_s < deadline:
            return []
        if self._is_raw:
            self._is_raw = False
            return self._raw.tick(now_s)
        if not self._is_lost and len(self._pending) == 1:  # one byte after a silence is a plain line's, too
            dropped, self._pending = bytes(self._pending), bytearray()
            return self._raw.feed(dropped, self._last_at_s) + self._raw.tick(now_s)
        found: list[Found] = []
        while self._pending:
            found += self._drop_one(self._last_at_s) + self._look(self._last_at_s)
        self._is_lost = False
        return found

    def reset(self) -> None:
        """Forget what is pending, for a new connection."""
        if self._pending or self._parts is not None:
            self._partials += 1
            self._noise_bytes += len(self._pending)
            self._give_parts_up()
        self._pending.clear()
        self._answers.clear()
        self._raw.reset()
        self._is_raw = self._is_lost = False
        self._last_content = self._last_answer = b""

    def counts(self) -> FramerCounts:
        """What became of the bytes, those of plain lines among them."""
        raw = self._raw.counts()
        return replace(
            raw,
            bytes_in=self._bytes_in,
            frames=raw.frames + self._frames,
            frame_bytes=raw.frame_bytes + self._frame_bytes,
            separator_bytes=raw.separator_bytes + self._separator_bytes,
            noise_bytes=raw.noise_bytes + self._noise_bytes,
            overflows=raw.overflows + self._overflows,
            replies=raw.replies + self._replies,
            reply_bytes=raw.reply_bytes + self._reply_bytes,
            partials=raw.partials + self._partials,
            pending_bytes=raw.pending_bytes + len(self._pending) + (len(self._parts.data) if self._parts else 0),
            repeats=self._repeats,
            bad_packets=self._bad,
        )

    # --- packets ---------------------------------------------------------------------------------------------------

    def _look(self, now_s: float) -> list[Found]:
        """Take as many packets as the pending bytes hold."""
        found: list[Found] = []
        while self._pending:
            if not self._can_begin():
                if self._is_plain_line():
                    return found + self._to_raw(now_s)
                found += self._drop_one(now_s)
                continue
            end = self._pending[0] + 2
            if len(self._pending) < end:
                return found
            body, sent = bytes(self._pending[: end - 2]), bytes(self._pending[end - 2 : end])
            if sent != checksum(body):
                found += self._drop_one(now_s)
                continue
            del self._pending[:end]
            self._is_lost = False
            found += self._take(body, now_s)
        return found

    def _can_begin(self) -> bool:
        """Whether the pending bytes may be the beginning of a packet, as far as they have come."""
        pending = self._pending
        if pending[0] < LEAST_LEN or (len(pending) > 1 and pending[1] not in _OPCODES):
            return False
        return len(pending) < 3 or pending[2] == _SCANNER or pending[1] == _SEGMENT

    def _is_plain_line(self) -> bool:
        """Whether these bytes, which came after a silence, are a line's: text, and not the rest of a packet."""
        return not self._is_lost and all(byte >= 0x20 or byte in (0x02, 0x0D, 0x0A) for byte in self._pending)

    def _to_raw(self, now_s: float) -> list[Found]:
        self._is_raw = True
        plain, self._pending = bytes(self._pending), bytearray()
        found = self._raw.feed(plain, now_s)
        self._is_raw = self._raw.deadline() is not None
        return found

    def _drop_one(self, now_s: float) -> list[Found]:
        """A packet is broken, or this is its middle: try again one byte further."""
        del self._pending[:1]
        if not self._is_lost:
            self._is_lost = True
            self._bad += 1
            self._give_parts_up()
            self._answers += packet(_NAK, bytes([_RESEND_PLEASE]))
        return self._noise(1, now_s)

    def _noise(self, size: int, now_s: float) -> list[Found]:
        self._noise_bytes += size
        return [Noise(NoiseKind.JUNK, size, now_s)]

    def _take(self, body: bytes, now_s: float) -> list[Found]:
        opcode, status, data = body[1], body[3], body[4:]
        content = bytes([opcode, status & ~_RESENT]) + data
        is_repeat = bool(status & _RESENT) and content == self._last_content
        self._last_content = content
        if is_repeat:
            self._repeats += 1
            self._reply_bytes += len(body) + 2
            if self._parts is not None:
                self._parts.last_at_s = now_s
            self._answers += self._last_answer
            return []
        found, answer = self._message(opcode, status, data, now_s)
        self._last_answer = answer
        self._answers += answer
        return found

    def _message(self, opcode: int, status: int, data: bytes, now_s: float) -> tuple[list[Found], bytes]:
        """What a packet that had not come before means, and what it is answered by."""
        if opcode == _SEGMENT:
            return self._segment(data, now_s)
        size = LEAST_LEN + len(data) + 2
        if opcode != _DECODE_DATA or not data:
            self._replies += 1
            self._reply_bytes += size
            return [Reply(size, now_s)], b"" if opcode in _NOT_ANSWERED else packet(_ACK)
        if not self._is_next_part(data[0], now_s):
            self._give_parts_up()
            self._parts = _Parts(data[0], None, now_s)
        more = bool(status & _CONTINUED)
        return self._part(data[1:], size, more, now_s), packet(_ACK)

    def _segment(self, data: bytes, now_s: float) -> tuple[list[Found], bytes]:
        """A numbered part: `NUMBER`, in the first also the opcode of the whole, its code type and its size."""
        number, size = data[0] if data else -1, LEAST_LEN + len(data) + 2
        if number == 0 and len(data) > _FIRST_HEAD and data[1] == _DECODE_DATA:
            self._give_parts_up()
            self._parts = _Parts(data[6], int.from_bytes(data[8:10], "big"), now_s)
            data = data[_FIRST_HEAD:]
        elif self._parts is not None and number == self._parts.segments and self._is_next_part(None, now_s):
            data = data[1:]
        else:
            self._give_parts_up()
            self._noise_bytes += size
            self._bad += 1
            return [Noise(NoiseKind.JUNK, size, now_s)], packet(_NAK, bytes([_RESEND_PLEASE]))
        wanted = self._parts.size or 0
        data = data[: wanted - len(self._parts.data)]
        more = len(self._parts.data) + len(data) < wanted
        self._parts.segments += 1
        found = self._part(data, size, more, now_s)
        return found, packet(_SEGMENT_ACK if more and self._parts is not None else _ACK)

    def _is_next_part(self, code_type: int | None, now_s: float) -> bool:
        """Whether a part goes on where the last one ended: of the same kind, and not long after it."""
        parts = self._parts
        if parts is None or now_s - parts.last_at_s > PARTS_GAP_S:
            return False
        return parts.size is not None if code_type is None else (parts.size, parts.code_type) == (None, code_type)

    def _part(self, data: bytes, packet_size: int, more: bool, now_s: float) -> list[Found]:
        """Add to the code that is coming; it is handed out with its last part."""
        assert self._parts is not None
        self._reply_bytes += packet_size - len(data)  # what a packet has beside the code's own bytes
        self._parts.data += data
        self._parts.last_at_s = now_s
        if len(self._parts.data) > MAX_CODE_BYTES:
            size = len(self._parts.data)
            self._overflows += 1
            self._give_parts_up()
            return [Noise(NoiseKind.OVERFLOW, size, now_s)]
        if more:
            return []
        parts, self._parts = self._parts, None
        raw = bytes(parts.data).strip(FRAMING_BYTES)  # the scanner's own suffix is in its packets, too
        self._separator_bytes += len(parts.data) - len(raw)
        if not raw:
            return []
        self._frames += 1
        self._frame_bytes += len(raw)
        return [Frame(raw, self._started_at_s, now_s, b"ssi", _SYMBOLOGIES.get(parts.code_type, ""))]

    def _give_parts_up(self) -> None:
        if self._parts is not None:
            self._noise_bytes += len(self._parts.data)
            self._parts = None
