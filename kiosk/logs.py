"""The log: JSON lines in files of bounded size in the data directory, and nothing in them that is a secret.

Rules
1. A payment code never reaches a log whole (rule 3 of payment.md part 2): one formatter renders a record and masks
   what was rendered, so that message, arguments, extra fields, exception texts and stacks all pass the same gate.
2. What is masked: every run of 16 or more digits, blanks and hyphens between groups of digits included, wherever it
   stands. An order number may hold such a run (its random part is of digits and letters): then its middle is masked
   too, which costs a look into the journal; a code shown would cost a customer's money. A number of 13 digits
   (milliseconds since 1970) stays.
3. Names and addresses are not logged, by contract of whoever logs. Tracebacks carry no local values.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from kiosk.core.money import half_width
from kiosk.core.payment_code import MIN_LENGTH, mask_code
from kiosk.rights import FILE_MODE, private_directory

FILE_NAME = "kiosk.log"
#: Together with its older parts the log never grows over 12 MB.
FILE_BYTES = 2_000_000
OLDER_FILES = 5
#: What a broken device or gateway may write at most in one line.
LINE_CHARACTERS = 16_000

_RUN = re.compile(rf"\d(?:[ \-]?\d){{{MIN_LENGTH - 1},}}")
_NOT_A_DIGIT = re.compile(r"[ \-]")
_ALWAYS = ("asctime", "levelname", "name", "message")


def masked(text: str) -> str:
    """The text with everything that could be a payment code masked: ``13************0000``.

    Digits of any script count: a code typed by an input method is full-width.
    """
    return _RUN.sub(lambda match: mask_code(half_width(_NOT_A_DIGIT.sub("", match.group()))), text)


def cleaned(value: object) -> object:
    """A value of a record with every text in it masked, and short enough to keep."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        text = str(value)
        return value if masked(text) == text else masked(text)
    if isinstance(value, dict):
        return {masked(str(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [cleaned(item) for item in value]
    return masked(str(value))[:LINE_CHARACTERS]


class Redacting(JsonFormatter):
    """A record as one line of JSON, with no payment code in it (rules 1 and 2)."""

    def __init__(self) -> None:
        super().__init__(
            _ALWAYS,
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger", "exc_info": "exception"},
            json_ensure_ascii=False,
        )

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """The record's moment in UTC with milliseconds."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Mask everything that is about to be written."""
        return {masked(str(key)): cleaned(value) for key, value in log_data.items()}


def _opened_privately(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


class _PrivateFile(RotatingFileHandler):
    """A rotated file that is its user's alone, whatever the umask; a full disk costs the line and nothing else."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_opened_privately)

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: a log that cannot be written stops no payment, and standard error may be a customer's screen."""

    def close(self) -> None:
        """Close the file; what a full disk did not take is lost without a word."""
        with contextlib.suppress(OSError, ValueError):
            super().close()


def open_log(directory: Path, level: int = logging.INFO) -> logging.Handler:
    """Begin to log into ``directory``; give the handler to :func:`close_log` at the end.

    Raises ``kiosk.errors.DataDirectoryError`` where the directory is not this user's alone.
    """
    path = private_directory(directory) / FILE_NAME
    handler = _PrivateFile(path, maxBytes=FILE_BYTES, backupCount=OLDER_FILES, encoding="utf-8", errors="replace")
    handler.setFormatter(Redacting())
    handler.setLevel(level)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(root.level or level, level))
    # httpx and httpcore log whole requests at their finer levels, uvicorn each access: not ours to keep.
    for chatty in ("httpx", "httpcore", "uvicorn", "asyncio", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return handler


def close_log(handler: logging.Handler) -> None:
    """End what :func:`open_log` began."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def log_unforeseen(
    logger: logging.Logger,
    reference: str,
    error: tuple[type[BaseException], BaseException, TracebackType | None],
) -> None:
    """An exception that nobody foresaw, beside the reference that the person was told."""
    logger.error("unforeseen, reference %s", reference, exc_info=error)
