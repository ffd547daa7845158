"""A scanner that types as a keyboard does, told apart from a person: the last resort, where no port can be had.

1. A scanner types faster than anybody: :data:`LEAST_KEYS` keys or more, each within :data:`FAST_MS` of the one before.
   Its text goes to the engine as every scan does, and into no field, no clipboard, no undo.
2. So the first keys are held for a moment (no longer than a person feels) and given back as they came when they turn
   out to be a person's. Nothing that a person types is lost, changed, or out of order.
3. While a scan comes in, every key is its own: its Enter or Tab presses no button, and neither Esc nor Ctrl+O inside it
   does anything. An input method sees no key: it is switched off everywhere but in the one line where a reason is
   written in Chinese.
4. The same text again within :data:`BOUNCE_MS` is a bounce. A flood is bounded and dropped.

:class:`WedgeReader` is pure; :class:`WedgeFilter` is the part that knows Qt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

FAST_MS = 35
LEAST_KEYS = 6
#: After the last key of a scan without Enter, and for the second half of CR LF after it.
END_MS = 60
BOUNCE_MS = 300
MOST_KEYS = 512


class Verdict(Enum):
    """What is to be done with a key."""

    PASS = "pass"  # it is a person's, and nothing is held
    HELD = "held"  # it is kept: it may be a scan's
    SWALLOWED = "swallowed"  # it belongs to a scan


@dataclass(slots=True)
class WedgeReader:
    """Judges keys by their times. ``give_back`` is called when the keys that are held turn out to be a person's,
    ``scanned`` with a whole scan, or with "" where it is to be dropped."""

    give_back: Callable[[], None]
    scanned: Callable[[str], None]
    _text: list[str] = field(default_factory=list)
    _last_ms: float = -1e9
    _ended_ms: float = -1e9
    _previous: str = field(default="", repr=False)
    _flooded: bool = False

    @property
    def is_holding(self) -> bool:
        """Whether keys are held."""
        return bool(self._text) or self._flooded

    @property
    def is_scan(self) -> bool:
        """Whether what is held can be nothing but a scan."""
        return len(self._text) >= LEAST_KEYS or self._flooded

    def key(self, text: str, *, is_end: bool, is_plain: bool, now_ms: float) -> Verdict:
        """A key went down: the text it types ("" for none), whether it is Enter or Tab, and whether it stands alone
        (no Ctrl, Alt, Meta)."""
        fast = now_ms - self._last_ms <= FAST_MS
        if self.is_holding and not fast:
            self._settle()
        self._last_ms = now_ms
        if is_end:
            return self._end(now_ms)
        if self.is_scan and not (is_plain and text):
            return Verdict.SWALLOWED  # Esc, F-keys, Ctrl and whatever a code made the scanner press
        if not (is_plain and text):
            self._settle()
            return Verdict.PASS
        return self._hold(text)

    def _hold(self, text: str) -> Verdict:
        if self._flooded:
            return Verdict.SWALLOWED
        self._text.append(text)
        if len(self._text) > MOST_KEYS:
            self._text.clear()
            self._flooded = True
            return Verdict.SWALLOWED
        return Verdict.HELD

    def _end(self, now_ms: float) -> Verdict:
        if self.is_scan:
            self._deliver(now_ms)
            return Verdict.SWALLOWED
        if now_ms - self._ended_ms <= END_MS and not self._text:
            return Verdict.SWALLOWED  # the LF after a CR
        self._settle()
        return Verdict.PASS

    def quiet(self, now_ms: float) -> None:
        """No key came for a while: what is held is a scan without an end, or a person's."""
        if not self.is_holding:
            return
        if self.is_scan:
            self._deliver(now_ms)
        else:
            self._settle()

    def _settle(self) -> None:
        """What is held has come to its end, by its slowness: a scan if it is long enough, else a person's."""
        if self.is_scan:
            self._deliver(self._last_ms)
        elif self._text:
            self._text.clear()
            self.give_back()

    def _deliver(self, now_ms: float) -> None:
        text, self._text = "".join(self._text), []
        flooded, self._flooded = self._flooded, False
        bounced = text == self._previous and now_ms - self._ended_ms <= BOUNCE_MS
        self._previous, self._ended_ms = text, now_ms
        self.scanned("" if flooded or bounced else text)


class WedgeFilter(QObject):
    """Stands before every window of the application. ``stamp`` gives a key's moment in ms: its own where it has one."""

    def __init__(self, scanned: Callable[[str], None], *, stamp: Callable[[QKeyEvent], float] | None = None) -> None:
        super().__init__()
        self._reader = WedgeReader(self._give_back, self._tell)
        self._scanned, self._stamp = scanned, stamp or _moment_ms
        self._held: list[tuple[QObject, QKeyEvent]] = []
        self._is_giving_back = False
        self._swallowed: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._quiet)
        self._newest_ms = 0.0

    def install(self, application: QCoreApplication) -> None:
        """Begin."""
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._is_giving_back:
            return False
        kind = event.type()
        if kind == QEvent.Type.InputMethod:
            return self._reader.is_holding
        if not isinstance(event, QKeyEvent):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            return self._reader.is_holding
        if kind == QEvent.Type.KeyPress:
            return self._pressed(watched, event)
        return kind == QEvent.Type.KeyRelease and self._released(watched, event)

    def _pressed(self, watched: QObject, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return self._reader.is_holding
        text = event.text()
        modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        is_end = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        if event.key() in _SILENT and not self._reader.is_scan:
            return False  # shift before a letter is nobody's key by itself
        self._newest_ms = self._stamp(event)
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        printable = text if text.isprintable() else ""
        verdict = self._reader.key(printable, is_end=is_end, is_plain=plain, now_ms=self._newest_ms)
        if verdict is Verdict.HELD:
            self._held.append((watched, event.clone()))
            self._timer.start(END_MS if self._reader.is_scan else FAST_MS + 5)
        elif verdict is Verdict.SWALLOWED:
            self._held.clear()
            self._timer.start(END_MS)
        if verdict is not Verdict.PASS:
            self._swallowed.add(event.key())
        return verdict is not Verdict.PASS

    def _released(self, watched: QObject, event: QKeyEvent) -> bool:
        """The release of a key whose press was kept goes the same way."""
        if event.key() not in self._swallowed:
            return False
        self._swallowed.discard(event.key())
        if self._held and not self._reader.is_scan:
            self._held.append((watched, event.clone()))
        return True

    def _quiet(self) -> None:
        self._reader.quiet(self._newest_ms + END_MS)

    def _tell(self, text: str) -> None:
        self._held.clear()
        if text:
            self._scanned(text)

    def _give_back(self) -> None:
        """A person typed: let the keys go where they were going, as they came."""
        held, self._held = self._held, []
        self._swallowed.clear()  # releases that are still to come go the way of their presses
        self._is_giving_back = True
        try:
            for receiver, event in held:
                QCoreApplication.sendEvent(receiver, event)
        finally:
            self._is_giving_back = False


_SILENT = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_Control, Qt.Key.Key_Alt,
                     Qt.Key.Key_Meta, Qt.Key.Key_AltGr})  # fmt: skip


def _moment_ms(event: QKeyEvent) -> float:
    """When the key was pressed by the window system's clock; where it does not say, now."""
    return float(event.timestamp() or time.monotonic() * 1000)
