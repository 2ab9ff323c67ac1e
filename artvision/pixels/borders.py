"""Bars and frames: uniform bands along the sides of a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.plane import Plane

# L*: root mean square deviation that lossy compression leaves in a bar; ours.
FLAT = 2.5
# L*: deviation that must follow within two pixels, else it is a dark sky and no bar; ours.
SHARP = 8.0


class Bars(NamedTuple):
    """Depth of the band along each side, as shares of the picture's height (top, bottom) or width (left, right)."""

    top: float
    bottom: float
    left: float
    right: float


def _depth(deviation: NDArray[np.floating]) -> float:
    """Rows of a band from the edge inward, as a share; the row that mixes band and picture counts in part."""
    rows = deviation.size
    flat = int(np.argmax(deviation > FLAT)) if deviation.max() > FLAT else rows
    inside = deviation[min(flat + 2, rows - 1)]
    if flat in (0, rows) or inside < SHARP:
        return 0.0
    mixed = 1 - deviation[flat] / max(float(deviation[min(flat + 1, rows - 1)]), FLAT)
    return min(1.0, (flat + max(0.0, float(mixed))) / rows)


def _band(plane: Plane) -> float:
    """Depth of the band along the first rows of (H, W), as a share of H."""
    tone = plane[0].mean()
    if np.square(plane[0] - tone).mean() > FLAT**2:
        return 0.0
    return _depth(np.sqrt(np.square(plane - tone).mean(axis=1)))


def bars(lightness: Plane) -> Bars:
    """Letterbox bars and frames of L* (H, W): bands of one tone that end abruptly. A uniform picture has none.

    Rows are compared with the first one: those within 2.5 L* (root mean square) are the band. Ours.
    """
    sides = (lightness, lightness[::-1], lightness.T, lightness.T[::-1])
    return Bars(*(_band(side) for side in sides))
