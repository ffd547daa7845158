"""The command line: a contract that scripts outside this repository depend on (design.md part 5).

Rules
1. Exit codes: 0 done, 1 a clear negative answer, 2 wrong usage or settings, 3 in doubt or left unresolved. Whatever
   escapes exits 3, and so does a signal after an ``intent``.
2. Standard output of a ``--json`` command is one JSON value and nothing else; everything for people about trouble
   goes to standard error. A payment code is never an argument and never printed.
3. Each command is a module with ``run(arguments) -> int``, imported only when it is asked for.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.settings import Settings

DONE, NO, USAGE, UNRESOLVED = 0, 1, 2, 3

#: Command to module; the module is imported late, so that ``kiosk orders`` never waits for Qt.
_MODULES = {
    "run": "kiosk.cli.windows",
    "demo": "kiosk.cli.demo",
    "pay": "kiosk.cli.pay",
    "lookup": "kiosk.cli.lookup",
    "orders": "kiosk.cli.orders",
    "report": "kiosk.cli.report",
    "recover": "kiosk.cli.recover",
    "settle": "kiosk.cli.settle",
    "verify": "kiosk.cli.verify",
    "check": "kiosk.cli.check",
    "sandbox": "kiosk.cli.sandbox",
    "simulate": "kiosk.cli.simulate",
}


def parser() -> argparse.ArgumentParser:
    """The whole command line; argparse exits 2 on wrong usage, as the contract asks."""
    top = argparse.ArgumentParser(prog="kiosk", description="A counter where people pay their electricity bills.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", help="the settings (else KIOSK_CONFIG, else the platform's place)")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    run = commands.add_parser("run", parents=[common], help="the counter (also without any command)")
    run.add_argument("--windowed", action="store_true", help="in a window instead of the full screen")

    demo = commands.add_parser("demo", help="the counter with everything embedded, no bank and no devices needed")
    demo.add_argument("--walkthrough", metavar="DIR", help="drive its story by itself and save a picture of each step")
    demo.add_argument("--story", choices=["payment", "devices"], default="payment")
    demo.add_argument("--size", metavar="WxH", default="1366x768")
    demo.add_argument("--theme", choices=["light", "dark", "contrast"], default="light")
    demo.add_argument("--locale", choices=["zh_CN", "en"], default="zh_CN")
    demo.add_argument("--lan", action="store_true", help="let phones on the same network open the payment page")

    pay = commands.add_parser("pay", parents=[common], help="a payment without a window")
    pay.add_argument("--customer", metavar="NO", required=True)
    what = pay.add_mutually_exclusive_group(required=True)
    what.add_argument("--bill", metavar="COST_ID")
    what.add_argument("--prepay", metavar="YUAN")
    way = pay.add_mutually_exclusive_group(required=True)
    way.add_argument("--scan", action="store_true", help="the customer's payment code, from the scanner")
    way.add_argument("--show-qr", action="store_true", help="a QR in the terminal for the customer to scan")
    pay.add_argument("--stdin", action="store_true", help="the payment code is one line on standard input")
    pay.add_argument("--json", action="store_true")

    lookup = commands.add_parser("lookup", parents=[common], help="a customer and the bills")
    lookup.add_argument("--customer", metavar="NO", required=True)
    lookup.add_argument("--json", action="store_true")

    orders = commands.add_parser("orders", parents=[common], help="the journal's orders")
    orders.add_argument("--pending", action="store_true", help="only those that recover would take up")
    orders.add_argument("--day", metavar="YYYY-MM-DD")
    orders.add_argument("--find", metavar="TEXT")
    orders.add_argument("--json", action="store_true")

    report = commands.add_parser("report", parents=[common], help="the totals of a day or a shift")
    which = report.add_mutually_exclusive_group()
    which.add_argument("--day", metavar="YYYY-MM-DD", help="else today")
    which.add_argument("--shift", metavar="N", help="an open one's X report, a closed one's Z report")
    report.add_argument("--csv", metavar="FILE", help="write it for a spreadsheet too")
    report.add_argument("--xlsx", metavar="FILE", help="write it as a workbook too")
    report.add_argument("--json", action="store_true")

    recover = commands.add_parser("recover", parents=[common], help="take every unfinished order up again")
    recover.add_argument("--until-settled", metavar="SECONDS", type=_seconds)
    recover.add_argument(
        "--accept-copy",
        action="store_true",
        help="a supervisor has looked at the orders of a journal that was built anew: payments may begin again",
    )

    settle = commands.add_parser("settle", parents=[common], help="a supervisor's settlement, the PIN on stdin")
    settle.add_argument("order", metavar="ORDER", nargs="?")
    settle.add_argument("--as", dest="settle_as", choices=["credited", "failed", "refunded", "release"])
    settle.add_argument("--reason", metavar="TEXT")
    settle.add_argument("--set-pin", action="store_true", help="set the PIN: (the old one, then) the new one")

    verify = commands.add_parser("verify", parents=[common], help="check the journal")
    verify.add_argument("--json", action="store_true")
    verify.add_argument("--anchor", metavar="HASH", type=_anchor, help="the chain's head, as on a receipt's foot")

    check = commands.add_parser("check", parents=[common], help="what this counter stands on, a line each")
    check.add_argument("--json", action="store_true")

    sandbox = commands.add_parser("sandbox", help="the sandbox gateway alone, for integrators")
    sandbox.add_argument("--port", type=_port, default=0, help="0 takes a free one")
    sandbox.add_argument("--data", metavar="FILE", help="customers and bills (JSON or TOML)")
    sandbox.add_argument(
        "--scenario", metavar="FILE", help="what goes wrong: a TOML file, or the name of one of those that 'list' lists"
    )

    simulate = commands.add_parser("simulate", help="the counter under seeds, with faults: does any rule break?")
    simulate.add_argument("--seeds", metavar="N", type=_count, default=1000, help="how many stories")
    simulate.add_argument("--from", dest="first", metavar="SEED", type=_seed, default=0, help="the first one's seed")
    simulate.add_argument("--workers", metavar="N", type=_count, help="processes (else one a processor)")
    simulate.add_argument("--json", action="store_true")
    return top


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 10**7:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no count (1 to 999999999)")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 10**15:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed (0 to 999999999999999)")
    return int(text)


def _anchor(text: str) -> str:
    digits = "".join(text.split()).lower()
    if not 12 <= len(digits) <= 64 or set(digits) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"{text!r} is no chain head (12 to 64 hexadecimal digits)")
    return digits


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535)")
    return int(text)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing escapes but argparse's own exit."""
    _end_as_interrupted()
    given = parser().parse_args(["run", *arguments] if _no_command(arguments) else list(arguments))
    try:
        command = importlib.import_module(_MODULES[given.command])
        code: int = command.run(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        _told("stopped")
        return UNRESOLVED
    except BaseException as error:
        return _escaped(error)


def _end_as_interrupted() -> None:
    """SIGTERM ends a command as Ctrl+C does: in order, and with 3 (a command that serves sets its own handler)."""
    import signal
    import threading

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)


def settings_of(given: argparse.Namespace) -> Settings:
    """The settings that this command was given. Raises :class:`kiosk.errors.SettingsError`."""
    import os
    from pathlib import Path

    from kiosk.settings import load

    return load(Path(given.config) if given.config else None, os.environ)


def require_day(text: str) -> None:
    """Refuse what is no day of the calendar. Raises :class:`kiosk.errors.UsageError`."""
    import re

    from kiosk.core.calendar import day_bounds_ms
    from kiosk.errors import UsageError

    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            day_bounds_ms(text)
            return
    except (ValueError, OverflowError):
        pass  # the 30th of February; the last day that a date can tell
    raise UsageError("error.usage", detail=f"--day {text[:20]}: YYYY-MM-DD")


def _no_command(arguments: Sequence[str]) -> bool:
    """``kiosk`` alone, or with options of ``run`` only, opens the counter."""
    return not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help"))


def _escaped(error: BaseException) -> int:
    """An error of ours: told in a sentence, kept in the log, and never 1."""
    import logging

    from kiosk.errors import KioskError
    from kiosk.wording import Wording

    if isinstance(error, BrokenPipeError):
        _nobody_listens()
        return UNRESOLVED
    if isinstance(error, KioskError):
        _told(error.told(Wording().say))
        return error.exit_code
    logging.getLogger(__name__).critical("an error escaped", exc_info=error)
    _told(f"kiosk met an error of its own ({type(error).__name__}); what was begun is in the journal")
    return UNRESOLVED


def _told(text: str) -> None:
    """A last word for people; that nobody takes it changes no exit code."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _nobody_listens()


def _nobody_listens() -> None:
    """Whoever read us is gone (``| head``): what is still to be flushed goes nowhere, or Python itself would exit
    with a code of its own."""
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
