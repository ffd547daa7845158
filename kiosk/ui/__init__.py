"""The windows: the one room that knows Qt.

1. A window paints the newest :class:`kiosk.snapshot.Snapshot` and sends commands through :mod:`kiosk.ui.bridge`;
   it decides nothing. A button lives because ``snapshot.allows(Command)``.
2. The GUI thread waits for nothing: no file, no socket, no lock that is held longer than an assignment.
3. Clocks are handed in; nothing here reads the time by itself.
"""
