"""What is read off one face: mesh, irises, and what they say. MediaPipe's networks and its crops, done twice over.

The first cut follows the box and eyes that the stage `faces` found, the second the mesh itself: then the mesh depends
little on who found the face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.detection.geometry import FaceRow
from artvision.image import Picture, Pixels
from artvision.landmarks import EYE_ROOM, PLAIN, ROOM, SHUT
from artvision.landmarks.gaze import Gaze, both, gaze
from artvision.landmarks.head import Head
from artvision.landmarks.network import Array, Network
from artvision.landmarks.opening import MOUTH_CORNERS, eye_openness, mouth_openness, nearer_eye
from artvision.landmarks.square import Points, Square

MESH, MESH_SIDE = 468, 192  # points of the mesh network, pixels that it sees
# Pixels that the iris network sees, points of the eye's surroundings.
EYE_SIDE, CONTOUR = 64, 71
# Corners of the eye at the picture's left and right, from left to right.
EYES = ((33, 133), (362, 263))


@dataclass(frozen=True)
class Look:
    """One face; `visible` in [0, 1] falls with what covers it and is 0 where the mesh is not believed.

    Eyes and mouth are None where they lie beyond the frame, and were guessed; so is the look of eyes that are shut.
    """

    visible: float
    head: Head
    eyes_open: float | None
    gaze: Gaze | None
    mouth_open: float | None


@dataclass(frozen=True)
class Eye:
    """Lids' contour (16, 2), the iris' centre (2,) and the mesh's corners (2, 3), in the picture's pixels."""

    contour: Points
    iris: NDArray[np.float64]
    corners: Points


@dataclass(frozen=True)
class FaceReader:
    """Both networks; safe to share between threads."""

    mesh: Network
    iris: Network

    def look(self, picture: Picture, face: FaceRow) -> Look:
        """What is to be seen of a row of the column `faces`."""
        mesh, logit = self.points(picture.pixels, face)
        head = Head.of(mesh)
        mouth = mouth_openness(mesh) if within(picture.pixels, mesh[list(MOUTH_CORNERS)]) else None
        return Look(min(1.0, max(0.0, logit / PLAIN)), head, *self.eyes(picture.pixels, mesh, head), mouth)

    def eyes(self, pixels: Pixels, mesh: Points, head: Head) -> tuple[float | None, Gaze | None]:
        """How far the eyes are open and where they look: of those in the frame, the nearer one counting more."""
        here = [within(pixels, mesh[list(corners)]) for corners in EYES]
        if not any(here):
            return None, None
        left, right = (self.eye(pixels, mesh, corners, flip=place == 1) for place, corners in enumerate(EYES))
        share = nearer_eye(head.yaw) if all(here) else float(here[0])
        opened = share * eye_openness(left.contour) + (1 - share) * eye_openness(right.contour)
        one, other = (gaze(eye.corners, eye.iris, head) for eye in (left, right))
        return opened, both(one, other, share) if opened >= SHUT else None

    def points(self, pixels: Pixels, face: FaceRow) -> tuple[Points, float]:
        """(mesh (468, 3) in pixels, logit of a face): z away from the camera, in the unit of x."""
        edge = np.array(pixels.shape[1::-1], np.float64)
        box = np.array([[face["x0"], face["y0"]], [face["x1"], face["y1"]]]) * edge
        eyes = np.array(face["points"][:4]).reshape(2, 2) * edge
        first, _ = self._mesh(pixels, Square.about(box, (eyes[0], eyes[1]), ROOM))
        return self._mesh(pixels, Square.about(first, (first[33, :2], first[263, :2]), ROOM))

    def eye(self, pixels: Pixels, mesh: Points, corners: tuple[int, int], *, flip: bool) -> Eye:
        """The eye between two corners of the mesh; the network knows the one at the left, so the other is mirrored."""
        ends = mesh[list(corners)]
        square = Square.about(ends[:, :2], (ends[0, :2], ends[1, :2]), EYE_ROOM)
        cut = square.cut(pixels, EYE_SIDE)
        outputs = self.iris(cut[:, ::-1] if flip else cut)
        found = np.concatenate([_shaped(outputs, CONTOUR), _shaped(outputs, 5)])[:, :2]
        if flip:
            found[:, 0] = EYE_SIDE - found[:, 0]
        placed = square.back(found, EYE_SIDE)
        return Eye(placed[:16], placed[CONTOUR], ends)

    def _mesh(self, pixels: Pixels, square: Square) -> tuple[Points, float]:
        outputs = self.mesh(square.cut(pixels, MESH_SIDE))
        flag = next(output for output in outputs if output.size == 1)
        return square.back(_shaped(outputs, MESH), MESH_SIDE), float(flag.item())


def within(pixels: Pixels, points: Points) -> bool:
    """Whether all of `points` (N, 2 or more) lie in the picture (H, W, 3)."""
    return bool(((points[:, :2] >= 0) & (points[:, :2] <= pixels.shape[1::-1])).all())


def _shaped(outputs: Sequence[Array], count: int) -> Points:
    """The output of `count` points, (count, 3) float64."""
    found = next(output for output in outputs if output.size == 3 * count)
    return found.reshape(count, 3).astype(np.float64)
