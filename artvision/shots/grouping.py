"""How people stand in a shot: how many there are, how near to one another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from artvision.detection.geometry import FaceRow

# Faces; Lin et al. 2014 (COCO, ECCV) mark people as a crowd from 10 to 15 on.
CROWD = 10
FAR = 20.0  # face heights: a larger gap says no more
GROUPS = ("none", "one", "two", "three", "group", "crowd")


def grouping(count: int) -> str:
    """Label of GROUPS for `count` faces."""
    return "crowd" if count >= CROWD else GROUPS[min(count, 4)]


def gap(faces: Sequence[FaceRow], aspect: float) -> float | None:
    """Space between the boxes of the two most prominent faces, in mean heights of both, at most FAR; 0 if they touch.

    None below two faces. `faces` are sorted by prominence; `aspect` is the picture's width over its height.
    """
    if len(faces) < 2:
        return None
    one, other = faces[:2]
    across = aspect * max(0.0, one["x0"] - other["x1"], other["x0"] - one["x1"])
    down = max(0.0, one["y0"] - other["y1"], other["y0"] - one["y1"])
    high = (one["y1"] - one["y0"] + other["y1"] - other["y0"]) / 2
    return min(FAR, float(math.hypot(across, down) / high))
