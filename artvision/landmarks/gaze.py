"""Where an eye looks: the iris against the eyeball that lies between the corners of the lids."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.landmarks.head import Head
from artvision.landmarks.square import Points

# Over the distance of the corners of an eye, about 30 mm: the centre of rotation lies 13.5 mm behind the cornea, some
# 5 mm behind the line of the corners, and the pupil 10.5 mm before it (Fry & Hill 1962, Am. J. Optom. 39).
DEPTH = 0.17
# Of that centre above the line: lays the looks of ten portraits into the camera, see docs/benchmarks.md.
RISE = 0.04
RADIUS = 0.35
OFF = 30.0  # degrees from the camera at which a look no longer meets it at all


class Gaze(NamedTuple):
    """Direction of a look in the picture: x to its right, y down, as sines of the angles from the camera's axis."""

    x: float
    y: float

    @property
    def yaw(self) -> float:
        """Degrees, positive towards the picture's right."""
        return math.degrees(math.asin(self.x))

    @property
    def pitch(self) -> float:
        """Degrees, positive upwards."""
        return -math.degrees(math.asin(self.y))

    @property
    def to_camera(self) -> float:
        """1 into the camera, falling linearly to 0 at OFF degrees from it."""
        return max(0.0, 1 - math.degrees(math.asin(min(1.0, math.hypot(self.x, self.y)))) / OFF)


def gaze(corners: Points, iris: NDArray[np.float64], head: Head) -> Gaze:
    """Look of one eye from its corners (2, 3), the iris' centre (2,) and how the head is turned.

    Weak perspective, one unit, x right, y down, z away: an iris that covers the centre of its eyeball looks into the
    camera, however the head is turned; beside it by RADIUS it looks along the picture.
    """
    width = float(np.linalg.norm(corners[1] - corners[0]))
    if width == 0:
        return Gaze(0.0, 0.0)
    ball = corners.mean(0)[:2] - width * (DEPTH * head.forward + RISE * head.down)[:2]
    x, y = ((iris - ball) / (RADIUS * width)).clip(-1, 1).tolist()
    return Gaze(x, y)


def both(left: Gaze, right: Gaze, share: float) -> Gaze:
    """The look of two eyes, of which the one at the picture's left counts `share`."""
    return Gaze(share * left.x + (1 - share) * right.x, share * left.y + (1 - share) * right.y)
