"""``kiosk pay``: a payment without a window, by the same engine, journal and devices.

Rules
1. Exactly one of four ends (design.md part 5): 0 credited; 1 nothing was taken and nothing is open; 2 usage; 3 whatever
   else, because a script that reads 1 will charge again.
2. The payment code comes from the scanner, or as one line of standard input; it is never an argument and never shown.
3. What is told to people goes to standard error; standard output carries ``pay_url``, the QR, and with ``--json`` the
   order's object on the last line.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.app import Counter, open_counter
from kiosk.cli import DONE, NO, UNRESOLVED, USAGE, settings_of
from kiosk.cli.orders import as_json
from kiosk.cli.terminal_qr import drawn
from kiosk.core.money import AmountError, parse_yuan, show_yuan
from kiosk.core.order import Mode, Order, State
from kiosk.core.sentence import Sentence
from kiosk.errors import UsageError
from kiosk.journal import JournalReader
from kiosk.settings import Settings
from kiosk.snapshot import (
    ChooseBill,
    Command,
    Confirm,
    Face,
    LookUp,
    PayBills,
    PayPrepayment,
    Scanned,
    ShowQr,
    Snapshot,
)
from kiosk.wording import Wording

#: How long the customer may take to hold the phone to the scanner before the command gives up; nothing was sent then.
CODE_WAIT_S = 120.0
#: After the result: how long the printer may take (design.md part 5).
PRINTER_WAIT_S = 10.0
#: Beyond the attended time, the gateway's and the journal's own limits end every wait; this is for our own mistakes.
GRACE_S = 30.0

_LEFT_OPEN = frozenset({"open_attempt", "renamed"})


@dataclass(frozen=True, slots=True)
class _End:
    """How the command ends: its exit code, what is told, and the order, where one was made."""

    code: int
    told: Sentence
    order: Order | None = None


class _Watch:
    """The newest snapshots, waited for on the command's own thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
        self.latest: Snapshot | None = None

    def publish(self, snapshot: Snapshot) -> None:
        """From the engine's thread."""
        self._queue.put(snapshot)

    def until(self, holds: Callable[[Snapshot], bool], timeout_s: float) -> Snapshot | None:
        """The first snapshot from the newest seen on for which this holds; None when the time is over."""
        deadline_s = time.monotonic() + timeout_s
        while self.latest is None or not holds(self.latest):
            try:
                self.latest = self._queue.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                return None
        return self.latest


def run(given: argparse.Namespace) -> int:
    """Carry the payment out and return the exit code."""
    amount_fen = _amount(given.prepay) if given.prepay is not None else 0
    settings = settings_of(given)
    wording = Wording(settings.counter.locale)
    _require_source(given, settings)
    watch = _Watch()
    counter = open_counter(settings, watch.publish, wording=wording, scans=given.scan and not given.stdin)
    payment = _Payment(given, settings, counter, watch, amount_fen)
    try:
        counter.start()
        end = payment.carried_out()
        payment.wait_for_printer()
    except BaseException:
        if payment.order_no:
            print(wording.say("cli.in_doubt", order_no=payment.order_no), file=sys.stderr)
            _finish(given, payment.order())
            return UNRESOLVED
        raise
    finally:
        counter.close()
    print(wording.say(end.told), file=sys.stderr)
    _finish(given, end.order)
    return end.code


def _finish(given: argparse.Namespace, order: Order | None) -> None:
    if given.json:
        print(json.dumps(as_json(order) if order is not None else None, ensure_ascii=False), flush=True)


def _amount(text: str) -> int:
    try:
        return parse_yuan(text)
    except AmountError as error:
        raise UsageError(f"amount.{error.reason}") from error


def _require_source(given: argparse.Namespace, settings: Settings) -> None:
    if given.scan and not given.stdin and settings.scanner.kind in ("none", "keyboard"):
        raise UsageError("error.no_scanner")


class _Payment:
    """One payment, told by snapshots, driven by the same commands as the windows'."""

    def __init__(
        self, given: argparse.Namespace, settings: Settings, counter: Counter, watch: _Watch, amount_fen: int
    ) -> None:
        self._given = given
        self._settings = settings
        self._counter = counter
        self._watch = watch
        self._amount_fen = amount_fen
        self._mode = Mode.SCAN if given.scan else Mode.SHOW
        self.order_no = ""

    def order(self) -> Order | None:
        """The order as the engine's memory or the journal has it."""
        if not self.order_no:
            return None
        order = self._counter.engine.orders.get(self.order_no)
        if order is not None:
            return order
        with JournalReader(self._settings.data_directory) as reader:
            return reader.order(self.order_no)

    def carried_out(self) -> _End:
        """From the look-up to the end."""
        early = self._find() or self._to_pay() or self._begin()
        return self._await_result() if early is None else self._early(early)

    def _early(self, end: _End) -> _End:
        """An end before anything was sent, only where that is sure: the engine is stopped, then its desk is looked at.

        What was on its way to the engine (a scan in the last moment) may have begun a payment after all.
        """
        self._counter.engine.stop()
        run = self._counter.engine.desk.run
        self.order_no = run.item.order_no if run is not None else ""
        return end if not self.order_no else self._end(self.order())

    # --- before anything is sent -----------------------------------------------------------------------------------

    def _send(self, command: Command) -> None:
        self._counter.engine.send(command)

    def _find(self) -> _End | None:
        self._send(LookUp(self._given.customer))
        policy = self._settings.payment
        limit_s = 2 * policy.lookup_timeout_s * policy.lookup_tries + GRACE_S
        seen = self._watch.until(lambda now: now.face is Face.ACCOUNT or _refused(now), limit_s)
        if seen is None:
            return _End(NO, Sentence.of("cli.no_answer"))
        if seen.face is not Face.ACCOUNT:
            return _End(NO, _what(seen))
        return None

    def _to_pay(self) -> _End | None:
        return self._choose_bill() if self._given.bill is not None else self._choose_prepayment()

    def _choose_bill(self) -> _End | None:
        account = self._watch.latest.account if self._watch.latest is not None else None
        rows = account.bills if account is not None else ()
        wanted = next((row for row in rows if row.cost_id == self._given.bill), None)
        if wanted is None:
            return _End(NO, Sentence.of("cli.bill_unknown", cost_id=self._given.bill))
        if wanted.locked is not None:
            reason = wanted.locked.code.removeprefix("lock.")
            if reason == "credited":
                return _End(NO, Sentence.of("cli.bill_credited"))
            told = Sentence.of("cli.bill_locked", cost_id=wanted.cost_id, reason=self._say(wanted.locked))
            return _End(UNRESOLVED if reason in _LEFT_OPEN else NO, told)
        for row in rows:
            if row.chosen and row is not wanted:
                self._send(ChooseBill(row.cost_id, False))
        self._send(ChooseBill(wanted.cost_id, True))
        self._send(PayBills())
        return self._reach_pay()

    def _choose_prepayment(self) -> _End | None:
        self._send(PayPrepayment(self._given.prepay))
        return self._reach_pay()

    def _reach_pay(self) -> _End | None:
        """At *Pay*, or why not. A question (``confirm_above``) is the window's: here the command line itself is yes."""

        def moved(now: Snapshot) -> bool:
            return now.face is Face.PAY or _refused(now) or _asks(now)

        seen = self._watch.until(moved, GRACE_S)
        if seen is not None and _asks(seen):
            if not _asks_for_a_large_one(seen):  # only confirm_above is a window's question: an earlier one is open
                return _End(UNRESOLVED, Sentence.of("cli.earlier_prepayment"))
            self._send(Confirm())
            seen = self._watch.until(lambda now: now.face is Face.PAY or _refused(now), GRACE_S)
        if seen is None or seen.face is not Face.PAY:
            return _End(NO, _what(seen) if seen is not None else Sentence.of("cli.no_answer"))
        return None

    # --- the payment itself ----------------------------------------------------------------------------------------

    def _begin(self) -> _End | None:
        self._tell(Sentence.of("cli.amount_due", amount=self._amount()))
        if self._mode is Mode.SHOW:
            self._send(ShowQr())
        elif self._given.stdin:
            line = sys.stdin.readline().strip()
            if not line:
                return _End(USAGE, Sentence.of("cli.empty_input"))
            self._send(Scanned(line))
            del line
        else:
            self._tell(Sentence.of("cli.scan_now"))
        seen = self._watch.until(_begun_or_told, CODE_WAIT_S)
        if seen is None:
            return _End(NO, Sentence.of("code.empty"))
        if seen.pay is not None and not seen.pay.order_no:
            return self._not_begun(seen)
        self.order_no = _order_no(seen)
        return None

    def _not_begun(self, seen: Snapshot) -> _End:
        """Refused before anything was sent; an older attempt on the same bill is open and stays so."""
        assert seen.banner is not None
        if seen.banner.what.code == "lock.open_attempt":
            return _End(UNRESOLVED, Sentence.of("cli.older_attempt", order_no=seen.banner.reference))
        return _End(NO, seen.banner.what)

    def _await_result(self) -> _End:
        policy = self._settings.payment
        attended_s = policy.attended_scan_s if self._mode is Mode.SCAN else policy.attended_show_s
        deadline_s = time.monotonic() + policy.pay_timeout_s + attended_s + GRACE_S
        if self._mode is Mode.SHOW:
            self._show_qr()
        self._tell(Sentence.of("cli.asking"))
        self._watch.until(lambda now: now.face is Face.RESULT, deadline_s - time.monotonic())
        order = self.order()
        if order is not None and order.state is State.PAID:
            self._watch.until(self._credited, max(1.0, deadline_s - time.monotonic() - GRACE_S))
        return self._end(self.order())

    def _credited(self, now: Snapshot) -> bool:
        order = self.order()
        return order is None or order.state is not State.PAID

    def _show_qr(self) -> None:
        limit_s = self._settings.payment.pay_timeout_s + GRACE_S
        seen = self._watch.until(
            lambda now: now.face is Face.RESULT or (now.pay is not None and bool(now.pay.qr_text)), limit_s
        )
        if seen is None or seen.pay is None or not seen.pay.qr_text:
            return
        if not self._given.json:
            print(drawn(seen.pay.qr_text), flush=True)
        print(f"pay_url {seen.pay.qr_text}", flush=True)

    def _end(self, order: Order | None) -> _End:
        if order is None:
            return _End(UNRESOLVED, Sentence.of("cli.in_doubt", order_no=self.order_no))
        number = order.order_no
        match order.state:
            case State.CREDITED:
                told = Sentence.of("cli.credited", amount=show_yuan(order.total_fen), order_no=number)
                return _End(DONE, told, order)
            case State.FAILED:
                reason = Sentence.of(_reason(order))
                return _End(NO, Sentence.of("cli.failed", reason=self._say(reason), order_no=number), order)
            case State.UNSEEN:
                return _End(NO, Sentence.of("cli.unseen", order_no=number), order)
            case State.PAID:
                return _End(UNRESOLVED, Sentence.of("cli.paid_not_credited", order_no=number), order)
            case State.REFUNDED:
                return _End(UNRESOLVED, Sentence.of("cli.refunded", order_no=number), order)
            case State.MANUAL:
                return _End(UNRESOLVED, Sentence.of("cli.manual", order_no=number), order)
            case State.SHOWN:
                return _End(UNRESOLVED, Sentence.of("cli.shown_unpaid", order_no=number), order)
        return _End(UNRESOLVED, Sentence.of("cli.in_doubt", order_no=number), order)

    # --- paper and words -------------------------------------------------------------------------------------------

    def wait_for_printer(self) -> None:
        """At most ``PRINTER_WAIT_S``; a printer's trouble is told and changes nothing else."""
        if self._settings.printer.kind == "none" or not self.order_no:
            return
        order = self.order()
        if order is None or order.state not in (State.PAID, State.CREDITED):
            return
        seen = self._watch.until(_print_is_over, PRINTER_WAIT_S)
        printing = seen.result.printing if seen is not None and seen.result is not None else None
        if printing is None or printing.code not in ("printing.confirmed", "printing.sent_unconfirmed"):
            reason = self._say(printing) if printing is not None else self._say(Sentence.of("printing.not_sent"))
            self._tell(Sentence.of("cli.printer_trouble", reason=reason))

    def _amount(self) -> str:
        pay = self._watch.latest.pay if self._watch.latest is not None else None
        return show_yuan(pay.amount_fen if pay is not None else self._amount_fen)

    def _say(self, sentence: Sentence) -> str:
        return self._counter.wording.say(sentence)

    def _tell(self, sentence: Sentence) -> None:
        print(self._say(sentence), file=sys.stderr, flush=True)


def _asks(now: Snapshot) -> bool:
    return now.account is not None and now.account.question is not None


def _asks_for_a_large_one(now: Snapshot) -> bool:
    question = now.account.question if now.account is not None else None
    return question is not None and question.code == "account.confirm_large"


def _refused(now: Snapshot) -> bool:
    """The desk says no. An alarm about an older order stands in the same place and is no refusal."""
    return now.banner is not None and not now.banner.what.code.startswith("alarm.")


def _what(seen: Snapshot) -> Sentence:
    return seen.banner.what if seen.banner is not None else Sentence.of("cli.no_answer")


def _begun_or_told(now: Snapshot) -> bool:
    return bool(_order_no(now)) or (now.face is Face.PAY and _refused(now))


def _order_no(now: Snapshot) -> str:
    if now.pay is not None:
        return now.pay.order_no
    return now.result.reference if now.result is not None else ""


def _print_is_over(now: Snapshot) -> bool:
    printing = now.result.printing if now.result is not None else None
    return printing is not None and printing.code != "printing.now"


def _reason(order: Order) -> str:
    known = ("not_sent", "not_found", "expired")
    if order.reason in known:
        return f"reason.{order.reason}"
    return f"gateway.{order.reason}" if order.reason else "gateway.payerror"
