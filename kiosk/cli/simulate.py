"""``kiosk simulate``: stories of a counter under seeds, with faults; a violated rule is told with its seed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

from kiosk.cli import DONE, NO, UNRESOLVED
from kiosk.simulator.campaign import Broken, Totals, campaign

#: A bar is drawn for runs of at least so many stories, where somebody looks at it.
_BAR_FROM = 500
_BAR_WIDTH = 30


def run(given: argparse.Namespace) -> int:
    """0: no rule was violated; 1: one was; 3: stopped before the end, with the figures so far."""
    began_s = time.monotonic()
    show = _bar(given.seeds) if given.seeds >= _BAR_FROM and sys.stderr.isatty() else _no_bar
    totals, is_whole = Totals(), True
    try:
        for totals in campaign(given.first, given.seeds, processes=given.workers):
            show(totals)
    except KeyboardInterrupt:
        is_whole = False
        print("stopped", file=sys.stderr)
    took_s = time.monotonic() - began_s
    if given.json:
        print(json.dumps(_as_json(totals, given, took_s), ensure_ascii=False))
    else:
        _print(totals, given, took_s)
    if totals.violations:
        return NO
    return DONE if is_whole else UNRESOLVED


def _print(totals: Totals, given: argparse.Namespace, took_s: float) -> None:
    print(f"stories simulated    {totals.stories} (seeds {given.first} to {given.first + totals.stories - 1})")
    print(f"payments simulated   {totals.payments} in {totals.virtual_s / 3600:.0f} virtual hours")
    print(f"faults injected      {totals.struck}")
    for fault, count in sorted(totals.faults.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"  {fault.value:<18} {count}")
    print(f"crashes              {totals.crashes}")
    print(f"orders ended         {', '.join(f'{state.value} {count}' for state, count in sorted(totals.ends.items()))}")
    print(f"violated invariants  {totals.violations}")
    for broken in totals.broken:
        _print_broken(broken)
    print(f"{totals.payments / took_s:.0f} payments a second", file=sys.stderr)


def _print_broken(broken: Broken) -> None:
    print(f"\nseed {broken.seed}: rule {broken.violation.rule}: {broken.violation.text}")
    for moment_s, kind, text in broken.last:
        print(f"  {moment_s:12.3f} s  {kind:<8} {text}")
    print(f"replay: kiosk simulate --from {broken.seed} --seeds 1")


def _as_json(totals: Totals, given: argparse.Namespace, took_s: float) -> dict[str, object]:
    return {
        "first_seed": given.first,
        "stories": totals.stories,
        "payments": totals.payments,
        "virtual_s": round(totals.virtual_s, 3),
        "faults": {fault.value: count for fault, count in sorted(totals.faults.items())},
        "crashes": totals.crashes,
        "ends": {state.value: count for state, count in sorted(totals.ends.items())},
        "violations": totals.violations,
        "broken": [
            {
                "seed": one.seed,
                "rule": one.violation.rule,
                "text": one.violation.text,
                "last": [list(told) for told in one.last],
            }
            for one in totals.broken
        ],
        "took_s": round(took_s, 3),
    }


def _no_bar(totals: Totals) -> None:
    """Nobody looks."""


def _bar(stories: int) -> Callable[[Totals], None]:
    def show(totals: Totals) -> None:
        done = totals.stories / stories
        filled = "#" * round(_BAR_WIDTH * done)
        end = "\n" if totals.stories >= stories else ""
        text = f"\r[{filled:<{_BAR_WIDTH}}] {totals.payments} payments, {totals.violations} violations "
        print(text, end=end, file=sys.stderr, flush=True)

    return show
