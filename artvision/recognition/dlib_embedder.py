"""dlib's face network: 128 numbers a face, on the CPU, with weights that the package index carries.

King 2017, "High Quality Face Recognition with Deep Metric Learning", blog.dlib.net; the network is a ResNet of 29
convolutions trained on 150 × 150 chips that dlib's own five-point predictor aligned, so that one aligns here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from artvision.image import Pixels
from artvision.recognition.embedder import Make, Sighting, Templates
from artvision.weights import get_model, require

CHIP_SIDE = 150  # pixels the network was trained on
# Share of the chip added around the aligned face: dlib's own, the network saw no other.
CHIP_PADDING = 0.25
# Of the box's longer side, kept on each side of it: what a chip of a tilted head can reach.
SURROUNDINGS = 0.75


class DlibEmbedder:
    """dlib's predictor and network. One lock: the network keeps its activations, and dlib holds the GIL anyway."""

    def __init__(self, make: Make) -> None:
        """Load both. Raises WeightsError where weights are not right."""
        network, predictor = require(get_model(make.model))
        import dlib

        self.make = make
        self._dlib: Any = dlib
        self._network = dlib.face_recognition_model_v1(str(network))
        self._predictor = dlib.shape_predictor(str(predictor))
        self._lock = Lock()

    def embed(self, faces: Sequence[Sighting]) -> Templates:
        """N faces -> (N, 128) float32; rows as the network gives them, of length 1.2 to 1.5: 0.6 is meant for those."""
        if not faces:
            return np.zeros((0, self.make.width), dtype=np.float32)
        with self._lock:
            rows = self._network.compute_face_descriptor([self._chip(face) for face in faces], 0)
        return np.array([list(row) for row in rows], dtype=np.float32)

    def _chip(self, face: Sighting) -> Pixels:
        """(150, 150, 3) uint8: the face upright, its eyes at dlib's places."""
        region, (left, top, right, bottom) = cut_out(face)
        points = self._predictor(region, self._dlib.rectangle(left, top, right, bottom))
        chip: Pixels = self._dlib.get_face_chip(region, points, size=CHIP_SIDE, padding=CHIP_PADDING)
        return chip


def cut_out(face: Sighting) -> tuple[Pixels, tuple[int, int, int, int]]:
    """The face with its surroundings, (h, w, 3) uint8, and its box in there: left, top, right, bottom in pixels.

    Beyond the frame the border is drawn out: dlib would see black there, as no face it was trained on has.
    """
    height, width = face.pixels.shape[:2]
    x0, y0, x1, y1 = (round(share * side) for share, side in zip(face.box, (width, height) * 2, strict=True))
    around = round(SURROUNDINGS * max(x1 - x0, y1 - y0, 1))
    rows = np.arange(y0 - around, y1 + around + 1).clip(0, height - 1)
    columns = np.arange(x0 - around, x1 + around + 1).clip(0, width - 1)
    return face.pixels[rows[:, None], columns], (around, around, around + x1 - x0, around + y1 - y0)
