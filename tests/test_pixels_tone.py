"""Tone statistics in closed form on planes of known lightness."""

import numpy as np
import pytest

from artvision.pixels.tone import CLIP_DARK, CLIP_LIGHT, Tones, rms_contrast


def plane(*levels, repeat=10):
    return np.repeat(np.array([levels], np.float32), repeat, axis=0)


RAMP = plane(*np.linspace(0, 100, 1001))


def test_percentiles_of_a_ramp_are_its_levels():
    shares = (0.05, 0.25, 0.5, 0.95)
    np.testing.assert_allclose(Tones.of(RAMP).percentiles(shares), [100 * share for share in shares], atol=0.1)


@pytest.mark.parametrize("level", [0, 0.03, 5, 33.3, 50, 99.98, 100])
def test_a_single_tone_is_every_percentile(level):
    tones = Tones.of(plane(level))
    np.testing.assert_allclose(tones.percentiles((0.05, 0.5, 0.95)), level, atol=0.026)
    assert tones.entropy() == 0


@pytest.mark.parametrize(
    ("levels", "dark", "light"),
    [
        ((0, 0, 50, 100), 0.5, 0.25),
        ((4.9, 5.1, 94.9, 95.1), 0.25, 0.25),
        ((50,), 0, 0),
        ((100,), 0, 1),
        ((0,), 1, 0),
    ],
)
def test_clipped_shares(levels, dark, light):
    tones = Tones.of(plane(*levels))
    assert tones.share_below(CLIP_DARK) == pytest.approx(dark)
    assert tones.share_above(CLIP_LIGHT) == pytest.approx(light)


@pytest.mark.parametrize(
    ("levels", "bits"),
    [
        ((10, 90), 1),
        ((5, 15, 25, 35), 2),
        (range(100), np.log2(100)),
        ((7, 7.4), 0),
    ],
)
def test_entropy_of_equal_shares(levels, bits):
    assert Tones.of(plane(*levels)).entropy() == pytest.approx(bits)


@pytest.mark.parametrize(("levels", "expected"), [((0, 100), 50), ((40, 60), 10), ((30,), 0)])
def test_contrast_is_the_standard_deviation(levels, expected):
    assert rms_contrast(plane(*levels)) == pytest.approx(expected)
