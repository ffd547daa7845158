"""``kiosk`` and ``python -m kiosk``: hands over to the command line, and keeps its promise about exit codes.

Any exception that escapes exits 3: Python's own 1 would say to a script that nothing was charged (design.md part 5).
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    from kiosk.cli import run

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
