"""Status bytes: every byte in one class, any cut of the bytes the same, nothing invalid ever well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.health import Reason
from hardware.printer.status import (
    Answer,
    Asb,
    Flow,
    Junk,
    PrinterStatus,
    Sensor,
    StatusParser,
    is_answer,
    is_asb_head,
    is_sensor,
    of_answers,
    of_asb,
)


def test_r13_the_classes_of_first_bytes_are_disjoint_over_all_256() -> None:
    for byte in range(256):
        classes = [is_answer(byte), is_asb_head(byte), is_sensor(byte), byte in (0x11, 0x13)]
        assert sum(classes) <= 1, f"{byte:02X}"


def test_r13_no_answer_is_one_with_its_fixed_bits_wrong() -> None:
    answers = [byte for byte in range(256) if is_answer(byte)]
    assert len(answers) == 16
    assert all(byte & 0x12 == 0x12 and not byte & 0x81 for byte in answers)
    for wrong in (0x00, 0xFF, 0x16 & ~0x02, 0x32 & ~0x10, 0x92, 0x13, 0x17):
        assert StatusParser().feed(bytes([wrong])) != [Answer(wrong)]


@given(st.binary(max_size=60), st.lists(st.integers(1, 7), max_size=60))
def test_r13_any_cut_of_the_bytes_gives_the_same_events(data: bytes, cuts: list[int]) -> None:
    whole = StatusParser().feed(data)
    parser, at, pieces = StatusParser(), 0, []
    for cut in [*cuts, len(data) + 1]:
        pieces += parser.feed(data[at : at + cut])
        at += cut
    assert pieces == whole


@given(st.binary(max_size=80))
def test_r13_every_byte_is_told_once_or_waits_for_its_packet(data: bytes) -> None:
    told = sum(len(event.data) if isinstance(event, Asb) else 1 for event in StatusParser().feed(data))
    assert len(data) - 3 <= told <= len(data)


def test_r13_flow_control_and_answers_inside_an_asb_packet_leave_it_whole() -> None:
    events = StatusParser().feed(b"\x14\x13\x00\x12\x00\x11\x00\x16")
    assert events == [Flow(False), Answer(0x12), Flow(True), Asb(b"\x14\x00\x00\x00"), Answer(0x16)]


def test_r13_a_packet_that_breaks_off_is_junk_and_the_next_one_is_read() -> None:
    events = StatusParser().feed(b"\x14\x00\x1c\x00\x0f\x00\x91")
    assert events == [Junk(0x14), Junk(0x00), Asb(b"\x1c\x00\x0f\x00"), Junk(0x91)]


@pytest.mark.parametrize(
    ("answers", "reason", "can_print"),
    [
        ({1: 0x16, 2: 0x12, 4: 0x12}, Reason.NONE, True),
        ({1: 0x16, 2: 0x12, 4: 0x1E}, Reason.PAPER_LOW, True),
        ({1: 0x1E, 2: 0x32, 4: 0x7E}, Reason.PAPER_OUT, False),
        ({1: 0x1E, 2: 0x16, 4: 0x12}, Reason.COVER_OPEN, False),
        ({1: 0x1E, 2: 0x52, 3: 0x1A, 4: 0x12}, Reason.CUTTER, False),
        ({1: 0x1E, 2: 0x52, 3: 0x52, 4: 0x12}, Reason.OVERHEATED, False),
        ({1: 0x1E, 2: 0x52, 3: 0x32, 4: 0x12}, Reason.DEVICE_FAULT, False),
        ({1: 0x1E, 2: 0x52, 4: 0x12}, Reason.DEVICE_FAULT, False),
        ({1: 0x1E, 2: 0x12, 4: 0x12}, Reason.OFFLINE, False),
    ],
)
def test_r11_the_answers_of_a_printer_are_one_reason(
    answers: dict[int, int], reason: Reason, can_print: bool
) -> None:
    status = of_answers(answers)
    assert (status.reason, status.can_print) == (reason, can_print)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"\x14\x00\x00\x00", Reason.NONE),
        (b"\x14\x00\x03\x00", Reason.PAPER_LOW),
        (b"\x1c\x00\x0f\x00", Reason.PAPER_OUT),
        (b"\x3c\x00\x00\x00", Reason.COVER_OPEN),
        (b"\x1c\x08\x00\x00", Reason.CUTTER),
        (b"\x1c\x40\x00\x00", Reason.OVERHEATED),
    ],
)
def test_r11_a_packet_says_the_same_as_the_answers(packet: bytes, reason: Reason) -> None:
    (event,) = StatusParser().feed(packet)
    assert isinstance(event, Asb)
    assert of_asb(event.data).reason is reason


def test_a_sensor_answer_is_another_class_than_the_answers_in_real_time() -> None:
    assert StatusParser().feed(b"\x00\x03\x0c\x12") == [Sensor(0x00), Sensor(0x03), Sensor(0x0C), Answer(0x12)]
    assert PrinterStatus().can_print
