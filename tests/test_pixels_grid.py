"""Cells hold exact means, whatever the sizes."""

import numpy as np
import pytest

from artvision.pixels.grid import area_mean, gradients, halve, square_cells

NOISE = np.random.default_rng(0).random((45, 77), dtype=np.float32) * 100


@pytest.mark.parametrize(("rows", "columns"), [(9, 11), (45, 77), (1, 1), (90, 154), (64, 64), (7, 5)])
def test_means_keep_the_mean(rows, columns):
    grid = area_mean(NOISE, rows, columns)
    assert grid.shape == (rows, columns)
    assert grid.mean() == pytest.approx(NOISE.mean(), abs=1e-5)
    assert NOISE.min() - 1e-6 <= grid.min() <= grid.max() <= NOISE.max() + 1e-6


def test_whole_cells_are_block_means():
    expected = NOISE.reshape(9, 5, 11, 7).mean(axis=(1, 3))
    np.testing.assert_allclose(area_mean(NOISE, 9, 11), expected, atol=1e-4)
    np.testing.assert_allclose(area_mean(NOISE, 90, 154), NOISE.repeat(2, axis=0).repeat(2, axis=1), atol=1e-4)


def test_fractions_of_pixels_count():
    np.testing.assert_allclose(area_mean(np.array([[0.0, 30.0, 90.0]]), 1, 2), [[10, 70]], atol=1e-12)


@pytest.mark.parametrize("shape", [(4, 6), (5, 6), (4, 7), (5, 7), (1, 1), (1, 8), (9, 1)])
def test_half_size_is_the_mean_of_two_by_two(shape):
    plane = NOISE[: shape[0], : shape[1]]
    half = halve(plane)
    assert half.shape == (-(-shape[0] // 2), -(-shape[1] // 2))
    assert half.dtype == np.float32
    even = plane[: shape[0] // 2 * 2, : shape[1] // 2 * 2]
    expected = even.reshape(shape[0] // 2, 2, shape[1] // 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(half[: shape[0] // 2, : shape[1] // 2], expected, atol=1e-4)


@pytest.mark.parametrize(("shape", "cells"), [((512, 288), (48, 27)), ((1, 512), (1, 48)), ((200, 200, 3), (48, 48))])
def test_cells_are_nearly_square(shape, cells):
    assert square_cells(shape, 48) == cells


def test_gradient_of_a_plane_is_its_slope():
    y, x = np.indices((20, 30))
    along_x, along_y = gradients((3 * x - 2 * y).astype(np.float64))
    assert (along_x == 3).all()
    assert (along_y == -2).all()
    assert not any(part.any() for part in gradients(np.ones((1, 1))))
