"""What recognition reads off a face that the stage `faces` found: its prominence, and what an embedder needs."""

from __future__ import annotations

from artvision.detection.geometry import FaceRow, facing_camera
from artvision.image import Picture
from artvision.recognition.embedder import Sighting

SHARP = 0.5  # `sharpness` from which a face counts as fully sharp
PROFILE = 0.5  # what a face turned away keeps of its prominence


def prominence(face: FaceRow) -> float:
    """How much a recognised face leads, in [0, 1]: area × centrality × sharpness × facing.

    The first two are `faces.prominence`; sharpness counts up to SHARP; a profile keeps the share PROFILE. What could
    not be measured on a small face takes nothing away.
    """
    sharp = 1.0 if face["sharpness"] is None else min(1.0, face["sharpness"] / SHARP)
    facing = 1.0 if face["yaw"] is None else facing_camera(face["yaw"])
    return float(face["prominence"] * sharp * (PROFILE + (1 - PROFILE) * facing))


def sighting(picture: Picture, face: FaceRow) -> Sighting:
    """The face as an embedder wants it."""
    flat = face["points"]
    points = tuple(zip(flat[::2], flat[1::2], strict=True))
    return Sighting(picture.pixels, (face["x0"], face["y0"], face["x1"], face["y1"]), points)
