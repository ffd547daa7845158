"""When noise means a wrong speed, and when a moved plug."""

from hardware.scanner.line_quality import LineQuality


def test_s15_a_few_bytes_of_noise_mean_nothing():
    quality = LineQuality()
    quality.noise(3)
    assert not quality.is_garbage


def test_s15_more_than_thirty_per_cent_noise_is_a_wrong_speed():
    quality = LineQuality()
    quality.good(69)
    quality.noise(30)
    assert quality.is_garbage


def test_thirty_per_cent_noise_is_not_yet_a_wrong_speed():
    quality = LineQuality()
    quality.good(70)
    quality.noise(30)
    assert not quality.is_garbage


def test_three_good_codes_in_a_row_prove_the_line():
    quality = LineQuality()
    quality.noise(500)
    for expected in (True, True, False):
        quality.good(18)
        assert quality.is_garbage is expected


def test_old_noise_is_forgotten():
    quality = LineQuality()
    quality.noise(100)
    for _ in range(10):
        quality.good(18)
        quality.good(18)
        quality.noise(1)
    assert not quality.is_garbage


def test_a_new_connection_begins_clean():
    quality = LineQuality()
    quality.noise(500)
    quality.reset()
    assert not quality.is_garbage
