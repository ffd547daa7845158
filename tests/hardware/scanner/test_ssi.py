"""Zebra's packets: pure, however the bytes fall; and against a scanner on a pty that waits for its answers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.ports.serial_port import SerialPort
from hardware.ports.transport import TransportStalled
from hardware.scanner.framing import MAX_CODE_BYTES, Frame, LineFramer, Noise, Reply, Suffix
from hardware.scanner.ssi import CHARACTER_GAP_S, SsiFramer, packet

ACK = bytes.fromhex("04 D0 04 00 FF 28")
EAN = bytes.fromhex("12 F3 00 00 0B 36 39 30 31 32 33 34 35 36 37 38 39 32 FC 42")
CODE = "134567890123450000"


def framer():
    return SsiFramer(LineFramer(Suffix.CR))


def decoded(code=CODE, status=0, code_type=0x1C):
    return packet(0xF3, bytes([code_type]) + code.encode(), source=0, status=status)


def codes(found):
    return [each.raw for each in found if isinstance(each, Frame)]


def told_of(reads):
    """How many bytes the framer has accounted for."""
    counts = reads.counts()
    told = counts.frame_bytes + counts.separator_bytes + counts.noise_bytes + counts.reply_bytes
    return told + counts.pending_bytes


def test_the_examples_of_the_manual_are_made_and_read():
    assert packet(0xD0) == ACK
    assert packet(0xE4) == bytes.fromhex("04 E4 04 00 FF 14")
    assert packet(0xE6, b"\x01") == bytes.fromhex("05 E6 04 00 01 FF 10")
    (frame,) = framer().feed(EAN, 0.0)
    assert (frame.raw, frame.symbology) == (b"6901234567892", "]E0")


def test_s24_a_whole_packet_is_one_code_and_answered_once():
    reads = framer()
    assert codes(reads.feed(decoded(), 0.0)) == [CODE.encode()]
    assert (reads.answers(), reads.answers()) == (ACK, b"")


def test_s24_two_packets_in_one_read_are_two_codes():
    reads = framer()
    assert codes(reads.feed(decoded("111111") + decoded("222222"), 0.0)) == [b"111111", b"222222"]
    assert reads.answers() == ACK * 2


def test_s24_three_copies_of_an_unheard_acknowledgement_are_one_code_and_three_answers():
    reads = framer()
    found = reads.feed(decoded() + decoded(status=1) + decoded(status=1), 0.0)
    assert codes(found) == [CODE.encode()]
    assert reads.answers() == ACK * 3
    assert reads.counts().repeats == 2


def test_s24_the_same_code_scanned_again_is_a_second_code():
    reads = framer()
    assert codes(reads.feed(decoded() + decoded(), 0.0)) == [CODE.encode()] * 2


def test_s24_a_copy_of_a_packet_that_never_came_whole_is_its_code():
    reads = framer()
    spoiled = decoded()[:-1] + b"\x00"
    assert codes(reads.feed(spoiled, 0.0)) == []
    assert reads.answers() == packet(0xD1, b"\x01")
    reads.tick(1.0)
    assert codes(reads.feed(decoded(status=1), 1.1)) == [CODE.encode()]


@pytest.mark.parametrize("head", [b"\x00", b"\x01\xf3\x00\x00", b"\x03\xf3\x00", b"\xff\xf3\x00\x00" + bytes(20)])
def test_s24_a_length_that_cannot_be_ends_with_the_silence_and_the_next_packet_is_read(head):
    reads = framer()
    assert codes(reads.feed(head, 0.0)) == []
    reads.tick(CHARACTER_GAP_S + 0.01)
    assert codes(reads.feed(decoded(), 1.0)) == [CODE.encode()]


def test_s24_what_begins_in_the_middle_of_a_packet_is_no_code_and_the_next_is_read():
    for cut in range(1, len(EAN)):
        reads = framer()
        found = reads.feed(EAN[cut:] + decoded(), 0.0)
        assert codes(found) in ([CODE.encode()], []), cut
        reads.tick(1.0)
        assert codes(reads.feed(decoded("777777"), 2.0)) == [b"777777"]


def test_s24_a_code_in_parts_is_one_code():
    reads = framer()
    found = reads.feed(decoded("13456789", status=2) + decoded("0123450000"), 0.0)
    assert codes(found) == [b"13456789" + b"0123450000"]
    assert reads.answers() == ACK * 2


def test_s24_the_suffix_inside_a_packet_is_no_part_of_its_code():
    assert codes(framer().feed(decoded(CODE + "\r\n"), 0.0)) == [CODE.encode()]


@pytest.mark.parametrize(
    "after",
    [
        [(2.5, decoded("456789"))],  # a scan of its own, too late to be the rest
        [(0.1, decoded("456789", code_type=0x0B))],  # another kind of code
        [(0.1, b"\x12\xf3\x00"), (0.4, decoded("456789"))],  # a broken packet came between
    ],
)
def test_s24_a_part_whose_rest_never_came_never_stands_before_another_code(after):
    reads = framer()
    assert codes(reads.feed(decoded("13", status=2), 0.0)) == []
    found = []
    for gap_s, data in after:
        at = gap_s + (1.0 if gap_s > 2 else 0.0)
        found += reads.feed(data, at) + reads.tick(at + CHARACTER_GAP_S + 0.01)
    assert codes(found) == [b"456789"]
    assert told_of(reads) == reads.counts().bytes_in


def test_s24_a_part_that_is_sent_again_is_taken_once():
    reads = framer()
    found = reads.feed(decoded("13", status=2), 0.0) + reads.feed(decoded("13", status=3), 2.1)
    found += reads.feed(decoded("57"), 4.2)
    assert codes(found) == [b"1357"]
    assert reads.answers() == ACK * 3


def test_s24_parts_without_end_are_bounded_and_one_overflow():
    reads = framer()
    for turn in range(40):
        assert codes(reads.feed(decoded("9" * 200, status=2), turn / 10)) == []
    assert reads.counts().pending_bytes <= MAX_CODE_BYTES
    assert reads.counts().overflows == 1
    assert codes(reads.feed(decoded("222222"), 60.0)) == [b"222222"]


def segments(code, code_type=0x1C):
    """A long code as a cordless scanner was seen to send it."""
    whole = code.encode()
    size = len(whole).to_bytes(2, "big")
    yield packet(0x73, bytes([0, 0xF3, 0, 0, 0, 0, code_type, 0]) + size + whole[:241], source=2)
    for number, at in enumerate(range(241, len(whole), 250), 1):
        yield packet(0x73, bytes([number]) + whole[at : at + 250])


LONG = "https://pay.example/" + "0123456789" * 60


def test_s24_a_long_code_in_segments_is_one_code_and_each_segment_is_answered():
    reads = framer()
    parts = list(segments(LONG))
    assert len(parts) == 3
    for part in parts[:-1]:
        assert codes(reads.feed(part, 0.0)) == []
        assert reads.answers() == packet(0x74)
    (frame,) = reads.feed(parts[-1], 0.1)
    assert (frame.raw, frame.symbology) == (LONG.encode(), "]Q1")
    assert reads.answers() == ACK
    assert told_of(reads) == reads.counts().bytes_in


def test_s24_a_segment_out_of_turn_gives_the_long_code_up_and_the_next_is_read():
    reads = framer()
    first, _, third = segments(LONG)
    assert codes(reads.feed(first, 0.0) + reads.feed(third, 0.0)) == []
    assert reads.answers().endswith(packet(0xD1, b"\x01"))
    assert codes(reads.feed(decoded(), 0.1)) == [CODE.encode()]
    assert codes(reads.feed(b"".join(segments(LONG)), 1.0)) == [LONG.encode()]


def test_s24_a_whole_packet_behind_a_false_beginning_is_read_at_the_silence():
    reads = framer()
    assert reads.feed(b"\xff\xf3\x00\x00" + decoded(), 0.0) == []
    assert codes(reads.tick(CHARACTER_GAP_S + 0.01)) == [CODE.encode()]
    assert reads.answers() == packet(0xD1, b"\x01") + ACK
    assert reads.deadline() is None


def test_s24_plain_codes_on_the_line_are_read_and_not_answered():
    reads = framer()
    assert codes(reads.feed(CODE.encode() + b"\r", 0.0)) == [CODE.encode()]
    assert codes(reads.feed(decoded(), 1.0)) == [CODE.encode()]
    assert codes(reads.feed(b"0541203387\r", 2.0)) == [b"0541203387"]
    assert reads.answers() == ACK


def test_s24_an_event_is_answered_and_is_no_code():
    reads = framer()
    (reply,) = reads.feed(packet(0xF6, b"\x01", source=0), 0.0)
    assert isinstance(reply, Reply)
    assert reads.answers() == ACK


def test_s24_an_answer_of_the_scanner_is_not_answered():
    reads = framer()
    reads.feed(packet(0xD0, source=0) + packet(0xD1, b"\x02", source=0), 0.0)
    assert reads.answers() == b""


@given(st.binary(max_size=80))
def test_s24_no_broken_packet_gives_a_code(garbage):
    """Every packet of these has a wrong checksum: nothing of it may be taken for a payment code."""
    reads = framer()
    spoiled = decoded()[:-2] + b"\x12\x34"
    found = reads.feed(spoiled + bytes(byte | 0x80 for byte in garbage), 0.0) + reads.tick(5.0)
    assert codes(found) == []


@given(
    st.lists(
        st.sampled_from(
            [decoded(), decoded(status=1), EAN, decoded("999")[:-1] + b"\x00", packet(0xF6, b"\x01", source=0)]
        ),
        max_size=6,
    ),
    st.lists(st.integers(1, 9), max_size=60),
)  # fmt: skip
def test_s24_any_cut_of_the_bytes_gives_the_same(packets, cuts):
    data = b"".join(packets)
    whole, pieces = framer(), framer()
    expected, found, at = whole.feed(data, 0.0), [], 0
    for cut in [*cuts, len(data) + 1]:
        found += pieces.feed(data[at : at + cut], 0.0)
        at += cut
    assert codes(found) == codes(expected)
    assert pieces.answers() == whole.answers()
    assert pieces.counts() == whole.counts()


PIECES = [
    decoded(), decoded(status=2), decoded(status=3), EAN, b"12\r", b"\x00\x01", decoded("999")[:-1] + b"\x00",
    decoded("\r77\r"), b"\xff\xf3", *segments(LONG),
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([0.0, 0.1, 0.3, 4.0])), max_size=8), st.booleans())
def test_s24_every_byte_is_counted_once(steps, resets):
    reads, now = framer(), 0.0
    for piece, gap_s in steps:
        reads.feed(piece, now)
        now += gap_s
        reads.tick(now)
        assert told_of(reads) == reads.counts().bytes_in
    if resets:
        reads.reset()
    assert told_of(reads) == reads.counts().bytes_in


def test_a_reset_forgets_the_half_of_a_packet():
    reads = framer()
    reads.feed(decoded()[:9], 0.0)
    reads.reset()
    assert codes(reads.feed(decoded("222222"), 1.0)) == [b"222222"]
    assert reads.counts().partials == 1
    assert [each for each in reads.feed(b"", 1.0) if isinstance(each, Noise)] == []


# --- on a real line ------------------------------------------------------------------------------------------------


def test_s24_the_scanner_is_answered_before_anything_is_done_with_the_code(driving, scanner):
    answered = []

    def slow_listener(scan):
        answered.append(time.monotonic())
        time.sleep(0.4)

    heard, driver = driving(scanner.port, ssi=True)
    heard.until_health("up")
    heard.scan = slow_listener
    began = time.monotonic()
    assert scanner.scan_packet(CODE, answer_s=2.0) == 1
    assert time.monotonic() - began < 0.35  # the listener was still at work
    assert driver.counters.bad_packets == 0


def test_s24_an_acknowledgement_that_is_not_heard_gives_three_copies_and_one_scan(driving, scanner):
    heard, driver = driving(scanner.port, ssi=True)
    heard.until_health("up")
    assert scanner.scan_packet(CODE, deaf_to=2, answer_s=0.3) == 3
    heard.until_texts(CODE)
    assert scanner.scan_packet("0541203387", code_type=0x03) == 1
    heard.until_texts(CODE, "0541203387")
    assert heard.scans[1].symbology == "]C0"
    assert driver.counters.repeats == 2


def test_s24_a_packet_that_was_broken_on_the_line_is_asked_for_again_and_read(driving, scanner):
    heard, driver = driving(scanner.port, ssi=True)
    heard.until_health("up")
    assert scanner.scan_packet(CODE, spoil=1, answer_s=0.5) == 2
    heard.until_texts(CODE)
    assert driver.counters.bad_packets >= 1


class DeafPort(SerialPort):
    """A port whose far end takes no bytes."""

    def write(self, data):
        raise TransportStalled("takes no more bytes")


def test_s26_a_scanner_that_takes_no_answers_is_read_all_the_same(driving, scanner):
    heard, driver = driving(scanner.port, ssi=True, options={"connect": lambda config: DeafPort(config.port)})
    heard.until_health("up")
    for number in range(20):
        scanner.noise(decoded(f"{number:06d}"))
    heard.until(lambda heard: len(heard.scans) == 20)
    assert driver.health.state.value == "up"
    assert driver.counters.unwritten >= 1
