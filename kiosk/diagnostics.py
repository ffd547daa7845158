"""What somebody on the telephone asks for: versions, the machine, every setting, in lines to be read or copied.

Rules
1. No secret is in it: a setting that names one shows that it is set. No customer, no order, no code.
2. It is made when a page is opened and reads nothing that can block.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from kiosk.settings import Settings, describe
from kiosk.settings.sections import TABLES
from kiosk.settings.values import shown

#: Packages whose versions decide what a counter can do.
_PACKAGES = ("PySide6-Essentials", "pyserial", "apsw", "httpx", "pillow", "qrcode")
#: Settings of which only is told that they are set.
_HIDDEN = frozenset({"client_key"})


def diagnostics(settings: Settings, places: Mapping[str, str]) -> str:
    """The whole text, one fact a line."""
    return "\n".join([*_machine(settings), "", *_devices(places), "", *_settings(settings)])


def _machine(settings: Settings) -> Iterator[str]:
    yield f"kiosk {_version('kiosk')}"
    yield f"counter {settings.counter.id} {settings.counter.branch}".rstrip()
    yield f"settings {settings.file or '-'}"
    yield f"data {settings.data_directory}"
    yield f"system {platform.system()} {platform.release()} {platform.machine()}"
    yield f"python {platform.python_version()}"
    for name in _PACKAGES:
        yield f"{name} {_version(name)}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _devices(places: Mapping[str, str]) -> Iterator[str]:
    for device, place in places.items():
        yield f"{device}: {place or '-'}"


def _settings(settings: Settings) -> Iterator[str]:
    """Every setting with its value as the file has it; those that are not the default are marked."""
    for description in describe():
        table, _, name = description.name.rpartition(".")
        holders = [getattr(settings, attribute) for attribute in TABLES[table]]
        value = next(getattr(holder, name) for holder in holders if hasattr(holder, name))
        told = "(set)" if name in _HIDDEN and value else shown(value)
        yield f"{' ' if told == description.default else '*'} {description.name} = {told}"
