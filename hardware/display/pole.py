"""Pole displays: two lines of twenty characters (CD5220), or eight digits with lamps (LED8). They never answer.

1. What is shown is rendered purely, from the text of an amount that was formatted once, elsewhere: what cannot be shown
   whole is not shown at all. A figure that is cut would be another figure.
2. One thread owns the port and opens it again for ever. Of what is to be shown only the newest is kept: a hundred
   changes a second are a few writes.
3. A line that takes no bytes for half a second is given up and opened again; nobody waits for it.
4. Nothing is known of the display at the other end: a wrong speed is invisible, which is what the test pattern is for.

Facts: CD5220 `CLR` (0C) clears and ends string mode, in which all but the two lines' commands is ignored, `ESC Q A text
CR` and `ESC Q B text CR` (batzlerg/cd5220's reference); 9600 8N1. LED8 `ESC Q A 12.50 CR`, `ESC s n` lamps (1 price, 2
total, 3 received, 4 change), 0C clears; 2400 8N1, digits, '-' and '.' alone (blog.csdn.net/superfans98 124367627).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from hardware.health import Health, Reason, State
from hardware.ports.tcp_port import SCHEME, TcpPort
from hardware.ports.transport import Transport, TransportError
from hardware.scanner.backoff import Backoff

_log = logging.getLogger(__name__)

DEVICE = "pole"
COLUMNS, DIGITS = 20, 8
JOIN_S = 0.9
_LOOK_S = 0.5
_CLEAR = b"\x0c"


class Model(Enum):
    """What stands on the pole."""

    CD5220 = "cd5220"
    LED8 = "led8"


BAUD = {Model.CD5220: 9600, Model.LED8: 2400}


class Lamp(Enum):
    """LED8's lamps, as they are labelled on it."""

    OFF = 0
    PRICE = 1  # 单价
    TOTAL = 2  # 总计
    RECEIVED = 3  # 收款
    CHANGE = 4  # 找零


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be read: a word in ASCII for displays with letters, the amount's own text ("" for none), a lamp."""

    word: str = ""
    amount: str = ""
    lamp: Lamp = Lamp.OFF


TEST = Shown("TEST", "123456.78", Lamp.TOTAL)


def render(model: Model, shown: Shown) -> bytes:
    """The bytes that show this and nothing of what was there before."""
    return _cd5220(shown) if model is Model.CD5220 else _led8(shown)


def _cd5220(shown: Shown) -> bytes:
    upper = _word(shown.word).ljust(COLUMNS).encode("ascii")
    lower = _figure(shown.amount, COLUMNS).rjust(COLUMNS).encode("ascii")
    return _CLEAR + b"\x1bQA" + upper + b"\r" + b"\x1bQB" + lower + b"\r"


def _led8(shown: Shown) -> bytes:
    figure = _digits(shown.amount)
    lamp = shown.lamp if figure else Lamp.OFF
    text = b"\x1bQA" + figure.encode("ascii") + b"\r" if figure else b""
    return _CLEAR + b"\x1bs" + str(lamp.value).encode("ascii") + text


def _word(word: str) -> str:
    """What of a word can be shown; Han cannot, and is left out."""
    return "".join(letter for letter in word if " " <= letter <= "~")[:COLUMNS].strip()


def _figure(amount: str, room: int) -> str:
    """An amount for a line of letters, without its sign; "" where it does not fit whole."""
    plain = amount.replace("￥", "").replace("¥", "").strip()
    fits = plain.isascii() and plain.isprintable() and len(plain) <= room
    return plain if fits else ""


def _digits(amount: str) -> str:
    """An amount for eight digits; "" where it does not fit whole. Its thousands are not parted there."""
    plain = _figure(amount, 32).replace(",", "")
    if not plain or set(plain) - set("0123456789.-"):
        return ""
    return plain if sum(letter != "." for letter in plain) <= DIGITS else ""


class Pole:
    """One display. `show` may be called from any thread and as often as one likes."""

    def __init__(
        self,
        model: Model,
        port: str,
        on_health: Callable[[Health], None] | None = None,
        *,
        baud: int = 0,
        connect: Callable[[], Transport] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model, self._port, self._baud = model, port, baud or BAUD[model]
        self._on_health, self._clock = on_health, clock
        self._connect = connect or self._transport
        self._changed = threading.Condition()
        self._wanted: Shown | None = None
        self._is_new = self._stopping = False
        self._writes = self._skipped = self._connections = 0
        self._health = Health(DEVICE, State.OFF)
        self._thread = threading.Thread(target=self._work, name="pole", daemon=True)

    @property
    def health(self) -> Health:
        """How the port is, and how often what happened."""
        counters = (
            ("writes", self._writes), ("skipped", self._skipped), ("reconnects", max(0, self._connections - 1)),
        )  # fmt: skip
        now = self._health
        return Health(DEVICE, now.state, now.reason, now.detail, now.since_s, counters)

    def start(self) -> None:
        """Begin to look for the port."""
        self._say(State.CONNECTING)
        self._thread.start()

    def stop(self) -> None:
        """Give the port back."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def show(self, shown: Shown) -> None:
        """Show this soon; the same again costs nothing."""
        with self._changed:
            if shown == self._wanted:
                return
            self._skipped += self._is_new
            self._wanted, self._is_new = shown, True
            self._changed.notify_all()

    def test(self) -> None:
        """Show the pattern, until something else is to be shown."""
        self.show(TEST)

    # --- the thread ------------------------------------------------------------------------------------------------

    def _transport(self) -> Transport:
        if self._port.startswith(SCHEME):
            return TcpPort(self._port)
        from hardware.ports.serial_port import SerialPort

        return SerialPort(self._port, baud=self._baud)

    def _work(self) -> None:
        backoff = Backoff()
        while not self._stopping:
            transport: Transport | None = None
            try:
                transport = self._connect()
                transport.open()
                self._connections += 1
                backoff.reset()
                self._say(State.UP)
                self._serve(transport)
            except TransportError as error:
                bad = State.MISCONFIGURED if error.reason is Reason.MISCONFIG else State.DOWN
                self._say(bad, error.reason, str(error))
            except Exception as error:
                _log.error("pole: an error of ours: %s", error)
                self._say(State.DOWN, Reason.INTERNAL, type(error).__name__)
            finally:
                if transport is not None:
                    transport.close()
            with self._changed:
                self._is_new = self._wanted is not None  # shown again when it is back
                self._changed.wait_for(lambda: self._stopping, backoff.next_s())

    def _serve(self, transport: Transport) -> None:
        """Write what is new until the port fails. Raises `TransportError`."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_new or self._stopping, _LOOK_S)
                if self._stopping:
                    return
                wanted, is_new, self._is_new = self._wanted, self._is_new, False
            if is_new and wanted is not None:
                transport.write(render(self._model, wanted))
                self._writes += 1
            transport.read(64, 0.0)  # it never says anything; but an unplugged port says so only when it is read

    def _say(self, state: State, reason: Reason = Reason.NONE, detail: str = "") -> None:
        if (state, reason) == (self._health.state, self._health.reason) or self._stopping:
            return
        self._health = Health(DEVICE, state, reason, detail, self._clock())
        _log.info("pole %s (%s) %s", state.value, reason.value, detail)
        if self._on_health is not None:
            self._on_health(self._health)
