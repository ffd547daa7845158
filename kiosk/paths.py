"""Where the program's own files stand, run from a clone or from a frozen build."""

from __future__ import annotations

import sys
from pathlib import Path


def assets() -> Path:
    """The directory of fonts, sounds, icons and translations."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root / "assets"
