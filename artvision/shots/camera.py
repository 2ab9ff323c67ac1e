"""How a camera is turned about its axis: the axes of the scene's edges, where no upright face says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

CLEAR = 0.2  # share of edges that must follow two axes before they tell the camera's turn
AGREE = 12.0  # degrees by which people hold their heads aside


def dutch(tilt: float | None, axes: float, rolls: Sequence[float]) -> float | None:
    """Turn of the scene in degrees, clockwise as the picture shows it; None where edges are unclear or faces disagree.

    `tilt` and `axes` as in `composition`, `rolls` of the faces. A slope or a roof turns the edges and not the people on
    it, so that an eye line which does not go with the edges speaks against a turned camera.
    """
    if tilt is None or axes < CLEAR:
        return None
    if rolls and abs(median(rolls) - tilt) > AGREE:
        return None
    return tilt
