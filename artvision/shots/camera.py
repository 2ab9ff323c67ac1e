"""How a camera is turned about its axis: the axes of the scene's edges, where neither edges nor faces say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from artvision.pixels.grid import gradients
from artvision.pixels.plane import Plane

# Share of edges that must follow two axes before they tell the camera's turn.
CLEAR = 0.2
AGREE = 12.0  # degrees by which people hold their heads aside
NEAR = 5  # degrees from an axis within which edges follow it
# Share of edges that follow an axis where edges run everywhere.
CHANCE = (2 * NEAR + 1) / 180


def dutch(tilt: float | None, axes: float, rolls: Sequence[float], quarter: Plane) -> float | None:
    """Turn of the scene in degrees, clockwise as the picture shows it; None where edges are unclear or faces disagree.

    `tilt` and `axes` as in `composition`, `rolls` of the faces, `quarter` L* (H, W) at a quarter of the canonical size.
    A slope or a roof turns the edges and not the people on it, so that an eye line which does not go with the edges
    speaks against a turned camera.
    """
    if tilt is None or axes < CLEAR:
        return None
    if rolls and abs(median(rolls) - tilt) > AGREE:
        return None
    return tilt if abs(tilt) <= NEAR or both_turned(quarter, tilt) else None


def both_turned(plane: Plane, tilt: float) -> bool:
    """Whether more edges of L* (H, W) follow each axis of `tilt` than chance, and than the upright or level one.

    A turned camera turns both. A facade from aside has level edges that slope, and upright ones that stand.
    """
    from scipy import ndimage

    gx, gy = gradients(ndimage.gaussian_filter(plane, 1.0, mode="nearest"))
    normal = np.rint(np.degrees(np.arctan2(gy, gx))).astype(int) % 180
    energy = np.bincount(normal.reshape(-1), (gx**2 + gy**2).reshape(-1), 180)
    reach = np.arange(-NEAR, NEAR + 1)

    def follow(axis: float) -> float:
        return float(energy[(round(axis) + reach) % 180].sum() / energy.sum())

    return all(follow(axis + tilt) >= max(CHANCE, follow(axis)) for axis in (0, 90))
