"""``kiosk sandbox``: the sandbox gateway alone. It is an extra: a production install does without it."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk.errors import UsageError


def run(given: argparse.Namespace) -> int:
    """Serve until it is stopped; its first line is the address."""
    try:
        from kiosk.sandbox.run import serve
        from kiosk.sandbox.scenario_file import listed
    except ModuleNotFoundError as error:
        raise UsageError("error.sandbox_missing") from error
    if given.scenario == "list":
        print(listed())
        return 0
    return serve(port=given.port, data_file=Path(given.data) if given.data else None, scenario=given.scenario)
