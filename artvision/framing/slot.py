"""The title slot: the largest bare box of at least a given size, that covers no face, no badge and no unsafe band."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.framing.room import TAKEN, Room, Window, worth
from artvision.pixels.grid import square_cells

CELLS = 32  # along the long side of what is searched; the edges are then placed to a pixel

Worth = NDArray[np.float64]
Span = tuple[int, int]  # from a pixel's edge to another


def find_slot(room: Room, region: Window, least: tuple[int, int], taken: Window | None = None) -> Window | None:
    """The box in `region`, of at least `least` (width, height) pixels, with the greatest sum of worth.

    Where something is drawn everywhere it is the box that covers least. None where faces and `taken` leave no room.
    Of equal ones the topmost, then the leftmost is taken.
    """
    if region.width < least[0] or region.height < least[1] or not min(region.width, region.height):
        return None
    rows, columns = _edges(region)
    cells = worth(room.means(rows, columns))
    if taken:
        cells[_span(rows, taken.top, taken.bottom), _span(columns, taken.left, taken.right)] = TAKEN
    fewest = tuple(min(ceil(size / (edges[1] - edges[0])), len(edges) - 1)
                   for size, edges in zip(least, (columns, rows), strict=True))  # fmt: skip
    found = _best(cells, *fewest)
    if found is None:
        return None
    top, left, bottom, right = found
    coarse = Window(int(rows[top]), int(columns[left]), int(rows[bottom]), int(columns[right]))
    slot = _placed(room, region, coarse, least, taken)
    return slot if slot.width >= least[0] and slot.height >= least[1] else None


def _edges(region: Window) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Edges of equal cells of whole pixels; what is left over lies outside, and the placing of edges regains it."""
    counts = square_cells((region.height, region.width), min(CELLS, max(region.height, region.width)))
    found = []
    for start, size, count in zip((region.top, region.left), (region.height, region.width), counts, strict=True):
        step = ceil(size / count)
        cells = size // step
        found.append(start + (size - cells * step) // 2 + step * np.arange(cells + 1))
    return found[0], found[1]


def _span(edges: NDArray[np.intp], low: int, high: int) -> slice:
    """The cells that [low, high) touches."""
    first, last = np.searchsorted(edges, low, "right") - 1, np.searchsorted(edges, high, "left")
    return slice(max(0, int(first)), int(last))


@lru_cache(maxsize=256)
def _pairs(rows: int, fewest: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last row of every band of at least `fewest` rows."""
    return np.triu_indices(rows, fewest - 1)


def _best(cells: Worth, fewest_columns: int, fewest_rows: int) -> tuple[int, int, int, int] | None:
    """(top, left, bottom, right) in cells; every band of rows at once, along it Kadane's run of at least that length.

    See `pixels.space.largest_rectangle`, which knows no least size.
    """
    rows, columns = cells.shape
    above = np.concatenate([np.zeros((columns, 1)), np.cumsum(cells.T, axis=1)], axis=1)
    top, bottom = _pairs(rows, fewest_rows)
    between = above.take(bottom + 1, axis=1)
    between -= above.take(top, axis=1)
    ends = np.concatenate([np.zeros((1, top.size)), np.cumsum(between, axis=0)])
    gains = ends[fewest_columns:] - np.minimum.accumulate(ends, axis=0)[: columns + 1 - fewest_columns]
    pair = int(gains.max(axis=0).argmax())
    end = int(gains[:, pair].argmax())
    if gains[end, pair] <= TAKEN / 2:
        return None
    start = int(ends[: end + 1, pair].argmin())
    return int(top[pair]), start, int(bottom[pair]) + 1, end + fewest_columns


def _placed(room: Room, region: Window, coarse: Window, least: tuple[int, int], taken: Window | None) -> Window:
    """The window with its edges moved, by up to a cell, to where the sum of its lines is greatest."""
    level = (taken.top, taken.bottom) if taken else (0, 0)
    upright = (taken.left, taken.right) if taken else (0, 0)
    rows = Axis(room.sums, (region.top, region.bottom), least[1], level, upright)
    columns = Axis(room.sums.T, (region.left, region.right), least[0], upright, level)
    step = ceil(max(region.height, region.width) / CELLS)
    top, left, bottom, right = coarse
    for _ in range(2):  # the second time with the other edges in place
        top, bottom = rows.placed((top, bottom), (left, right), step)
        left, right = columns.placed((left, right), (top, bottom), step)
    return Window(top, left, bottom, right)


class Axis(NamedTuple):
    """One direction in which a window may stretch.

    `sums` has lines across it as rows; `field` is where the window may lie, `least` its least length; what lies at
    `taken` along the axis and `beside` across it is not to be covered.
    """

    sums: Worth
    field: Span
    least: int
    taken: Span
    beside: Span

    def placed(self, span: Span, across: Span, step: int) -> Span:
        """The span with ends moved by up to `step`, so that the lines between them, `across` long, are worth most."""
        low, high = max(self.field[0], span[0] - step), min(self.field[1], span[1] + step)
        total = np.concatenate([[0.0], np.cumsum(self._lines(low, high, across))])
        starts = np.arange(low, min(span[0] + step, high) + 1)
        ends = np.arange(max(span[1] - step, low), high + 1)
        gains = total[ends - low] - total[starts - low, None]
        gains[ends - starts[:, None] < self.least] = -np.inf
        first, last = np.unravel_index(gains.argmax(), gains.shape)
        found = int(starts[first]), int(ends[last])
        return found if np.isfinite(gains[first, last]) else span

    def _lines(self, low: int, high: int, across: Span) -> Worth:
        """Worth of each line from `low` to `high`."""
        edges = self.sums[low : high + 1, across[1]] - self.sums[low : high + 1, across[0]]
        lines = worth(np.diff(edges) / (across[1] - across[0]))
        if self.beside[0] < across[1] and across[0] < self.beside[1]:
            lines[max(0, self.taken[0] - low) : max(0, self.taken[1] - low)] = TAKEN
        return lines
