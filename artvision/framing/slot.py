"""The title slot: the largest bare box of at least a given size, that covers no face, no badge and no unsafe band."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from artvision.framing.placing import NOWHERE, Axis
from artvision.framing.room import FACE, STEEPEST, TAKEN, Room, Window, worth
from artvision.pixels.grid import square_cells

# Along the long side of what is searched; the edges are then placed to a pixel.
CELLS = 32


def find_slot(room: Room, region: Window, least: tuple[int, int], taken: Window | None = None) -> Window | None:
    """The box in `region`, of at least `least` (width, height) pixels, with the greatest sum of worth.

    Where something is drawn everywhere it is the box that covers least. None only where faces and `taken` leave no
    room. Of equal ones the topmost, then the leftmost is taken; nothing else depends on a direction.
    """
    least = max(1, least[0]), max(1, least[1])
    if region.width < least[0] or region.height < least[1]:
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
        """The best box of whole cells, short of the least size by part of a cell at most, which placing regains.

        Where there is no room to grow, the best that is not short; where no such cells are free, a least box.
        """
        for look in (self._short_by_a_part, self._not_short, self._least_box):
            if (coarse := look()) and (placed := self._placed(coarse)):
                return placed
        return None

    def _short_by_a_part(self) -> Window | None:
        return self._of_cells(self.least[0] // self._columns.step, self.least[1] // self._rows.step)

    def _not_short(self) -> Window | None:
        return self._of_cells(-(-self.least[0] // self._columns.step), -(-self.least[1] // self._rows.step))

    def _of_cells(self, fewest_columns: int, fewest_rows: int) -> Window | None:
        best = _best(self._cells, max(1, fewest_rows), max(1, fewest_columns))
        if best is None:
            return None
        top, left, bottom, right = best
        return Window(self._rows[top], self._columns[left], self._rows[bottom], self._columns[right])

    def _least_box(self) -> Window | None:
        """Of all boxes of the least size, at any pixel, the one in which least is drawn."""
        (wide, high), (top, left, bottom, right) = self.least, self.region
        sums = self.room.sums[top : bottom + 1, left : right + 1]
        drawn = (sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]) / (wide * high)
        if taken := self.taken:
            rows = slice(max(0, taken.top - top - high + 1), max(0, taken.bottom - top))
            drawn[rows, max(0, taken.left - left - wide + 1) : max(0, taken.right - left)] = FACE
        row, column = divmod(int(drawn.argmin()), drawn.shape[1])
        if drawn[row, column] > STEEPEST:
            return None
        return Window(top + row, left + column, top + row + high, left + column + wide)

    @cached_property
    def _counts(self) -> tuple[int, int]:
        """Rows and columns of cells, at most."""
        size = self.region.height, self.region.width
        return square_cells(size, min(CELLS, max(size)))

    @cached_property
    def _rows(self) -> range:
        """Edges of the rows of cells."""
        return cell_edges(self.region.top, self.region.height, self._counts[0])

    @cached_property
    def _columns(self) -> range:
        """Edges of the columns of cells."""
        return cell_edges(self.region.left, self.region.width, self._counts[1])

    @cached_property
    def _cells(self) -> NDArray[np.float64]:
        """(R, C): what each cell is worth."""
        cells = worth(self.room.means(self._rows, self._columns))
        if taken := self.taken:
            rows, columns = (
                _touched(self._rows, taken.top, taken.bottom),
                _touched(self._columns, taken.left, taken.right),
            )
            cells[rows, columns] = TAKEN
        return cells

    def _placed(self, found: Window) -> Window | None:
        """The window with its edges moved by up to a cell."""
        taken, region, step = self.taken, self.region, max(self._rows.step, self._columns.step)
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
