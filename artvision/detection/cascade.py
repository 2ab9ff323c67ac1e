"""MTCNN on a CPU: numpy for pixels and boxes, onnxruntime for the three networks; torch is not imported.

facenet-pytorch's boxes for less work: pixels for every level and crop come from one table of sums instead of a
resampling each, and crops are gathered at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artvision.detection import SMALLEST, THRESHOLDS, WEIGHTS
from artvision.detection.found import Detections
from artvision.detection.sums import SumTable
from artvision.detection.walk import Floats, Integers, Walk, logit
from artvision.exported import Session, exported

# Raise when graphs.py writes other graphs: what the cache has is of no use then.
GRAPHS = 1
# Crops a pass: their features stay in the cache, and a busy picture takes no more memory.
CHUNK = 32

Network = Callable[[Floats], list[Floats]]


class Cascade(Walk[SumTable]):
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
        return [self._search(SumTable(picture), smallest) for picture in pictures]

    def _proposed(self, table: SumTable, height: int, width: int) -> tuple[Integers, Floats, Floats]:
        (maps,) = self.networks[0](table.level(height, width))
        y, x = np.nonzero(maps[0, 0] >= logit(THRESHOLDS[0]))
        seen = maps[0, :, y, x]  # (N, 5)
        return np.stack([x, y], 1), seen[:, 0], seen[:, 1:]

    def _refined(self, table: SumTable, pixels: Integers) -> tuple[Floats, Floats]:
        logits, offsets = _look(self.networks[1], table, pixels, 24, (1, 4))
        return logits[:, 0], offsets

    def _judged(self, table: SumTable, pixels: Integers) -> tuple[Floats, Floats, Floats]:
        logits, offsets, marks = _look(self.networks[2], table, pixels, 48, (1, 4, 10))
        return logits[:, 0], offsets, marks


def _look(network: Network, table: SumTable, pixels: Integers, size: int, widths: tuple[int, ...]) -> list[Floats]:
    """What a network says of each crop: its outputs of `widths`."""
    parts = [network(table.crops(pixels[start : start + CHUNK], size)) for start in range(0, len(pixels), CHUNK)] or [
        [np.zeros((0, width), np.float32) for width in widths]
    ]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _build(folder: Path, source: Path | None) -> None:
    """Write the three graphs. The weights' file format is torch's, so torch is imported this once."""
    from artvision.detection import graphs, weights

    makers: dict[str, Callable[[graphs.State], bytes]] = {
        "pnet": graphs.proposal, "rnet": graphs.refinement, "onet": graphs.output,
    }  # fmt: skip
    for name, make in makers.items():
        state = {key: value.numpy() for key, value in weights.load(name, source).items()}
        (folder / f"{name}.onnx").write_bytes(make(state))
