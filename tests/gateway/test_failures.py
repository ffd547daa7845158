"""The table of foreign exceptions is whole, and the trip decides what was not sent."""

import inspect
import time

import httpcore
import httpx
import pytest

from kiosk.core.messages import Heard
from kiosk.gateway.failures import HEARD_OF, answer_of, heard_of
from kiosk.gateway.line import Trip


def _classes(module: object) -> list[type[Exception]]:
    return [
        item
        for name in vars(module)["__all__"]
        if inspect.isclass(item := getattr(module, name)) and issubclass(item, Exception)
    ]


def _made(kind: type[Exception]) -> Exception:
    return kind.__new__(kind)


def _trip(wrote: bool, saw_end: bool = False, write_failed: bool = False) -> Trip:
    trip = Trip(1.0, time.monotonic)
    trip.wrote, trip.saw_end, trip.write_failed = wrote, saw_end, write_failed
    return trip


def test_both_libraries_have_exceptions() -> None:
    assert len(_classes(httpx)) > 25
    assert len(_classes(httpcore)) > 12


@pytest.mark.parametrize(
    "kind", _classes(httpx) + _classes(httpcore), ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
def test_every_foreign_exception_is_in_the_table(kind: type[Exception]) -> None:
    assert any(issubclass(kind, known) for known in HEARD_OF)
    assert heard_of(_made(kind), _trip(wrote=False)) is Heard.NOT_SENT
    assert heard_of(_made(kind), _trip(wrote=True)) is not Heard.NOT_SENT


@pytest.mark.parametrize("kind", [ValueError, KeyError, MemoryError, RecursionError, OSError])
def test_a_fault_of_ours_is_a_doubt_once_a_byte_left(kind: type[Exception]) -> None:
    assert heard_of(kind("134500000000000017"), _trip(wrote=True)) is Heard.BROKEN
    assert "134500000000000017" not in repr(answer_of(kind("134500000000000017"), _trip(wrote=True)))


def test_an_end_in_the_midst_of_a_reply_is_silence_and_bad_http_is_unreadable() -> None:
    assert heard_of(httpcore.RemoteProtocolError(), _trip(wrote=True, saw_end=True)) is Heard.SILENT
    assert heard_of(httpcore.RemoteProtocolError(), _trip(wrote=True)) is Heard.UNREADABLE


def test_a_failed_write_is_a_broken_line_whatever_the_read_after_it_says() -> None:
    """A reset that the write reported leaves an orderly end for the read that httpcore tries next."""
    trip = _trip(wrote=True, saw_end=True, write_failed=True)
    assert heard_of(httpcore.RemoteProtocolError(), trip) is Heard.BROKEN
