"""Finding and opening the settings file.

Rules
1. The order: ``--config FILE``, then ``KIOSK_CONFIG``, then this user's place, then the machine's.
2. A file that names a secret, and the secret's own file, are their owner's alone (proof.md part 2, Z23).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.core.sentence import Sentence
from kiosk.errors import SettingsError
from kiosk.rights import open_to_others
from kiosk.settings.reading import settings_from
from kiosk.settings.sections import DataSettings, Settings

VARIABLE = "KIOSK_CONFIG"
FILE_NAME = "settings.toml"
SIZE_LIMIT = 1 << 20


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of this counter; ``path`` is what ``--config`` names. Raises :class:`SettingsError`."""
    file = settings_file(path, environ)
    document = _document(file)
    beside = file.absolute().parent
    settings = settings_from(document, str(file), beside)
    _guard(settings, file)
    return _with_place(settings, beside)


def settings_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The file that is to be read; it need not be there."""
    if path is not None:
        return path.expanduser()
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE]).expanduser()
    import platformdirs  # 10 ms that a named file does without

    user = platformdirs.user_config_path("kiosk", appauthor=False) / FILE_NAME
    site = platformdirs.site_config_path("kiosk", appauthor=False) / FILE_NAME
    return site if site.exists() and not user.exists() else user


def _document(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            raw = stream.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise _refused("settings.file_missing", file) from None
    except OSError as error:
        raise _refused("settings.cannot_read", file, detail=error.strerror or type(error).__name__) from error
    if len(raw) > SIZE_LIMIT:
        raise _refused("settings.cannot_read", file, detail=f"> {SIZE_LIMIT} bytes")
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))  # an editor of Windows puts a byte order mark before it
    except UnicodeDecodeError:
        raise _refused("settings.toml", file, detail="not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused("settings.toml", file, detail=str(error)) from None


def _guard(settings: Settings, file: Path) -> None:
    """Refuse what others could read where it is, or leads to, a secret."""
    key = settings.gateway.client_key
    if not key:
        return
    wrong = [
        Sentence.of("settings.rights", file=str(path), found=f"{found:04o}")
        for path in (file, Path(key))
        if (found := open_to_others(path)) is not None
    ]
    if wrong:
        raise SettingsError(wrong)


def _with_place(settings: Settings, beside: Path) -> Settings:
    """A data directory named without its whole path lies beside the settings file."""
    if not settings.data.directory:
        return settings
    directory = beside / Path(settings.data.directory).expanduser()
    return replace(settings, data=DataSettings(directory=str(directory)))


def _refused(code: str, file: Path, **fields: str | int) -> SettingsError:
    return SettingsError((Sentence.of(code, file=str(file), **fields),))
