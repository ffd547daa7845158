"""What can go wrong before or around a payment in a way that a person must be told, sorted by who must act.

::

    KioskError                      exit  who acts
      UsageError                    2     whoever typed the command
      SettingsError                 2     whoever edits the settings file; every fault at once
      MachineError                  2     whoever looks after this machine
        DataDirectoryError          2       rights, place or disk of the data directory
        JournalHeldError            2       another process may pay: close that one
        JournalUnusableError        2       the journal cannot be opened, or is broken
        DeviceKindError             2       the settings name a kind of device that this build cannot drive
      RefusedError                  1     whoever stands at the counter: a clear negative answer, nothing was paid
      DoubtError                    3     nobody may charge again: something is left unresolved
      InternalError                 3     us; the person quotes the reference

Rules
1. An error is a code of wording.py with named fields; ``str(error)`` is for the log, ``told`` for people.
2. How a payment ended is never an exception: that is ``kiosk.core.messages.Answer`` and the order's state.
3. Foreign errors are turned into these by :func:`of_journal` and by the loader of the settings; what is in no table is
   an :class:`InternalError` with a reference, and exits 3 (Python's own 1 would say "charge again").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kiosk.core.sentence import Sentence

if TYPE_CHECKING:
    from kiosk.journal.errors import JournalOpenError

EXIT_DONE = 0
EXIT_NO = 1
EXIT_USAGE = 2
EXIT_DOUBT = 3

#: Read aloud over the telephone: no letter or digit that is taken for another.
REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ2346789"
REFERENCE_LENGTH = 6


class Say(Protocol):
    """``Wording.say``."""

    def __call__(self, sentence: Sentence, /) -> str:
        """The sentence in the language of the moment."""
        ...


class KioskError(Exception):
    """An error for a person: ``code`` of wording.py, its named fields, and the status that a command exits with."""

    exit_code = EXIT_USAGE

    def __init__(self, code: str, **fields: str | int) -> None:
        self.sentences: tuple[Sentence, ...] = (Sentence.of(code, **fields),)
        super().__init__(code)

    @property
    def code(self) -> str:
        """The first sentence's code."""
        return self.sentences[0].code

    def told(self, say: Say) -> str:
        """What a person reads, a line a sentence."""
        return "\n".join(say(sentence) for sentence in self.sentences)

    def __str__(self) -> str:
        return "\n".join(
            " ".join([sentence.code, *(f"{name}={value}" for name, value in sentence.fields)])
            for sentence in self.sentences
        )


class UsageError(KioskError):
    """The command was typed wrongly."""


class SettingsError(KioskError):
    """The settings cannot be used: each sentence names the file, the key, what was found and what is allowed."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        super().__init__(sentences[0].code)
        self.sentences = tuple(sentences)


class MachineError(KioskError):
    """Something on this machine must be put right first."""


class DataDirectoryError(MachineError):
    """The data directory cannot be used, or others could read it (Z23)."""


class JournalHeldError(MachineError):
    """Another process may pay on this journal (rule 19)."""


class JournalUnusableError(MachineError):
    """The journal cannot be opened."""


class DeviceKindError(MachineError):
    """The settings ask for a kind of device that this build cannot drive."""

    def __init__(self, device: str, kind: str, allowed: Sequence[str]) -> None:
        super().__init__("error.device_kind", device=device, kind=kind, allowed=", ".join(allowed))


class RefusedError(KioskError):
    """A clear negative answer: nothing was paid and nothing is open."""

    exit_code = EXIT_NO


class DoubtError(KioskError):
    """Something is left unresolved; charging again would be wrong."""

    exit_code = EXIT_DOUBT


class InternalError(KioskError):
    """What nobody foresaw; ``reference`` stands beside the traceback in the log."""

    exit_code = EXIT_DOUBT

    def __init__(self, reference: str) -> None:
        super().__init__("error.internal", reference=reference)
        self.reference = reference


def reference(choose: Callable[[str], str]) -> str:
    """A short reference number such as ``K7-3QX9``.

    ``choose`` picks one letter of a text: ``random.choice``, or that of a seeded generator.
    """
    letters = "".join(choose(REFERENCE_LETTERS) for _ in range(REFERENCE_LENGTH))
    return f"{letters[:2]}-{letters[2:]}"


#: The journal's own errors by their class's name, and what they are to a person; a test holds that none lacks.
JOURNAL_ERRORS: dict[str, tuple[type[KioskError], str]] = {
    "JournalOpenError": (JournalUnusableError, "error.journal_cannot"),
    "JournalMissingError": (JournalUnusableError, "error.journal_missing"),
    "JournalHeldError": (JournalHeldError, "error.journal_held"),
    "JournalRightsError": (DataDirectoryError, "error.rights"),
    "JournalNewerError": (JournalUnusableError, "error.journal_newer"),
    "JournalBrokenError": (JournalUnusableError, "error.journal_broken"),
    "JournalLostError": (JournalUnusableError, "error.journal_lost"),
}


def of_journal(error: JournalOpenError) -> KioskError:
    """The error that a person is told for one of the journal's; raise it ``from`` the original."""
    from kiosk.journal.errors import JournalRightsError  # loaded by whoever raised; too much for every start

    kind, code = JOURNAL_ERRORS[type(error).__name__]
    fields: dict[str, str | int] = {"path": str(error.path)}
    if isinstance(error, JournalRightsError):
        fields |= {"found": f"{error.found:04o}", "mode": f"{error.mode:o}"}
    elif code in ("error.journal_cannot", "error.journal_lost"):
        fields["detail"] = str(error)
    return kind(code, **fields)


def rights_error(path: Path, found: int, mode: int) -> DataDirectoryError:
    """Others could read or write what lies at ``path``."""
    return DataDirectoryError("error.rights", path=str(path), found=f"{found:04o}", mode=f"{mode:o}")
