"""Room in a picture: how much of it is calm, and the largest calm rectangle."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels
from artvision.pixels.color import Plane, to_lightness
from artvision.pixels.grid import area_mean, gradients, halve, square_cells

CELLS = 48  # along the long side: a cell is about 11 pixels of the canonical 512
CALM = 2.0  # L* a pixel at half of the canonical size: mean gradient of a cell that holds nothing; ours


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
    return np.sqrt(gx * gx + gy * gy)


def calm_cells(gradient: Plane) -> NDArray[np.bool_]:
    """Which cells hold nothing: (rows, columns) bool, 48 along the long side, from a plane of gradients."""
    return area_mean(gradient, *square_cells(gradient.shape, CELLS)) < CALM


def largest_rectangle(free: NDArray[np.bool_]) -> Rectangle | None:
    """The largest all-true rectangle of a (rows, columns) grid; of equals the topmost, then the leftmost. None if none.

    Every pair of rows is tried at once: columns free between them form runs, and the longest run is kept. Source of the
    problem: Backer & Keil, «The mono- and bichromatic empty rectangle problems», FCT 2009.
    """
    rows, columns = free.shape
    filled = np.concatenate([np.zeros((1, columns), np.intp), np.cumsum(~free, axis=0)])
    top, bottom = np.triu_indices(rows)
    clear = filled[bottom + 1] == filled[top]
    at = np.arange(columns)
    run = at - np.maximum.accumulate(np.where(clear, -1, at), axis=1)
    area = run * (bottom - top + 1)[:, None]
    pair, end = np.unravel_index(area.argmax(), area.shape)
    if not area[pair, end]:
        return None
    width, height = int(run[pair, end]), int(bottom[pair] - top[pair] + 1)
    return Rectangle(float(end + 1 - width) / columns, float(top[pair]) / rows, width / columns, height / rows)


def empty_rectangle(pixels: Pixels) -> Rectangle | None:
    """The largest rectangle of (H, W, 3) uint8 in which nothing is drawn; None if there is none."""
    return largest_rectangle(calm_cells(gradient_magnitude(halve(to_lightness(pixels)))))
