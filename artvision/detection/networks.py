"""The proposal, refinement and output networks of MTCNN (Zhang et al. 2016, arXiv 1604.02878), for inference only.

Each takes (N, 3, H, W) float32 in about [-1, 1], channels last in memory, and is a plain function of its parameters, so
several threads share one. Pooling and rectifying are written for that layout: torch's own took most of the time.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usage
from torch import Tensor

from artvision.detection import weights
from artvision.detection.stacking import beyond

# Channels below which torch rectifies pixel by pixel; whole rows are four times as fast.
NARROW = 16


class Network:
    """Parameters of one network on one device, and the layers they feed."""

    def __init__(self, name: str, device: str, source: Path | None = None) -> None:
        state = weights.load(name, source)
        self.device = device
        self._state = {key: _laid_out(value).to(device) for key, value in state.items()}

    def conv(self, x: Tensor, index: int) -> Tensor:
        """Valid convolution, stride 1, and its rectifier: (N, C, H, W) -> (N, C', H - k + 1, W - k + 1)."""
        x = F.conv2d(x, self._state[f"conv{index}.weight"], self._state[f"conv{index}.bias"])
        slopes = self._state[f"prelu{index}.weight"]
        if slopes.numel() >= NARROW:
            return F.prelu(x, slopes)
        rows = x.permute(0, 2, 3, 1).reshape(-1, x.shape[3] * slopes.numel())
        return F.prelu(rows, slopes.repeat(x.shape[3])).view(*x.shape[:1], *x.shape[2:], -1).permute(0, 3, 1, 2)

    def dense(self, x: Tensor, index: int) -> Tensor:
        """Fully connected layer and its rectifier, (N, C, h, w) -> (N, C'); the weights expect column by column."""
        x = self.head(x.permute(0, 3, 2, 1).flatten(1), f"dense{index}")
        return F.prelu(x, self._state[f"prelu{index}.weight"])

    def head(self, x: Tensor, name: str) -> Tensor:
        """Linear output (..., C) -> (..., C')."""
        weight = self._state[f"{name}.weight"]
        return F.linear(x, weight.flatten(1), self._state[f"{name}.bias"])

    def logit(self, x: Tensor, name: str) -> Tensor:
        """Logit of `face`, (..., C) -> (...): its sigmoid is the softmax of the head's pair."""
        weight, bias = self._state[f"{name}.weight"].flatten(1), self._state[f"{name}.bias"]
        return F.linear(x, weight[1:] - weight[:1], bias[1:] - bias[:1])[..., 0]


class Proposal(Network):
    """P-Net: fully convolutional, a 12 px window every 2 px."""

    def __call__(self, x: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W) -> face logit (B, h, w) and the features (B, h, w, 32) behind it, h about (H - 10) / 2.

        Where `sizes` (B, 2) are given, picture i is the first of so many rows and columns, and what lies beyond has no
        part in its windows; the others of the (h, w) mean nothing.
        """
        x = self.conv(x, 1)
        x = pool(x, 2) if sizes is None else _pooled_within(x, sizes - 2)
        x = self.conv(self.conv(x, 2), 3).permute(0, 2, 3, 1)
        return self.logit(x, "conv4_1"), x

    @staticmethod
    def windows(sizes: Tensor) -> Tensor:
        """Rows and columns of windows that pictures of `sizes` (B, 2) have; 0 or less for those too small."""
        return (sizes - 1) // 2 - 4

    def offsets(self, features: Tensor) -> Tensor:
        """Features (..., 32) of windows -> the offsets (..., 4) of their edges, in window sizes."""
        return self.head(features, "conv4_2")


class Refinement(Network):
    """R-Net: looks again at each proposal at 24 × 24."""

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, 24, 24) -> face logit (N,) and box offsets (N, 4) in box sizes."""
        x = pool(self.conv(x, 1), 3)
        x = pool(self.conv(x, 2), 3)
        x = self.dense(self.conv(x, 3), 4)
        return self.logit(x, "dense5_1"), self.head(x, "dense5_2")


class Output(Network):
    """O-Net: the last look, at 48 × 48, which also places the landmarks."""

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 3, 48, 48) -> face logit (N,), box offsets (N, 4) and landmarks (N, 10: five x, five y) in box sizes."""
        x = pool(self.conv(x, 1), 3)
        x = pool(self.conv(x, 2), 3)
        x = pool(self.conv(x, 3), 2)
        x = self.dense(self.conv(x, 4), 5)
        return self.logit(x, "dense6_1"), self.head(x, "dense6_2"), self.head(x, "dense6_3")


def pool(x: Tensor, size: int) -> Tensor:
    """Largest of size × size windows every 2 px, the last one cut at the edge: (N, C, H, W) -> (N, C, h, w).

    `size` is 2 or 3 and h is ceil((H - size) / 2) + 1. Taken by rows, then by columns, as maxima of slices.
    """
    return _pooled(_pooled(x, 2, size), 3, size)


def _pooled_within(x: Tensor, sizes: Tensor) -> Tensor:
    """`pool` by 2 of the first `sizes` (B, 2) rows and columns of each alone; beyond them zero, as no infinity may
    enter a convolution: fast ones mix what lies side by side.
    """
    x = pool(x.masked_fill(beyond(sizes, *x.shape[2:])[:, None], -torch.inf), 2)
    return x.masked_fill(beyond((sizes + 1) // 2, *x.shape[2:])[:, None], 0.0)


def _pooled(x: Tensor, dim: int, size: int) -> Tensor:
    count = -(-(x.shape[dim] - size) // 2) + 1
    before = (slice(None),) * dim
    taken = [x[(*before, slice(start, start + 2 * count - 1, 2))] for start in range(size)]
    best = taken[0].clone()
    for part in taken[1:]:
        shared = best.narrow(dim, 0, part.shape[dim])
        torch.maximum(shared, part, out=shared)
    return best


def _laid_out(value: Tensor) -> Tensor:
    return value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value
