"""Area averages of a picture at any size, from one table of sums (Crow 1984, summed-area tables).

Adaptive area pooling takes, for output cell i of m over n pixels, the mean of pixels floor(i n / m) to ceil((i + 1) n / m).
Read from the table each cell costs four reads whatever its size, for whole pictures and for crops alike.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usage
from torch import Tensor


class AreaTable:
    """Sums over all rectangles [0, y) × [0, x) of B pictures of one shape; int32, exact below 8.4 million pixels."""

    def __init__(self, pictures: Tensor) -> None:
        self.batch, self.height, self.width, _ = pictures.shape
        self.device = pictures.device
        sums = pictures.int().cumsum(1, dtype=torch.int32).cumsum(2, dtype=torch.int32)
        self._sums = F.pad(sums, (0, 0, 1, 0, 1, 0))

    def level(self, height: int, width: int) -> Tensor:
        """All pictures at (B, 3, height, width) float32, scaled to [-1, 1] as the networks expect."""
        top, bottom = _cells(*torch.tensor([[0], [self.height]], device=self.device), height)
        left, right = _cells(*torch.tensor([[0], [self.width]], device=self.device), width)
        rows = self._sums.index_select(1, bottom[0]) - self._sums.index_select(1, top[0])
        cells = rows.index_select(2, right[0]) - rows.index_select(2, left[0])
        return _normalised(cells, (bottom - top)[..., None] * (right - left)[:, None])

    def crops(self, boxes: Tensor, owner: Tensor, size: int) -> Tensor:
        """Crops (N, 3, size, size) float32 of the pixel boxes (N, 4: x0 y0 x1 y1, int64) of pictures `owner` (N,)."""
        left, right = _cells(boxes[:, 0], boxes[:, 2], size)
        top, bottom = _cells(boxes[:, 1], boxes[:, 3], size)
        stride = self.width + 1
        flat = self._sums.view(-1, 3)
        base = (owner * (self.height + 1) * stride)[:, None, None]

        def at(rows: Tensor, columns: Tensor) -> Tensor:
            places = base + rows[:, :, None] * stride + columns[:, None, :]
            return flat.index_select(0, places.flatten()).view(len(boxes), size, size, 3)

        cells = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
        return _normalised(cells, (bottom - top)[:, :, None] * (right - left)[:, None, :])


def _cells(start: Tensor, stop: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """First and last-plus-one pixel of `count` cells over [start, stop), each (N, count)."""
    index = torch.arange(count, device=start.device)
    length = (stop - start)[:, None]
    first = start[:, None] + index * length // count
    last = start[:, None] - (-(index + 1) * length // count)
    return first, last


def _normalised(cells: Tensor, pixels: Tensor) -> Tensor:
    """Sums (N, h, w, 3) over counts (N or 1, h, w) -> (N, 3, h, w) channels last, (mean - 127.5) / 128."""
    scale = (0.0078125 / pixels)[..., None]
    return (cells * scale - 127.5 * 0.0078125).permute(0, 3, 1, 2)
