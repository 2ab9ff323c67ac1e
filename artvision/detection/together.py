"""MTCNN over stacks of pictures, wholly on a device: from one upload to one download the host waits for nothing.

Every list has a length that is decided beforehand, so nothing has to be counted. Pictures for which it was too short,
or suppression needed more rounds, are told by a flag and looked at alone by `mtcnn.Detector`, which has no such bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artvision.detection import THRESHOLDS
from artvision.detection.found import OVERLAP, WINDOW
from artvision.detection.networks import Output, Proposal, Refinement
from artvision.detection.rooms import best_first, greedy, listed, seats, taken
from artvision.detection.stacking import Stack, beyond
from artvision.detection.tensors import crowded, moved, squared
from artvision.detection.thinning import thinned, window_edges
from artvision.detection.walk import logit

# Posters and stills at 960 px: 286 windows a picture reach R-Net on average and 1,269 at most, 128 pass it at most,
# and after suppression 13 reach O-Net on average, 73 at most. A stack shares the room of its pictures.
WINDOWS = (512, 1024)  # places for windows a picture, and beside them a stack
SEATS = 256  # a picture: what R-Net passes
# Places for what O-Net looks at, a picture, and beside them a stack.
FACES = (32, 128)
# In a pass of R-Net and O-Net: some 0.5 GB of features each.
CROPS = {24: 8192, 48: 1024}
# Of a stack's canvases, at the worst moment; on a CPU it took 85 of them, and 0.4 GB beside.
BYTES_A_PIXEL = 128
# Of a seat in the answer: box, logit, five points as five x and five y, whether it is a face.
VALUES = 16

Look = Callable[[Tensor], tuple[Tensor, ...]]


@dataclass(frozen=True)
class Found:
    """Boxes of a stack in one list: the picture of each (N,) int64, (N, 4) float32, and which are meant (N,) bool."""

    owner: Tensor
    boxes: Tensor
    filled: Tensor


class Together:
    """The three networks over a stack. Shares their parameters; holds the windows' edges of levels seen."""

    def __init__(self, proposal: Proposal, refinement: Refinement, output: Output) -> None:
        self.proposal = proposal
        self.refinement = refinement
        self.output = output
        self._edges: dict[float, Tensor] = {}

    def __call__(self, stack: Stack, scales: Sequence[float]) -> Tensor:
        """(B, 1 + SEATS, VALUES) float32: first a row whose first value is 1 where the picture must be looked at alone,
        then the seats, best first. `scales` are those of the levels, finest first.
        """
        if not scales:
            return torch.zeros((stack.table.batch, 1 + SEATS, VALUES), device=stack.table.device)
        windows, left_over = self._propose(stack, scales)
        boxes, kept, more = self._refine(stack, windows)
        answer, most = self._finish(stack, boxes, kept)
        head = torch.zeros_like(answer[:, :1])
        head[:, 0, 0] = (left_over | more | most).float()
        return torch.cat([head, answer], 1)

    def _propose(self, stack: Stack, scales: Sequence[float]) -> tuple[Found, Tensor]:
        """Windows that P-Net takes for faces, level by level in each picture, moved and squared."""
        parts = [self._level(stack, scale) for scale in scales]
        kept, unsettled = torch.cat([part[0] for part in parts], 1), torch.stack([part[1] for part in parts]).any(0)
        offsets, windows = torch.cat([part[2] for part in parts], 1), torch.cat([part[3] for part in parts])
        batch, length = kept.shape
        places, filled = listed(kept.flatten(), _room(WINDOWS, batch))
        boxes = squared(moved(windows[places % length], offsets.flatten(0, 1)[places]))
        spilled = kept.sum(1).cumsum(0) > len(places)
        return Found(places // length, boxes, filled), unsettled | spilled

    def _level(self, stack: Stack, scale: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of one level: kept (B, n), unsettled (B,), offsets (B, n, 4) and windows (n, 4)."""
        pixels, sizes = stack.level(scale)
        logits, features = self.proposal(pixels, sizes)
        height, width = logits.shape[1:]
        small = stack.extents.amin(1).double() * scale < WINDOW
        outside = beyond(self.proposal.windows(sizes), height, width) | small[:, None, None]
        edges = self._edges_of(scale)
        kept, settled = thinned(logits, (logits >= logit(THRESHOLDS[0])) & ~outside, edges, 0.5)
        offsets = self.proposal.offsets(features).flatten(1, 2)
        return kept.flatten(1), ~settled, offsets, _crossed(edges, height, width)

    def _refine(self, stack: Stack, windows: Found) -> tuple[Tensor, Tensor, Tensor]:
        """What passes R-Net, best first: boxes (B, SEATS, 4), which are kept, and pictures to be looked at alone."""
        inside, (logits, offsets) = _look(self.refinement, stack, windows, 24)
        passing = inside & (logits > logit(THRESHOLDS[1]))
        own = passing & (windows.owner == torch.arange(stack.table.batch, device=passing.device)[:, None])
        places, filled = seats(own, SEATS)
        order = best_first(logits[places], filled)
        places, filled = taken(places, order), taken(filled, order)
        boxes = windows.boxes[places]
        kept, settled = greedy(crowded(boxes, 0.7), filled)
        return squared(moved(boxes, offsets[places], grow=1)), kept, ~settled | (own.sum(1) > SEATS)

    def _finish(self, stack: Stack, boxes: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
        """Seats (B, SEATS, VALUES) after O-Net, best first, and the pictures to be looked at alone."""
        batch = stack.table.batch
        places, filled = listed(kept.flatten(), _room(FACES, batch))
        looked = Found(places // SEATS, boxes.flatten(0, 1)[places], filled)
        inside, (logits, offsets, marks) = _look(self.output, stack, looked, 48)
        passing = (inside & (logits > logit(THRESHOLDS[2]))).float()
        rows = torch.cat([_faces(looked.boxes, offsets, marks, logits), passing[:, None]], 1)
        answer = rows.new_zeros((batch * SEATS + 1, VALUES))
        # One row more takes what is not meant.
        answer[torch.where(filled, places, batch * SEATS)] = rows
        # Boxes of equal pixels tie: facenet takes the last.
        answer = answer[:-1].view(batch, SEATS, VALUES).flip(1)
        faces = answer[..., -1] > 0
        order = best_first(answer[..., 4], faces)
        answer, faces = taken(answer, order), taken(faces, order)
        chosen, settled = greedy(crowded(answer[..., :4], OVERLAP, of_smaller=True), faces)
        answer = torch.cat([answer[..., :-1], chosen[..., None].float()], 2)
        return answer, ~settled | (kept.sum(1).cumsum(0) > len(places))

    def _edges_of(self, scale: float) -> Tensor:
        # The one upload beside the pixels, which waits: once a scale, of a dozen or two.
        if scale not in self._edges:
            self._edges[scale] = torch.from_numpy(window_edges(scale)).to(self.proposal.device)
        return self._edges[scale]


def _room(room: tuple[int, int], batch: int) -> int:
    return room[0] * batch + room[1]


def _crossed(edges: Tensor, height: int, width: int) -> Tensor:
    """The windows of a level, row by row: (height × width, 4)."""
    columns = edges[:, None, :width].expand(-1, height, -1)
    rows = edges[:, :height, None].expand(-1, -1, width)
    return torch.stack([columns[0], rows[0], columns[1], rows[1]], -1).flatten(0, 1)


def _look(network: Look, stack: Stack, found: Found, size: int) -> tuple[Tensor, tuple[Tensor, ...]]:
    """(which boxes lie in their picture at all, what the network says of each); of others it sees one pixel."""
    whole = found.boxes.trunc().long()
    first = whole[:, :2].clamp_min(1) - 1
    last = torch.minimum(whole[:, 2:], stack.extents[found.owner].flip(1))
    inside = found.filled & (last > first).all(1)
    first = torch.where(inside[:, None], first, 0)
    last = torch.where(inside[:, None], last, 1)
    pixels = torch.cat([first, last], 1)
    parts = [
        network(stack.table.crops(box, index, size))
        for box, index in zip(torch.split(pixels, CROPS[size]), torch.split(found.owner, CROPS[size]), strict=True)
    ]
    return inside, tuple(torch.cat(part) for part in zip(*parts, strict=True))


def _faces(boxes: Tensor, offsets: Tensor, marks: Tensor, logits: Tensor) -> Tensor:
    """(N, 15): where O-Net puts each face, its logit, and five points as x and y."""
    sides = boxes[:, None, 2:] - boxes[:, None, :2] + 1
    points = marks.view(-1, 2, 5).transpose(1, 2) * sides + boxes[:, None, :2] - 1
    return torch.cat([moved(boxes, offsets, grow=1), logits[:, None], points.flatten(1)], 1)
