"""What the repository holds, and what it must never hold."""

import re
import tomllib

import pytest

TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "requirements.lock",
    "kiosk",
    "hardware",
    "tests",
    "assets",
    "packaging",
}
COMMANDS = ["python3 packaging/dev.py demo", "python3 packaging/dev.py test"]
PLACES = "|".join(["work", "farm", "root", "home", "Users", "opt/pypi"])
# A path begins where no word, dot or slash stands before it: tests/flows/work.py is no path of a machine.
MACHINE_PATH = re.compile(rf"(?<![\w./:}}-])/(?:{PLACES})/")
INDEX = ["--" + "index-url", "--" + "find-links", r"/simple/?[\"'\s]", "pythonhosted" + r"\.org"]
INDEX_ADDRESS = re.compile("|".join(INDEX))
MARKS = re.compile("|".join([r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", "# type: " + "ignore", "# no" + "qa"]))


@pytest.fixture(scope="session")
def texts(root, tracked):
    """Every file of the project that is text, with what it says."""
    found = {}
    for name in tracked:
        content = (root / name).read_bytes() if (root / name).is_file() else b""
        if b"\0" not in content:
            found[name] = content.decode("utf-8")
    return found


def lines_with(pattern, texts, suffixes=None):
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts.items()
        if suffixes is None or name.suffix in suffixes
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_top_level_holds_only_what_belongs_there(tracked):
    tops = {name.parts[0] for name in tracked}
    assert {top for top in tops if not top.startswith(".")} <= TOP_LEVEL


def test_tests_and_packaging_are_no_packages_so_the_library_of_that_name_is_found(tracked):
    assert not [n for n in tracked if n.parts[0] in ("tests", "packaging") and n.name == "__init__.py"]


def test_no_file_holds_a_path_of_a_machine(texts):
    assert lines_with(MACHINE_PATH, texts) == []


def test_no_file_holds_the_address_of_a_package_index(texts):
    assert lines_with(INDEX_ADDRESS, texts) == []


def test_the_patterns_find_what_they_are_for():
    assert MACHINE_PATH.search("font = '/" + "work/fonts'")
    assert MACHINE_PATH.search("/" + "root/.cache")
    assert not MACHINE_PATH.search("tests/flows/" + "work/case.py")
    assert INDEX_ADDRESS.search("--" + "index-url https://mirror.example")
    assert INDEX_ADDRESS.search("https://mirror.example/" + "simple/ ")


def test_no_module_leaves_work_undone_or_silences_a_check(texts):
    assert lines_with(MARKS, texts, {".py"}) == []


def test_no_module_is_longer_than_500_lines(texts):
    assert [f"{n}: {len(t.splitlines())}" for n, t in texts.items() if n.suffix == ".py" and t.count("\n") > 500] == []


def test_readme_opens_with_the_two_commands(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    [block, *_] = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block.splitlines() == COMMANDS


def test_readme_draws_a_map_of_every_room(root, tracked):
    text = (root / "README.md").read_text(encoding="utf-8")
    rooms = {"/".join(n.parts[:2]) for n in tracked if n.parts[0] == "kiosk" and len(n.parts) > 2}
    rooms |= {n.parts[0] for n in tracked if len(n.parts) > 1 and not n.parts[0].startswith(".")} - {"kiosk"}
    assert sorted(room for room in rooms if f"`{room}`" not in text) == []


def test_the_continuous_run_is_the_command_that_a_person_runs(root):
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "python3 packaging/dev.py test" in script.read_text(encoding="utf-8")


def test_the_licence_named_is_the_licence_held(root):
    named = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"]
    assert named == "Apache-2.0"
    assert "Apache License" in (root / "LICENSE").read_text(encoding="utf-8")[:200]
