"""Head pose from a face mesh: the turn that lays the canonical head over it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.landmarks.square import Points

# Points of the mesh that neither mouth nor lids move, in centimetres of the canonical face that the mesh follows
# (MediaPipe's canonical_face_model.obj, Apache-2.0): x to the picture's right, y up, z to the camera. A pair differs in
# the sign of x.
_MIDDLE = {4: (-0.463170, 7.586580), 6: (2.473255, 5.788627), 10: (8.261778, 4.481535), 168: (3.271027, 5.236015)}
_PAIRS = {
    (33, 263): (4.445859, 2.663991, 3.173422),
    (54, 284): (6.279331, 6.615427, 1.425850),
    (67, 297): (3.523964, 8.005976, 3.729163),
    (117, 346): (5.258659, 0.945811, 2.974312),
    (127, 356): (7.743095, 2.364999, -2.005167),
    (129, 358): (1.785794, -0.978284, 4.850470),
    (133, 362): (1.856432, 2.585245, 3.757904),
    (143, 372): (6.407571, 2.236021, 1.560843),
}
RIGID = (*_MIDDLE, *(index for pair in _PAIRS for index in pair))
CANONICAL = np.array(
    [(0.0, y, z) for y, z in _MIDDLE.values()] + [(side * x, y, z) for x, y, z in _PAIRS.values() for side in (-1, 1)]
) * [1, -1, -1]  # to the picture's axes: x right, y down, z away


@dataclass(frozen=True)
class Head:
    """How a head is turned: a rotation (3, 3) of the picture's axes, x right, y down, z away. Angles in degrees."""

    turn: NDArray[np.float64]

    @classmethod
    def of(cls, mesh: Points) -> Head:
        """Of the head whose mesh is (468, 3), in the picture's axes and one unit.

        The turn is the least-squares one from the canonical points to the rigid ones (Kabsch 1976, Acta Cryst. A32).
        """
        return cls(rotation(mesh[list(RIGID)], CANONICAL))

    @property
    def forward(self) -> NDArray[np.float64]:
        """Where the head points, (3,)."""
        return -self.turn[:, 2]

    @property
    def down(self) -> NDArray[np.float64]:
        """Where the chin lies, (3,)."""
        return self.turn[:, 1]

    @property
    def yaw(self) -> float:
        """Positive towards the picture's right, 0 into the camera; at most 90, which a back of a head is taken for."""
        return float(np.clip(np.degrees(np.arctan2(self.forward[0], -self.forward[2])), -90, 90))

    @property
    def pitch(self) -> float:
        """Positive upwards, 0 into the camera."""
        return math.degrees(math.atan2(-self.forward[1], math.hypot(self.forward[0], self.forward[2])))

    @property
    def roll(self) -> float:
        """Positive clockwise: the eye at the picture's right is the lower one."""
        return math.degrees(math.atan2(self.turn[1, 0], self.turn[0, 0]))


def rotation(points: Points, model: Points) -> NDArray[np.float64]:
    """(3, 3) proper rotation that turns `model` (N, 3) most nearly onto `points` (N, 3), places and sizes aside."""
    covariance = (points - points.mean(0)).T @ (model - model.mean(0))
    left, _, right = np.linalg.svd(covariance)
    proper = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    turn: NDArray[np.float64] = left @ proper @ right
    return turn
