"""MTCNN on a CPU: numpy for pixels and boxes, onnxruntime for the three networks; torch is not imported.

facenet-pytorch's boxes for less work: pixels for every level and crop come from one table of sums instead of a
resampling each, and crops are gathered at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artvision.detection import SMALLEST, THRESHOLDS, WEIGHTS
from artvision.detection.boxes import Boxes, moved, squared, suppress
from artvision.detection.found import OVERLAP, WINDOW, Detections, levels
from artvision.detection.sums import SumTable
from artvision.exported import Session, exported

GRAPHS = 1  # raise when graphs.py writes other graphs: what the cache has is of no use then
CHUNK = 32  # crops a pass: their features stay in the cache, and a busy picture takes no more memory

Floats = NDArray[np.float32]
Network = Callable[[Floats], list[Floats]]


class Cascade:
    """The three networks. Calls share no state, so threads may share a cascade, and no picture depends on another."""

    def __init__(self, source: Path | None = None) -> None:
        """`source` is a folder with facenet-pytorch's weights, if not the wheel's. Raises WeightsError."""
        key = {"networks": "mtcnn", "weights": WEIGHTS, "graphs": GRAPHS}
        files = exported(key, lambda folder: _build(folder, source))
        self.networks: tuple[Network, ...] = tuple(
            Session(files / f"{name}.onnx") for name in WEIGHTS
        )  # P-, R- and O-Net

    def detect(self, pictures: Sequence[NDArray[np.uint8]], *, smallest: int = SMALLEST) -> list[Detections]:
        """Faces of each (H, W, 3) uint8 picture, in order, from about `smallest` pixels."""
        return [self._detect(SumTable(picture), smallest) for picture in pictures]

    def _detect(self, table: SumTable, smallest: int) -> Detections:
        found = [self._windows(table, scale) for scale in levels(table.height, table.width, smallest)]
        boxes = np.concatenate([np.zeros((0, 4), np.float32), *found])
        return self._finish(table, self._refine(table, boxes))

    def _windows(self, table: SumTable, scale: float) -> Boxes:
        """What P-Net takes for faces on one pyramid level, after suppression, moved and squared: (N, 4).

        None is needed between levels: their windows share about FACTOR² of their union, at most 0.58 after rounding,
        and facenet-pytorch suppresses above 0.7.
        """
        (maps,) = self.networks[0](table.level(int(table.height * scale + 1), int(table.width * scale + 1)))
        y, x = np.nonzero(maps[0, 0] >= _logit(THRESHOLDS[0]))
        seen = maps[0, :, y, x]  # (N, 5)
        corner = np.stack([x, y], 1).astype(np.float32) * 2
        boxes = np.floor(np.concatenate([corner + 1, corner + WINDOW], 1) / np.float32(scale))
        keep = suppress(boxes, seen[:, 0], 0.5)
        return squared(moved(boxes[keep], seen[keep, 1:]))

    def _refine(self, table: SumTable, boxes: Boxes) -> Boxes:
        boxes, (logits, offsets) = _look(self.networks[1], table, boxes, 24, (1, 4))
        keep = np.flatnonzero(logits > _logit(THRESHOLDS[1]))
        keep = keep[suppress(boxes[keep], logits[keep, 0], 0.7)]
        return squared(moved(boxes[keep], offsets[keep], grow=1))

    def _finish(self, table: SumTable, boxes: Boxes) -> Detections:
        boxes, (logits, offsets, marks) = _look(self.networks[2], table, boxes, 48, (1, 4, 10))
        keep = np.flatnonzero(logits > _logit(THRESHOLDS[2]))[::-1]  # boxes of equal pixels tie: facenet takes the last
        boxes, logits = boxes[keep], logits[keep, 0]
        sides = boxes[:, None, 2:] - boxes[:, None, :2] + 1
        points = marks[keep].reshape(-1, 2, 5).transpose(0, 2, 1) * sides + boxes[:, None, :2] - 1
        boxes = moved(boxes, offsets[keep], grow=1)
        keep = suppress(boxes, logits, OVERLAP, of_smaller=True)
        return Detections(boxes[keep], 1 / (1 + np.exp(-logits[keep])), points[keep])


def _look(
    network: Network, table: SumTable, boxes: Boxes, size: int, widths: tuple[int, ...]
) -> tuple[Boxes, list[Floats]]:
    """What a network says of each box that lies in its picture at all: the boxes kept, its outputs of `widths`."""
    whole = np.trunc(boxes).astype(np.int64)
    first = np.maximum(whole[:, :2], 1) - 1
    last = np.minimum(whole[:, 2:], [table.width, table.height])
    inside = (last > first).all(1)
    pixels = np.concatenate([first, last], 1)[inside]
    parts = [network(table.crops(pixels[start : start + CHUNK], size)) for start in range(0, len(pixels), CHUNK)] or [
        [np.zeros((0, width), np.float32) for width in widths]
    ]
    return boxes[inside], [np.concatenate(part) for part in zip(*parts, strict=True)]


def _build(folder: Path, source: Path | None) -> None:
    """Write the three graphs. The weights' file format is torch's, so torch is imported this once."""
    from artvision.detection import graphs, weights

    makers: dict[str, Callable[[graphs.State], bytes]] = {
        "pnet": graphs.proposal, "rnet": graphs.refinement, "onet": graphs.output,
    }  # fmt: skip
    for name, make in makers.items():
        state = {key: value.numpy() for key, value in weights.load(name, source).items()}
        (folder / f"{name}.onnx").write_bytes(make(state))


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))
