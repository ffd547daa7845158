"""What can go wrong with a journal, sorted by who must act.

::

    JournalError (kiosk.ports)     a commit did not happen; the engine acts by rule 17
      JournalRefusedError          our own rule refused an intent: a live attempt, a doubled number, a used code
    JournalOpenError               the journal cannot be opened; a person acts
      JournalMissingError          there is none yet (readers only)
      JournalHeldError             another process may pay on it: close that one
      JournalRightsError           others may read it: set its rights
      JournalNewerError            a newer program wrote it: install that one
      JournalBrokenError           it is damaged, or older than its own text copy: put aside, recover
      JournalLostError             it is damaged, and its text copy cannot replace it: nothing was touched
"""

from __future__ import annotations

from pathlib import Path

from kiosk.ports import JournalError, JournalRefusedError

__all__ = [
    "JournalBrokenError", "JournalError", "JournalHeldError", "JournalLostError", "JournalMissingError",
    "JournalNewerError", "JournalOpenError", "JournalRefusedError", "JournalRightsError",
]  # fmt: skip


class JournalOpenError(Exception):
    """A journal that cannot be opened; ``path`` is what the sentence is about."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path


class JournalMissingError(JournalOpenError):
    """No journal lies in this directory yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "there is no journal here yet")


class JournalHeldError(JournalOpenError):
    """Another process holds the journal for writing; ``pid`` where the lock file tells it."""

    def __init__(self, path: Path, pid: int | None) -> None:
        holder = "another process" if pid is None else f"process {pid}"
        super().__init__(path, f"the journal is held by {holder}")
        self.pid = pid


class JournalRightsError(JournalOpenError):
    """Other users of this machine could read or write the journal; ``mode`` is what its rights should be."""

    def __init__(self, path: Path, found: int, mode: int) -> None:
        super().__init__(path, f"its rights are {found:o}, they must be {mode:o} at most and its owner this user")
        self.found = found
        self.mode = mode


class JournalNewerError(JournalOpenError):
    """The journal's schema is newer than this program."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(path, f"written by a newer program (schema {found}, this one knows {known})")


class JournalBrokenError(JournalOpenError):
    """The database is damaged, is none of ours, or disagrees with the text copy beside it."""


class JournalLostError(JournalOpenError):
    """The database is damaged and the text copy cannot replace it; everything lies where it lay."""
