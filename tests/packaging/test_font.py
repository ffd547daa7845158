"""The bundled fonts draw what a counter can be asked to draw."""

import pytest
from fontTools.ttLib import TTFont
from PySide6.QtGui import QFontDatabase, QRawFont

FACES = {"NotoSansSC-Regular.ttf": 400, "NotoSansSC-Bold.ttf": 700}
SIGNS = "¥￥✓×→←↑↓⚠…●○·、。，：；！？（）《》「」"


@pytest.fixture(params=FACES)
def face(request, root):
    """The path of one face."""
    return root / "assets" / "fonts" / request.param


@pytest.fixture
def drawn(face):
    """The code points a face has a glyph for."""
    with TTFont(face) as font:
        return set(font.getBestCmap())


def two_byte(codec: str, leads: range) -> set[int]:
    """What `codec` writes in two bytes beginning with one of `leads`, the private use area left out."""
    pairs = (bytes((a, b)) for a in leads for b in (*range(0x40, 0x7F), *range(0x80, 0xFF)))
    characters = (pair.decode(codec, errors="replace") for pair in pairs)
    points = {ord(character) for character in characters if len(character) == 1}
    return {point for point in points if point != 0xFFFD and not 0xE000 <= point <= 0xF8FF}


def test_the_glyph_of_electricity_and_all_gb2312_han_are_there(drawn):
    han = two_byte("gb2312", range(0xB0, 0xF8))
    assert len(han) == 6763
    assert ord("电") in han
    assert not han - drawn


def test_all_that_gb18030_writes_in_one_or_two_bytes_is_there(drawn):
    wanted = two_byte("gb18030", range(0x81, 0xFF)) | set(range(0x20, 0x7F))
    # The whole Noto Sans SC has no U+2252 either.
    assert {chr(point) for point in wanted - drawn} == {"≒"}


def test_the_signs_of_the_windows_are_there(drawn):
    assert not set(map(ord, SIGNS)) - drawn


def test_digits_are_of_one_width_so_that_columns_of_money_stand(face):
    with TTFont(face) as font:
        cmap, widths = font.getBestCmap(), font["hmtx"]
        assert len({widths[cmap[ord(digit)]][0] for digit in "0123456789"}) == 1


def test_qt_takes_the_face_and_draws_the_glyph_of_electricity(qapp, face):
    handle = QFontDatabase.addApplicationFont(str(face))
    assert QFontDatabase.applicationFontFamilies(handle) == ["Noto Sans SC"]
    raw = QRawFont(str(face), 32.0)
    [glyph] = raw.glyphIndexesForString("电")
    assert glyph != 0
    assert not raw.pathForGlyph(glyph).isEmpty()
    assert raw.weight() == FACES[face.name]


def test_the_licence_lies_beside_the_fonts(root):
    text = (root / "assets" / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
