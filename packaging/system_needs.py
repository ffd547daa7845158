"""What the operating system must bring, found by trying, and installed where that is possible.

1. Only the standard library; this runs before anything is installed.
2. Qt's wheel brings Qt, not the libraries of the system under it. Which are missing is found by loading each.
3. As root on a system with apt-get they are installed; anyone else is told the exact command, once, for all.
4. A browser, and a screen server without a screen, are wanted by some tests only. Where there is none they say so and
   are skipped.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

# Library of Qt's offscreen and xcb platforms -> Debian's package that brings it.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_PACKAGES = ["chromium", "chromium-driver"]
SCREEN_PROGRAMS = {"Xvfb": "xvfb", "xrandr": "x11-xserver-utils"}
APT = ["apt-get", "-o", "DPkg::Lock::Timeout=120"]
INSTALL = ["install", "-y", "--no-install-recommends"]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_qt_packages() -> list[str]:
    """Debian's names of the packages whose library cannot be loaded here; empty on anything but Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return sorted(package for library, package in QT_LIBRARIES.items() if not _loads(library))


def missing_venv_packages() -> list[str]:
    """Debian cuts `ensurepip` out of Python, without which `python -m venv` makes nothing usable."""
    if importlib.util.find_spec("ensurepip") is not None:
        return []
    return [f"python{sys.version_info.major}.{sys.version_info.minor}-venv"]


def missing_browser_packages() -> list[str]:
    """Chromium and its driver, where either is absent; empty on anything but Linux."""
    if not sys.platform.startswith("linux"):
        return []
    browser = any(shutil.which(name) for name in BROWSERS)
    return [] if browser and shutil.which("chromedriver") else BROWSER_PACKAGES


def missing_screen_packages() -> list[str]:
    """The X server that needs no screen, and the program that plugs screens into it; empty on anything but Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return [package for program, package in SCREEN_PROGRAMS.items() if shutil.which(program) is None]


def can_install() -> bool:
    """Whether this user may install Debian's packages here."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install_command(packages: list[str]) -> str:
    """The command that a person may run to install `packages`."""
    return " ".join(["sudo apt-get", *INSTALL, *packages])


def _apt(arguments: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*APT, *arguments]
    print("$", " ".join(command), flush=True)
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0


class Installer:
    """Installs packages where it may, and reads the package lists once at most."""

    def __init__(self) -> None:
        self._lists_read = False

    def install(self, packages: list[str]) -> bool:
        """True where nothing was missing or all of `packages` are installed now; never raises."""
        if not packages:
            return True
        if not can_install():
            return False
        if not self._lists_read:
            self._lists_read = _apt(["-q", "update"])
        return _apt(["-q", *INSTALL, *packages])


def prepare() -> list[str]:
    """Brings what is missing; returns a sentence for each thing that is still missing."""
    installer = Installer()
    sentences = []
    needs = [
        (missing_venv_packages(), "This Python cannot make a virtual environment (ensurepip is missing)"),
        (missing_qt_packages(), "Libraries that the windows need are missing"),
        (missing_browser_packages(), "Chromium is missing, so tests in a browser will be skipped"),
        (missing_screen_packages(), "Xvfb or xrandr is missing, so tests of a second screen will be skipped"),
    ]
    for packages, sentence in needs:
        if not installer.install(packages):
            sentences.append(f"{sentence}; on Debian and its kin: {install_command(packages)}")
    return sentences
