"""Box maths of `boxes.py` on tensors of any device: the same operations in the same order, hence the same floats."""

from __future__ import annotations

import torch
from torch import Tensor


def crowded(boxes: Tensor, limit: float, *, of_smaller: bool = False) -> Tensor:
    """Whether two of `boxes` (B, S, 4) share more than `limit` of the whole, (B, S, S); as `boxes.crowded`."""
    x0, y0, x1, y1 = boxes[:, :, None].unbind(-1)
    u0, v0, u1, v1 = boxes[:, None, :].unbind(-1)
    if of_smaller:  # sides count their last pixel
        x1, y1, u1, v1 = x1 + 1, y1 + 1, u1 + 1, v1 + 1
    across = (torch.minimum(x1, u1) - torch.maximum(x0, u0)).clamp_min(0)
    shared = across * (torch.minimum(y1, v1) - torch.maximum(y0, v0)).clamp_min(0)
    area, areas = (x1 - x0) * (y1 - y0), (u1 - u0) * (v1 - v0)
    whole = torch.minimum(area, areas) if of_smaller else area + areas - shared
    return shared > limit * whole


def squared(boxes: Tensor) -> Tensor:
    """Boxes (..., 4) grown to squares of their longer side about their centres."""
    sides = boxes[..., 2:] - boxes[..., :2]
    side = sides.amax(-1, keepdim=True)
    corner = boxes[..., :2] + sides * 0.5 - side * 0.5
    return torch.cat([corner, corner + side], -1)


def moved(boxes: Tensor, offsets: Tensor, *, grow: float = 0.0) -> Tensor:
    """Boxes (..., 4) with each edge moved by `offsets`, in units of the box's width and height (plus `grow`)."""
    sides = boxes[..., 2:] - boxes[..., :2] + grow
    return boxes + offsets * torch.cat([sides, sides], -1)
