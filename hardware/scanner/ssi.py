"""Zebra's SSI: packets with a checksum, each of which wants an answer within two seconds. Pure.

1. A packet is `LEN OPCODE SOURCE STATUS DATA... CKSUM CKSUM`; LEN counts all but the checksum, which is the two's
   complement of the sum of what stands before it, high byte first. SOURCE is 0 for the scanner, 4 for us.
2. A whole packet is acknowledged at once, before anything is done with it: a scanner that hears nothing sends it
   twice more and then complains. A packet that came already (its resend bit is set, its content the same) is
   acknowledged again and is no second scan.
3. After a bad packet one NAK asks for it again, one byte is dropped, and the next offset is tried; none of it is ever
   taken for a code. 200 ms of silence end it.
4. A scanner at this line may be set to send plain codes (parameter 238 is so by default): what begins after a silence
   and cannot be a packet is read as a line's bytes, until it ends.

Sources: Zebra's SSI guides as manualslib 1931353 p.160, docs.zebra.com "SSI Commands" and "Retries"; opcodes and code
types as in enioka_scan's SsiCommand and SsiSymbologyTranslator. Segments of images and long data (opcode 0x73) are not
documented where we could read it and are refused.
"""

from __future__ import annotations

from dataclasses import replace

from hardware.scanner.framing import Found, Frame, FramerCounts, LineFramer, Noise, NoiseKind, Reply

CHARACTER_GAP_S = 0.200
LEAST_LEN = 4
_DECODE_DATA, _EVENT, _ACK, _NAK = 0xF3, 0xF6, 0xD0, 0xD1
_SCANNER, _HOST = 0, 4
_RESENT, _CONTINUED = 0x01, 0x02
_RESEND_PLEASE = 1
#: What a scanner may send of its own accord or as an answer: parameters, revision, capabilities, events, codes.
_OPCODES = frozenset({_DECODE_DATA, _EVENT, _ACK, _NAK, 0xC6, 0xA4, 0xD4})
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


class SsiFramer:
    """Cuts a scanner's packets into codes; :meth:`answers` is what has to be sent back, at once."""

    def __init__(self, raw: LineFramer) -> None:
        """``raw`` reads what is no packet."""
        self._raw = raw
        self._pending = bytearray()
        self._answers = bytearray()
        self._is_raw = self._is_lost = False
        self._started_at_s = self._last_at_s = 0.0
        self._parts = bytearray()
        self._symbology = ""
        self._last_content = b""
        self._bytes_in = self._frames = self._frame_bytes = self._noise_bytes = 0
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
        was_lost, self._is_lost = self._is_lost, False
        dropped, self._pending = bytes(self._pending), bytearray()
        if not was_lost and len(dropped) == 1:  # one byte after a silence is a plain line's, too
            return self._raw.feed(dropped, self._last_at_s) + self._raw.tick(now_s)
        return self._noise(len(dropped), now_s) if dropped else []

    def reset(self) -> None:
        """Forget what is pending, for a new connection."""
        if self._pending or self._parts:
            self._partials += 1
            self._noise_bytes += len(self._pending)
        self._pending.clear()
        self._parts.clear()
        self._answers.clear()
        self._raw.reset()
        self._is_raw = self._is_lost = False
        self._last_content = b""

    def counts(self) -> FramerCounts:
        """What became of the bytes, those of plain lines among them."""
        raw = self._raw.counts()
        return replace(
            raw,
            bytes_in=self._bytes_in,
            frames=raw.frames + self._frames,
            frame_bytes=raw.frame_bytes + self._frame_bytes,
            noise_bytes=raw.noise_bytes + self._noise_bytes,
            replies=raw.replies + self._replies,
            reply_bytes=raw.reply_bytes + self._reply_bytes,
            partials=raw.partials + self._partials,
            pending_bytes=raw.pending_bytes + len(self._pending) + len(self._parts),
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
        return len(pending) < 3 or pending[2] == _SCANNER

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
            self._parts.clear()
            self._answers += packet(_NAK, bytes([_RESEND_PLEASE]))
        return self._noise(1, now_s)

    def _noise(self, size: int, now_s: float) -> list[Found]:
        self._noise_bytes += size
        return [Noise(NoiseKind.JUNK, size, now_s)]

    def _take(self, body: bytes, now_s: float) -> list[Found]:
        opcode, status, data = body[1], body[3], body[4:]
        if opcode not in _NOT_ANSWERED:
            self._answers += packet(_ACK)
        content = bytes([opcode, status & ~_RESENT]) + data
        is_repeat = bool(status & _RESENT) and content == self._last_content
        self._last_content = content
        if is_repeat:
            self._repeats += 1
            self._reply_bytes += len(body) + 2
            return []
        if opcode != _DECODE_DATA or not data:
            self._replies += 1
            self._reply_bytes += len(body) + 2
            return [Reply(len(body) + 2, now_s)]
        return self._code(status, data, now_s)

    def _code(self, status: int, data: bytes, now_s: float) -> list[Found]:
        """A code, or a part of one that goes on in the next packet."""
        if not self._parts:
            self._symbology = _SYMBOLOGIES.get(data[0], "")
        self._reply_bytes += LEAST_LEN + 3  # what a packet has beside the code's own bytes
        self._parts += data[1:]
        if status & _CONTINUED:
            return []
        raw = bytes(self._parts)
        self._parts.clear()
        if not raw:
            return []
        self._frames += 1
        self._frame_bytes += len(raw)
        return [Frame(raw, self._started_at_s, now_s, b"ssi", self._symbology)]
