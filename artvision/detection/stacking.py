"""Pictures of several shapes in one stack, each in the top left of a canvas: few large passes keep a device busy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artvision.detection.pooling import AreaTable, cells, means

# Pixels: shapes that agree when rounded up to it share a canvas; posters and 16:9 lose under a fifth.
STEP = 160
# Bytes before the pixels that say how high and wide a picture is.
EXTENT = 2 * np.dtype(np.int32).itemsize


@dataclass(frozen=True)
class Group:
    """Which pictures of a batch share a stack, and its canvas: as high as the highest, as wide as the widest."""

    indices: tuple[int, ...]
    height: int
    width: int

    @property
    def size(self) -> int:
        """Bytes of its pixels."""
        return len(self.indices) * self.height * self.width * 3


def grouped(shapes: Sequence[tuple[int, ...]], most: int) -> list[Group]:
    """Groups of pictures of `shapes` (height, width, 3), with no more than `most` canvas pixels where more than one."""
    alike: dict[tuple[int, int], list[int]] = {}
    for index, (height, width, _) in enumerate(shapes):
        alike.setdefault((-(-height // STEP), -(-width // STEP)), []).append(index)
    return [_group(part, shapes) for indices in alike.values() for part in _parts(indices, shapes, most)]


def _parts(indices: Sequence[int], shapes: Sequence[tuple[int, ...]], most: int) -> Iterator[Sequence[int]]:
    whole = _group(indices, shapes)
    count = max(1, most // (whole.height * whole.width))
    return (indices[start : start + count] for start in range(0, len(indices), count))


def _group(indices: Sequence[int], shapes: Sequence[tuple[int, ...]]) -> Group:
    return Group(tuple(indices), max(shapes[i][0] for i in indices), max(shapes[i][1] for i in indices))


def packed_size(groups: Sequence[Group]) -> int:
    """Bytes that a batch takes on its way to the device."""
    return sum(len(group.indices) * EXTENT + group.size for group in groups)


def pack(pictures: Sequence[NDArray[np.uint8]], groups: Sequence[Group], room: NDArray[np.uint8]) -> None:
    """Lay a batch out in the bytes `room`: all extents, then the canvases, group by group. Beyond a picture nothing is
    written: nothing looks there.
    """
    order = [index for group in groups for index in group.indices]
    start = len(order) * EXTENT
    room[:start].view(np.int32).reshape(-1, 2)[:] = [pictures[index].shape[:2] for index in order]
    for group in groups:
        canvases = room[start : start + group.size].reshape(-1, group.height, group.width, 3)
        for canvas, index in zip(canvases, group.indices, strict=True):
            height, width, _ = pictures[index].shape
            canvas[:height, :width] = pictures[index]
        start += group.size


def unpack(content: Tensor, groups: Sequence[Group]) -> Iterator[Stack]:
    """The stacks that lie in a batch's bytes, where `pack` laid them."""
    first, start = 0, sum(len(group.indices) for group in groups) * EXTENT
    for group in groups:
        last = first + len(group.indices)
        extents = content[first * EXTENT : last * EXTENT].view(torch.int32).view(-1, 2).long()
        canvases = content[start : start + group.size].view(-1, group.height, group.width, 3)
        yield Stack(AreaTable(canvases), extents)
        first, start = last, start + group.size


@dataclass(frozen=True)
class Stack:
    """Sums over B canvases, and the `extents` (B, 2) int64: height and width of the picture in each."""

    table: AreaTable
    extents: Tensor

    def level(self, scale: float) -> tuple[Tensor, Tensor]:
        """Every picture at its own `scale`d size in (B, 3, h, w) float32, and those sizes (B, 2).

        As `AreaTable.level` gives it within a picture; beyond it some number, never a NaN.
        """
        sizes = (self.extents.double() * scale + 1).long()
        height, width = int(self.table.height * scale + 1), int(self.table.width * scale + 1)
        top, bottom = self._cells(0, sizes, height)
        left, right = self._cells(1, sizes, width)
        sums = self.table.sums
        rows = _rows(sums, bottom) - _rows(sums, top)
        within = _columns(rows, right) - _columns(rows, left)
        pixels = (bottom - top)[:, :, None] * (right - left)[:, None, :]
        return means(within, pixels.clamp_min(1)), sizes

    def _cells(self, side: int, sizes: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Cells of one side of each picture; beyond its own number of them they are empty."""
        length = self.extents[:, side]
        start, stop = cells(torch.zeros_like(length), length, count, sizes[:, side])
        return start.minimum(length[:, None]), stop.minimum(length[:, None])


def beyond(sizes: Tensor, height: int, width: int) -> Tensor:
    """Which places of (B, height, width) lie outside the first `sizes` (B, 2) rows and columns of each."""
    rows = torch.arange(height, device=sizes.device) >= sizes[:, :1]
    columns = torch.arange(width, device=sizes.device) >= sizes[:, 1:]
    return rows[:, :, None] | columns[:, None, :]


def _rows(sums: Tensor, places: Tensor) -> Tensor:
    return sums.gather(1, places[:, :, None].expand(-1, -1, sums.shape[2]))


def _columns(sums: Tensor, places: Tensor) -> Tensor:
    return sums.gather(2, places[:, None, :].expand(-1, sums.shape[1], -1))
