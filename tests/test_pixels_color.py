"""Colour spaces against published values; colour measures against their formulas on flat patches."""

import numpy as np
import pytest

from artvision.pixels import color
from artvision.pixels.color import lab_to_rgb, to_lab, to_lightness


def patches(*colors, size=8):
    """Equal upright stripes of the given sRGB colours, (size, size · n, 3) uint8."""
    return np.repeat(np.array([colors], np.uint8), size, axis=1).repeat(size, axis=0)


# Bruce Lindbloom's CIE calculator, sRGB, D65.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((255, 255, 0), (97.14, -21.55, 94.48)),
        ((119, 119, 119), (50.03, 0, 0)),
        ((5, 5, 5), (1.37, 0, 0)),
    ],
)
def test_lab_of_known_colors(rgb, lab):
    found = to_lab(patches(rgb))
    for plane, expected in zip((found.l, found.a, found.b), lab, strict=True):
        assert plane.dtype == np.float32
        np.testing.assert_allclose(plane, expected, atol=0.03)
    np.testing.assert_array_equal(to_lightness(patches(rgb)), found.l)


def test_lab_and_back_is_the_same_color():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    lab = to_lab(pixels)
    again = lab_to_rgb(np.stack([lab.l, lab.a, lab.b], axis=-1).astype(np.float64))
    assert np.abs(again.astype(int) - pixels).max() <= 1


def test_every_code_value_has_its_own_lightness():
    ramp = to_lightness(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2))[0]
    assert (np.diff(ramp) > 0.2).all()
    assert ramp[0] == 0
    assert ramp[-1] == pytest.approx(100, abs=1e-4)
    assert ramp.max() <= 100


@pytest.mark.parametrize(
    ("colors", "expected"),
    [
        ([(90, 90, 90)], 0),
        ([(255, 0, 0)], 0.3 * np.hypot(255, 127.5)),
        ([(255, 0, 0), (0, 255, 0)], 255 + 0.3 * 127.5),
        ([(0, 0, 255), (255, 255, 0)], 255),
    ],
)
def test_colorfulness_by_its_formula(colors, expected):
    assert color.colorfulness(patches(*colors)) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("colors", "low", "high"),
    [
        ([(255, 140, 0)], 0.9, 1),
        ([(135, 206, 235)], -1, -0.85),
        ([(128, 128, 128)], 0, 0),
        ([(129, 128, 127)], 0, 0.5),
        ([(255, 140, 0), (0, 116, 255)], -0.25, 0.25),
    ],
)
def test_warmth_has_the_sign_of_the_hue(colors, low, high):
    assert low <= color.warmth(to_lab(patches(*colors))) <= high


@pytest.mark.parametrize(
    ("colors", "expected"),
    [
        ([(200, 30, 30)], 1),
        ([(200, 30, 30), (90, 90, 90)], 1),
        ([(90, 90, 90)], None),
        ([(92, 90, 90)], None),
    ],
)
def test_hue_concentration_of_one_hue_or_none(colors, expected):
    assert color.hue_concentration(to_lab(patches(*colors))) == (expected and pytest.approx(expected, abs=1e-5))


@pytest.mark.parametrize("angle", [60, 90, 120, 180])
def test_hue_concentration_of_two_hues(angle):
    turns = np.deg2rad([10, 10 + angle])
    lab = np.stack([np.full(2, 60), 25 * np.cos(turns), 25 * np.sin(turns)], axis=1)
    found = color.hue_concentration(to_lab(patches(*lab_to_rgb(lab))))
    assert found == pytest.approx(np.cos(np.deg2rad(angle / 2)), abs=0.02)
