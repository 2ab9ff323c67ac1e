"""Planted rectangles are found; on small grids the search agrees with trying everything."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from artvision.pixels.space import CELLS, Rectangle, empty_rectangle, largest_rectangle

TAKEN = -1e6


def planted(rectangle, shape=(288, 512)):
    """Coarse noise with one bare rectangle, (H, W, 3) uint8."""
    pixels = np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)
    left, top = round(rectangle.x * shape[1]), round(rectangle.y * shape[0])
    pixels[top : top + round(rectangle.h * shape[0]), left : left + round(rectangle.w * shape[1])] = (30, 60, 90)
    return pixels


@pytest.mark.parametrize(
    "rectangle",
    [
        Rectangle(0.5, 0.25, 0.25, 0.5),
        Rectangle(0, 0, 1, 0.25),
        Rectangle(0.125, 0.6, 0.8, 0.3),
        Rectangle(0.7, 0, 0.3, 1),
    ],
)
@pytest.mark.parametrize("shape", [(288, 512), (512, 341), (400, 400)])
def test_a_planted_rectangle_is_found_within_a_cell(rectangle, shape):
    found = empty_rectangle(planted(rectangle, shape))
    cell = max(shape) / CELLS / np.array([shape[1], shape[0], shape[1], shape[0]])
    assert (np.abs(np.subtract(found, rectangle)) <= cell * [1, 1, 2, 2] + 1e-9).all()
    assert found.area == pytest.approx(rectangle.area, abs=0.08)


def test_of_two_rectangles_the_larger():
    pixels = planted(Rectangle(0.1, 0.1, 0.3, 0.3))
    pixels[150:270, 280:490] = 200
    found = empty_rectangle(pixels)
    assert found.x > 0.5
    assert found.y > 0.5


@pytest.mark.parametrize(("level", "expected"), [(0, Rectangle(0, 0, 1, 1)), (255, Rectangle(0, 0, 1, 1))])
def test_a_bare_picture_is_one_rectangle(level, expected):
    assert empty_rectangle(np.full((90, 160, 3), level, np.uint8)) == expected


def test_noise_leaves_no_room():
    assert empty_rectangle(np.random.default_rng(0).integers(0, 256, (288, 512, 3), np.uint8)) is None


@pytest.mark.parametrize(
    ("rows", "columns", "area"),
    [
        (slice(250, 262), slice(250, 262), 1),
        (slice(0, 512), slice(240, 250), 0.5),
        (slice(300, 308), slice(0, 512), 0.6),
    ],
)
def test_a_speck_breaks_no_room_but_a_line_does(rows, columns, area):
    pixels = np.full((512, 512, 3), 20, np.uint8)
    pixels[rows, columns] = np.random.default_rng(0).integers(0, 256, pixels[rows, columns].shape)
    assert empty_rectangle(pixels).area == pytest.approx(area, abs=0.05)


def exhaustive(free):
    rows, columns = free.shape
    spans = product(range(rows), range(1, rows + 1), range(columns), range(1, columns + 1))
    parts = [free[top:bottom, left:right] for top, bottom, left, right in spans]
    return max((part.size for part in parts if part.all()), default=0)


@settings(max_examples=60, deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 7))))
def test_the_search_agrees_with_trying_everything(free):
    found = largest_rectangle(np.where(free, 1.0, TAKEN))
    cells = 0 if found is None else found.area * free.size
    assert cells == pytest.approx(exhaustive(free))
    if found is not None:
        top, left = round(found.y * free.shape[0]), round(found.x * free.shape[1])
        bottom, right = round((found.y + found.h) * free.shape[0]), round((found.x + found.w) * free.shape[1])
        assert free[top:bottom, left:right].all()
