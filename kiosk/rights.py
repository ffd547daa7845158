"""What only the counter's own user may read: the data directory, and files that hold a secret.

Rules
1. The data directory is 0700 and what is in it 0600, made so where it is missing and refused otherwise on POSIX
   (proof.md part 2, Z23). Windows keeps its rights elsewhere: the installer sets them.
2. Nothing is mended here: a directory that others could read was perhaps read, and a person should know.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kiosk.errors import DataDirectoryError, rights_error

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
_OTHERS = 0o077


def keep_private() -> None:
    """Whatever this process makes from now on is its user's alone, and a crash leaves no picture of its memory."""
    os.umask(_OTHERS)
    if os.name == "posix":
        import resource  # there is none on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def open_to_others(path: Path) -> int | None:
    """The rights of a file or directory that users beside its owner may use, else None (always on Windows)."""
    if os.name != "posix":
        return None
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
    except FileNotFoundError:  # gone meanwhile, as SQLite's side files are when a counter closes
        return None
    return mode if mode & _OTHERS else None


def private_directory(path: Path) -> Path:
    """Make the directory, or see that it is the user's alone with all that is in it; returns it.

    Raises :class:`DataDirectoryError`.
    """
    try:
        path.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        _check_owner(path)
        for entry in (path, *_inside(path)):
            found = open_to_others(entry)
            if found is not None:
                raise rights_error(entry, found, DIRECTORY_MODE if entry.is_dir() else FILE_MODE)
    except FileExistsError:
        raise DataDirectoryError("error.data_directory_is_file", path=str(path)) from None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise DataDirectoryError("error.data_directory_cannot", path=str(path), detail=detail) from error
    return path


def _check_owner(path: Path) -> None:
    if os.name == "posix" and path.stat().st_uid != os.geteuid():
        raise DataDirectoryError("error.data_directory_owner", path=str(path))


def _inside(path: Path) -> Iterator[Path]:
    """All below, links left out: a link has no rights of its own."""
    for folder, folders, files in os.walk(path, onerror=_raise):
        for name in (*folders, *files):
            entry = Path(folder, name)
            if not entry.is_symlink():
                yield entry


def _raise(error: OSError) -> None:
    raise error
