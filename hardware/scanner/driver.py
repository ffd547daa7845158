"""The scanner's driver: one thread that owns the port, reads it, and opens it again for ever.

1. `on_scan` and `on_health` are called from the driver's thread and must not wait; the last health, `OFF`,
   comes from the thread that calls `stop`. What they raise is counted, logged by its type, and survived.
2. Health is said on change only, and `UP` when a port has stayed open for half a second or given a code: a
   loose plug is one `DOWN`, not twenty.
3. A gated scan (`accepting = False`) is counted and answered by `on_gated`; it is never kept for later.
4. Nothing of one connection reaches the next: the pending part is dropped and counted. A code already on its
   way when the port is opened would come without its beginning, so reading starts at a short silence.
5. No code is logged, not even masked.
6. What a packet scanner waits for is written before a code is handed on. A scanner that takes no bytes is read all the
   same.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from hardware.health import Health, Reason, State
from hardware.ports.tcp_port import SCHEME, TcpPort
from hardware.ports.transport import Transport, TransportError, TransportStalled
from hardware.scanner.backoff import Backoff
from hardware.scanner.config import ScannerConfig
from hardware.scanner.reader import CodeReader, Scan

__all__ = ["Counters", "Scan", "ScannerConfig", "ScannerDriver", "serial_transport"]

DEVICE = "scanner"
POLL_S = 0.25
SETTLE_S = 0.5
JOIN_S = 0.9
READ_BYTES = 4096
OPENING_QUIET_S = 0.05
OPENING_LIMIT_S = 0.5  # a line that is never quiet is read all the same, to be found noisy
# A read that waits for the gap to end waits this much longer, so that the gap is over when it returns.
_GAP_SLACK_S = 0.002
_ABSENT = frozenset({Reason.GONE, Reason.NOT_FOUND})
# Just after a port appears the system has not yet given it its rights, and may itself be probing it.
_MAY_PASS = frozenset({Reason.DENIED, Reason.BUSY})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counters:
    """What happened since `start`; for a status page and for tests."""

    scans: int = 0  # handed to on_scan
    gated: int = 0
    bounces: int = 0
    unreadable: int = 0  # whole codes that are no text
    junk: int = 0  # runs of bytes that are no code
    overflows: int = 0
    partials: int = 0  # codes cut off by an unplugging, or on their way when the port was opened
    noise_bytes: int = 0
    connections: int = 0
    failures: int = 0  # of opening or reading
    listener_errors: int = 0
    replies: int = 0  # answers of the scanner's own
    repeats: int = 0  # packets that had come already
    bad_packets: int = 0
    unwritten: int = 0  # acknowledgements that the scanner did not take

    def shown(self) -> tuple[tuple[str, int], ...]:
        """What a person is shown, in this order."""
        return (
            ("scans", self.scans),
            ("duplicates", self.bounces + self.repeats),
            ("gated", self.gated),
            ("partials", self.partials),
            ("overflows", self.overflows),
            ("noise", self.noise_bytes),
            ("replies", self.replies),
            ("reconnects", max(0, self.connections - 1)),
        )


def serial_transport(config: ScannerConfig) -> Transport:
    """The transport that a configuration's port means."""
    if config.port.startswith(SCHEME):
        return TcpPort(config.port)
    # Here, since a counter without a serial scanner starts without pyserial.
    from hardware.ports.serial_port import SerialPort, is_passing_name

    if is_passing_name(config.port):
        _log.warning("scanner: %s is only where it came up today; name it by /dev/serial/by-id or usb:", config.port)
    return SerialPort(config.port, baud=config.baud, line=config.line, rts=not config.ssi)


class ScannerDriver:
    """Reads one scanner until it is stopped.

    `clock` gives monotonic seconds, `connect` makes the transport, `settle_s` is how long in seconds a port
    must stay open to be `UP`. Setting `accepting` to False gates scans, from any thread.
    """

    def __init__(
        self,
        config: ScannerConfig,
        on_scan: Callable[[Scan], None],
        on_health: Callable[[Health], None],
        *,
        on_gated: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        connect: Callable[[ScannerConfig], Transport] = serial_transport,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._config = config
        self._on_scan = on_scan
        self._on_health = on_health
        self._on_gated = on_gated
        self._clock = clock
        self._connect = connect
        self._settle_s = settle_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._run: _Run | None = None
        self._health = Health(DEVICE, State.OFF)
        self.accepting = True

    @property
    def health(self) -> Health:
        """How the scanner is now: the last value that `on_health` was given, with what happened so far."""
        return replace(self._health, counters=self.counters.shown())

    @property
    def counters(self) -> Counters:
        run = self._run
        return Counters() if run is None else run.counters()

    def start(self) -> None:
        """Begin to look for the scanner and read it. Does nothing when it runs already."""
        with self._lock:
            if self._thread is not None:
                return
            if self._config.port:
                self._run = _Run(self)
                self._thread = threading.Thread(target=self._run.work, name="scanner", daemon=True)
                self._thread.start()
                return
        self._say(Health(DEVICE, State.OFF, Reason.NOT_CONFIGURED))

    def stop(self) -> None:
        """Stop reading and give the port back, in less than a second. May be called twice, and at any time."""
        with self._lock:
            thread, run, self._thread = self._thread, self._run, None
        if thread is None or run is None:
            return
        run.cancel()
        if thread is not threading.current_thread():
            thread.join(JOIN_S)
            if thread.is_alive():
                _log.warning("scanner thread left behind: its port does not return")
        self._say(Health(DEVICE, State.OFF, Reason.STOPPED))

    def _say(self, health: Health) -> bool:
        """Tell the listener when state or reason changed; False when the listener failed."""
        if (health.state, health.reason) == (self._health.state, self._health.reason):
            return True
        health = replace(health, since_s=self._clock())
        self._health = health
        level = logging.WARNING if health.state in (State.DOWN, State.MISCONFIGURED) else logging.INFO
        _log.log(level, "scanner %s: %s %s", health.state.value, health.reason.value, health.detail)
        return _called(lambda: self._on_health(health))


class _Run:
    """One start-to-stop of a driver: all that its thread touches."""

    def __init__(self, driver: ScannerDriver) -> None:
        self._driver = driver
        self._stop = threading.Event()
        self._transport: Transport | None = None
        self._reader = CodeReader(driver._config)
        self._gap_s = driver._config.gap_s()
        self._backoff = Backoff()
        self._last_failure: Reason | None = None
        self._settled = False
        self._scans = self._gated = self._connections = self._failures = self._listener_errors = 0
        self._headless = self._unwritten = 0

    def cancel(self) -> None:
        """Ask the thread to end; from any thread."""
        self._stop.set()
        transport = self._transport
        if transport is not None:
            transport.cancel()

    def counters(self) -> Counters:
        framing = self._reader.framing
        return Counters(
            scans=self._scans,
            gated=self._gated,
            bounces=self._reader.bounces,
            unreadable=self._reader.unreadable,
            junk=framing.junk,
            overflows=framing.overflows,
            partials=framing.partials + self._headless,
            noise_bytes=framing.noise_bytes,
            connections=self._connections,
            failures=self._failures,
            listener_errors=self._listener_errors,
            replies=framing.replies,
            repeats=framing.repeats,
            bad_packets=framing.bad_packets,
            unwritten=self._unwritten,
        )

    def work(self) -> None:
        self._say(State.CONNECTING)
        while not self._stop.is_set():
            try:
                self._connection()
            except TransportError as error:
                self._failed(error.reason, str(error))
            except Exception as error:
                # A fault of ours must not end the thread; its text could hold a code, its type cannot.
                _log.error("scanner driver failed: %s", type(error).__name__)
                self._failed(Reason.INTERNAL, type(error).__name__)
            if not self._stop.is_set():
                self._stop.wait(self._backoff.next_s())

    def _connection(self) -> None:
        """Open the port and read it until it fails or the driver is stopped."""
        transport = self._driver._connect(self._driver._config)
        self._transport = transport
        try:
            transport.open()
            self._connections += 1
            self._listen(transport)
        finally:
            self._transport = None
            transport.close()
            self._reader.reset()
            self._settled = False

    def _listen(self, transport: Transport) -> None:
        opened_at_s = self._driver._clock()
        self._skip_code_on_its_way(transport, opened_at_s + OPENING_LIMIT_S)
        now_s = self._driver._clock()
        while not self._stop.is_set():
            self._settled = self._settled or now_s - opened_at_s >= self._driver._settle_s
            self._judge_line()
            wait_s = self._gap_s + _GAP_SLACK_S if self._reader.is_pending else POLL_S
            data = transport.read(READ_BYTES, wait_s)
            now_s = self._driver._clock()
            scans = self._reader.feed(data, now_s) if data else self._reader.tick(now_s)
            self._answer(transport)
            if scans:
                self._settled = True
                self._judge_line()
            for scan in scans:
                self._hand_on(scan)

    def _answer(self, transport: Transport) -> None:
        answers = self._reader.answers()
        if not answers:
            return
        try:
            transport.write(answers)
        except TransportStalled:
            self._unwritten += 1

    def _skip_code_on_its_way(self, transport: Transport, until_s: float) -> None:
        skipped = False
        while not self._stop.is_set() and transport.read(READ_BYTES, OPENING_QUIET_S):
            skipped = True
            if self._driver._clock() >= until_s:
                break
        if skipped:
            self._headless += 1

    def _judge_line(self) -> None:
        if self._reader.is_garbage:
            self._say(State.MISCONFIGURED, Reason.WRONG_BAUD, "most of what arrives is no code")
        elif self._settled:
            self._backoff.reset()
            self._last_failure = None
            self._say(State.UP)

    def _hand_on(self, scan: Scan) -> None:
        if self._stop.is_set():
            return
        if self._driver.accepting:
            self._scans += 1
            self._note(_called(lambda: self._driver._on_scan(scan)))
            return
        self._gated += 1
        self._reader.not_taken()
        on_gated = self._driver._on_gated
        if on_gated is not None:
            self._note(_called(on_gated))

    def _failed(self, reason: Reason, detail: str) -> None:
        self._failures += 1
        changed, self._last_failure = reason is not self._last_failure, reason
        if changed:
            self._backoff.reset()
        if reason is Reason.MISCONFIG:
            self._backoff.slow_down()
        if changed and reason in _MAY_PASS:
            return
        now = self._driver.health
        if now.state is State.DOWN and {now.reason, reason} <= _ABSENT:
            return  # "unplugged" and "not there" are one trouble; the first word for it stands
        self._say(State.MISCONFIGURED if reason is Reason.MISCONFIG else State.DOWN, reason, detail)

    def _say(self, state: State, reason: Reason = Reason.NONE, detail: str = "") -> None:
        if not self._stop.is_set():
            self._note(self._driver._say(Health(DEVICE, state, reason, detail)))

    def _note(self, listener_is_well: bool) -> None:
        if not listener_is_well:
            self._listener_errors += 1


def _called(listener: Callable[[], None]) -> bool:
    """Call a listener; False when it raised. Its error's text is not logged: it could hold a code."""
    try:
        listener()
    except Exception as error:
        _log.error("scanner listener failed: %s", type(error).__name__)
        return False
    return True
