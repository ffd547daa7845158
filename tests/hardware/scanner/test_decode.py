"""What the bytes of a code say, and what of it a log may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.scanner.decode import decode, is_plausible, mask


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        (b"6901234567892", "6901234567892", "utf-8"),
        ("户号330100".encode(), "户号330100", "utf-8"),
        ("户号330100".encode("gbk"), "户号330100", "gb18030"),
        ("㐀龥".encode("gb18030"), "㐀龥", "gb18030"),
        ("Café".encode("latin-1"), "Café", "latin-1"),
        (b"\xef\xbb\xbf330100", "330100", "utf-8"),
        (b"\x02330100\x03", "330100", "utf-8"),
        (b"0101\x1d21AB", "0101\x1d21AB", "utf-8"),
    ],
)
def test_s22_a_code_is_read_in_the_encoding_it_came_in(raw, text, encoding):
    decoded = decode(raw)
    assert (decoded.text, decoded.encoding) == (text, encoding)


@given(st.binary())
def test_decoding_never_fails(raw):
    assert isinstance(decode(raw).text, str)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf_8_text_survives(text):
    assert decode(text.encode()).text == text.removeprefix("\ufeff")


@pytest.mark.parametrize("text", ["", "\uf8f8\uf8f0", "12\x9034", "\u0378"])
def test_garbage_is_not_plausible(text):
    assert not is_plausible(text)


@pytest.mark.parametrize("text", ["130000000000000001", "户号 330100", "0101\x1d21AB", "https://qr.95516.com/x?y=1"])
def test_codes_are_plausible(text):
    assert is_plausible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("130000000000004321", "13************4321"),
        ("1234", "***4"),
        ("12", "**"),
        ("", ""),
        ("户号330100", "户*****00"),
    ],
)
def test_a_mask_shows_two_and_four_at_most(text, shown):
    assert mask(text) == shown


@given(st.text(max_size=80))
def test_a_mask_never_shows_half_of_a_code(text):
    shown = [character for character in mask(text) if character != "*"]
    assert len(shown) <= min(6, len(text) / 2)
    assert len(mask(text)) <= 18


def test_a_decoded_code_is_not_in_a_repr():
    assert "130000000000000001" not in repr(decode(b"130000000000000001"))
