"""No counter runs with characters it cannot draw."""

import pytest

from kiosk.ui.fonts import FILES, FOLDER, FontError, load_fonts, require_glyphs
from kiosk.ui.theme import FAMILY


def test_the_bundled_fonts_draw_what_the_windows_need(qapp):
    assert load_fonts() == FAMILY
    require_glyphs(needed="电户缴费¥，。：⏎（）0123456789")


def test_x6_a_missing_font_file_is_said_by_name(qapp, tmp_path):
    with pytest.raises(FontError, match=FILES[0]):
        load_fonts(tmp_path)


def test_x6_a_damaged_font_file_is_refused(qapp, tmp_path):
    for name in FILES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes()[:100])
    with pytest.raises(FontError):
        load_fonts(tmp_path)


def test_a_font_without_a_needed_glyph_is_refused_by_that_glyph(qapp):
    load_fonts()
    with pytest.raises(FontError, match="\U00020000"):
        require_glyphs(needed="电\U00020000")


def test_a_substitute_for_the_family_is_refused(qapp):
    with pytest.raises(FontError):
        require_glyphs(family="A Family That Is Nowhere")
