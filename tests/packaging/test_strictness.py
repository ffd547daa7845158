"""A test of the project fails on what nobody looked at: an error log, a warning of Python, a warning of Qt."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

CASES = '''
import logging, threading, warnings
import pytest
from PySide6.QtCore import qWarning

log = logging.getLogger("kiosk.gateway.client")

def test_quiet(): pass
def test_info_log(): log.warning("only a warning")
def test_error_log(): log.error("gateway broke")
def test_error_log_of_a_thread():
    worker = threading.Thread(target=log.error, args=("gateway broke",))
    worker.start(); worker.join()
@pytest.mark.expects_error_log("kiosk.gateway")
def test_announced_error_log(): log.error("gateway broke")
@pytest.mark.expects_error_log("kiosk.gate")
def test_error_log_announced_of_another(): log.error("gateway broke")
@pytest.mark.expects_error_log("kiosk.gateway")
def test_announced_error_log_that_never_comes(): pass
def test_python_warning(): warnings.warn("old")
def test_exception_in_a_thread():
    worker = threading.Thread(target=lambda: 1 / 0)
    worker.start(); worker.join()
def test_qt_warning(qtbot): qWarning("QWidget: something is wrong")
def test_offscreen_sentence(qtbot): qWarning("This plugin does not support raise()")
def test_platform(qapp): assert qapp.platformName() == "offscreen"
'''
PASSING = {
    "test_quiet",
    "test_info_log",
    "test_announced_error_log",
    "test_offscreen_sentence",
    "test_platform",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory, root):
    """Each case with whether it passed, under the project's own settings and tests/conftest.py."""
    project = tmp_path_factory.mktemp("strict")
    (project / "tests").mkdir()
    shutil.copy(root / "pyproject.toml", project)
    shutil.copy(root / "tests" / "conftest.py", project / "tests")
    (project / "tests" / "test_cases.py").write_text(CASES, encoding="utf-8")
    report = project / "report.xml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}"],
        cwd=project, env={**environment, "QT_QPA_PLATFORM": "minimal"}, capture_output=True, timeout=120,
    )  # fmt: skip
    cases = ElementTree.parse(report).getroot().iter("testcase")
    failed = {}
    for case in cases:
        failed[case.get("name")] = failed.get(case.get("name"), False) or len(case) > 0
    return failed


def test_what_nobody_looked_at_fails_and_nothing_else_does(outcomes):
    assert len(outcomes) == CASES.count("def test_")
    assert {name for name, failed in outcomes.items() if not failed} == PASSING
