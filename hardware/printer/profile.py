"""What one model of printer can do. Data, not code: a new model is a new row.

Facts: 203 dots an inch; 58 mm paper prints 384 dots = 32 ASCII columns, 80 mm paper 576 dots = 48. Cheap
models buffer about 4 kB and drop what overflows, so an image is sent in slices of at most 128 rows.
"""

from __future__ import annotations

from dataclasses import dataclass

CELL_DOTS = 12  # one column: the width of an ASCII character of font A; a Chinese one takes two
CHARACTER_DOTS = 24  # the height of either
LINE_DOTS = 30  # from one line of text to the next (3.75 mm, the power-on spacing)
DOUBLE_LINE_DOTS = 58  # the same for a line of double height: 48 dots and some white
MAX_SLICE_ROWS = 128


#: ESC p: connector pin 2, 100 ms on and 100 ms off.
KICK_PIN_2 = b"\x1bp\x00\x32\x32"


class ProfileError(ValueError):
    """No such profile, or one that does not fit the paper that the settings name."""


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """`columns` counts ASCII characters; `status` is how the printer is asked for its state: "dle_eot", or "none"
    for models that hang when they are asked. `drawer` is the pulse that opens a cash drawer, empty for none.

    `pause_s` is waited after every chunk of `chunk_bytes`, for models that lose bytes when they come fast.
    """

    name: str
    width_mm: int
    dots: int
    columns: int
    cutter: bool = True
    raster_only: bool = False
    slice_rows: int = MAX_SLICE_ROWS
    chunk_bytes: int = 1024
    pause_s: float = 0.0
    feed_lines: int = 5  # from the head to the cutter, or to the edge where paper is torn
    status: str = "dle_eot"
    drawer: bytes = b""

    def __post_init__(self) -> None:
        if self.columns * CELL_DOTS > self.dots or self.dots % 8:
            raise ProfileError(f"{self.name}: {self.columns} columns do not fit {self.dots} dots")
        if not 1 <= self.slice_rows <= MAX_SLICE_ROWS:
            raise ProfileError(f"{self.name}: slices of {self.slice_rows} rows, not 1 to {MAX_SLICE_ROWS}")
        if self.status not in ("none", "dle_eot"):
            raise ProfileError(f"{self.name}: status {self.status!r}, not none or dle_eot")
        if self.chunk_bytes < 1:
            raise ProfileError(f"{self.name}: chunks of {self.chunk_bytes} bytes")


PROFILES = {
    profile.name: profile
    for profile in (
        PrinterProfile("generic-58", 58, 384, 32, cutter=False),
        PrinterProfile("generic-80", 80, 576, 48),
        PrinterProfile("raster-58", 58, 384, 32, cutter=False, raster_only=True, pause_s=0.02),
        PrinterProfile("raster-80", 80, 576, 48, raster_only=True),
        PrinterProfile("silent-58", 58, 384, 32, cutter=False, status="none"),
        PrinterProfile("silent-80", 80, 576, 48, status="none"),
        PrinterProfile("drawer-80", 80, 576, 48, drawer=KICK_PIN_2),
    )
}


def profile_for(name: str, width_mm: int) -> PrinterProfile:
    """The profile called `name`, or the generic one for the paper where `name` is empty.

    Raises `ProfileError` where the name is unknown or is for other paper: a receipt that is clipped at the
    edge has lost amounts, so it is refused before anything is printed.
    """
    profile = PROFILES.get(name or f"generic-{width_mm}")
    if profile is None:
        raise ProfileError(f"no printer profile {name or width_mm!r}: only {', '.join(sorted(PROFILES))}")
    if profile.width_mm != width_mm:
        raise ProfileError(
            f"profile {profile.name} is for {profile.width_mm} mm, the settings say {width_mm}"
        )
    return profile
