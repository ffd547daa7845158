"""The one table of looks."""

import pytest
from PySide6.QtCore import QSize

from kiosk.ui.theme import KEY_PX, TARGET_PX, THEMES, TYPES, Tone, contrast, scale_for


@pytest.mark.parametrize("name", THEMES)
def test_text_that_carries_money_or_state_stands_out_seven_to_one(name):
    weak = [(what, round(contrast(ink, ground), 2)) for what, ink, ground in THEMES[name].pairs()
            if contrast(ink, ground) < 7]  # fmt: skip
    assert weak == []


@pytest.mark.parametrize("name", THEMES)
def test_the_label_of_a_filled_button_stands_out(name):
    act = THEMES[name].of(Tone.ACT)
    assert contrast(act.on_fill, act.fill) >= 4.5


def test_contrast_is_what_the_standard_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_what_one_may_do_is_the_deep_green():
    assert THEMES["light"].of(Tone.ACT).fill == "#00706B"


def test_training_has_a_colour_of_its_own():
    for theme in THEMES.values():
        fills = [paint.fill for tone, paint in theme.tones if tone is not Tone.TRAIN]
        assert theme.of(Tone.TRAIN).fill not in fills


def test_no_text_is_under_18_and_no_target_under_56_pixels():
    assert min(pixels for pixels, _ in TYPES.values()) >= 18
    assert TARGET_PX >= 56
    assert KEY_PX >= 72


@pytest.mark.parametrize(("width", "height", "scale"), [(1024, 768, 1.0), (1366, 768, 1.0), (1920, 1080, 1.4),
                                                        (800, 600, 1.0), (3840, 2160, 1.4)])  # fmt: skip
def test_a_finer_screen_is_drawn_larger(width, height, scale):
    assert scale_for(QSize(width, height)) == scale
