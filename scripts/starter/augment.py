"""Augmentation on batches of squares kept in memory."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from starter.network import MEAN, STD

JITTER = 0.3  # largest relative change of brightness, contrast and saturation


def jittered(boxes: Tensor, least_area: float, chance: torch.Generator) -> Tensor:
    """A random box inside each of boxes (B, 4), with at least `least_area` of its area."""
    count = len(boxes)
    area = least_area + (1 - least_area) * torch.rand(count, 2, generator=chance)
    size = (boxes[:, 2:] - boxes[:, :2]) * area.sqrt()
    slack = boxes[:, 2:] - boxes[:, :2] - size
    corner = boxes[:, :2] + slack * torch.rand(count, 2, generator=chance)
    return torch.cat([corner, corner + size], dim=1)


def crop(pixels: Tensor, boxes: Tensor, mirrored: Tensor, side: int) -> Tensor:
    """Cut boxes (B, 4) out of pixels (B, H, W, 3) uint8 → (B, 3, side, side) float32 in [0, 1], bilinear."""
    pictures = pixels.permute(0, 3, 1, 2).contiguous().float().div_(255)
    theta = torch.zeros(len(pixels), 2, 3)
    theta[:, 0, 0] = (boxes[:, 2] - boxes[:, 0]) * torch.where(mirrored, -1.0, 1.0)
    theta[:, 0, 2] = boxes[:, 0] + boxes[:, 2] - 1
    theta[:, 1, 1] = boxes[:, 3] - boxes[:, 1]
    theta[:, 1, 2] = boxes[:, 1] + boxes[:, 3] - 1
    grid = nn.functional.affine_grid(theta, [len(pixels), 3, side, side], align_corners=False)
    return nn.functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def recolour(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Random brightness, contrast and saturation of pictures (B, 3, S, S) in [0, 1]."""
    factor = 1 + JITTER * (2 * torch.rand(3, len(pictures), 1, 1, 1, generator=chance) - 1)
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    pictures = ((pictures - mean) * factor[0] + mean) * factor[1]
    grey = pictures.mean(dim=1, keepdim=True)
    return (grey + (pictures - grey) * factor[2]).clamp_(0, 1)


def standardised(pictures: Tensor) -> Tensor:
    """Scale pictures (B, 3, S, S) in [0, 1] as the tower expects them, channels last."""
    mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    return ((pictures - mean) / std).contiguous(memory_format=torch.channels_last)


def whole(pixels: Tensor, side: int) -> Tensor:
    """The whole of pixels (B, H, W, 3) uint8, resized with antialiasing and standardised, as at inference."""
    pictures = pixels.permute(0, 3, 1, 2).float() / 255
    return standardised(nn.functional.interpolate(pictures, (side, side), mode="bicubic", antialias=True).clamp_(0, 1))
