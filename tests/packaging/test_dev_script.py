"""packaging/dev.py: runs before anything is installed, and knows when `.venv` is not what the lock says."""

import ast
import json
import platform
import subprocess
import sys
import tempfile

import pytest


@pytest.fixture
def dev(dev_at, tmp_path):
    """dev.py over a project that holds a lock and a pyproject.toml, and a `.venv` that seems to work."""
    module = dev_at(tmp_path)
    module.MAIN_LOCK.write_text("thing==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    module.venv_works = lambda: True
    module.VENV.mkdir()
    return module


def run_dev(root, *words, python_options=()):
    command = [sys.executable, *python_options, str(root / "packaging" / "dev.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=root)


@pytest.mark.parametrize("name", ["dev.py", "system_needs.py", "bench.py"])
def test_set_up_imports_the_standard_library_alone(root, name):
    tree = ast.parse((root / "packaging" / name).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    tops = {name.partition(".")[0] for name in imported}
    assert tops - set(sys.stdlib_module_names) <= {"system_needs", "bench"}


def test_set_up_starts_where_no_package_is_installed(root):
    done = run_dev(root, "--help", python_options=["-S", "-E"])
    assert done.returncode == 0, done.stderr
    assert all(verb in done.stdout for verb in ("setup", "demo", "test", "check", "bench", "lock"))


@pytest.mark.parametrize(
    "words", [[], ["paint"], ["setup", "--fast"], ["check", "--quickly"], ["setup", "--long"], ["bench", "--fast"]]
)
def test_wrong_usage_is_told_and_exits_2(root, words):
    done = run_dev(root, *words)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_an_older_python_is_told_what_is_needed(dev, monkeypatch):
    monkeypatch.setattr(dev, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(dev.Stop, match=r"Python 3\.11 or newer") as stop:
        dev.main()
    assert stop.value.code == 2


def test_a_venv_made_by_hand_is_not_up_to_date(dev):
    assert not dev.up_to_date(dev.MAIN_LOCK)


def test_a_stamped_venv_stays_until_the_lock_changes(dev):
    dev.STAMP.write_text(dev.wanted_stamp(dev.MAIN_LOCK))
    assert dev.up_to_date(dev.MAIN_LOCK)
    dev.MAIN_LOCK.write_text("thing==2\n")
    assert not dev.up_to_date(dev.MAIN_LOCK)


def test_a_stamped_venv_stays_until_pyproject_changes(dev):
    dev.STAMP.write_text(dev.wanted_stamp(dev.MAIN_LOCK))
    (dev.ROOT / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert not dev.up_to_date(dev.MAIN_LOCK)


def test_a_stamped_venv_whose_python_is_gone_is_not_up_to_date(dev, monkeypatch):
    dev.STAMP.write_text(dev.wanted_stamp(dev.MAIN_LOCK))
    monkeypatch.setattr(dev, "venv_works", lambda: False)
    assert not dev.up_to_date(dev.MAIN_LOCK)


@pytest.mark.parametrize(
    ("libc", "lock"),
    [
        (("glibc", "2.28"), "requirements-glibc228.lock"),
        (("glibc", "2.33"), "requirements-glibc228.lock"),
        (("glibc", "2.34"), "requirements.lock"),
        (("glibc", "2.36"), "requirements.lock"),
        (("", ""), "requirements.lock"),
    ],
)
def test_an_old_c_library_gets_the_qt_that_runs_on_it(dev, monkeypatch, libc, lock):
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    assert dev.chosen_lock().name == lock


def test_a_lock_is_written_without_the_addresses_of_the_machine_that_made_it(dev):
    # The option is put together here so that no file of the project holds it.
    option = "--" + "index-url"
    made = f"{option} https://mirror.example/here\nthing==1 \\\n    --hash=sha256:00\n    # from https://x.example\n"
    assert dev.without_addresses(made) == "thing==1 \\\n    --hash=sha256:00\n"


def test_arguments_of_test_go_to_pytest_alone(dev, monkeypatch):
    commands = []
    monkeypatch.setattr(dev, "need_setup", lambda: None)
    monkeypatch.setattr(dev, "run", lambda command: commands.append(command) or 5)
    assert dev.test(["-k", "money"]) == 5
    assert [command[1:] for command in commands] == [["-m", "pytest", "-k", "money"]]


def test_the_first_failing_check_ends_the_run_with_its_exit_code(dev, monkeypatch):
    commands = []
    monkeypatch.setattr(dev, "need_setup", lambda: None)
    monkeypatch.setattr(dev, "run", lambda command: commands.append(command) or (3 if "mypy" in command else 0))
    assert dev.test([]) == 3
    assert "pytest" not in commands[-1]


def test_the_long_check_reads_the_code_and_then_counts_high(dev, monkeypatch):
    commands = []
    monkeypatch.setattr(dev, "need_setup", lambda: None)
    monkeypatch.setattr(dev, "run", lambda command: commands.append(command) or 0)
    assert dev.check(["--long"]) == 0
    assert commands[:-1] == dev.READERS
    assert commands[-1][1:] == ["-m", "pytest", "--long", "-m", "long_counts"]


def test_the_ordinary_check_runs_no_test(dev, monkeypatch):
    commands = []
    monkeypatch.setattr(dev, "need_setup", lambda: None)
    monkeypatch.setattr(dev, "run", lambda command: commands.append(command) or 0)
    assert dev.check() == 0
    assert commands == dev.READERS


def test_demo_without_a_display_plays_by_itself_and_says_where_the_pictures_are(dev, monkeypatch, capsys):
    commands = []
    monkeypatch.setattr(tempfile, "tempdir", str(dev.ROOT))
    monkeypatch.setattr(dev, "need_setup", lambda: None)
    monkeypatch.setattr(dev, "has_display", lambda: False)
    monkeypatch.setattr(dev, "run", lambda command, environment: commands.append((command, environment)) or 0)
    assert dev.demo(["--locale", "en"]) == 0
    [(command, environment)] = commands
    assert command[1:6] == ["-m", "kiosk", "demo", "--locale", "en"]
    assert command[6] == "--walkthrough"
    assert environment["QT_QPA_PLATFORM"] == "offscreen"
    assert f"The pictures are in {command[7]}" in capsys.readouterr().out


def benchmark(dev, name, rows, exit_code=0):
    """A benchmark in the project that prints these rows (or this text)."""
    folder = dev.ROOT / "tests" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    text = rows if isinstance(rows, str) else json.dumps(rows)
    lines = ("import sys", "assert sys.argv[1:] == ['--json']", f"print({text!r})", f"sys.exit({exit_code})")
    (folder / name).write_text("\n".join(lines) + "\n")


@pytest.fixture
def benching(dev, monkeypatch):
    """`dev.py bench` over that project, with this Python for its `.venv`'s."""
    monkeypatch.setattr(dev, "need_setup", lambda: None)
    monkeypatch.setattr(dev, "PYTHON", sys.executable)
    return dev


ROW = {"what": "commits of a payment", "ours": 3, "yardstick": 2, "ratio": 1.5, "reach": "<= 3", "holds": True}
TOLD = {"what": "time of a commit, ms", "ours": 0.1719}


def test_bench_runs_every_program_and_tells_in_one_table(benching, capsys):
    benchmark(benching, "one.py", ROW)
    benchmark(benching, "two.py", [TOLD])
    benchmark(benching, "test_not_a_benchmark.py", "this is a test")
    assert benching.bench([]) == 0
    told = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "commits of a payment 3 2 1.50 x <= 3 yes" in lines
    assert "time of a commit, ms 0.172 - - - -" in lines
    assert "test_not_a_benchmark" not in told
    assert "2 rows, none falls short" in told


def test_figures_with_nothing_to_reach_are_told_by_their_names(benching, capsys):
    benchmark(benching, "journal.py", {"commit_us": 314.5, "open_orders": 500})
    assert benching.bench([]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "journal: commit_us 314 - - - -" in lines
    assert "journal: open_orders 500 - - - -" in lines


def test_bench_exits_1_where_something_falls_short(benching, capsys):
    benchmark(benching, "one.py", [ROW, ROW | {"what": "payments a second", "ours": 900, "holds": False}], exit_code=1)
    assert benching.bench([]) == 1
    assert "1 of 2 fall short" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "exit_code"),
    [
        ("no json", 0),
        ("", 1),
        ([ROW], 2),
        ([{"what": "x", "reach": "<= 1"}], 0),
        ([{"other": 1}], 0),
        ({"other": "x"}, 0),
    ],
)
def test_a_benchmark_that_fails_falls_short(benching, capsys, rows, exit_code):
    benchmark(benching, "one.py", rows, exit_code)
    benchmark(benching, "two.py", ROW)
    assert benching.bench([]) == 1
    told = capsys.readouterr().out
    assert "one.py" in told
    assert "commits of a payment" in told


def test_bench_keeps_its_rows_as_json(benching, tmp_path):
    benchmark(benching, "one.py", ROW)
    assert benching.bench(["--json", str(tmp_path / "rows.json")]) == 0
    assert json.loads((tmp_path / "rows.json").read_text()) == [ROW | {"program": "one.py"}]


def test_without_a_benchmark_the_table_says_so(benching, capsys):
    assert benching.bench([]) == 0
    assert "0 rows" in capsys.readouterr().out
