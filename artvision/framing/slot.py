"""The title slot: the largest bare box of at least a given size, that covers no face, no badge and no unsafe band."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from artvision.framing.placing import NOWHERE, Axis
from artvision.framing.room import TAKEN, Room, Window, worth
from artvision.pixels.grid import square_cells

CELLS = 32  # along the long side of what is searched; the edges are then placed to a pixel


def find_slot(room: Room, region: Window, least: tuple[int, int], taken: Window | None = None) -> Window | None:
    """The box in `region`, of at least `least` (width, height) pixels, with the greatest sum of worth.

    Where something is drawn everywhere it is the box that covers least. None where faces and `taken` leave no room.
    Of equal ones the topmost, then the leftmost is taken.
    """
    if region.width < max(1, least[0]) or region.height < max(1, least[1]):
        return None
    return Search(room, region, least, taken).found()


@dataclass(frozen=True)
class Search:
    """A search on equal cells of whole pixels, from which the edges of what is found are placed to a pixel."""

    room: Room
    region: Window
    least: tuple[int, int]
    taken: Window | None

    def found(self) -> Window | None:
        """From a box of whole cells, short of the least size by part of a cell at most, which placing regains.

        Where there is no room to grow, with one of at least that size.
        """
        rows, columns = self._edges
        cells = self._cells(rows, columns)
        for part_of in (floor, ceil):
            fewest = max(1, part_of(self.least[1] / rows.step)), max(1, part_of(self.least[0] / columns.step))
            best = _best(cells, *fewest)
            if best is None:
                return None
            top, left, bottom, right = best
            coarse = Window(rows[top], columns[left], rows[bottom], columns[right])
            if placed := self._placed(coarse, max(rows.step, columns.step)):
                return placed
        return None

    @property
    def _edges(self) -> tuple[range, range]:
        """Edges of the rows and columns of cells."""
        top, left, bottom, right = self.region
        counts = square_cells((bottom - top, right - left), min(CELLS, max(bottom - top, right - left)))
        return cell_edges(top, bottom - top, counts[0]), cell_edges(left, right - left, counts[1])

    def _cells(self, rows: range, columns: range) -> NDArray[np.float64]:
        """(R, C): what each cell is worth."""
        cells = worth(self.room.means(rows, columns))
        if self.taken:
            upright, level = (self.taken.top, self.taken.bottom), (self.taken.left, self.taken.right)
            cells[_touched(rows, *upright), _touched(columns, *level)] = TAKEN
        return cells

    def _placed(self, found: Window, step: int) -> Window | None:
        """The window with its edges moved by up to a cell."""
        taken, region = self.taken, self.region
        upright = (taken.top, taken.bottom) if taken else NOWHERE
        level = (taken.left, taken.right) if taken else NOWHERE
        down = Axis(self.room.sums, (region.top, region.bottom), self.least[1], upright, level)
        right = Axis(self.room.sums.T, (region.left, region.right), self.least[0], level, upright)
        columns = right.placed((found.left, found.right), (found.top, found.bottom), step)
        rows = down.placed((found.top, found.bottom), columns, step) if columns else None
        if columns is None or rows is None:
            return None
        columns = right.grown(columns, rows)
        rows = down.grown(rows, columns)
        return Window(rows[0], columns[0], rows[1], columns[1])


def cell_edges(start: int, size: int, count: int) -> range:
    """Edges of at most `count` equal cells of whole pixels; what is left over lies outside, half on either side."""
    step = ceil(size / count)
    cells = size // step
    first = start + (size - cells * step) // 2
    return range(first, first + cells * step + 1, step)


def _touched(edges: range, low: int, high: int) -> slice:
    """The cells that [low, high) touches."""
    first, last = (low - edges.start) // edges.step, -((edges.start - high) // edges.step)
    return slice(max(0, first), max(0, last))


@lru_cache(maxsize=256)
def _bands(rows: int, fewest: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First row, and the one after the last, of every band of at least `fewest` rows."""
    top, last = np.triu_indices(rows, fewest - 1)
    return top, last + 1


def _best(cells: NDArray[np.float64], fewest_rows: int, fewest_columns: int) -> tuple[int, int, int, int] | None:
    """(top, left, bottom, right) in cells; in every band of rows at once the best run of at least so many columns.

    As `pixels.space.largest_rectangle`, which knows no least size: Kadane's run (Bentley, CACM 27(9), 1984) ends at a
    column and begins where the sum up to there was least, here at least `fewest_columns` before it.
    """
    rows, columns = cells.shape
    if fewest_rows > rows or fewest_columns > columns:
        return None
    above = np.zeros((columns, rows + 1))
    cells.T.cumsum(axis=1, out=above[:, 1:])
    top, bottom = _bands(rows, fewest_rows)
    ends = np.zeros((columns + 1, top.size))
    np.cumsum(above.take(bottom, axis=1) - above.take(top, axis=1), axis=0, out=ends[1:])
    gains = ends[fewest_columns:] - np.minimum.accumulate(ends, axis=0)[: columns + 1 - fewest_columns]
    band = int(gains.max(axis=0).argmax())
    end = int(gains[:, band].argmax())
    if gains[end, band] <= TAKEN / 2:
        return None
    return int(top[band]), int(ends[: end + 1, band].argmin()), int(bottom[band]), end + fewest_columns
