"""The judge itself: bytes written out by hand from the command reference, none by our encoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.virtual.decoder import Cut, Feed, Kick, Picture, Style, decode

GOOD = [
    ("text", "41 42 0a", "AB"),
    ("chinese", "1c 26 b5 e7 b7 d1 1c 2e 0a", "电费"),
    ("chinese without its mode is what an export model prints", "b5 e7 0a", "╡τ"),
    ("euro and yen", "1c 26 a2 e3 a3 a4 1c 2e 38 0a", "€￥8"),
    ("ascii inside chinese mode", "1c 26 b5 e7 41 0a", "电A"),
]

BAD = [
    ("07", "07 is no command"),
    ("0d 0a", "0D is no command"),
    ("41 7f 0a", "7F is no command"),
    ("1b ff", "1B FF is no command"),
    ("1d 6b 02", "1D 6B is no command"),
    ("1b", "1B is no command"),
    ("1b 61", "1B 61 stops short"),
    ("1b 61 03", "3 is no alignment"),
    ("41 1b 61 01 0a", "beginning of a line"),
    ("41 1b 40", "printed nothing of a line"),
    ("1c 26 81 30 84 36 0a", "no Chinese character"),
    ("1c 26 b5", "no Chinese character"),
    ("41", "never printed"),
    ("1d 56 07", "no way to cut"),
    ("1d 56 42", "stops short"),
    ("1b 70 05 19 19", "no drawer"),
    ("1d 76 30 00 02 00 02 00 ff ff ff", "4 bytes of image promised, 3 came"),
    ("1d 76 30 00 00 00 02 00", "not a raster image"),
    ("1d 76 30 03 01 00 01 00 ff", "not a raster image"),
    ("1d 76 30 00 31 00 01 00" + " 00" * 49, "wider than the paper"),
    ("41 1d 76 30 00 01 00 01 00 ff 0a", "in the middle of a line"),
    ("1c 21 01", "not size or underline"),
    ("1d 21 88", "sizes go to 8"),
]


@pytest.mark.parametrize(("data", "text"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_text_is_what_a_printer_prints(data: str, text: str) -> None:
    decoded = decode(bytes.fromhex(data), 32)
    assert decoded.text == text
    assert decoded.problems == []


@pytest.mark.parametrize(("data", "complaint"), BAD)
def test_what_a_printer_would_garble_is_a_problem(data: str, complaint: str) -> None:
    problems = decode(bytes.fromhex(data), 32).problems
    assert any(complaint in str(problem) for problem in problems), problems


def test_a_problem_has_its_offset_and_reading_goes_on() -> None:
    decoded = decode(b"AB\x07CD\n\x1b\xff", 32)
    assert [problem.offset for problem in decoded.problems[:2]] == [2, 6]
    assert decoded.text.startswith("ABCD")


def test_a_line_wider_than_the_paper_is_a_problem_and_wraps() -> None:
    decoded = decode(b"\x1c&" + "电".encode("gb18030") * 17 + b"\x1c.\n", 32)
    assert [line.columns for line in decoded.lines] == [32, 2]
    assert "wider than the paper" in str(decoded.problems[0])


def test_sizes_of_ascii_and_of_chinese_are_set_apart() -> None:
    decoded = decode(
        b"\x1d!\x11\x1bE\x01A\x1c&" + "电".encode("gb18030") + b"\x1c!\x0c" + "费".encode("gb18030") + b"\n",
        32,
    )
    styles = [(span.text, span.style) for span in decoded.lines[0].spans]
    assert styles == [("A", Style(2, 2, True)), ("电", Style(1, 1, True)), ("费", Style(2, 2, True))]
    assert decoded.lines[0].columns == 2 + 2 + 4


def test_feeds_cuts_and_the_drawer_are_seen() -> None:
    decoded = decode(b"\n\x1bd\x05\x1bJ\x10\x1b3\x3a\n\x1b2\n\x1dVB\x00\x1dV\x00\x1bp\x00\x19\x32", 32)
    assert decoded.elements == [
        Feed(30),
        Feed(150),
        Feed(16),
        Feed(58),
        Feed(30),
        Cut(partial=True),
        Cut(partial=False),
        Kick(2, 50, 100),
    ]
    assert decoded.problems == []


def test_an_image_is_its_rows() -> None:
    decoded = decode(b"\x1dv0\x00\x02\x00\x02\x00\x80\x01\x0a\x1b", 32)
    assert decoded.elements == [Picture(2, (b"\x80\x01", b"\x0a\x1b"), "left")]


def test_commands_in_real_time_are_seen_inside_images_too() -> None:
    assert decode(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01A\n", 32).real_time == [8]
    assert decode(b"\x10\x14\x01\x00\x05", 32).real_time == [0]


@given(st.binary(max_size=200))
def test_no_bytes_whatever_stop_the_decoder(data: bytes) -> None:
    decode(data, 32)


@given(
    st.lists(
        st.sampled_from([b"\x1b", b"\x1c&", b"\x1dv0\x00", b"\x1dV", b"B", b"\xb5\xe7", b"\n", b"\x01\x00"])
    ).map(b"".join)
)
def test_no_mixture_of_commands_stops_the_decoder(data: bytes) -> None:
    decode(data, 32)
