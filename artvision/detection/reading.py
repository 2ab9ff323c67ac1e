"""From pictures to faces: how large a picture is searched, and what is read off each detection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artvision.detection import UPSCALE, geometry
from artvision.detection.filling import look_again
from artvision.detection.focus import FACE_PIXELS, face_sharpness
from artvision.detection.found import Detections, FaceDetector
from artvision.detection.geometry import Face
from artvision.image import FACE_SIDE, Picture, Pixels

# A face of fewer pixels of the original places its landmarks too roughly for a yaw.
POSE_PIXELS = 20


def search_side(picture: Picture) -> int:
    """Long side in pixels at which `picture` is searched."""
    return min(FACE_SIDE, UPSCALE * max(picture.width, picture.height))


def find_faces(detector: FaceDetector, batch: Sequence[Picture]) -> list[list[Face]]:
    """Faces of each picture, most prominent first; those wholly outside the frame are left out."""
    searched = [picture.at(search_side(picture)) for picture in batch]
    found = look_again(detector, batch, searched, detector.detect(searched))
    return [
        _faces(picture, pixels, detections) for picture, pixels, detections in zip(batch, searched, found, strict=True)
    ]


def _faces(picture: Picture, pixels: Pixels, found: Detections) -> list[Face]:
    height, width = pixels.shape[:2]
    enlarged = max(height, width) > max(picture.width, picture.height)
    # Enlarging adds no detail, only softness.
    best = picture.pixels if enlarged else pixels
    edge = np.array([width, height, width, height])
    faces = [
        _face(best, np.clip(box / edge, 0, 1), float(score), points / edge[:2])
        for box, score, points in zip(found.boxes, found.scores, found.points, strict=True)
    ]
    return sorted((face for face in faces if face.area > 0), key=lambda face: (-face.prominence, -face.score, face.box))


def _face(pixels: Pixels, box: NDArray[np.float64], score: float, points: NDArray[np.float64]) -> Face:
    """`box` (4,) and `points` (5, 2) are relative; `pixels` are the original's, or as many as were searched."""
    height, width = pixels.shape[:2]
    inside = box * [width, height, width, height]
    own = float((inside[2:] - inside[:2]).min())
    x0, y0, x1, y1 = box.tolist()
    # Eyes and nose; where one lies beyond the frame it was guessed, not seen.
    turned = points[:3]
    seen = own >= POSE_PIXELS and bool(((turned >= 0) & (turned <= 1)).all())
    return Face(
        box=(x0, y0, x1, y1),
        score=score,
        points=tuple((x, y) for x, y in points.clip(0, 1).tolist()),
        yaw=geometry.yaw(points * [width, height]) if seen else None,
        roll=geometry.roll(points * [width, height]),
        sharpness=face_sharpness(pixels, inside.tolist()) if own >= FACE_PIXELS else None,
        prominence=geometry.prominence((x0, y0, x1, y1), width / height),
    )
