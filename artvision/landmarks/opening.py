"""How far eyes and mouth are open, as ratios of distances between landmarks."""

from __future__ import annotations

import numpy as np

from artvision.landmarks.square import Points

# The iris network's contour: 0 outer corner, 1..7 lower lid, 8 inner corner, 9..15 upper lid from the outer side on.
CORNERS = (0, 8)
# Upper and lower, at a third and two thirds of the eye.
LIDS = ((11, 3), (13, 5))
# The mesh's inner lips: corners, and three pairs above one another.
MOUTH_CORNERS = (78, 308)
LIPS = ((81, 178), (13, 14), (311, 402))
# Degrees of yaw over which an eye fades: from half of that on the far eye no longer counts.
NEAR = 60.0


def eye_openness(contour: Points) -> float:
    """Eye aspect ratio of a contour (16 or more, 2): mean height at two places over the width.

    Soukupová & Čech 2016, CVWW: (|p2 p6| + |p3 p5|) / 2 |p1 p4|; about 0.3 open, below 0.1 shut.
    """
    return _ratio(contour, LIDS, CORNERS)


def nearer_eye(yaw: float) -> float:
    """How much the eye at the picture's left counts, in [0, 1], where a head is turned by `yaw` degrees.

    A head that turns to the picture's right shows the eye at the picture's left.
    """
    return float(np.clip(0.5 + yaw / NEAR, 0, 1))


def mouth_openness(mesh: Points) -> float:
    """Mean distance between the inner lips of a mesh (468, 2 or 3) over the distance of their corners; 0 shut."""
    return _ratio(mesh, LIPS, MOUTH_CORNERS)


def _ratio(points: Points, heights: tuple[tuple[int, int], ...], width: tuple[int, int]) -> float:
    flat = points[:, :2]
    across = float(np.hypot(*(flat[width[1]] - flat[width[0]])))
    high = float(np.mean([np.hypot(*(flat[above] - flat[below])) for above, below in heights]))
    return high / across if across > 0 else 0.0
