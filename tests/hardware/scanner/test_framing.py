"""The framer against every way a scanner ends a code, and against what a bad line makes of it."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.scanner.brands import Brand
from hardware.scanner.framing import (
    DEFAULT_IDLE_S,
    FRAMING_BYTES,
    Frame,
    LineFramer,
    Noise,
    NoiseKind,
    Suffix,
    idle_gap_s,
)

CODE = b"130000000000000001"
CODES = st.binary(min_size=3, max_size=40).filter(
    lambda raw: all(0x20 <= byte < 0x7F or 0x80 <= byte < 0xFF for byte in raw)
)
TERMINATORS = [b"\r", b"\n", b"\r\n", b"\n\r", b"\t", b"\0", b"\x03", b"\r\r"]
REPLY_PARTS = [b"\x02\x010000", b"\x06;\x03", b"\x16M\r", b"\x06.", b"\x15", b"!", b"$$%~OK\r\n"]
# Mostly what matters to a framer: terminators, STX, noise, digits, and pieces of a scanner's answers.
STREAMS = st.lists(
    st.one_of(
        st.sampled_from([*TERMINATORS, b"\x02", b"\xff", b"\x00", b"12", b"69012345", *REPLY_PARTS]),
        st.binary(max_size=12),
    )
).map(b"".join)


def frames_of(found):
    return [each.raw for each in found if isinstance(each, Frame)]


def chunks(data, cuts):
    edges = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize("terminator", TERMINATORS)
def test_s11_every_terminator_gives_the_same_single_frame(terminator):
    framer = LineFramer()
    found = framer.feed(CODE + terminator, 0.0)
    assert frames_of(found) == [CODE]
    assert found[0].terminator == terminator[:1]
    assert framer.deadline() is None


def test_s11_no_terminator_gives_the_same_single_frame_after_the_gap():
    framer = LineFramer()
    assert framer.feed(CODE, 1.0) == []
    assert framer.tick(1.0 + DEFAULT_IDLE_S - 0.001) == []
    (frame,) = framer.tick(1.0 + DEFAULT_IDLE_S)
    assert (frame.raw, frame.by_idle, frame.ended_at_s) == (CODE, True, 1.0)


@given(st.lists(st.tuples(CODES, st.sampled_from(TERMINATORS)), min_size=1, max_size=6), st.lists(st.integers(0, 300)))
def test_s12_codes_come_out_whole_and_in_order_however_the_reads_fall(codes, cuts):
    data = b"".join(raw + terminator for raw, terminator in codes)
    framer = LineFramer()
    found = [each for part in chunks(data, cuts) for each in framer.feed(part, 0.0)]
    assert [each.raw for each in found] == [raw for raw, _ in codes]


def test_s12_a_read_that_ends_between_cr_and_lf_makes_no_empty_frame():
    framer = LineFramer()
    found = framer.feed(CODE + b"\r", 0.0) + framer.feed(b"\n" + CODE + b"\r\n", 0.2)
    assert frames_of(found) == [CODE, CODE]
    assert len(found) == 2


def test_s13_the_pace_of_9600_baud_does_not_end_a_code_and_the_gap_does():
    framer = LineFramer(Suffix.NONE, idle_s=idle_gap_s(9600))
    for index in range(len(CODE)):
        now_s = index * 0.00104
        assert framer.tick(now_s) == []
        assert framer.feed(CODE[index : index + 1], now_s) == []
    assert framer.deadline() == pytest.approx(17 * 0.00104 + 0.060)
    assert frames_of(framer.tick(1.0)) == [CODE]


@pytest.mark.parametrize(("baud", "gap_s"), [(115200, 0.06), (9600, 0.06), (4800, 400 / 4800), (1200, 1 / 3)])
def test_s13_the_gap_follows_a_slow_line(baud, gap_s):
    assert idle_gap_s(baud) == pytest.approx(gap_s)


def test_s14_two_codes_without_suffix_inside_the_gap_are_one_frame_marked_by_idle():
    framer = LineFramer(Suffix.NONE)
    framer.feed(CODE, 0.0)
    framer.feed(CODE, 0.050)
    (frame,) = framer.tick(0.2)
    assert frame.raw == CODE * 2
    assert frame.by_idle


def test_s14_two_codes_without_suffix_beyond_the_gap_are_two_frames():
    framer = LineFramer(Suffix.NONE)
    framer.feed(CODE, 0.0)
    first = framer.tick(0.061)
    framer.feed(CODE, 0.070)
    assert frames_of(first + framer.tick(0.2)) == [CODE, CODE]


@pytest.mark.parametrize("noise", [b"\x00\xff\xfe", b"\xff\xff\xff\xff", b"\x00", b"\x01\x8012\x7f", b"12"])
def test_s15_the_noise_of_a_moved_plug_is_counted_and_is_no_frame(noise):
    framer = LineFramer()
    found = framer.feed(noise, 0.0) + framer.tick(1.0)
    assert frames_of(found) == []
    counts = framer.counts()
    assert counts.noise_bytes + counts.separator_bytes == len(noise)
    assert frames_of(framer.feed(CODE + b"\r", 2.0)) == [CODE]


@given(STREAMS, st.lists(st.integers(0, 200)), st.sampled_from(Suffix), st.sampled_from(Brand))
def test_any_split_of_the_same_bytes_gives_the_same_frames(data, cuts, suffix, brand):
    whole, split = (LineFramer(suffix, max_length=24, brand=brand) for _ in range(2))
    expected = whole.feed(data, 5.0)
    found = [each for part in chunks(data, cuts) for each in split.feed(part, 5.0)]
    assert found == expected
    assert split.counts() == whole.counts()
    assert split.tick(9.0) == whole.tick(9.0)


@given(
    st.lists(st.tuples(STREAMS, st.sampled_from(["on", "gap", "reset"]))),
    st.sampled_from(Suffix),
    st.sampled_from(Brand),
)
def test_every_byte_is_in_a_frame_or_separator_or_reply_or_noise_or_pending(steps, suffix, brand):
    framer = LineFramer(suffix, max_length=30, brand=brand)
    found, now_s, sent = [], 0.0, 0
    for data, then in steps:
        now_s += 1.0
        found += framer.feed(data, now_s)
        sent += len(data)
        if then == "gap":
            found += framer.tick(now_s + 0.5)
        elif then == "reset":
            framer.reset()
        counts = framer.counts()
        parts = counts.frame_bytes + counts.separator_bytes + counts.noise_bytes + counts.pending_bytes
        parts += counts.reply_bytes
        assert counts.bytes_in == sent == parts
    assert counts.frame_bytes == sum(map(len, frames_of(found))) if steps else True


@given(STREAMS, st.sampled_from(Suffix))
def test_no_frame_begins_or_ends_with_a_framing_byte_or_is_too_short(data, suffix):
    framer = LineFramer(suffix)
    for raw in frames_of(framer.feed(data, 0.0) + framer.tick(1.0)):
        assert len(raw) >= 3
        assert raw[0] not in FRAMING_BYTES
        assert raw[-1] not in FRAMING_BYTES


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 255).filter(lambda byte: byte not in FRAMING_BYTES))
def test_s17_a_flood_without_terminator_is_bounded_and_one_overflow_and_over_at_the_next_end(byte):
    framer = LineFramer()
    flood = bytes([byte]) * 4096
    tracemalloc.start()
    found = []
    for _ in range(64):
        found += framer.feed(flood, 0.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.kind for each in found] == [NoiseKind.OVERFLOW]
    assert peak < 64 * 1024
    assert frames_of(framer.feed(b"\r" + CODE + b"\r", 0.0)) == [CODE]
    assert framer.counts().overflows == 1


def test_s17_a_flood_is_over_at_a_gap_too():
    framer = LineFramer(max_length=10)
    framer.feed(b"9" * 30, 0.0)
    assert framer.deadline() is not None
    assert framer.tick(1.0) == []
    assert frames_of(framer.feed(b"690123\r", 1.0)) == [b"690123"]


def test_s3_after_a_reset_no_old_byte_is_joined_with_a_new_one():
    framer = LineFramer()
    framer.feed(b"PART", 0.0)
    framer.reset()
    assert framer.deadline() is None
    assert frames_of(framer.feed(b"AFTER\r", 0.01)) == [b"AFTER"]
    assert framer.counts().partials == 1


@pytest.mark.parametrize(
    ("suffix", "data", "expected"),
    [
        (Suffix.CR, b"AB\tC\nD\rEFG\r", [b"AB\tC\nD", b"EFG"]),
        (Suffix.LF, b"AB\rC\nEFG\n", [b"AB\rC", b"EFG"]),
        (Suffix.CRLF, b"AB\rC\nD\r\nEFG\r\n", [b"AB\rC\nD", b"EFG"]),
        (Suffix.TAB, b"AB\rC\tEFG\t", [b"AB\rC", b"EFG"]),
        (Suffix.NONE, b"AB\rC\tEFG\t", [b"AB\rC\tEFG"]),
        (Suffix.CR, b"ABC\r\nDEF\r\n", [b"ABC", b"DEF"]),
    ],
)
def test_a_chosen_suffix_is_the_only_terminator(suffix, data, expected):
    framer = LineFramer(suffix)
    assert frames_of(framer.feed(data, 0.0) + framer.tick(1.0)) == expected


def test_bytes_that_were_late_in_being_read_are_not_a_gap():
    framer = LineFramer()
    framer.feed(CODE[:5], 0.0)
    assert frames_of(framer.feed(CODE[5:] + b"\r", 3.0)) == [CODE]


def test_a_code_is_not_in_the_repr_of_its_frame():
    (frame,) = LineFramer().feed(CODE + b"\r", 0.0)
    assert CODE.decode() not in repr(frame)


def test_noise_tells_its_size_alone():
    (noise,) = LineFramer().feed(b"\xff" + CODE + b"\r", 2.0)
    assert noise == Noise(NoiseKind.JUNK, 19, 2.0)


@pytest.mark.parametrize("wrong", [{"idle_s": 0}, {"min_length": 0}, {"min_length": 9, "max_length": 8}])
def test_impossible_limits_are_refused(wrong):
    with pytest.raises(ValueError, match="a framer needs"):
        LineFramer(**wrong)


def test_nuls_outside_codes_are_noise_but_for_the_rest_of_a_terminator():
    framer = LineFramer()
    framer.feed(b"690123\r\0", 0.0)
    assert framer.counts().noise_bytes == 0
    framer.feed(b"\0\0\0", 1.0)
    assert framer.counts().noise_bytes == 3
