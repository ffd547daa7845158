"""A scanner's bytes to codes worth handing on: framing, decoding, bounce and line quality in one pure pipe."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.scanner.config import ScannerConfig
from hardware.scanner.decode import decode, is_plausible, mask
from hardware.scanner.dedupe import BounceFilter
from hardware.scanner.framing import Found, Frame, FramerCounts, LineFramer, Noise, Reply
from hardware.scanner.line_quality import LineQuality
from hardware.scanner.prefix import without_prefix
from hardware.scanner.ssi import SsiFramer


@dataclass(frozen=True, slots=True, repr=False)
class Scan:
    """One code that was scanned.

    `text` may be a payment code: it is whole here and masked in the repr, `raw` (the bytes as they came) is
    not in the repr at all. `at_s` is when its last byte came, by the driver's monotonic clock. `by_idle` says
    that a gap ended it instead of a terminator; `symbology` is the kind of code by its AIM name, where it was told.
    """

    text: str
    raw: bytes
    at_s: float
    by_idle: bool = False
    symbology: str = ""

    def __repr__(self) -> str:
        return f"Scan(text={mask(self.text)!r}, at_s={self.at_s:.3f}, by_idle={self.by_idle})"


class CodeReader:
    """Turns what one driver reads into scans. Seconds are of a monotonic clock."""

    def __init__(self, config: ScannerConfig) -> None:
        line = LineFramer(
            config.suffix,
            idle_s=config.gap_s(),
            min_length=config.min_length,
            max_length=config.max_length,
            brand=config.brand,
        )
        self._ssi = SsiFramer(line) if config.ssi else None
        self._framer = self._ssi or line
        self._identifier, self._prefix = config.identifier, config.prefix
        self._bounce = BounceFilter()
        self._quality = LineQuality()
        self.bounces = 0
        self.unreadable = 0

    def feed(self, data: bytes, now_s: float) -> list[Scan]:
        """Take bytes that arrived at `now_s`; return the scans that ended in them."""
        return self._judge(self._framer.feed(data, now_s))

    def tick(self, now_s: float) -> list[Scan]:
        """Say that nothing has come until `now_s`."""
        return self._judge(self._framer.tick(now_s))

    def answers(self) -> bytes:
        """What the scanner waits for, to be written before anything else is done."""
        return self._ssi.answers() if self._ssi is not None else b""

    @property
    def is_pending(self) -> bool:
        """True when a code has begun and not ended."""
        return self._framer.deadline() is not None

    @property
    def is_garbage(self) -> bool:
        """True when what arrives is mostly noise: a wrong speed or parity."""
        return self._quality.is_garbage

    @property
    def framing(self) -> FramerCounts:
        return self._framer.counts()

    def not_taken(self) -> None:
        """The last scan was refused, so scanning that code again is no bounce."""
        self._bounce.forget()

    def reset(self) -> None:
        """Forget what was pending and what the line was like, for a new connection."""
        self._framer.reset()
        self._bounce.forget()
        self._quality.reset()

    def _judge(self, found: list[Found]) -> list[Scan]:
        scans = []
        for each in found:
            if isinstance(each, Noise):
                self._quality.noise(each.size)
            elif isinstance(each, Reply):
                self._quality.good(each.size)
            elif (scan := self._scan(each)) is not None:
                scans.append(scan)
        return scans

    def _scan(self, frame: Frame) -> Scan | None:
        decoded = decode(frame.raw)
        # Half or double the speed makes printable Latin-1 of digits, but then no terminator either.
        is_guess = decoded.encoding == "latin-1" and frame.by_idle
        if is_guess or not is_plausible(decoded.text):
            self.unreadable += 1
            self._quality.noise(len(frame.raw))
            return None
        self._quality.good(len(frame.raw))
        if self._bounce.is_bounce(frame):
            self.bounces += 1
            return None
        text, symbology = without_prefix(decoded.text, self._identifier, self._prefix)
        return Scan(text, frame.raw, frame.ended_at_s, frame.by_idle, symbology or frame.symbology)
