"""Saliency where one thing stands out, and the figures drawn from maps that are known."""

import numpy as np
import pytest

from artvision.pixels.saliency import CENTRE_SIGMA, SIDE, THIRDS_SIGMA, focus, saliency, saliency_grid

THIRD = 1 / 3


def blob(x, y, shape=(288, 512), radius=0.04):
    """A dark grainy field with one bright disc at (x, y), (H, W, 3) uint8."""
    rows, columns = np.indices(shape)
    far = np.hypot(columns - x * shape[1], rows - y * shape[0]) > radius * shape[1]
    grain = np.random.default_rng(0).normal(60, 6, shape)
    return np.repeat(np.where(far, grain, 220).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def spot(x, y, sigma=0.01):
    """A saliency grid with one Gaussian spot."""
    place = (np.arange(SIDE) + 0.5) / SIDE
    return np.exp(-((place[None] - x) ** 2 + (place[:, None] - y) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize(("x", "y"), [(THIRD, THIRD), (2 * THIRD, THIRD), (0.5, 0.5), (0.8, 0.2), (0.15, 0.7)])
@pytest.mark.parametrize("shape", [(288, 512), (512, 341)])
def test_one_blob_is_the_peak(x, y, shape):
    seen = saliency(blob(x, y, shape))
    assert seen.shape == shape
    assert seen.dtype == np.float32
    assert seen.min() >= 0
    assert 0.9 < seen.max() <= 1
    row, column = np.unravel_index(seen.argmax(), shape)
    assert np.hypot(column / shape[1] - x, row / shape[0] - y) < 0.06


@pytest.mark.parametrize("level", [0, 40, 100])
def test_a_uniform_picture_has_no_saliency(level):
    grid = saliency_grid(np.full((SIDE, SIDE), float(level)))
    assert not grid.any()
    assert focus(grid) is None


def test_rounding_errors_are_not_salient():
    cells = np.tile(np.linspace(0, 80, SIDE), (SIDE, 1))
    jitter = np.random.default_rng(1).normal(0, 0.01, cells.shape)
    np.testing.assert_allclose(saliency_grid(cells + jitter), saliency_grid(cells), atol=0.02)


@pytest.mark.parametrize(("x", "y"), [(THIRD, 2 * THIRD), (0.5, 0.5), (0.75, 0.25), (0.1, 0.6)])
def test_focus_of_one_spot(x, y):
    found = focus(spot(x, y))
    assert (found.x, found.y) == pytest.approx((x, y), abs=0.005)
    assert found.spread < 0.03
    nearest = [min(abs(value - THIRD), abs(value - 2 * THIRD)) for value in (x, y)]
    expected = np.exp(-(np.hypot(*nearest) ** 2) / (2 * THIRDS_SIGMA**2))
    assert found.thirds_points == pytest.approx(expected, abs=0.05)
    middle = np.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) / (2 * CENTRE_SIGMA**2))
    assert found.centering == pytest.approx(middle, abs=0.02)


def test_an_even_ground_has_no_weight():
    bare, lifted = focus(spot(0.7, 0.2, 0.05)), focus(spot(0.7, 0.2, 0.05) + 0.3)
    assert (lifted.x, lifted.y, lifted.spread) == pytest.approx((bare.x, bare.y, bare.spread), abs=0.005)


@pytest.mark.parametrize(
    ("spots", "x", "y"),
    [
        ([(0.25, 0.5)], -1, 0),
        ([(0.75, 0.9)], 1, 1),
        ([(0.2, 0.2), (0.8, 0.2)], 0, -1),
        ([(0.3, 0.3), (0.7, 0.7)], 0, 0),
    ],
)
def test_balance_is_the_difference_of_the_sides(spots, x, y):
    found = focus(sum(spot(*place) for place in spots))
    assert (found.balance_x, found.balance_y) == pytest.approx((x, y), abs=0.01)


def test_spread_of_two_spots_is_half_their_distance():
    assert focus(spot(0.2, 0.5) + spot(0.8, 0.5)).spread == pytest.approx(0.3, abs=0.01)
