"""A second look, for faces that fill the frame: the cascade needs room around a face, so a small copy gets a margin.

The networks learned faces with their surroundings, and crops are cut at the frame, which squeezes a face that reaches
beyond it. The margin is what the networks see as zero, as the padding of a convolution would be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artvision.detection import FILLING, SECOND_GREY, SECOND_MARGIN, SECOND_SCORE, SECOND_SIDE, UPSCALE
from artvision.detection.boxes import Boxes, suppress
from artvision.detection.found import OVERLAP, Detections, FaceDetector
from artvision.image import FACE_SIDE, Picture, Pixels


def look_again(
    detector: FaceDetector, batch: Sequence[Picture], searched: Sequence[Pixels], found: Sequence[Detections]
) -> list[Detections]:
    """`found` for each picture, in the pixels of `searched`, with the sure faces that fill the frame added to it.

    Only pictures without a face of FILLING of the short side are looked at again. Where finds of both looks cover one
    another the better score stays: a face seen twice is one, and a mistaken one inside a large face goes.
    """
    tight = [
        index for index, pixels in enumerate(searched) if not filling(found[index].boxes, min(pixels.shape[:2])).any()
    ]
    copies = [batch[index].at(copy_side(batch[index])) for index in tight]
    seen = detector.detect([_framed(copy) for copy in copies], smallest=int(FILLING * SECOND_SIDE))
    added = {
        index: _joined(found[index], faces, copy, searched[index])
        for index, copy, faces in zip(tight, copies, seen, strict=True)
    }
    return [added.get(index, faces) for index, faces in enumerate(found)]


def copy_side(picture: Picture) -> int:
    """Long side in pixels of the copy that is looked at again; its short side is SECOND_SIDE, less in long strips."""
    long, short = max(picture.width, picture.height), min(picture.width, picture.height)
    return min(FACE_SIDE, UPSCALE * long, round(SECOND_SIDE * long / short))


def filling(boxes: Boxes, short_side: int) -> NDArray[np.bool_]:
    """Which of `boxes` (N, 4) are at least FILLING of the picture's short side high, (N,)."""
    high: NDArray[np.bool_] = boxes[:, 3] - boxes[:, 1] >= FILLING * short_side
    return high


def _framed(copy: Pixels) -> Pixels:
    room = (SECOND_MARGIN, SECOND_MARGIN)
    return np.pad(copy, (room, room, (0, 0)), constant_values=SECOND_GREY)


def _joined(first: Detections, second: Detections, copy: Pixels, searched: Pixels) -> Detections:
    """`first` and what counts of `second`, which is in the pixels of the framed `copy`, best first."""
    height, width = copy.shape[:2]
    counts = (second.scores >= SECOND_SCORE) & filling(second.boxes, min(height, width))
    if not counts.any():
        return first
    scale = (np.array(searched.shape[1::-1]) / [width, height]).astype(np.float32)
    boxes = np.concatenate([first.boxes, (second.boxes[counts] - SECOND_MARGIN) * np.tile(scale, 2)])
    scores = np.concatenate([first.scores, second.scores[counts]])
    points = np.concatenate([first.points, (second.points[counts] - SECOND_MARGIN) * scale])
    keep = suppress(boxes, scores, OVERLAP, of_smaller=True)
    return Detections(boxes[keep], scores[keep], points[keep])
