"""MTCNN (Zhang et al. 2016) in torch: proposals over a pyramid, then two looks at each. The same boxes, less work.

What is saved: pixels for every level and crop come from one table of sums instead of a resampling each, and crops are
gathered at once. `Detector.detect` looks at pictures one by one with the boxes in numpy, or at many together on the
device (`together.py`), which finds the same faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artvision.detection import SMALLEST, THRESHOLDS
from artvision.detection.found import Detections, levels
from artvision.detection.networks import Output, Proposal, Refinement
from artvision.detection.pooling import AreaTable
from artvision.detection.stacking import grouped, pack, packed_size, unpack
from artvision.detection.together import BYTES_A_PIXEL, Together
from artvision.detection.walk import Floats, Integers, Walk, logit, probabilities
from artvision.lanes import Lanes, free_bytes

# Of the free memory a stack takes at most one in so many: several lanes are at work, and CLIP beside them.
SHARE = 4
# Crops a forward pass: their features stay in the cache, and a busy picture takes no more memory.
CHUNK = 64


class Detector(Walk[AreaTable]):
    """The three networks on one device. Threads may share a detector."""

    def __init__(self, device: str = "cpu", *, together: bool = False, source: Path | None = None) -> None:
        """`source` is a folder with facenet-pytorch's weights, if not the wheel's. Raises WeightsError."""
        self.device = torch.device(device)
        self.proposal = Proposal("pnet", device, source)
        self.refinement = Refinement("rnet", device, source)
        self.output = Output("onet", device, source)
        self.together = Together(self.proposal, self.refinement, self.output) if together else None
        # Pictures that there was no room for in a stack, of all seen so far.
        self.alone = 0
        self._lanes = Lanes(self.device)

    def detect(self, pictures: Sequence[NDArray[np.uint8]], *, smallest: int = SMALLEST) -> list[Detections]:
        """Faces of each (H, W, 3) uint8 picture, in order, from about `smallest` pixels.

        Each picture passes alone, so that its floats never depend on its neighbours; `together`, they share their
        passes, which an accelerator needs to be busy, and the host waits for it once.
        """
        found = self._together(self.together, pictures, smallest) if self.together and pictures else {}
        left = [index for index in range(len(pictures)) if index not in found]
        if self.together:
            self.alone += len(left)
        found |= {index: self._alone(pictures[index], smallest) for index in left}
        return [found[index] for index in range(len(pictures))]

    def _together(
        self, network: Together, pictures: Sequence[NDArray[np.uint8]], smallest: int
    ) -> dict[int, Detections]:
        """Detections of the pictures that there was room for, by index: one upload, one download."""
        groups = grouped([picture.shape for picture in pictures], free_bytes(self.device) // SHARE // BYTES_A_PIXEL)
        size = packed_size(groups)
        with self._lanes.borrowed() as lane:
            pack(pictures, groups, lane.buffer(size))
            stacks = zip(unpack(lane.upload(size), groups), groups, strict=True)
            answers = [network(stack, levels(group.height, group.width, smallest)) for stack, group in stacks]
            rows = lane.download(torch.cat(answers))
        order = [index for group in groups for index in group.indices]
        return {index: _read(row[1:]) for index, row in zip(order, rows, strict=True) if not row[0, 0]}

    @torch.inference_mode()
    def _alone(self, picture: NDArray[np.uint8], smallest: int) -> Detections:
        return self._search(AreaTable(torch.from_numpy(np.stack([picture])).to(self.device)), smallest)

    def _proposed(self, table: AreaTable, height: int, width: int) -> tuple[Integers, Floats, Floats]:
        logits, features = self.proposal(table.level(height, width))
        y, x = (logits[0] >= logit(THRESHOLDS[0])).nonzero().unbind(1)
        places: Integers = torch.stack([x, y], 1).cpu().numpy()
        return places, _numpy(logits[0, y, x]), _numpy(self.proposal.offsets(features[0, y, x]))

    def _refined(self, table: AreaTable, pixels: Integers) -> tuple[Floats, Floats]:
        logits, offsets = _look(self.refinement, table, pixels, 24)
        return logits, offsets

    def _judged(self, table: AreaTable, pixels: Integers) -> tuple[Floats, Floats, Floats]:
        logits, offsets, marks = _look(self.output, table, pixels, 48)
        return logits, offsets, marks


def _read(seats: NDArray[np.float32]) -> Detections:
    """Seats of one picture as `Together` gives them."""
    faces = seats[seats[:, -1] > 0]
    return Detections(faces[:, :4], probabilities(faces[:, 4]), faces[:, 5:-1].reshape(-1, 5, 2))


def _look(network: Refinement | Output, table: AreaTable, pixels: Integers, size: int) -> tuple[Floats, ...]:
    """What a network says of each crop."""
    there = torch.from_numpy(pixels).to(table.device)
    parts = [network(table.crops(box, box.new_zeros(len(box)), size)) for box in torch.split(there, CHUNK)]
    return tuple(_numpy(torch.cat(part)) for part in zip(*parts, strict=True))


def _numpy(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.cpu().numpy()
    return array
