"""From pictures to faces: how large a picture is searched, and what is read off each detection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artvision.detection import UPSCALE, geometry
from artvision.detection.focus import FACE_PIXELS, face_sharpness
from artvision.detection.geometry import Face
from artvision.detection.mtcnn import Detections, Detector
from artvision.image import FACE_SIDE, Picture, Pixels

POSE_PIXELS = 20  # a face of fewer pixels of the original places its landmarks too roughly for a yaw


def search_side(picture: Picture) -> int:
    """Long side in pixels at which `picture` is searched."""
    return min(FACE_SIDE, UPSCALE * max(picture.width, picture.height))


def find_faces(detector: Detector, batch: Sequence[Picture]) -> list[list[Face]]:
    """Faces of each picture, most prominent first; those wholly outside the frame are left out."""
    searched = [picture.at(search_side(picture)) for picture in batch]
    found = detector.detect(searched)
    return [_faces(picture, pixels, detections)
            for picture, pixels, detections in zip(batch, searched, found, strict=True)]


def _faces(picture: Picture, pixels: Pixels, found: Detections) -> list[Face]:
    height, width = pixels.shape[:2]
    real = min(1.0, max(picture.width, picture.height) / max(height, width))
    edge = np.array([width, height, width, height])
    faces = [_face(pixels, np.clip(box, 0, edge), float(score), points.astype(float), real)
             for box, score, points in zip(found.boxes.astype(float), found.scores, found.points, strict=True)]
    return sorted((face for face in faces if face.area > 0), key=lambda face: (-face.prominence, -face.score, face.box))


def _face(pixels: Pixels, box: NDArray[np.float64], score: float, points: NDArray[np.float64], real: float) -> Face:
    """`box` (4,) and `points` (5, 2) in the searched pixels, of which the original had `real` pixels each way."""
    height, width = pixels.shape[:2]
    own = float((box[2:] - box[:2]).min()) * real
    relative = (box / [width, height, width, height]).tolist()
    marks = np.clip(points / [width, height], 0, 1).tolist()
    return Face(
        box=tuple(relative), score=score, points=tuple(map(tuple, marks)),
        yaw=geometry.yaw(points) if own >= POSE_PIXELS else None, roll=geometry.roll(points),
        sharpness=face_sharpness(pixels, box.tolist()) if own >= FACE_PIXELS else None,
        prominence=geometry.prominence(relative, width / height),
    )
