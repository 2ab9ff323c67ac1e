"""Planes at coarser scales: the exact mean over each cell, whatever the sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.color import Plane

Grid = NDArray[np.float64]  # (rows, columns): a plane of cells


def halve(plane: Plane) -> Plane:
    """Mean of 2 × 2 pixels, (⌈H/2⌉, ⌈W/2⌉) float32; an odd last row or column counts twice."""
    height, width = plane.shape
    if height % 2 or width % 2:
        plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    return (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]) * np.float32(0.25)


def _averaged(values: NDArray[np.floating], cells: int) -> Grid:
    """Mean of rows over `cells` equal intervals of the first axis, parts of rows included."""
    total = np.zeros((values.shape[0] + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=total[1:])
    edges = np.linspace(0, values.shape[0], cells + 1)
    whole = np.minimum(edges.astype(np.intp), values.shape[0] - 1)
    at_edge = total[whole] + (edges - whole)[:, None] * values[whole]
    means: Grid = np.diff(at_edge, axis=0) * (cells / values.shape[0])
    return means


def area_mean(plane: NDArray[np.floating], rows: int, columns: int) -> Grid:
    """Mean of (H, W) over a grid of rows × columns equal cells, fractions of pixels included; float64."""
    return _averaged(_averaged(plane.astype(np.float64), rows).T, columns).T


def square_cells(shape: tuple[int, ...], longest: int) -> tuple[int, int]:
    """Rows and columns of nearly square cells, `longest` along the long side, at least one along the other."""
    scale = longest / max(shape[:2])
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def gradients(grid: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(d/dx, d/dy) by central differences, one-sided at the border, same shape; zero along an axis of length one."""
    along_y, along_x = (
        np.gradient(grid, axis=axis) if size > 1 else np.zeros_like(grid) for axis, size in enumerate(grid.shape)
    )
    return along_x, along_y
