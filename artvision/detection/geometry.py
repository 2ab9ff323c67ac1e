"""What the geometry of detected faces says: head pose, prominence, shot scale, who faces whom.

Visible facts of boxes and five landmarks; nothing about who a person is or feels. Points are left eye, right eye, nose,
left and right mouth corner as the *picture* shows them, x to the right and y down, in any one unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Nose tip before the eyes, over the eyes' distance: five-point mean face of Deng et al. 2019 (CVPRW).
NOSE_DEPTH = 0.68
# Standard deviation of prominence, in half diagonals: a corner keeps e^-2 of the centre's weight.
CENTRALITY = 0.5
# Faces among which pairs are sought: in a crowd only the leading ones tell a story.
PAIRED = 12
AWAY = 45.0  # degrees of yaw at which a face no longer faces the camera at all

# Smallest face height over picture height of each scale, largest first. The borders between the five framings that
# people label (0.92, 0.47, 0.205, 0.085) were fitted on film stills: scripts/fit_shots.py. Medium close-up and medium
# long, which nobody labelled, lie over the second and third border, as wide as anatomy has them: a close-up frames head
# and shoulders, a medium shot the waist up, a long shot the body, 7.5 heads high; that makes ratios of 1.62 and 1.48.
SHOT_SCALES = (
    ("extreme_close_up", 0.92),
    ("close_up", 0.6),
    ("medium_close_up", 0.37),
    ("medium", 0.25),
    ("medium_long", 0.17),
    ("long", 0.085),
    ("extreme_long", 0.0),
)
PEOPLE = ("one", "two", "three", "group")

FaceRow = Mapping[str, Any]  # one struct of the column `faces`


@dataclass(frozen=True)
class Face:
    """One face of one picture; coordinates in [0, 1] of the picture, angles in degrees, None if not to be trusted."""

    # x0, y0, x1, y1, clipped to the picture.
    box: tuple[float, float, float, float]
    score: float
    points: tuple[tuple[float, float], ...]
    yaw: float | None
    roll: float
    sharpness: float | None
    prominence: float

    @property
    def height(self) -> float:
        """Share of the picture's height."""
        return self.box[3] - self.box[1]

    @property
    def area(self) -> float:
        """Share of the picture's area."""
        return (self.box[2] - self.box[0]) * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the box's middle."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def roll(points: NDArray[np.floating]) -> float:
    """Tilt of the eye line in degrees, (-180, 180]; positive clockwise: the picture's right eye is the lower one."""
    across = points[1] - points[0]
    return math.degrees(math.atan2(across[1], across[0]))


def yaw(points: NDArray[np.floating]) -> float:
    """Turn of the head in degrees, (-90, 90); positive towards the picture's right, 0 into the camera.

    Under weak perspective a head turned by t shows its eyes at distance e cos t, and its nose d sin t beside their
    middle: tan t = offset / (distance × d / e), measured along the eye line, with d / e = NOSE_DEPTH.
    """
    across = points[1] - points[0]
    distance = float(np.hypot(*across))
    if distance == 0:
        return 0.0
    offset = float((points[2] - (points[0] + points[1]) / 2) @ across) / distance
    return math.degrees(math.atan2(offset, distance * NOSE_DEPTH))


def prominence(box: Sequence[float], aspect: float) -> float:
    """How much a face leads: its area × exp(-r² / 2 s²), in [0, 1].

    r is its centre's distance from the picture's centre in half diagonals, s = CENTRALITY; `aspect` is width / height.
    """
    area = (box[2] - box[0]) * (box[3] - box[1])
    dx, dy = ((box[0] + box[2]) / 2 - 0.5) * aspect, (box[1] + box[3]) / 2 - 0.5
    far = (dx**2 + dy**2) / (0.25 * (aspect**2 + 1))
    return area * math.exp(-far / (2 * CENTRALITY**2))


def shot_scale(height: float) -> str:
    """Label of SHOT_SCALES for a face of `height` (share of the picture's height)."""
    return next(label for label, smallest in SHOT_SCALES if height >= smallest)


def people(count: int) -> str:
    """`one`, `two`, `three` or `group` for at least one face."""
    return PEOPLE[min(count, len(PEOPLE)) - 1]


def facing_camera(yaw: float) -> float:
    """1 where a head looks straight ahead, falling linearly to 0 at AWAY degrees to either side."""
    return max(0.0, 1 - abs(yaw) / AWAY)


def facing_each_other(faces: Sequence[Face]) -> float | None:
    """How much some two of `faces` look at one another, in [0, 1]; None without two faces of known yaw.

    Of the first PAIRED faces, most prominent first. A pair's score is the smaller of its two inward turns (AWAY degrees
    or more count as 1) × the shared height over the lower face's; the best pair counts.
    """
    known = [face for face in faces[:PAIRED] if face.yaw is not None]
    return max((_towards(*pair) for pair in combinations(known, 2)), default=None)


def _towards(one: Face, other: Face) -> float:
    left, right = sorted((one, other), key=lambda face: face.centre[0])
    inward = min((left.yaw or 0.0) / AWAY, -(right.yaw or 0.0) / AWAY, 1.0)
    shared = min(left.box[3], right.box[3]) - max(left.box[1], right.box[1])
    lower = min(left.height, right.height)
    return max(0.0, inward) * max(0.0, shared / lower) if lower > 0 else 0.0
