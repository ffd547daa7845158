"""`dev.py bench`: runs the benchmarks one by one and tells in one table what was reached and what fell short.

A benchmark is a program under tests/bench that runs alone: `python tests/bench/NAME.py --json` prints one JSON value,
a row or a list of rows. A row is an object:

    what       what was measured, with its unit
    ours       the figure (a number or a text)
    yardstick  what stands beside it, measured in the same run on the same machine; null where there is none
    ratio      ours to the yardstick; null where it says nothing
    reach      what is to be reached, as a text such as "<= 3"; null: told only
    holds      whether it was reached: true, false, or null where nothing is to be reached

A program that only tells figures, with nothing to reach, may print one object of names (unit last) and numbers.

Its exit code is 0, or 1 where one of its rows does not hold. Standard library only, as dev.py.
"""

from __future__ import annotations

import json
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: The longest that one program may take.
LIMIT_S = 1800
HEAD = ("what", "ours", "yardstick", "ratio", "reach", "holds?")


@dataclass(frozen=True)
class Row:
    """One line of the table; `program` is the file that measured it."""

    what: str
    ours: object = None
    yardstick: object = None
    ratio: float | None = None
    reach: str | None = None
    holds: bool | None = None
    program: str = ""


def programs(folder: Path) -> list[Path]:
    """The benchmarks that can be run alone, by name."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith(("test_", "conftest", "_")))


def measured(python: Path, program: Path, root: Path) -> list[Row]:
    """The rows of one program; a program that fails is a row that does not hold."""
    command = [str(python), str(program), "--json"]
    try:
        # What it says to people (a bar, a warning) goes where ours goes.
        done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False)
        rows = rows_of(done.stdout, program.name)
    except subprocess.TimeoutExpired:
        return [_failed(program, f"took longer than {LIMIT_S} s")]
    except (ValueError, TypeError) as error:
        return [_failed(program, f"exit code {done.returncode}, no rows: {error}")]
    if done.returncode != 0 and all(row.holds is not False for row in rows):
        rows.append(_failed(program, f"exit code {done.returncode}"))
    return rows


def rows_of(text: str, program: str) -> list[Row]:
    """The rows in what a program printed. Raises ValueError or TypeError."""
    told = json.loads(text)
    if isinstance(told, dict) and "what" not in told:
        told = [{"what": f"{Path(program).stem}: {name}", "ours": float(figure)} for name, figure in told.items()]
    found = told if isinstance(told, list) else [told]
    rows = [Row(**{**row, "program": program}) for row in found]
    for row in rows:
        if row.reach is not None and not isinstance(row.holds, bool):
            raise ValueError(f"{row.what!r} has something to reach and does not say whether it holds")
    return rows


def _failed(program: Path, why: str) -> Row:
    return Row(what=f"{program.name}: {why}", reach="to run", holds=False, program=program.name)


def table(rows: Sequence[Row]) -> str:
    """The rows below each other, as wide as they need."""
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(HEAD))]
    return "\n".join("  ".join(_filled(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in lines)  # fmt: skip


def _cells(row: Row) -> tuple[str, ...]:
    holds = "-" if row.holds is None else ("yes" if row.holds else "NO")
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f} x"
    return (row.what, _figure(row.ours), _figure(row.yardstick), ratio, row.reach or "-", holds)


def _figure(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else (
        f"{value:,.0f}" if isinstance(value, float | int) else str(value)
    )  # fmt: skip


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _filled(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def bench(python: Path, root: Path, keep: Path | None = None) -> int:
    """Run every benchmark there is, print the table, keep it as JSON where asked; 1 where something falls short."""
    rows: list[Row] = []
    for program in programs(root / "tests" / "bench"):
        print(f"... {program.name}", flush=True)
        rows += measured(python, program, root)
    print(table(rows))
    if keep is not None:
        keep.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n", "utf-8")
    short = [row.what for row in rows if row.holds is False]
    print(f"{len(short)} of {len(rows)} fall short" if short else f"{len(rows)} rows, none falls short")
    return 1 if short else 0
