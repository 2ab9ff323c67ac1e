"""Area averages of a picture at any size, from one table of sums (Crow 1984, summed-area tables); in numpy.

Adaptive area pooling takes, for cell i of m over n pixels, the mean of pixels floor(i n / m) to ceil((i + 1) n / m).
Read from the table a cell costs four reads whatever its size, for whole pictures and crops alike. The three channels
lie side by side in one 64-bit integer, so four reads serve all of them; the sums may wrap, a cell's differences do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 21  # of each channel's sum
LARGEST_CELL = (1 << BITS) // 255  # pixels whose sum still fits
MASK = (1 << BITS) - 1
# The networks expect (mean - 127.5) / 128.
SCALE, MIDDLE = np.float32(1 / 128), np.float32(127.5 / 128)

Integers = NDArray[np.int64]


class SumTable:
    """Sums over all rectangles [0, y) × [0, x) of a picture (H, W, 3) uint8.

    ValueError for pictures of which a level 12 pixels high, or a crop of 24, could need a cell that overflows its bits.
    """

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.height, self.width, _ = picture.shape
        widest = max(min(self.height, self.width) / 12, max(self.height, self.width) / 24) + 2
        if widest**2 > LARGEST_CELL:
            raise ValueError(f"faces are searched on at most about 1000 pixels, not {self.width} × {self.height}")
        packed = picture[..., 0].astype(np.int64)
        packed |= picture[..., 1].astype(np.int64) << BITS
        packed |= picture[..., 2].astype(np.int64) << 2 * BITS
        self._sums = np.zeros((self.height + 1, self.width + 1), np.int64)
        rows = self._sums[1:, 1:]
        np.cumsum(packed, axis=1, out=rows)
        # Twice as fast as a cumulative sum down the columns.
        for row in range(1, self.height):
            rows[row] += rows[row - 1]

    def level(self, height: int, width: int) -> NDArray[np.float32]:
        """The picture at (1, 3, height, width) float32, scaled to [-1, 1] as the networks expect."""
        (top,), (bottom,) = cells(np.zeros(1, np.int64), np.array([self.height]), height)
        (left,), (right,) = cells(np.zeros(1, np.int64), np.array([self.width]), width)
        rows = self._sums.take(bottom, axis=0)
        rows -= self._sums.take(top, axis=0)
        sums = rows.take(right, axis=1)
        sums -= rows.take(left, axis=1)
        return _means(sums[None], ((bottom - top)[:, None] * (right - left))[None])

    def crops(self, boxes: Integers, size: int) -> NDArray[np.float32]:
        """Crops (N, 3, size, size), scaled likewise, of boxes (N, 4: x0 y0 x1 y1)."""
        left, right = cells(boxes[:, 0], boxes[:, 2], size)
        top, bottom = cells(boxes[:, 1], boxes[:, 3], size)
        sums = self._at(bottom, right)
        sums -= self._at(top, right)
        sums -= self._at(bottom, left)
        sums += self._at(top, left)
        return _means(sums, (bottom - top)[:, :, None] * (right - left)[:, None, :])

    def _at(self, rows: Integers, columns: Integers) -> Integers:
        """The table at rows (N, h) crossed with columns (N, w): (N, h, w)."""
        sums: Integers = self._sums.ravel().take(rows[:, :, None] * (self.width + 1) + columns[:, None, :])
        return sums


def cells(start: Integers, stop: Integers, count: int) -> tuple[Integers, Integers]:
    """First pixel and the one after the last of `count` cells over each [start, stop): (N,) -> twice (N, count)."""
    index = np.arange(count)
    length = (stop - start)[:, None]
    return start[:, None] + index * length // count, start[:, None] - (-(index + 1) * length // count)


def _means(sums: Integers, pixels: Integers) -> NDArray[np.float32]:
    """Packed sums (N, h, w) over counts -> (N, 3, h, w) float32, (mean - 127.5) / 128; uses up `sums`."""
    scale = SCALE / pixels.astype(np.float32)
    means = np.empty((len(sums), 3, *sums.shape[1:]), np.float32)
    for channel in range(3):
        np.multiply(sums & MASK, scale, out=means[:, channel], casting="unsafe", dtype=np.float32)
        sums >>= BITS
    means -= MIDDLE
    return means
