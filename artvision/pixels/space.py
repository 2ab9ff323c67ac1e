"""Room in a picture: how much of it is calm, and the largest calm rectangle."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from artvision.image import Pixels
from artvision.pixels.color import to_lightness
from artvision.pixels.grid import Grid, area_mean, gradients, halve, square_cells
from artvision.pixels.plane import Plane

# Along the long side: a cell is about 11 pixels of the canonical 512.
CELLS = 48
# L* a pixel at half of the canonical size: mean gradient of a cell that holds nothing; ours.
CALM = 2.0
# Bare cells that one drawn on outweighs: half the long side, so that no line is bridged; ours.
SPECK = 24.0


class Rectangle(NamedTuple):
    """x, y of the top-left corner, w, h: shares of the picture's width and height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def area(self) -> float:
        """Share of the picture, in [0, 1]."""
        return self.w * self.h


def gradient_magnitude(plane: Plane) -> Plane:
    """|∇| of (H, W) in units a pixel, float32."""
    gx, gy = gradients(plane)
    gx *= gx
    gy *= gy
    gx += gy
    magnitude: Plane = np.sqrt(gx, out=gx)
    return magnitude


def mean_gradient(gradient: Plane) -> Grid:
    """Mean gradient of each cell, (rows, columns) float64, 48 cells along the long side, from a plane of gradients."""
    return area_mean(gradient, *square_cells(gradient.shape, CELLS))


def largest_rectangle(worth: Grid) -> Rectangle | None:
    """The rectangle of (rows, columns) cells with the greatest sum of `worth`; of equals the topmost. None if none is
    above 0.

    With −∞ (or a large negative) for taken cells and 1 for free ones this is the largest empty rectangle (Vandevoorde,
    «The maximal rectangle problem», Dr. Dobb's Journal, April 1998). Every pair of rows is tried at once, and along the
    columns between them the run of greatest sum is found by Kadane's algorithm (Bentley, CACM 27(9), 1984).
    """
    rows, columns = worth.shape
    above = np.concatenate([np.zeros((columns, 1)), np.cumsum(worth.T, axis=1)], axis=1)
    top, bottom = np.triu_indices(rows)
    between = above.take(bottom + 1, axis=1) - above.take(top, axis=1)
    total, least, best = np.zeros((3, top.size))
    for column in between:
        total += column
        np.maximum(best, total - least, out=best)
        np.minimum(least, total, out=least)
    pair = int(best.argmax())
    if best[pair] <= 0:
        return None
    run = np.concatenate([[0], np.cumsum(between[:, pair])])
    end = int((run - np.minimum.accumulate(run)).argmax())
    start = int(run[:end].argmin())
    height = int(bottom[pair] - top[pair]) + 1
    return Rectangle(start / columns, float(top[pair]) / rows, (end - start) / columns, height / rows)


def calm_rectangle(cells: Grid) -> Rectangle | None:
    """The largest rectangle in which next to nothing is drawn, from mean gradients; None if there is none.

    A cell is worth 1 − (g/2)², from 1 (bare) down to −24 (drawn on): one at the limit decides nothing, so that two
    resolutions of a picture agree, and a speck in a large bare area does not break it. Where two rectangles tie,
    another resolution may choose the other: 5 of 240 posters and stills did. A letterbox bar is bare, too.
    """
    return largest_rectangle(np.maximum(1 - (cells / CALM) ** 2, -SPECK))


def empty_rectangle(pixels: Pixels) -> Rectangle | None:
    """The largest rectangle of (H, W, 3) uint8 in which nothing is drawn; None if there is none."""
    return calm_rectangle(mean_gradient(gradient_magnitude(halve(to_lightness(pixels)))))
