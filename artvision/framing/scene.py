"""What a crop should keep of a picture: its salient mass and its faces, both with exact sums over any box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.framing.box import Box, Boxes
from artvision.pixels.grid import Grid

Shares = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scene:
    """`aspect` is width over height; `mass` (N, N) sums to 1, None where nothing stands out; `faces` (F, 4)."""

    aspect: float
    mass: Grid | None
    faces: Boxes

    @property
    def weights(self) -> Shares:
        """(F,): each face's share of the area of all faces; empty boxes weigh nothing."""
        areas = (self.faces[:, 2:] - self.faces[:, :2]).prod(axis=1)
        total = areas.sum()
        shares: Shares = areas / total if total > 0 else areas
        return shares

    def kept(self, window: Box) -> float | None:
        """Share of the salient mass in the window; cells that its edge cuts count in part."""
        if self.mass is None:
            return None
        rows, columns = (covered(len(self.mass), *span) for span in ((window.y0, window.y1), (window.x0, window.x1)))
        return float(np.clip(rows @ self.mass @ columns, 0, 1))

    def profile(self, axis: int, low: float, high: float) -> Shares:
        """(N + 1,): mass up to each cell's edge along `axis` (0: x, 1: y), of what lies in [low, high] across it."""
        if self.mass is None:
            return np.zeros(2)
        across = covered(len(self.mass), low, high)
        along = across @ (self.mass if axis == 0 else self.mass.T)
        return np.concatenate([[0.0], np.cumsum(along)])


def covered(cells: int, low: float, high: float) -> Shares:
    """(cells,): share of each of `cells` equal intervals of [0, 1] that lies in [low, high]."""
    edges = np.linspace(0, 1, cells + 1)
    inside: Shares = np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None) * cells
    return inside
