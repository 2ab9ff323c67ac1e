"""What a crop should keep of a picture: its salient mass and its faces, both with exact sums over any box."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def weights(self) -> Shares:
        """(F,): each face's share of the area of all faces; empty boxes weigh nothing."""
        areas = (self.faces[:, 2:] - self.faces[:, :2]).prod(axis=1)
        total = areas.sum()
        shares: Shares = areas / total if total > 0 else areas
        return shares

    @cached_property
    def cells(self) -> int:
        """N; 1 where nothing stands out."""
        return 1 if self.mass is None else len(self.mass)

    @cached_property
    def edges(self) -> Shares:
        """(N + 1,): edges of the cells."""
        return np.linspace(0, 1, self.cells + 1)

    def kept(self, window: Box) -> float | None:
        """Share of the salient mass in the window; cells that its edge cuts count in part."""
        if self.mass is None:
            return None
        low, high = np.interp([window.x0, window.x1], self.edges, self.profile(0, window.y0, window.y1))
        return float(min(1.0, max(0.0, high - low)))

    def profile(self, axis: int, low: float, high: float) -> Shares:
        """(N + 1,): mass up to each cell's edge along `axis` (0: x, 1: y), of what lies in [low, high] across it."""
        sums = self._sums if axis == 0 else self._sums.T
        return self._up_to(sums, high) - self._up_to(sums, low)

    @cached_property
    def _sums(self) -> Grid:
        """(N + 1, N + 1): mass above and left of each corner."""
        sums = np.zeros((self.cells + 1, self.cells + 1))
        if self.mass is not None:
            self.mass.cumsum(axis=0).cumsum(axis=1, out=sums[1:, 1:])
        return sums

    def _up_to(self, sums: Grid, end: float) -> Shares:
        """(N + 1,): the sums up to a place between two edges."""
        place = min(max(end, 0.0), 1.0) * self.cells
        row = min(int(place), self.cells - 1)
        line: Shares = sums[row] + (place - row) * (sums[row + 1] - sums[row])
        return line
