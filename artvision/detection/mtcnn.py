"""MTCNN (Zhang et al. 2016): proposals over a pyramid, then two looks at each. facenet-pytorch's boxes, less work.

What is saved: pixels for every level and crop come from one table of sums instead of a resampling each, crops are
gathered at once, and boxes stay in numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artvision.detection import SMALLEST, THRESHOLDS
from artvision.detection.boxes import Boxes, moved, squared, suppress
from artvision.detection.found import OVERLAP, WINDOW, Detections, levels
from artvision.detection.networks import Output, Proposal, Refinement, logit
from artvision.detection.pooling import AreaTable
from artvision.detection.stacking import grouped, pack, packed_size, unpack
from artvision.detection.together import Together
from artvision.lanes import Lanes, free_bytes

SHARE = 4  # of the free memory that a stack may take: several lanes are at work, and a stage beside this one
BYTES_A_PIXEL = 100  # of a canvas
CHUNK = 64  # crops a forward pass: their features stay in the cache, and a busy picture takes no more memory


class Detector:
    """The three networks on one device. Calls share no numbers, so threads may share a detector."""

    def __init__(self, device: str = "cpu", *, together: bool = False, source: Path | None = None) -> None:
        self.device = device
        self.together = together
        self.proposal = Proposal("pnet", device, source)
        self.refinement = Refinement("rnet", device, source)
        self.output = Output("onet", device, source)
        self._lanes = Lanes(torch.device(device))
        self._stacks = Together(self.proposal, self.refinement, self.output)
        self.alone = 0  # pictures that `together` found no room for, see `together.py`

    def detect(self, pictures: Sequence[NDArray[np.uint8]], *, smallest: int = SMALLEST) -> list[Detections]:
        """Faces of each (H, W, 3) uint8 picture, in order, from about `smallest` pixels.

        Each picture passes alone, so that its floats never depend on its neighbours; `together`, they share their
        passes, which an accelerator needs to be busy, and the host waits for it once.
        """
        found = self._together(pictures, smallest) if self.together and pictures else {}
        alone = [index for index in range(len(pictures)) if index not in found]
        if self.together:
            self.alone += len(alone)
        return [
            found[index] if index in found else self._alone(pictures[index], smallest) for index in range(len(pictures))
        ]

    @torch.inference_mode()
    def _alone(self, picture: NDArray[np.uint8], smallest: int) -> Detections:
        stack = torch.from_numpy(np.stack([picture])).to(self.device)
        return self._cascade(AreaTable(stack), smallest)[0]

    def _together(self, pictures: Sequence[NDArray[np.uint8]], smallest: int) -> dict[int, Detections]:
        """Detections of the pictures that could be looked at together: one upload, one download."""
        most = free_bytes(torch.device(self.device)) // SHARE // BYTES_A_PIXEL
        groups = grouped([picture.shape for picture in pictures], most)
        with self._lanes.borrowed() as lane:
            size = packed_size(groups)
            pack(pictures, groups, lane.buffer(size))
            stacks = zip(unpack(lane.upload(size), groups), groups, strict=True)
            answers = [self._stacks(stack, levels(group.height, group.width, smallest)) for stack, group in stacks]
            rows = lane.download(torch.cat(answers))
        order = [index for group in groups for index in group.indices]
        return {index: _read(row[1:]) for index, row in zip(order, rows, strict=True) if not row[0, 0]}

    def _cascade(self, table: AreaTable, smallest: int) -> list[Detections]:
        owner, boxes = self._propose(table, smallest)
        owner, boxes = self._refine(table, owner, boxes)
        return self._finish(table, owner, boxes)

    def _propose(self, table: AreaTable, smallest: int) -> tuple[NDArray[np.int64], Boxes]:
        """Windows that P-Net takes for faces, moved and squared: the picture of each (N,), boxes (N, 4)."""
        parts = [self._windows(table, scale) for scale in levels(table.height, table.width, smallest)]
        if not parts:
            return np.zeros(0, np.int64), np.zeros((0, 4), np.float32)
        owner, boxes = (np.concatenate(part) for part in zip(*parts, strict=True))
        return owner, boxes

    def _windows(self, table: AreaTable, scale: float) -> tuple[NDArray[np.int64], Boxes]:
        """One pyramid level, after suppression.

        None is needed between levels: their windows share about FACTOR² of their union, at most 0.58 after rounding,
        and facenet-pytorch suppresses above 0.7.
        """
        logits, features = self.proposal(table.level(int(table.height * scale + 1), int(table.width * scale + 1)))
        places = (logits >= logit(THRESHOLDS[0])).nonzero()
        owner, y, x = places.unbind(1)
        offsets, scores = _numpy(self.proposal.offsets(features[owner, y, x])), _numpy(logits[owner, y, x])
        corner = places[:, [2, 1]].cpu().numpy().astype(np.float32) * 2
        boxes = np.floor(np.concatenate([corner + 1, corner + WINDOW], 1) / np.float32(scale))
        owners = owner.cpu().numpy()
        keep = _suppress_each(owners, boxes, scores, 0.5)
        return owners[keep], squared(moved(boxes[keep], offsets[keep]))

    def _refine(self, table: AreaTable, owner: NDArray[np.int64], boxes: Boxes) -> tuple[NDArray[np.int64], Boxes]:
        owner, boxes, (logits, offsets) = _look(self.refinement, table, owner, boxes, 24)
        keep = np.flatnonzero(logits > logit(THRESHOLDS[1]))
        keep = keep[_suppress_each(owner[keep], boxes[keep], logits[keep], 0.7)]
        return owner[keep], squared(moved(boxes[keep], offsets[keep], grow=1))

    def _finish(self, table: AreaTable, owner: NDArray[np.int64], boxes: Boxes) -> list[Detections]:
        owner, boxes, (logits, offsets, marks) = _look(self.output, table, owner, boxes, 48)
        keep = np.flatnonzero(logits > logit(THRESHOLDS[2]))[::-1]  # boxes of equal pixels tie: facenet takes the last
        owner, boxes, logits = owner[keep], boxes[keep], logits[keep]
        sides = boxes[:, None, 2:] - boxes[:, None, :2] + 1
        points = marks[keep].reshape(-1, 2, 5).transpose(0, 2, 1) * sides + boxes[:, None, :2] - 1
        boxes = moved(boxes, offsets[keep], grow=1)
        keep = _suppress_each(owner, boxes, logits, OVERLAP, of_smaller=True)
        owner, boxes, points, scores = owner[keep], boxes[keep], points[keep], _probability(logits[keep])
        return [
            Detections(boxes[owner == index], scores[owner == index], points[owner == index])
            for index in range(table.batch)
        ]


def _read(seats: NDArray[np.float32]) -> Detections:
    """Seats of one picture as `Together` gives them."""
    faces = seats[seats[:, -1] > 0]
    return Detections(faces[:, :4], _probability(faces[:, 4]), faces[:, 5:-1].reshape(-1, 5, 2))


def _look(
    network: Refinement | Output,
    table: AreaTable,
    owner: NDArray[np.int64],
    boxes: Boxes,
    size: int,
) -> tuple[NDArray[np.int64], Boxes, tuple[NDArray[np.float32], ...]]:
    """What a network says of each box that lies in its picture at all: the owners and boxes kept, its outputs."""
    whole = np.trunc(boxes).astype(np.int64)
    first = np.maximum(whole[:, :2], 1) - 1
    last = np.minimum(whole[:, 2:], [table.width, table.height])
    inside = (last > first).all(1)
    device = table.device
    pixels = torch.from_numpy(np.concatenate([first, last], 1)[inside]).to(device)
    owners = torch.from_numpy(owner[inside]).to(device)
    parts = [
        network(table.crops(box, index, size))
        for box, index in zip(torch.split(pixels, CHUNK), torch.split(owners, CHUNK), strict=True)
    ]
    return owner[inside], boxes[inside], tuple(_numpy(torch.cat(part)) for part in zip(*parts, strict=True))


def _suppress_each(
    owner: NDArray[np.int64], boxes: Boxes, scores: NDArray[np.float32], limit: float, *, of_smaller: bool = False
) -> NDArray[np.int64]:
    """Suppression within each picture: indices kept, picture by picture, best first."""
    kept = [
        mine[suppress(boxes[mine], scores[mine], limit, of_smaller=of_smaller)]
        for mine in (np.flatnonzero(owner == index) for index in np.unique(owner))
    ]
    return np.concatenate([np.zeros(0, np.int64), *kept])


def _probability(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    scores: NDArray[np.float32] = 1 / (1 + np.exp(-logits))
    return scores


def _numpy(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.cpu().numpy()
    return array
