"""Known bars are measured; dark skies and uniform pictures have none."""

import numpy as np
import pytest

from artvision.pixels.borders import Bars, bars
from artvision.pixels.color import to_lightness

PHOTO = np.random.default_rng(0).integers(60, 256, (288, 512, 3), np.uint8)


def framed(top=0, bottom=0, left=0, right=0, color=(0, 0, 0), grain=0):
    """Noise with bars of the given depth in pixels."""
    pixels = PHOTO.copy()
    mask = np.ones(pixels.shape[:2], bool)
    mask[top : 288 - bottom, left : 512 - right] = False
    pixels[mask] = np.clip(np.add(color, np.random.default_rng(1).integers(-grain, grain + 1, (mask.sum(), 3))), 0, 255)
    return to_lightness(pixels)


@pytest.mark.parametrize(
    "depths",
    [
        {},
        {"top": 36, "bottom": 36},
        {"left": 64, "right": 64},
        {"top": 1},
        {"bottom": 200},
        {"top": 30, "left": 20, "right": 10},
        {"top": 20, "bottom": 20, "left": 20, "right": 20},
    ],
)
@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (10, 30, 120)])
@pytest.mark.parametrize("grain", [0, 2])
def test_known_bars(depths, color, grain):
    expected = [depths.get(side, 0) / (288 if side in ("top", "bottom") else 512) for side in Bars._fields]
    assert bars(framed(**depths, color=color, grain=grain)) == pytest.approx(expected, abs=5e-4)


def test_a_row_that_mixes_bar_and_picture_counts_in_part():
    plane = np.full((100, 80), 60, np.float32) + np.arange(80, dtype=np.float32) % 7
    plane[:10] = 0
    plane[10] *= 0.4
    assert bars(plane).top == pytest.approx(0.106, abs=0.001)


@pytest.mark.parametrize(
    "plane",
    [
        np.full((50, 60), 70, np.float32),
        np.zeros((1, 1), np.float32),
        np.zeros((1, 300), np.float32),
        np.zeros((300, 1), np.float32),
        np.linspace(0, 100, 300, dtype=np.float32)[:, None] * np.ones((1, 200), np.float32),
    ],
)
def test_uniform_pictures_and_gradual_skies_have_none(plane):
    assert bars(plane) == (0, 0, 0, 0)
