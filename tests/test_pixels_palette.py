"""Palettes and dominant colours of planted patches."""

import numpy as np
import pytest

from artvision.pixels.cells import LabCells
from artvision.pixels.color import to_lab
from artvision.pixels.dominant import WIDTH, dominant
from artvision.pixels.palette import MAX_COLORS, MERGE, palette


def cells(pixels):
    return LabCells.of(to_lab(pixels))


def striped(shares):
    """A (60, 200, 3) picture of level stripes: sRGB colour -> rows of 60."""
    return np.concatenate([np.full((rows, 200, 3), rgb, np.uint8) for rgb, rows in shares.items()])


@pytest.mark.parametrize(
    "shares",
    [
        {(255, 0, 0): 60},
        {(0, 0, 0): 33, (255, 255, 255): 27},
        {(255, 99, 71): 30, (0, 0, 128): 18, (240, 248, 255): 12},
        {(200, 20, 20): 15, (20, 200, 20): 14, (20, 20, 200): 13, (0, 0, 0): 9, (128, 128, 128): 6, (255, 255, 0): 3},
    ],
)
def test_planted_colors_come_back_in_order(shares):
    found = palette(cells(striped(shares)))
    assert [swatch.rgb for swatch in found] == list(shares)
    assert [swatch.share for swatch in found] == pytest.approx([rows / 60 for rows in shares.values()], abs=0.003)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 99, 71), "tomato"),
        ((0, 0, 0), "black"),
        ((254, 254, 254), "white"),
        ((0, 1, 127), "navy"),
        ((250, 129, 113), "salmon"),
        ((0, 255, 255), "cyan"),
        ((102, 51, 153), "rebeccapurple"),
    ],
)
def test_names_are_those_of_css(rgb, name):
    assert palette(cells(np.full((4, 4, 3), rgb, np.uint8)))[0].name == name


def test_near_colors_are_one():
    shades = striped({(200, 20, 20): 40, (215, 36, 32): 20})
    assert len(cells(shades).shares) == 2
    found = palette(cells(shades))
    assert len(found) == 1
    assert found[0].share == pytest.approx(1)
    assert found[0].lab[0] == pytest.approx(to_lab(shades).l.mean(), abs=0.05)


@pytest.mark.parametrize(("width", "named"), [(1, False), (2, True)])  # of 200 in one row of 60: 1/6 %, and 1 %
def test_a_speck_is_no_colour_of_a_picture(width, named):
    pixels = striped({(128, 128, 128): 60})
    pixels[: 20 if width == 1 else 60, :width] = (255, 0, 0)
    assert ("red" in {swatch.name for swatch in palette(cells(pixels))}) is named


def test_every_pixel_is_near_the_colour_of_its_cell():
    lab = to_lab(np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8))
    seen = LabCells.of(lab)
    pixels = np.stack([lab.l, lab.a, lab.b], axis=-1).reshape(-1, 3)[::3]
    gaps = np.linalg.norm(pixels[:, None] - seen.points[None], axis=2)
    assert gaps.min(axis=1).max() < np.linalg.norm([5, 10, 10])
    np.testing.assert_allclose(seen.shares @ seen.points, pixels.mean(axis=0), atol=1e-3)


def test_colors_are_the_means_of_what_is_nearest_to_them():
    seen = cells(np.random.default_rng(5).integers(0, 256, (90, 120, 3), np.uint8))
    centres = np.array([swatch.lab for swatch in palette(seen)])
    nearest = np.linalg.norm(seen.points[:, None] - centres[None], axis=2).argmin(axis=1)
    for index, centre in enumerate(centres):
        own = nearest == index
        mean = seen.shares[own] @ seen.points[own] / seen.shares[own].sum()
        assert np.linalg.norm(mean - centre) < 2


@pytest.mark.parametrize("seed", range(4))
def test_a_palette_of_noise_is_ordered_apart_and_repeatable(seed):
    seen = cells(np.random.default_rng(seed).integers(0, 256, (90, 120, 3), np.uint8))
    found = palette(seen)
    assert 2 <= len(found) <= MAX_COLORS
    assert [swatch.share for swatch in found] == sorted((swatch.share for swatch in found), reverse=True)
    assert sum(swatch.share for swatch in found) == pytest.approx(1)
    points = np.array([swatch.lab for swatch in found])
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + 1e9 * np.eye(len(points))
    assert gaps.min() >= MERGE
    assert found == palette(seen)


@pytest.mark.parametrize(
    ("shares", "rgb", "share"),
    [
        ({(255, 0, 0): 60}, (255, 0, 0), 1),
        ({(0, 0, 0): 33, (255, 255, 255): 27}, (0, 0, 0), 0.55),
        ({(40, 90, 160): 28, (0, 200, 0): 16, (255, 255, 255): 16}, (40, 90, 160), 28 / 60),
    ],
)
def test_the_dominant_color_is_the_largest_patch(shares, rgb, share):
    seen = cells(striped(shares))
    point, mass = dominant(seen)
    assert point == pytest.approx(palette(cells(np.full((4, 4, 3), rgb, np.uint8)))[0].lab, abs=0.05)
    assert mass == pytest.approx(share, abs=0.005)


def test_shades_of_one_surface_outweigh_one_flat_patch():
    surface = {(60 + shade, 90 + shade, 160 + shade): 4 for shade in range(0, 30, 3)}
    seen = cells(striped({(255, 255, 255): 20, **surface}))
    point, mass = dominant(seen)
    middle = dominant(cells(striped({(73, 103, 173): 60})))[0]
    assert np.linalg.norm(np.subtract(point, middle)) < WIDTH / 2
    assert 20 / 60 < mass <= 40 / 60
    weight = np.exp(-(np.linalg.norm(seen.points - point, axis=1) ** 2) / (2 * WIDTH**2)) * seen.shares
    np.testing.assert_allclose(weight @ seen.points / weight.sum(), point, atol=0.1)
