"""What a search for faces gives, and where the pyramid of a picture is looked at; no library is needed to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from artvision.detection import FACTOR, SMALLEST
from artvision.detection.boxes import Boxes
from artvision.device import ONNXRUNTIME

WINDOW = 12  # pixels P-Net sees
# Share of the smaller of two faces beyond which they are taken for one, as facenet-pytorch has it.
OVERLAP = 0.7


@dataclass(frozen=True)
class Detections:
    """Faces of one picture in its pixels: boxes (N, 4), scores (N,) in [0, 1], points (N, 5, 2); float32, best first.

    Points are the picture's left eye, right eye, nose, left and right mouth corner, as x and y. Boxes may
    reach beyond the frame.
    """

    boxes: Boxes
    scores: NDArray[np.float32]
    points: NDArray[np.float32]


class FaceDetector(Protocol):
    """Finds faces; thread-safe after construction."""

    def detect(self, pictures: Sequence[NDArray[np.uint8]], *, smallest: int = SMALLEST) -> list[Detections]:
        """Faces of each (H, W, 3) uint8 picture, in order, from about `smallest` pixels."""


def levels(height: int, width: int, smallest: int) -> list[float]:
    """Scales at which P-Net sees a picture, finest first: the smallest face fills its window, the last level is one."""
    scale = WINDOW / smallest
    found = []
    while min(height, width) * scale >= WINDOW:
        found.append(scale)
        scale *= FACTOR
    return found


def face_detector(device: str, runtime: str, *, together: bool = False) -> FaceDetector:
    """The search as `runtime` does it on `device`. Raises WeightsError naming the command that mends the weights.

    `together`: pictures share their passes, which an accelerator needs to be busy. Apple's has no 64-bit floats, which
    say what level a picture has; there the CPU searches.
    """
    if runtime == ONNXRUNTIME:
        from artvision.detection.cascade import Cascade

        return Cascade()
    from artvision.detection.mtcnn import Detector

    return Detector("cpu" if device == "mps" else device, together=together and device != "mps")
