"""Where a story's journal lies: a directory of its own, begun as a copy of an empty journal, so that none is built.

Rules
1. The files are the real journal's, on a file system in memory where there is one: what is measured is our work.
2. Directories are this process's own and go with the story; a violation is replayed from its seed, not from them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.journal import Journal

_IN_MEMORY = Path("/dev/shm")
_MODE = 0o600
#: The keyed hash of used codes takes its key from here: no randomness that the seed did not give.
_KEY_BYTE = b"\x5a"


@contextmanager
def workshop() -> Iterator[Path]:
    """A directory for this process's stories, gone at the end."""
    within = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="kiosk-simulator-", dir=within))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Template:
    """An empty journal's files, to begin each story with."""

    def __init__(self, directory: Path) -> None:
        shutil.rmtree(directory / "template", ignore_errors=True)
        Journal.open(directory / "template", random_bytes=fixed_bytes).close()
        self._files = {path.name: path.read_bytes() for path in sorted((directory / "template").iterdir())}

    def copy_to(self, directory: Path) -> Path:
        """Make the directory hold an empty journal; whatever it held is gone."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        for name, content in self._files.items():
            handle = os.open(directory / name, os.O_CREAT | os.O_WRONLY, _MODE)
            try:
                os.write(handle, content)
            finally:
                os.close(handle)
        return directory


def fixed_bytes(length: int) -> bytes:
    """What the journal takes for its randomness."""
    return _KEY_BYTE * length
