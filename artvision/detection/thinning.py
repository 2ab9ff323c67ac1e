"""Suppression among P-Net's windows on their grid: whom a window can cover stands within two steps of it.

Windows of one level have one size, and two that stand three steps of 2 px apart share less than a third of their union
of 12 px. So no lists are made: every place looks at its 24 neighbours, on the device, and the host need know nothing.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usage
from numpy.typing import NDArray
from torch import Tensor

from artvision.detection.found import WINDOW
from artvision.detection.rooms import ROUNDS

REACH = 2  # steps
SPAN = 2 * REACH + 1
STRIDE = 2  # pixels
# Of a side of the largest level: one to two pixels of any picture that is searched.
PLACES = 1024


def window_edges(scale: float) -> NDArray[np.float32]:
    """First and last edges (2, PLACES) float32, in pixels of the picture, of windows along one side of a level."""
    corner = np.arange(PLACES, dtype=np.float32) * STRIDE
    edges: NDArray[np.float32] = np.floor(np.stack([corner + 1, corner + WINDOW]) / np.float32(scale))
    return edges


def thinned(scores: Tensor, candidates: Tensor, edges: Tensor, limit: float) -> tuple[Tensor, Tensor]:
    """Greedy suppression above `limit` of the union within each level: kept (B, h, w), and settled (B,), both bool.

    `scores` and `candidates` (B, h, w); `edges` as `window_edges`. Ties go to the window that comes first, row by row.
    Rounds as in `rooms.greedy`.
    """
    rivals = around(scores.masked_fill(~candidates, -torch.inf), -torch.inf)
    own = scores[..., None, None]
    ahead = torch.arange(SPAN * SPAN, device=scores.device).view(SPAN, SPAN) < SPAN * SPAN // 2
    better = torch.where(ahead, rivals >= own, rivals > own)
    covers = better & _close(edges, scores.shape[1], scores.shape[2], limit)
    kept, before = candidates, candidates
    for _ in range(ROUNDS):
        kept, before = candidates & ~(covers & around(kept, False)).flatten(-2).any(-1), kept
    return kept, (kept == before).flatten(1).all(1)


def around(values: Tensor, outside: float | bool) -> Tensor:
    """The neighbourhood of every place of (B, h, w): (B, h, w, SPAN, SPAN), a view of one padded copy."""
    padded = F.pad(values, (REACH,) * 4, value=outside)
    return padded.unfold(1, SPAN, 1).unfold(2, SPAN, 1)


def _close(edges: Tensor, height: int, width: int, limit: float) -> Tensor:
    """Whether a window shares more than `limit` of the union with each neighbour, (h, w, SPAN, SPAN) bool."""
    tall, down = _along(edges[:, :height])
    wide, across = _along(edges[:, :width])
    shared = down[:, None, :, None] * across[None, :, None, :]
    area = tall[:, REACH][:, None] * wide[:, REACH][None, :]
    areas = tall[:, None, :, None] * wide[None, :, None, :]
    close = shared > limit * (area[..., None, None] + areas - shared)
    close[:, :, REACH, REACH] = False
    return close


def _along(edges: Tensor) -> tuple[Tensor, Tensor]:
    """On one side: lengths of each window's neighbours (n, SPAN) and what they share with it; 0 beyond the ends."""
    first, last = (F.pad(edge, (REACH, REACH)).unfold(0, SPAN, 1) for edge in edges)
    shared = torch.minimum(last, edges[1][:, None]) - torch.maximum(first, edges[0][:, None])
    return last - first, shared.clamp_min(0)
