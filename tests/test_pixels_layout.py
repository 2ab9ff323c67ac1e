"""Layout measures on half-planes, stripes, mirrored noise and drawings."""

import numpy as np
import pytest
from scipy import ndimage

from artvision.pixels import layout
from artvision.pixels.space import gradient_magnitude

SIDE = 64
PLACE = (np.arange(SIDE) + 0.5) / SIDE
NOISE = np.random.default_rng(0).random((SIDE, SIDE)) * 100
FLAT = np.full((SIDE, SIDE), 30.0)
HALVES = np.where(PLACE[None] < 0.5, 10.0, 90.0) * np.ones((SIDE, 1))


def stripes(degrees, shape=(SIDE, SIDE), period=8.0):
    """A grating whose edges run at `degrees` clockwise from level."""
    y, x = np.indices(shape)
    across = -x * np.sin(np.deg2rad(degrees)) + y * np.cos(np.deg2rad(degrees))
    return 50 + 40 * np.sin(2 * np.pi * across / period)


@pytest.mark.parametrize("axis", [0, 1])
def test_symmetry_of_what_is_mirrored(axis):
    mirrored = NOISE + np.flip(NOISE, axis)
    assert layout.symmetry(mirrored, axis) == pytest.approx(1)
    assert layout.symmetry(mirrored, 1 - axis) < 0.4
    assert layout.symmetry(mirrored - 2 * np.flip(NOISE, axis) + 100, axis) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("grid", "axis", "expected"),
    [
        (HALVES, 1, 0),
        (HALVES, 0, 1),
        (HALVES.T, 0, 0),
        (HALVES.T, 1, 1),
        (np.abs(HALVES - HALVES.T), 1, 0),
        (FLAT, 1, None),
        (FLAT, 0, None),
    ],
)
def test_symmetry_of_half_planes(grid, axis, expected):
    assert layout.symmetry(grid, axis) == (expected if expected is None else pytest.approx(expected, abs=1e-9))


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        (stripes(0), 0),
        (stripes(90), 0),
        (stripes(45), 1),
        (stripes(-45), 1),
        (stripes(22.5), 0.5),
        (NOISE, 0.5),
        (FLAT, None),
    ],
)
def test_diagonal_weight_of_gratings(grid, expected):
    found = layout.diagonal(ndimage.gaussian_filter(grid, 1.5, mode="reflect"))
    assert found == (expected if expected is None else pytest.approx(expected, abs=0.05))


@pytest.mark.parametrize(("edge", "low", "high"), [(1 / 3, 0.95, 1), (2 / 3, 0.95, 1), (0.5, 0, 0.01), (0.1, 0, 0.01)])
@pytest.mark.parametrize("turned", [False, True])
def test_an_edge_on_a_third_line(edge, low, high, turned):
    grid = np.where(PLACE[None] < edge, 10.0, 90.0) * np.ones((SIDE, 1))
    assert low <= layout.thirds_lines(grid.T if turned else grid) <= high


def test_no_edge_is_on_no_line():
    assert layout.thirds_lines(FLAT) is None


@pytest.mark.parametrize("degrees", [-30, -10, -3, 0, 3, 10, 30])
@pytest.mark.parametrize("shape", [(72, 128), (128, 85), (128, 128)])
def test_tilt_of_a_grating_is_its_angle(degrees, shape):
    angle, coherence = layout.tilt(stripes(degrees, shape, 16))
    assert angle == pytest.approx(degrees, abs=1)
    assert coherence > 0.9


@pytest.mark.parametrize("degrees", [0, 7, -12])
def test_level_and_upright_edges_have_one_tilt(degrees):
    grid = np.maximum(stripes(degrees, (128, 128), 16), 50) * np.sign(stripes(degrees + 90, (128, 128), 64) - 50)
    assert layout.tilt(grid)[0] == pytest.approx(degrees, abs=1)


RINGS = np.hypot(PLACE - 0.5, PLACE[:, None] - 0.5) * 99


@pytest.mark.parametrize("grid", [FLAT, stripes(45, period=16), np.ones((1, 1)), RINGS, NOISE])
def test_no_tilt_to_state(grid):
    assert layout.tilt(grid)[0] is None


def test_clutter_by_its_formula():
    assert layout.clutter(np.array([[0, 0], [layout.BUSY, 3 * layout.BUSY]])) == pytest.approx((0 + 0 + 0.5 + 0.75) / 4)


def test_clutter_grows_with_what_is_drawn():
    drawn = np.full((144, 256), 50, np.float32)
    scores = [layout.clutter(gradient_magnitude(drawn))]
    for column in range(20, 240, 40):
        drawn[40:100, column : column + 12] = 90
        scores.append(layout.clutter(gradient_magnitude(drawn)))
    assert scores[0] == 0
    assert scores == sorted(set(scores))


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (slice(16, 48), slice(16, 48), 1),
        (slice(0, 64), slice(0, 64), 0.25),
        (slice(0, 16), slice(0, 64), 0),
        (slice(0, 64), slice(16, 48), 0.5),
    ],
)
def test_where_detail_is(rows, columns, expected):
    grid = FLAT.copy()
    grid[rows, columns] = NOISE[rows, columns]
    assert layout.central_detail(grid) == pytest.approx(expected, abs=0.02)


def test_no_detail_is_nowhere():
    assert layout.central_detail(FLAT) is None
