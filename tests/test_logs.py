"""The log's half of Z12 and Z13: no payment code in it, by whatever door it comes."""

import json
import logging
import os
import random
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import logs
from kiosk.errors import DataDirectoryError
from kiosk.logs import close_log, log_unforeseen, masked, open_log

CODE = "134567890123450000"
MASKED = "13************0000"
_log = logging.getLogger("kiosk.test_logs")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A directory that is being logged into."""
    place = tmp_path / "data"
    root = logging.getLogger()
    before = root.level
    handler = open_log(place)
    yield place
    close_log(handler)
    root.setLevel(before)


def _lines(directory: Path) -> list[dict[str, Any]]:
    text = (directory / logs.FILE_NAME).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _everything(directory: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in directory.iterdir())


def test_a_line_is_json_with_moment_level_logger_and_message(directory: Path) -> None:
    _log.info("order %s is paid", "K1ABCDEFGHJK1", extra={"order_no": "K1ABCDEFGHJK1"})
    (line,) = _lines(directory)
    assert line["message"] == "order K1ABCDEFGHJK1 is paid"
    assert line["order_no"] == "K1ABCDEFGHJK1"
    assert (line["level"], line["logger"]) == ("INFO", "kiosk.test_logs")
    assert line["at"].endswith("+00:00")


def test_a_code_in_message_arguments_and_extra_fields_is_masked(directory: Path) -> None:
    _log.info("read " + CODE)
    _log.info("read %s", CODE)
    _log.info("read %d", int(CODE))
    _log.info("read %(code)s", {"code": CODE})
    _log.info("read", extra={"request": {"auth_code": CODE, "list": [CODE, int(CODE)], CODE: 1}})
    _log.info({"auth_code": CODE})
    assert CODE not in _everything(directory)
    assert _everything(directory).count(MASKED) == 9


@pytest.mark.expects_error_log("kiosk.test_logs")
def test_a_code_in_an_exception_its_cause_and_its_locals_is_not_dumped(directory: Path) -> None:
    def send(auth_code: str) -> None:
        body = json.dumps({"auth_code": auth_code})
        try:
            raise ConnectionError(f"sending {body}")
        except ConnectionError as error:
            raise RuntimeError("call failed") from error

    try:
        send(CODE)
    except RuntimeError as error:
        log_unforeseen(_log, "K7-3QX9", (type(error), error, error.__traceback__))
    text = _everything(directory)
    assert CODE not in text
    assert MASKED in text
    assert "K7-3QX9" in text
    assert "ConnectionError" in text


def test_a_stack_is_masked_too(directory: Path) -> None:
    _log.info("where", stack_info=True, extra={"auth_code_134567890123450000": 1})
    assert CODE not in _everything(directory)


@given(st.text("0123456789", min_size=16, max_size=32), st.sampled_from(["", " ", "x", "'", '"', "/", "K1", "：", "="]))
def test_no_run_that_could_be_a_code_survives(code: str, beside: str) -> None:
    assert code not in masked(f"{beside}{code}{beside}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1345 6789 0123 450 000", MASKED),
        ("1345-6789-0123-450000", MASKED),
        ("１３４５６７８９０１２３４５００００", MASKED),
        (f"b'{CODE}'", f"b'{MASKED}'"),
        (f"{CODE}{CODE}", "13" + "*" * 30 + "0000"),
        ("K1AB12345678901234567890", "K1AB12**************7890"),
    ],
)
def test_masked_forms(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text", ["1763855573123", "2026-11-23T08:00:00.000+08:00", "K1AB3D5F7H9J100000012", "¥1,234.50"]
)
def test_what_is_no_code_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_the_log_never_grows_over_its_size(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (handler,) = (h for h in logging.getLogger().handlers if isinstance(h, logs._PrivateFile))
    handler.maxBytes = 20_000
    words = random.Random(1)
    for _ in range(2_000):
        _log.info("%s", "".join(words.choices("abcdefgh", k=100)))
    files = list(directory.iterdir())
    assert len(files) == logs.OLDER_FILES + 1
    assert sum(path.stat().st_size for path in files) <= 20_000 * len(files)


def test_one_line_is_cut_at_its_limit(directory: Path) -> None:
    _log.info("%s", "x" * 1_000_000)
    assert (directory / logs.FILE_NAME).stat().st_size < logs.LINE_CHARACTERS + 1_000


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_log_files_are_their_users_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        handler = open_log(tmp_path / "data")
        close_log(handler)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / logs.FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_directory_that_others_may_read_gets_no_log(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(DataDirectoryError, match="0755"):
        open_log(tmp_path / "open")
    assert list((tmp_path / "open").iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk to write to")
def test_a_log_that_cannot_be_written_raises_nothing(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (handler,) = (h for h in logging.getLogger().handlers if isinstance(h, logs._PrivateFile))
    handler.stream.close()
    handler.stream = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w")
    _log.info("into nothing")
    assert capsys.readouterr().err == ""
