"""Black bars around a film frame: no part of the picture, and no room for a title."""

from __future__ import annotations

from artvision.framing.box import Box
from artvision.pixels.plane import Plane
from artvision.pixels.pyramid import Pyramid

BLACK = 8.0  # L*: a bar is no lighter; ours


def without_letterbox(planes: Pyramid) -> Box:
    """What lies between black bars on opposite sides: the whole where there are none.

    One band alone, or a light one, belongs to the design.
    """
    lightness, found = planes.lightness, planes.bars
    top, bottom = _pair(lightness, found.top, found.bottom)
    left, right = _pair(lightness.T, found.left, found.right)
    return Box(left, top, 1 - right, 1 - bottom)


def _pair(plane: Plane, first: float, last: float) -> tuple[float, float]:
    """Depths of the bars along the first and last rows where both are there and black, otherwise none."""
    black = first > 0 < last and max(float(plane[0].mean()), float(plane[-1].mean())) <= BLACK
    return (first, last) if black else (0.0, 0.0)
