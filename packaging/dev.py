"""Sets the project up, shows it, tests it: `python3 packaging/dev.py VERB`.

1. Only the standard library is imported: this runs before anything is installed.
2. All that it installs with pip is in the lock, by hash; the project itself is installed from this tree.
3. `.venv` beside pyproject.toml is made once and kept; it is brought up to date when the lock, pyproject.toml,
   the Python or the place has changed, and also where it was made by hand.
4. No address of a package index is kept anywhere: pip and uv use what they are set to use.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import system_needs

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed-from"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
OLDEST_PYTHON = (3, 11)

# Each lock with what it pins beyond pyproject.toml. Newer Qt wheels for x86-64 need glibc 2.34; those up to
# 6.9.3 run on 2.28, which desktops in Chinese offices still have.
MAIN_LOCK = ROOT / "requirements.lock"
OLD_GLIBC_LOCK = ROOT / "packaging" / "requirements-glibc228.lock"
LOCKED_QT = {MAIN_LOCK: "PySide6-Essentials==6.11.3", OLD_GLIBC_LOCK: "PySide6-Essentials==6.9.3"}
GLIBC_OF_MAIN_LOCK = (2, 34)

QT_STARTS = "from PySide6.QtWidgets import QApplication; QApplication([])"


class Stop(Exception):
    """Ends the run with a sentence for the person and an exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def run(command: list[str | Path], environment: dict[str, str] | None = None, fed: str | None = None) -> int:
    """Shows and runs a command in the project's directory, `fed` on its standard input; returns its exit code."""
    words = [str(word) for word in command]
    print("$", " ".join(word.replace(str(ROOT) + os.sep, "") for word in words), flush=True)
    return subprocess.run(words, cwd=ROOT, env=environment, input=fed, text=True, check=False).returncode


def must(command: list[str | Path], sentence: str) -> None:
    """Runs a command that has to succeed; stops with `sentence` where it does not."""
    if run(command) != 0:
        raise Stop(sentence)


# ---------------------------------------------------------------------------------------------- setup


def chosen_lock() -> Path:
    """The lock for this machine: the main one, but for Linux with a C library older than its Qt needs."""
    library, version = platform.libc_ver()
    if library != "glibc" or not version:
        return MAIN_LOCK
    found = tuple(int(part) for part in version.split(".")[:2])
    return MAIN_LOCK if found >= GLIBC_OF_MAIN_LOCK else OLD_GLIBC_LOCK


def wanted_stamp(lock: Path) -> str:
    """A digest of all that decides what an up-to-date `.venv` holds."""
    digest = hashlib.sha256()
    for part in (lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def venv_works() -> bool:
    """Whether `.venv` holds a Python that starts, is new enough and has pip."""
    probe = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([str(PYTHON), "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def up_to_date(lock: Path) -> bool:
    """Whether `.venv` was filled from exactly this lock and this pyproject.toml."""
    return STAMP.is_file() and STAMP.read_text() == wanted_stamp(lock) and venv_works()


def pip_install(*arguments: str | Path) -> list[str | Path]:
    """The command by which anything gets into `.venv`."""
    return [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", *arguments]


def install_locked(lock: Path) -> None:
    """Installs what the lock names, every file by its hash; one wrong hash and nothing is installed."""
    must(
        pip_install("--require-hashes", "-r", lock),
        "The locked packages could not be installed. If a hash did not match, do not go on: the file is not "
        "the one that was locked.",
    )


def fill_venv(lock: Path) -> None:
    """Makes `.venv` where there is none that works, fills it, and stamps it once all is well."""
    STAMP.unlink(missing_ok=True)
    if not venv_works():
        must([sys.executable, "-m", "venv", "--clear", VENV], "The virtual environment could not be made.")
    install_locked(lock)
    must(
        pip_install("--no-deps", "--no-build-isolation", "-e", ROOT),
        "The project itself could not be installed.",
    )
    STAMP.write_text(wanted_stamp(lock))


def check_qt_starts() -> None:
    """Starts Qt once without a screen, in a child, so that trouble is met here and not in the first window."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.run(
        [str(PYTHON), "-c", QT_STARTS], env=environment, capture_output=True, text=True, check=False
    )
    if child.returncode != 0:
        raise Stop(f"Qt does not start here:\n{child.stderr.strip()}")


def setup() -> int:
    """Makes `.venv` ready; does nothing that is done already."""
    for sentence in system_needs.prepare():
        print(sentence, flush=True)
    lock = chosen_lock()
    if not up_to_date(lock):
        fill_venv(lock)
    check_qt_starts()
    print(f"{VENV.name} holds what {lock.name} says. Next: python3 packaging/dev.py demo", flush=True)
    return 0


def need_setup() -> None:
    """Sets up where that was not done, or not since the lock changed; silent otherwise."""
    if not up_to_date(chosen_lock()):
        setup()


# ------------------------------------------------------------------------------------- demo and tests


def has_display() -> bool:
    """Whether windows can be shown; systems other than Linux always have a display."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def demo(arguments: list[str]) -> int:
    """The counter with everything embedded; without a display, its story as pictures."""
    need_setup()
    command: list[str | Path] = [PYTHON, "-m", "kiosk", "demo", *arguments]
    if has_display() or any(word.startswith(("--walkthrough", "--help", "-h")) for word in arguments):
        return run(command)
    pictures = tempfile.mkdtemp(prefix="kiosk-walkthrough-")
    print(f"There is no display here: the demo plays by itself, its pictures go to {pictures}", flush=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    code = run([*command, "--walkthrough", pictures], environment)
    print(f"The pictures are in {pictures}")
    return code


READERS: list[list[str | Path]] = [
    [PYTHON, "-m", "ruff", "check"],
    [PYTHON, "-m", "mypy"],
    [SCRIPTS / "lint-imports", "--no-logo"],
]


LONG_TESTS: list[str | Path] = [PYTHON, "-m", "pytest", "--long", "-m", "long_counts"]


def check(arguments: Sequence[str] = ()) -> int:
    """What reads the code without running it; stops at the first that finds something.

    `--long` goes on with the tests that count (searched states, simulated payments, power cuts, kills), each with
    its long count: hours, not minutes.
    """
    commands = [*READERS, LONG_TESTS] if "--long" in arguments else READERS
    need_setup()
    return next((code for code in map(run, commands) if code != 0), 0)


def test(arguments: list[str]) -> int:
    """All checks, then all tests; with arguments only pytest, with these."""
    if arguments:
        need_setup()
        return run([PYTHON, "-m", "pytest", *arguments])
    return check() or run([PYTHON, "-m", "pytest"])


def bench(arguments: list[str]) -> int:
    """Every benchmark that runs alone, and one table of what they reached; 1 where something falls short."""
    import bench as benchmarks

    parser = argparse.ArgumentParser(prog="dev.py bench", description="Runs tests/bench and tells what was reached.")
    parser.add_argument("--json", metavar="FILE", type=Path, help="keep the rows in FILE too")
    keep = parser.parse_args(arguments).json
    need_setup()
    return benchmarks.bench(PYTHON, ROOT, keep)


# ----------------------------------------------------------------------------------------------- lock


def build_requirements() -> list[str]:
    """What building the project needs: installed from the lock too, since the build is not isolated."""
    import tomllib

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["build-system"]["requires"])


def without_addresses(text: str) -> str:
    """A lock without any line that names a place: such lines belong to a machine, not to the project."""
    kept = [line for line in text.splitlines() if "://" not in line and not line.startswith("-")]
    return "\n".join(kept) + "\n"


def write_lock(lock: Path, seed: str, arguments: list[str]) -> str:
    """Resolves for every system and every Python at once, writes `lock` and returns its text.

    Versions in `seed` stay where they may. Where the resolver finds no way the old lock stands.
    """
    more = "\n".join([*build_requirements(), LOCKED_QT[lock], ""])
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / lock.name
        made.write_text(seed, encoding="utf-8")
        command: list[str | Path] = [
            PYTHON, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--all-extras",
            "--python-version", ".".join(map(str, OLDEST_PYTHON)),
            "--custom-compile-command", "python3 packaging/dev.py lock",
            "--output-file", made, *arguments, "pyproject.toml", "-",
        ]  # fmt: skip
        if run(command, fed=more) != 0:
            raise Stop(f"{lock.name} could not be made; the old one stands.")
        text = without_addresses(made.read_text(encoding="utf-8"))
    lock.write_text(text, encoding="utf-8", newline="\n")
    return text


def lock(arguments: list[str]) -> int:
    """Makes both locks again from pyproject.toml; `--upgrade` and `--upgrade-package NAME` take newer ones."""
    if subprocess.run([str(PYTHON), "-c", "import uv"], capture_output=True, check=False).returncode != 0:
        raise Stop("uv, which makes the lock, is not in .venv: run setup first.", 2)
    seed = MAIN_LOCK.read_text(encoding="utf-8") if MAIN_LOCK.is_file() else ""
    text = write_lock(MAIN_LOCK, seed, arguments)
    write_lock(OLD_GLIBC_LOCK, text, [])
    return 0


# ----------------------------------------------------------------------------------------------- verbs


def parsed(words: list[str]) -> tuple[str, list[str]]:
    """The verb and what follows it."""
    parser = argparse.ArgumentParser(prog="dev.py", description="Sets the project up, shows it, tests it.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("setup", help="make .venv from the lock, and see to what the system must bring")
    verbs.add_parser("demo", help="the counter with everything embedded; more arguments go to `kiosk demo`")
    verbs.add_parser("test", help="all checks, then all tests; with arguments pytest alone, with these")
    verbs.add_parser("check", help="ruff, mypy and the import contracts; --long: then the long counts too")
    verbs.add_parser("bench", help="every benchmark, in one table; --json FILE keeps it")
    verbs.add_parser("lock", help="make the locks again; --upgrade takes newer versions")
    verb, rest = words[:1], words[1:]
    chosen = parser.parse_args(verb).verb
    if rest and (chosen == "setup" or (chosen == "check" and rest != ["--long"])):
        parser.error(f"{chosen} does not take: {' '.join(rest)}")
    return chosen, rest


def main() -> int:
    """Runs one verb; the exit code is the verb's, 2 for wrong usage."""
    if sys.version_info < OLDEST_PYTHON:
        raise Stop("Python 3.11 or newer is needed; this is " + platform.python_version() + ".", 2)
    verb, rest = parsed(sys.argv[1:])
    if verb == "setup":
        return setup()
    return {"demo": demo, "test": test, "check": check, "bench": bench, "lock": lock}[verb](rest)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stop as stop:
        print(stop, file=sys.stderr)
        sys.exit(stop.code)
    except KeyboardInterrupt:
        sys.exit(130)
