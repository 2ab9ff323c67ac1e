"""Where the edges of a slot lie, to a pixel: each pair moved to where the lines between them are worth most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.framing.room import STEEPEST, TAKEN, worth

Span = tuple[int, int]  # from a pixel's edge to another
NOWHERE = (0, 0)


class Axis(NamedTuple):
    """One direction in which a window may stretch.

    `sums` has lines across it as rows; `field` is where the window may lie, `least` its least length, 1 or more; what
    lies at `taken` along the axis and `beside` across it is not to be covered.
    """

    sums: NDArray[np.float64]
    field: Span
    least: int
    taken: Span = NOWHERE
    beside: Span = NOWHERE

    def placed(self, span: Span, across: Span, step: int) -> Span | None:
        """The span with ends moved by up to `step`, so that the lines between them, `across` long, are worth most.

        None where it would be shorter than `least`, or cover what is taken. Of equal ones the longest is taken.
        """
        low, high = max(self.field[0], span[0] - step), min(self.field[1], span[1] + step)
        total = np.concatenate([[0.0], self._lines(low, high, across).cumsum()])
        starts = np.arange(low, min(span[0] + step, high) + 1)
        ends = np.arange(high, max(span[1] - step, low) - 1, -1)
        gains = total[ends - low] - total[starts - low, None]
        gains[ends - starts[:, None] < self.least] = TAKEN
        first, last = divmod(int(gains.argmax()), len(ends))
        return (int(starts[first]), int(ends[last])) if gains[first, last] > TAKEN / 2 else None

    def grown(self, span: Span, across: Span) -> Span:
        """The span with the line beyond either end, where that is free.

        The gradient of an edge shows a pixel to both of its sides, so what lies before it is bare all the same.
        """
        return span[0] - self._free(span[0] - 1, across), span[1] + self._free(span[1], across)

    def _free(self, line: int, across: Span) -> bool:
        """Whether a line lies in the field, and nothing on it is taken."""
        if not self.field[0] <= line < self.field[1]:
            return False
        edges = self.sums[line : line + 2, across[0] : across[1] + 1 : across[1] - across[0]]
        steep = float(edges[1, 1] - edges[1, 0] - edges[0, 1] + edges[0, 0])
        crossed = self.beside[0] < across[1] and across[0] < self.beside[1]
        return steep < STEEPEST * (across[1] - across[0]) and not (crossed and self.taken[0] <= line < self.taken[1])

    def _lines(self, low: int, high: int, across: Span) -> NDArray[np.float64]:
        """Worth of each line from `low` to `high`."""
        edges = self.sums[low : high + 1, across[1]] - self.sums[low : high + 1, across[0]]
        lines = worth((edges[1:] - edges[:-1]) / (across[1] - across[0]))
        if self.beside[0] < across[1] and across[0] < self.beside[1]:
            lines[max(0, self.taken[0] - low) : max(0, self.taken[1] - low)] = TAKEN
        return lines
