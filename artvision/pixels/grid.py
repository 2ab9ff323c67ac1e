"""Planes at coarser scales: the exact mean over each cell, whatever the sizes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.plane import Plane

if TYPE_CHECKING:
    from scipy import sparse

Grid = NDArray[np.float64]  # (rows, columns): a plane of cells


def halve(plane: Plane) -> Plane:
    """Mean of 2 × 2 pixels, (⌈H/2⌉, ⌈W/2⌉) float32; an odd last row or column counts twice."""
    height, width = plane.shape
    if height % 2 or width % 2:
        plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    rows = plane[::2] + plane[1::2]
    half = rows[:, ::2] + rows[:, 1::2]
    half *= np.float32(0.25)
    return half


@lru_cache(maxsize=256)
def _weights(size: int, cells: int) -> sparse.csr_array:
    """Share of each of `size` pixels in the mean of each of `cells` equal intervals, (cells, size) float64."""
    from scipy import sparse

    edges, pixels = np.linspace(0, size, cells + 1), np.arange(size)
    inside = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return sparse.csr_array(np.maximum(inside, 0) * (cells / size))


def area_mean(plane: NDArray[np.floating], rows: int, columns: int) -> Grid:
    """Mean of (H, W) over a grid of rows × columns equal cells, fractions of pixels included; float64."""
    height, width = plane.shape
    level: Grid = _weights(height, rows) @ plane.astype(np.float64)
    means: Grid = _weights(width, columns) @ np.ascontiguousarray(level.T)
    return means.T


def steps(plane: Plane, down: int, right: int) -> Plane:
    """p(y + down, x + right) - p(y, x) of (H, W), same shape; down >= 0.

    What has no partner in the picture is to be cut off (`inside`): one subtraction runs over the whole memory and wraps
    from row to row, which takes half the time of rows by themselves.
    """
    flat, shift = np.ascontiguousarray(plane).reshape(-1), down * plane.shape[1] + right
    found = np.empty(plane.shape, plane.dtype)
    within, beyond = np.split(found.reshape(-1), [flat.size - shift])
    np.subtract(flat[shift:], flat[: flat.size - shift], out=within)
    beyond[:] = 0
    return found


def inside(found: Plane, down: int, right: int) -> Plane:
    """The part (H - down, W - |right|) of `steps` in which both pixels lie in the picture."""
    height, width = found.shape
    return found[: height - down, max(0, -right) : width - max(0, right)]


def second_difference(plane: Plane, axis: int) -> Plane:
    """p₋ - 2 p + p₊ of (H, W) along `axis`, same shape; beyond its border a plane goes on as it ends."""
    size = plane.shape[axis]
    if size == 1:
        return np.zeros_like(plane)
    step = steps(plane, 1, 0) if axis == 0 else steps(plane, 0, 1)
    back = plane.shape[1] if axis == 0 else 1
    flat, found = step.reshape(-1), np.empty(plane.shape, plane.dtype)
    np.subtract(flat[back:], flat[:-back], out=found.reshape(-1)[back:])
    edges, values = (found, step) if axis == 0 else (found.T, step.T)
    edges[0], edges[-1] = values[0], -values[size - 2]
    return found


def square_cells(shape: tuple[int, ...], longest: int) -> tuple[int, int]:
    """Rows and columns of nearly square cells, `longest` along the long side, at least one along the other."""
    scale = longest / max(shape[:2])
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def gradients(grid: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(d/dx, d/dy) by central differences, one-sided at the border, same shape; zero along an axis of length one."""
    along_x, along_y = np.zeros_like(grid), np.zeros_like(grid)
    for values, slope in ((grid.T, along_x.T), (grid, along_y)):
        if len(values) > 1:
            np.subtract(values[2:], values[:-2], out=slope[1:-1])
            slope[1:-1] *= 0.5
            slope[0], slope[-1] = values[1] - values[0], values[-1] - values[-2]
    return along_x, along_y
