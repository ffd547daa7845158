"""For tests alone: the process kills itself at a named point of a payment, as a power cut or ``kill -9`` would.

``KIOSK_TEST_STOP_AT=POINT[:N]`` in the environment: the N-th time (default: the first) that POINT is reached, the
process is gone, without a goodbye to anyone. Points:

=========================  ============================================================================================
``before_``/``after_`` an  the commit of that event (``intent``, ``in_doubt``, ``shown``, ``unseen``, ``paid``,
event of the journal       ``credited``, ``failed`` ...): nothing of it is on the disk | all of it, nobody acted on it
``before_call``            pay or unified is about to be sent
``after_call``             its reply arrived in the client, nobody handled it
``before_query`` ...       the same of a payment query, ``before_notice``/``after_notice`` of a notice (after:
                           acknowledged, not written)
``before_print`` ...       "printing" is in the journal, the printer has not heard of it | it printed, not written
``in_recover``             open orders were found at a start, nothing was done for any of them
=========================  ============================================================================================

Rules
1. It is read only where the gateway is on this machine; anywhere else it is ignored, with a line in the log.
2. Ports are wrapped where app.py wires them: neither the engine nor the journal knows of it.
3. It is no setting, and no part of any contract: it may change with the tests that use it.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, cast

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Order
from kiosk.core.receipt import ReceiptLine
from kiosk.errors import UsageError
from kiosk.ports import GatewayPort, JournalPort, PrinterPort, PrintResult

_log = logging.getLogger(__name__)

VARIABLE = "KIOSK_TEST_STOP_AT"
IN_RECOVER = "in_recover"
_DONE = (*(kind.value for kind in EventKind), "call", "query", "notice", "print")
POINTS = frozenset((*(f"{side}_{what}" for what in _DONE for side in ("before", "after")), IN_RECOVER))
#: The gateway's methods that are points, by the word in the point's name.
_CALLS = {"pay": "call", "unified": "call", "query": "query", "notice": "notice"}


class StopAt:
    """The point at which this process ends; ``die`` is what ends it."""

    def __init__(self, point: str, nth: int, die: Callable[[], object] | None = None) -> None:
        self._point = point
        self._left = nth
        self._die = die or kill_this_process
        self._lock = threading.Lock()

    def reached(self, point: str) -> None:
        """Some thread is at ``point``; it does not return where that is the one."""
        if point != self._point:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._die()

    def around(self, what: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work`` with a point before and a point after it."""

        def worked(*arguments: Any, **named: Any) -> Any:
            self.reached(f"before_{what}")
            result = work(*arguments, **named)
            self.reached(f"after_{what}")
            return result

        return worked

    def journal(self, journal: JournalPort) -> JournalPort:
        """The journal, with a point before and after each commit of an event."""
        return cast(JournalPort, _StoppingJournal(journal, self))

    def gateway(self, gateway: GatewayPort) -> GatewayPort:
        """The gateway, with a point before and after each call that concerns money."""
        return cast(GatewayPort, _StoppingGateway(gateway, self))

    def printer(self, printer: PrinterPort) -> PrinterPort:
        """The printer, with a point before and after each print."""
        return _StoppingPrinter(printer, self)


class _StoppingJournal:
    """A :class:`JournalPort`; what is no point goes straight to the real one."""

    def __init__(self, journal: JournalPort, stop: StopAt) -> None:
        self._journal = journal
        self._stop = stop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, order: Order, events: Sequence[Append], *more: Any, **named: Any) -> Order:
        for event in events:
            self._stop.reached(f"before_{event.kind}")
        order = self._journal.append(order, events, *more, **named)
        for event in events:
            self._stop.reached(f"after_{event.kind}")
        return order

    def open_orders(self) -> list[Order]:
        found = self._journal.open_orders()
        if found:
            self._stop.reached(IN_RECOVER)
        return found


class _StoppingGateway:
    """A :class:`GatewayPort`; look-ups, which hold no money, are no points."""

    def __init__(self, gateway: GatewayPort, stop: StopAt) -> None:
        self._gateway = gateway
        self._stop = stop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        return self._stop.around(_CALLS[name], found) if name in _CALLS else found


class _StoppingPrinter:
    """A :class:`PrinterPort`."""

    def __init__(self, printer: PrinterPort, stop: StopAt) -> None:
        self._printer = printer
        self._stop = stop

    def print(self, job_id: str, document: Sequence[ReceiptLine]) -> PrintResult:
        return cast(PrintResult, self._stop.around("print", self._printer.print)(job_id, document))


def stop_at(environment: Mapping[str, str], *, gateway_is_here: bool) -> StopAt | None:
    """The point that the environment names, if it names one and may. Raises :class:`UsageError` for one misspelt."""
    wanted = environment.get(VARIABLE, "")
    if not wanted:
        return None
    if not gateway_is_here:
        _log.warning("%s is ignored: the gateway is not on this machine", VARIABLE)
        return None
    point, _, nth = wanted.partition(":")
    if point not in POINTS or (nth or "1").strip("0123456789") or int(nth or "1") < 1:
        raise UsageError("error.stop_at", variable=VARIABLE, found=wanted[:60], allowed=", ".join(sorted(POINTS)))
    return StopAt(point, int(nth or "1"))


def kill_this_process() -> NoReturn:
    """No handler runs, nothing is flushed: as ``kill -9`` from outside."""
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)
