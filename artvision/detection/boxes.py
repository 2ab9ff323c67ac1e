"""Box maths on arrays of x0, y0, x1, y1; every function returns new arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]  # (N, 4): x0, y0, x1, y1
_FAR = np.array([0, 0, 1, 1], np.float32)[:, None, None]


# Boxes compared with all others at once: whole matrices for usual pictures, bounded memory for busy ones.
BLOCK = 256


def crowded(boxes: Boxes, others: Boxes, limit: float, *, of_smaller: bool = False) -> NDArray[np.bool_]:
    """Whether the shared area of each of `boxes` (N, 4) and `others` (M, 4) exceeds `limit` of the whole; (N, M).

    The whole is the union of the two, or the smaller one, whose sides then count their last pixel.
    """
    grow = np.float32(of_smaller)
    x0, y0, x1, y1 = boxes.T[:, :, None] + grow * _FAR
    u0, v0, u1, v1 = others.T[:, None, :] + grow * _FAR
    shared = (np.minimum(x1, u1) - np.maximum(x0, u0)).clip(0) * (np.minimum(y1, v1) - np.maximum(y0, v0)).clip(0)
    area, areas = (x1 - x0) * (y1 - y0), (u1 - u0) * (v1 - v0)
    whole = np.minimum(area, areas) if of_smaller else area + areas - shared
    exceeds: NDArray[np.bool_] = shared > np.float32(limit) * whole
    return exceeds


def suppress(boxes: Boxes, scores: NDArray[np.float32], limit: float, *, of_smaller: bool = False) -> NDArray[np.int64]:
    """Greedy non-maximum suppression: indices to keep, best first; ties go to the earlier box.

    A box goes when its overlap with a kept one exceeds `limit`; `of_smaller` as in `crowded`.
    """
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        block = left[:BLOCK]
        close = crowded(boxes[block], boxes[left], limit, of_smaller=of_smaller)
        gone = np.zeros(left.size, bool)
        for row, index in enumerate(block):
            if not gone[row]:
                kept.append(index)
                gone |= close[row]
        gone[: block.size] = True
        left = left[~gone]
    return np.array(kept, np.int64)


def squared(boxes: Boxes) -> Boxes:
    """Boxes grown to squares of their longer side about their centres."""
    sides = boxes[:, 2:] - boxes[:, :2]
    side = sides.max(1, keepdims=True)
    corner = boxes[:, :2] + sides * np.float32(0.5) - side * np.float32(0.5)
    return np.concatenate([corner, corner + side], 1)


def moved(boxes: Boxes, offsets: NDArray[np.float32], *, grow: float = 0.0) -> Boxes:
    """Boxes with each edge moved by `offsets` (N, 4), in units of the box's width and height (plus `grow`)."""
    sides = boxes[:, 2:] - boxes[:, :2] + np.float32(grow)
    result: Boxes = boxes + offsets * np.concatenate([sides, sides], 1)
    return result
