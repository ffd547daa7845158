"""What every test stands on: a screen that needs no screen, and no error that passes unseen.

1. Qt draws off the screen; the platform is chosen here, before anything imports Qt.
2. A record of level ERROR that nobody expected fails the test in which it was written, whichever thread
   wrote it. A test that is about such a failure says so: `@pytest.mark.expects_error_log("kiosk.gateway")`;
   it fails too where the record never came.
3. What is counted (seeds, kills, power cuts) is counted higher with `--long`: such a test is marked `long_counts` and
   takes its number from the fixture `count`, or reads `long_run`; `packaging/dev.py check --long` runs just these.
"""

import logging
import os
from collections.abc import Callable, Iterator

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

#: What one test that is marked ``long_counts`` may take with ``--long``.
LONG_TIMEOUT_S = 7200.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="raise the counts of the tests that are marked long_counts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A raised count may take its time, unless the test set itself a limit."""
    if not config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long_counts") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_TIMEOUT_S))


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """Whether the counts are raised (``--long``)."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def count(long_run: bool) -> Callable[[int, int], int]:
    """``count(25, 200)``: the first in the ordinary run, the second with ``--long``."""
    return lambda ordinary, raised: raised if long_run else ordinary


class _ErrorCollector(logging.Handler):
    """Keeps records of level ERROR and above; never raises into the code that logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def _belongs_to(record: logging.LogRecord, logger: str) -> bool:
    return record.name == logger or record.name.startswith(logger + ".")


def _described(record: logging.LogRecord) -> str:
    text = f"{record.name} ({record.pathname}:{record.lineno}): {record.getMessage()}"
    return f"{text} [{record.exc_info[1]!r}]" if record.exc_info else text


@pytest.fixture(autouse=True)
def _stray_error_logs_fail(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test at its end on an error nobody expected, and on an expected one that never came."""
    expected = [mark.args[0] for mark in request.node.iter_markers("expects_error_log")]
    collector = _ErrorCollector()
    root = logging.getLogger()
    root.addHandler(collector)
    try:
        yield
    finally:
        root.removeHandler(collector)
    stray = [r for r in collector.records if not any(_belongs_to(r, name) for name in expected)]
    silent = [name for name in expected if not any(_belongs_to(r, name) for r in collector.records)]
    if stray:
        pytest.fail("errors were logged:\n" + "\n".join(map(_described, stray)), pytrace=False)
    if silent:
        pytest.fail(f"no error was logged by {', '.join(silent)}", pytrace=False)
