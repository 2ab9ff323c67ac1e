"""The proposal, refinement and output networks of MTCNN (Zhang et al. 2016, arXiv 1604.02878), for inference only.

Each takes (N, 3, H, W) float32 in about [-1, 1] and is a plain function of its parameters, so several threads share one.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usage
from torch import Tensor

from artvision.detection import weights


class Network:
    """Parameters of one network on one device, and the layers they feed."""

    def __init__(self, name: str, device: str, source: Path | None = None) -> None:
        state = weights.load(name, source)
        self._state = {key: _laid_out(value).to(device) for key, value in state.items()}

    def conv(self, x: Tensor, name: str) -> Tensor:
        """Valid convolution, stride 1: (N, C, H, W) -> (N, C', H - k + 1, W - k + 1)."""
        return F.conv2d(x, self._state[f"{name}.weight"], self._state[f"{name}.bias"])

    def dense(self, x: Tensor, name: str) -> Tensor:
        """Fully connected layer: (N, C) -> (N, C')."""
        return F.linear(x, self._state[f"{name}.weight"], self._state[f"{name}.bias"])

    def prelu(self, x: Tensor, name: str) -> Tensor:
        """Leaky rectifier with one learnt slope a channel."""
        return F.prelu(x, self._state[f"{name}.weight"])


class Proposal(Network):
    """P-Net: fully convolutional, a 12 px window every 2 px."""

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W) -> face logit (B, h, w) and box offsets (B, 4, h, w) in windows, h about (H - 10) / 2."""
        x = self.prelu(self.conv(x, "conv1"), "prelu1")
        x = F.max_pool2d(x, 2, 2, ceil_mode=True)
        x = self.prelu(self.conv(x, "conv2"), "prelu2")
        x = self.prelu(self.conv(x, "conv3"), "prelu3")
        return _margin(self.conv(x, "conv4_1")), self.conv(x, "conv4_2")


class Refinement(Network):
    """R-Net: looks again at each proposal at 24 × 24."""

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, 24, 24) -> face logit (N,) and box offsets (N, 4) in box sizes."""
        x = F.max_pool2d(self.prelu(self.conv(x, "conv1"), "prelu1"), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.prelu(self.conv(x, "conv2"), "prelu2"), 3, 2, ceil_mode=True)
        x = self.prelu(self.conv(x, "conv3"), "prelu3")
        x = self.prelu(self.dense(_columns(x), "dense4"), "prelu4")
        return _margin(self.dense(x, "dense5_1")), self.dense(x, "dense5_2")


class Output(Network):
    """O-Net: the last look, at 48 × 48, which also places the landmarks."""

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 3, 48, 48) -> face logit (N,), box offsets (N, 4) and landmarks (N, 10: five x, five y) in box sizes."""
        x = F.max_pool2d(self.prelu(self.conv(x, "conv1"), "prelu1"), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.prelu(self.conv(x, "conv2"), "prelu2"), 3, 2, ceil_mode=True)
        x = F.max_pool2d(self.prelu(self.conv(x, "conv3"), "prelu3"), 2, 2, ceil_mode=True)
        x = self.prelu(self.conv(x, "conv4"), "prelu4")
        x = self.prelu(self.dense(_columns(x), "dense5"), "prelu5")
        return _margin(self.dense(x, "dense6_1")), self.dense(x, "dense6_2"), self.dense(x, "dense6_3")


def _laid_out(value: Tensor) -> Tensor:
    return value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value


def _margin(logits: Tensor) -> Tensor:
    """Logit of `face`: the sigmoid of this is the softmax of the pair (dimension 1)."""
    return logits[:, 1] - logits[:, 0]


def _columns(x: Tensor) -> Tensor:
    """Flatten (N, C, H, W) column by column, the order the weights were trained in."""
    return x.permute(0, 3, 2, 1).flatten(1)
