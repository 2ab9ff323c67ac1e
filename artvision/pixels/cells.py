"""A picture as a few hundred colours: what palette and dominant colour look at in place of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.color import Lab

Points = NDArray[np.float64]  # (M, 3) colours in Lab, or (M,) their shares

# One pixel in three, counted along the rows: a share then errs by less than 0.003.
_EVERY = 3
# Fine against differences that matter (ΔE 10), few cells occupied.
_L_STEP, _AB_STEP, _AB_LOW = 5.0, 10.0, -120.0


def sample(lab: Lab) -> NDArray[np.float32]:
    """L*, a*, b* (3, ⌈H W / 3⌉) of every third pixel, counted along the rows."""
    return np.stack([plane.reshape(-1)[::_EVERY] for plane in (lab.l, lab.a, lab.b)])


@dataclass(frozen=True, eq=False)
class LabCells:
    """Occupied cells of a histogram of Lab: mean colour `points` (M, 3), and `shares` (M,) that sum to 1."""

    points: Points
    shares: Points

    @classmethod
    def of(cls, lab: Lab) -> LabCells:
        """Of a picture in one piece."""
        return cls.count(sample(lab))

    @classmethod
    def count(cls, colours: NDArray[np.float32]) -> LabCells:
        """Count cells of 5 L* × 10 a* × 10 b* among L*, a*, b* (3, N); M is 1 to about 1,000."""
        light, *chromatic = colours
        cell = light * np.float32(1 / _L_STEP)
        np.floor(cell, out=cell)
        for values in chromatic:
            cell *= np.float32(32)
            step = values - np.float32(_AB_LOW)
            step *= np.float32(1 / _AB_STEP)
            cell += np.floor(step, out=step)
        number = cell.astype(np.intp)
        counts = np.bincount(number)
        used = np.flatnonzero(counts > 0)
        sums = np.stack([np.bincount(number, weights=values)[used] for values in colours])
        # Each coordinate stays in one piece of memory.
        return cls((sums / counts[used]).T, counts[used] / number.size)


def squared_gaps(points: Points, others: Points) -> Points:
    """Squared ΔE*ab (CIE 1976) between (M, 3) and (K, 3), (M, K)."""
    total = np.zeros((len(points), len(others)))
    for mine, other in zip(points.T, others.T, strict=True):
        gap = mine[:, None] - other
        gap *= gap
        total += gap
    return total
