"""Area averages of a picture at any size, from one table of sums (Crow 1984, summed-area tables).

Adaptive area pooling takes, for cell i of m over n pixels, the mean of pixels floor(i n / m) to ceil((i + 1) n / m).
Read from the table a cell costs four reads whatever its size, for whole pictures and crops alike. The three channels
lie side by side in one 64-bit integer, so four reads serve all of them; the sums may wrap, a cell's differences do not.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usage
from torch import Tensor

BITS = 21  # of each channel's sum
LARGEST_CELL = (1 << BITS) // 255  # pixels whose sum still fits


class AreaTable:
    """Sums over all rectangles [0, y) × [0, x) of B pictures of one shape, from (B, H, W, 3) uint8.

    ValueError for pictures of which a level 12 pixels high, or a crop of 24, could need a cell that overflows its bits.
    """

    def __init__(self, pictures: Tensor) -> None:
        self.batch, self.height, self.width, _ = pictures.shape
        self.device = pictures.device
        widest = max(min(self.height, self.width) / 12, max(self.height, self.width) / 24) + 2
        if widest**2 > LARGEST_CELL:
            raise ValueError(f"faces are searched on at most about 1000 pixels, not {self.width} × {self.height}")
        red, green, blue = pictures.long().unbind(3)
        packed = red | green << BITS | blue << 2 * BITS
        self.sums = F.pad(packed.cumsum(1).cumsum(2), (1, 0, 1, 0))

    def level(self, height: int, width: int) -> Tensor:
        """All pictures at (B, 3, height, width) float32, scaled to [-1, 1] as the networks expect."""
        whole = torch.tensor([[0, 0, self.width, self.height]], device=self.device)
        (top,), (bottom,) = cells(whole[:, 1], whole[:, 3], height)
        (left,), (right,) = cells(whole[:, 0], whole[:, 2], width)
        rows = self.sums.index_select(1, bottom) - self.sums.index_select(1, top)
        sums = rows.index_select(2, right) - rows.index_select(2, left)
        return means(sums, ((bottom - top)[:, None] * (right - left))[None])

    def crops(self, boxes: Tensor, owner: Tensor, size: int) -> Tensor:
        """Crops (N, 3, size, size), scaled likewise, of boxes (N, 4: x0 y0 x1 y1) int64 in pictures `owner` (N,)."""
        left, right = cells(boxes[:, 0], boxes[:, 2], size)
        top, bottom = (
            (rows + (owner * (self.height + 1))[:, None]) * (self.width + 1)
            for rows in cells(boxes[:, 1], boxes[:, 3], size)
        )
        sums = self._at(bottom, right) - self._at(top, right) - self._at(bottom, left) + self._at(top, left)
        rows = (bottom - top) // (self.width + 1)
        return means(sums, rows[:, :, None] * (right - left)[:, None, :])

    def _at(self, rows: Tensor, columns: Tensor) -> Tensor:
        """The table at row starts (N, h) crossed with columns (N, w): (N, h, w)."""
        places = rows[:, :, None] + columns[:, None, :]
        return self.sums.view(-1).index_select(0, places.view(-1)).view(places.shape)


def cells(start: Tensor, stop: Tensor, count: int, own: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """First pixel and the one after the last of `count` cells over each [start, stop): (N,) -> twice (N, count).

    Where `own` (N,) is given, so many cells cover the interval, and those that follow lie beyond it.
    """
    index = torch.arange(count, device=start.device)
    length = (stop - start)[:, None]
    whole = count if own is None else own[:, None]
    return start[:, None] + index * length // whole, start[:, None] - (-(index + 1) * length // whole)


def means(sums: Tensor, pixels: Tensor) -> Tensor:
    """Packed sums (N, h, w) over counts -> (N, 3, h, w) float32, channels last in memory, (mean - 127.5) / 128."""
    scale = 0.0078125 / pixels
    means = torch.empty((*sums.shape, 3), device=sums.device)
    for channel in range(3):
        means[..., channel] = (sums >> channel * BITS & (1 << BITS) - 1) * scale
    return means.sub_(127.5 * 0.0078125).permute(0, 3, 1, 2)
