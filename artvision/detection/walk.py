"""The order in which MTCNN looks (Zhang et al. 2016), whatever computes it: proposals over a pyramid, then two looks.

facenet-pytorch's boxes; pixels and networks are those of a subclass, boxes are numpy's.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from artvision.detection import THRESHOLDS
from artvision.detection.boxes import Boxes, moved, squared, suppress
from artvision.detection.found import OVERLAP, WINDOW, Detections, levels

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class Sized(Protocol):
    """What a search needs to know of a picture's table of sums."""

    height: int
    width: int


Table = TypeVar("Table", bound=Sized)


class Walk(ABC, Generic[Table]):
    """One picture through the cascade; no picture depends on another."""

    @abstractmethod
    def _proposed(self, table: Table, height: int, width: int) -> tuple[Integers, Floats, Floats]:
        """Windows that P-Net takes for faces at this size: x and y (N, 2), logits (N,), offsets (N, 4)."""

    @abstractmethod
    def _refined(self, table: Table, pixels: Integers) -> tuple[Floats, Floats]:
        """What R-Net says of crops (N, 4: x0 y0 x1 y1): logits (N,), offsets (N, 4)."""

    @abstractmethod
    def _judged(self, table: Table, pixels: Integers) -> tuple[Floats, Floats, Floats]:
        """What O-Net says of crops: logits (N,), offsets (N, 4), landmarks (N, 10)."""

    def _search(self, table: Table, smallest: int) -> Detections:
        """Faces from about `smallest` pixels."""
        found = [self._windows(table, scale) for scale in levels(table.height, table.width, smallest)]
        boxes = np.concatenate([np.zeros((0, 4), np.float32), *found])
        return self._finish(table, self._refine(table, boxes))

    def _windows(self, table: Table, scale: float) -> Boxes:
        """One pyramid level, after suppression, moved and squared: (N, 4).

        None is needed between levels: their windows share about FACTOR² of their union, at most 0.58 after rounding,
        and facenet-pytorch suppresses above 0.7.
        """
        size = int(table.height * scale + 1), int(table.width * scale + 1)
        places, logits, offsets = self._proposed(table, *size)
        corner = places.astype(np.float32) * 2
        boxes = np.floor(np.concatenate([corner + 1, corner + WINDOW], 1) / np.float32(scale))
        keep = suppress(boxes, logits, 0.5)
        return squared(moved(boxes[keep], offsets[keep]))

    def _refine(self, table: Table, boxes: Boxes) -> Boxes:
        boxes, pixels = _inside(table, boxes)
        logits, offsets = self._refined(table, pixels)
        keep = np.flatnonzero(logits > logit(THRESHOLDS[1]))
        keep = keep[suppress(boxes[keep], logits[keep], 0.7)]
        return squared(moved(boxes[keep], offsets[keep], grow=1))

    def _finish(self, table: Table, boxes: Boxes) -> Detections:
        boxes, pixels = _inside(table, boxes)
        logits, offsets, marks = self._judged(table, pixels)
        # Boxes of equal pixels tie: facenet takes the last.
        keep = np.flatnonzero(logits > logit(THRESHOLDS[2]))[::-1]
        boxes, logits = boxes[keep], logits[keep]
        sides = boxes[:, None, 2:] - boxes[:, None, :2] + 1
        points = marks[keep].reshape(-1, 2, 5).transpose(0, 2, 1) * sides + boxes[:, None, :2] - 1
        boxes = moved(boxes, offsets[keep], grow=1)
        keep = suppress(boxes, logits, OVERLAP, of_smaller=True)
        return Detections(boxes[keep], probabilities(logits[keep]), points[keep])


def _inside(table: Sized, boxes: Boxes) -> tuple[Boxes, Integers]:
    """The boxes that lie in the picture at all, and the pixels (N, 4) that each has there."""
    whole = np.trunc(boxes).astype(np.int64)
    first = np.maximum(whole[:, :2], 1) - 1
    last = np.minimum(whole[:, 2:], [table.width, table.height])
    inside = (last > first).all(1)
    return boxes[inside], np.concatenate([first, last], 1)[inside]


def logit(probability: float) -> float:
    """log(p / (1 - p)): the networks' outputs are compared with it."""
    return math.log(probability / (1 - probability))


def probabilities(logits: Floats) -> Floats:
    """The inverse."""
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)
