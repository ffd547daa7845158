"""What a site decides about its scanner."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hardware.scanner.brands import Brand
from hardware.scanner.framing import MAX_CODE_BYTES, MIN_CODE_BYTES, Suffix, idle_gap_s
from hardware.scanner.prefix import Identifier

_LINE = re.compile(r"[78][NEO][12]")
# A scanner known to end its codes is waited for: a gap then means a code cut short, or a busy machine.
_TERMINATED_GAP_S = 0.250


@dataclass(frozen=True, slots=True)
class ScannerConfig:
    """A scanner on a serial line. Raises ValueError, with the allowed values, for what cannot be.

    `port` is a path, preferably one under /dev/serial/by-id that outlives replugging, a `COM` name, a pattern
    of paths, `usb:VID:PID` with or without a serial number, or a URL (`socket://host:port`); empty when there is no
    scanner. `baud` and `line` count on RS-232 only. `idle_s` is the gap in seconds that ends a code: left out, it
    follows from suffix and speed. `ssi`: the scanner talks in Zebra's packets. `identifier` and `prefix` are what it
    was set up to send before each code, `brand` whose answers are to be known as none.
    """

    port: str
    baud: int = 9600
    line: str = "8N1"
    suffix: Suffix = Suffix.AUTO
    idle_s: float | None = None
    min_length: int = MIN_CODE_BYTES
    max_length: int = MAX_CODE_BYTES
    ssi: bool = False
    identifier: Identifier = Identifier.NONE
    prefix: str = ""
    brand: Brand = Brand.UNKNOWN

    def __post_init__(self) -> None:
        if not 110 <= self.baud <= 4_000_000:
            raise ValueError(f"baud is {self.baud}; 110 to 4000000 is allowed, 9600 or 115200 is usual")
        if not _LINE.fullmatch(self.line):
            raise ValueError(f"line is {self.line!r}; 8N1, 7E1 and the like are allowed")
        if self.idle_s is not None and not 0.005 <= self.idle_s <= 5:
            raise ValueError(f"idle_s is {self.idle_s}; 0.005 to 5 seconds are allowed")
        if not 1 <= self.min_length <= self.max_length:
            raise ValueError(f"min_length is {self.min_length}; 1 to max_length ({self.max_length}) is allowed")

    def gap_s(self) -> float:
        """The gap in seconds that ends a code here."""
        if self.idle_s is not None:
            return self.idle_s
        gap_s = idle_gap_s(self.baud)
        return gap_s if self.suffix in (Suffix.AUTO, Suffix.NONE) else max(gap_s, _TERMINATED_GAP_S)
