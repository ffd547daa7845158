"""Where the program's own files stand."""

from __future__ import annotations

import sys
from pathlib import Path


def assets() -> Path:
    """The directory of fonts, sounds, icons and translations, run from a clone or from a frozen build."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root / "assets"
