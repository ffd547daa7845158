"""Makes assets/fonts: Noto Sans SC, cut down to what a counter can be asked to draw.

    .venv/bin/python packaging/make_font.py DIRECTORY

DIRECTORY (or the environment's KIOSK_FONT_SOURCE) holds the whole fonts, NotoSansSC_400Regular.ttf and
NotoSansSC_700Bold.ttf, and their licence OFL.txt.

1. Kept: ASCII, all that GB18030 holds in one or two bytes (which is GBK, and so GB2312: what names and
   addresses arrive in and what a receipt printer takes), and the signs in `SIGNS`.
2. Dropped: hinting (screens and 203 dpi paper do without), vertical writing, alternate forms, kerning.
   Digits of this family are of one width already, which is what columns of money need.
3. The same input gives the same bytes: no time of making is written.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "assets" / "fonts"
FACES = {
    "NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
}
LICENCE = "OFL.txt"
# What windows want beyond GB18030's two bytes; a sign the source lacks is named and left out.
SIGNS = "¥✓✗✕×→←↑↓⌫⏎⇧⚠ⓘ…•●○◆◇▲△▼▽–—‘’“”"
LAYOUT_FEATURES = ["ccmp", "locl", "mark"]
TABLES_DROPPED = ["BASE", "STAT", "vhea", "vmtx", "VORG", "DSIG"]


def gb18030_two_byte() -> set[int]:
    """All code points that GB18030 writes in two bytes, the private use area left out."""
    trails = [*range(0x40, 0x7F), *range(0x80, 0xFF)]
    points: set[int] = set()
    for lead in range(0x81, 0xFF):
        for trail in trails:
            points.update(map(ord, bytes((lead, trail)).decode("gb18030", errors="ignore")))
    return {point for point in points if not 0xE000 <= point <= 0xF8FF}


def wanted() -> set[int]:
    """The code points the subset is asked for."""
    return set(range(0x20, 0x7F)) | gb18030_two_byte() | set(map(ord, SIGNS))


def options() -> subset.Options:
    """How the subset is cut (rules 2 and 3 above)."""
    chosen = subset.Options()
    chosen.hinting = False
    chosen.layout_features = LAYOUT_FEATURES
    chosen.drop_tables = [*chosen.drop_tables, *TABLES_DROPPED]
    chosen.notdef_outline = True
    chosen.name_IDs = ["*"]
    chosen.recalc_timestamp = False
    return chosen


def cut(source: Path, target: Path) -> list[str]:
    """Writes the subset of `source` to `target`; returns the characters that `source` lacks."""
    font = TTFont(source, recalcTimestamp=False)
    present = set(font.getBestCmap())
    subsetter = subset.Subsetter(options())
    subsetter.populate(unicodes=wanted() & present)
    subsetter.subset(font)
    font.save(target)
    return [chr(point) for point in sorted(wanted() - present)]


def main() -> int:
    """Cuts both faces and copies the licence; 2 where the source is not there."""
    parser = argparse.ArgumentParser(description="make assets/fonts from the whole Noto Sans SC")
    parser.add_argument("source", nargs="?", type=Path, default=os.environ.get("KIOSK_FONT_SOURCE"))
    source = parser.parse_args().source
    missing = [name for name in (*FACES, LICENCE) if source is None or not (Path(source) / name).is_file()]
    if missing:
        print(f"Name the directory that holds {', '.join(missing)}.", file=sys.stderr)
        return 2
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, subset_name in FACES.items():
        lacking = cut(Path(source) / name, TARGET / subset_name)
        size = (TARGET / subset_name).stat().st_size
        print(f"{subset_name}: {size:,} bytes; not in the source: {' '.join(lacking) or 'nothing'}")
    shutil.copyfile(Path(source) / LICENCE, TARGET / LICENCE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
