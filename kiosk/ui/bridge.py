"""THE SEAM between the engine and the windows, one page: snapshots come in, commands go out.

Rules
1. :meth:`Bridge.publish` may be called from any thread. The windows are painted on the GUI thread alone: the wake-up
   is a queued signal, which Qt carries over from a plain Python thread too.
2. Only the newest snapshot is painted. A burst of them costs one wake-up; one that is older than what was painted
   (its version is smaller) is dropped.
3. :meth:`Bridge.send` hands a command over and returns at once; what it hands it to must not block.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.snapshot import Command, Snapshot

__all__ = ["Bridge"]


class Bridge(QObject):
    """One signal in, one function out. ``latest`` is what the windows show now, None before the first."""

    #: The newest snapshot, on the GUI thread.
    snapshot = Signal(object)
    _woken = Signal()

    def __init__(self, send: Callable[[Command], None] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._waiting: deque[Snapshot] = deque(maxlen=1)
        self.latest: Snapshot | None = None
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def attach(self, send: Callable[[Command], None]) -> None:
        """Name the receiver of commands, where it is made after the bridge."""
        self._send = send

    def send(self, command: Command) -> None:
        """Hand a command to the engine. Raises ``RuntimeError`` where nobody was attached: that is our own fault."""
        if self._send is None:
            raise RuntimeError("a command was sent before an engine was attached")
        self._send(command)

    def publish(self, snapshot: Snapshot) -> None:
        """Show this soon. From any thread; never waits."""
        self._waiting.append(snapshot)
        self._woken.emit()

    @Slot()
    def _deliver(self) -> None:
        try:
            newest = self._waiting.pop()
        except IndexError:
            return  # an earlier wake-up took it along
        if self.latest is not None and newest.version < self.latest.version:
            return
        self.latest = newest
        self.snapshot.emit(newest)
