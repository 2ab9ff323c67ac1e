"""Palettes of planted patches."""

import numpy as np
import pytest

from artvision.pixels.color import to_lab
from artvision.pixels.palette import MAX_COLORS, MERGE, palette


def striped(shares):
    """A (60, 200, 3) picture of level stripes: sRGB colour -> rows of 60."""
    return np.concatenate([np.full((rows, 200, 3), rgb, np.uint8) for rgb, rows in shares.items()])


@pytest.mark.parametrize("shares", [
    {(255, 0, 0): 60},
    {(0, 0, 0): 33, (255, 255, 255): 27},
    {(255, 99, 71): 30, (0, 0, 128): 18, (240, 248, 255): 12},
    {(200, 20, 20): 15, (20, 200, 20): 14, (20, 20, 200): 13, (0, 0, 0): 9, (128, 128, 128): 6, (255, 255, 0): 3},
])
def test_planted_colors_come_back_in_order(shares):
    found = palette(to_lab(striped(shares)))
    assert [swatch.rgb for swatch in found] == list(shares)
    assert [swatch.share for swatch in found] == pytest.approx([rows / 60 for rows in shares.values()], abs=0.003)


@pytest.mark.parametrize(("rgb", "name"), [
    ((255, 99, 71), "tomato"), ((0, 0, 0), "black"), ((254, 254, 254), "white"), ((0, 1, 127), "navy"),
    ((250, 129, 113), "salmon"), ((0, 255, 255), "cyan"), ((102, 51, 153), "rebeccapurple"),
])
def test_names_are_those_of_css(rgb, name):
    assert palette(to_lab(np.full((4, 4, 3), rgb, np.uint8)))[0].name == name


def test_near_colors_are_one():
    found = palette(to_lab(striped({(200, 20, 20): 40, (205, 24, 22): 20})))
    assert len(found) == 1
    assert found[0].share == pytest.approx(1)
    assert found[0].lab[0] == pytest.approx(to_lab(striped({(200, 20, 20): 40, (205, 24, 22): 20})).l.mean(), abs=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_a_palette_of_noise_is_ordered_apart_and_repeatable(seed):
    lab = to_lab(np.random.default_rng(seed).integers(0, 256, (90, 120, 3), np.uint8))
    found = palette(lab)
    assert 2 <= len(found) <= MAX_COLORS
    assert [swatch.share for swatch in found] == sorted((swatch.share for swatch in found), reverse=True)
    assert sum(swatch.share for swatch in found) == pytest.approx(1)
    points = np.array([swatch.lab for swatch in found])
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + 1e9 * np.eye(len(points))
    assert gaps.min() >= MERGE
    assert found == palette(lab)
