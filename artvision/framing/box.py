"""Boxes and their arithmetic: what lies inside a window, what touches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]  # (N, 4): x0, y0, x1, y1
Rows = Sequence[Mapping[str, Any]]  # structs of a column, each with a box
# Of shares: what rounding leaves where two edges are meant to meet.
SLACK = 1e-9


class Box(NamedTuple):
    """Left, top, right, bottom as shares of width and height."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Share of the width."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Share of the height."""
        return self.y1 - self.y0

    def placed(self, outer: Box) -> Box:
        """The box, given in shares of `outer`, in the coordinates of `outer` itself."""
        x, y, wide, high = outer.x0, outer.y0, outer.width, outer.height
        return Box(x + self.x0 * wide, y + self.y0 * high, x + self.x1 * wide, y + self.y1 * high)


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def inside(boxes: Boxes, window: Box) -> NDArray[np.bool_]:
    """(N,): which boxes lie in the window, edges included."""
    x0, y0, x1, y1 = boxes.T
    across = (x0 >= window.x0 - SLACK) & (x1 <= window.x1 + SLACK)
    found: NDArray[np.bool_] = across & (y0 >= window.y0 - SLACK) & (y1 <= window.y1 + SLACK)
    return found


def touching(boxes: Boxes, window: Box) -> NDArray[np.bool_]:
    """(N,): which boxes share an area with the window; a common edge is none."""
    x0, y0, x1, y1 = boxes.T
    across = (x0 < window.x1 - SLACK) & (x1 > window.x0 + SLACK)
    found: NDArray[np.bool_] = across & (y0 < window.y1 - SLACK) & (y1 > window.y0 + SLACK)
    return found


def boxes_of(rows: Rows) -> Boxes:
    """(N, 4): the boxes of rows with x0, y0, x1, y1, cut to the picture; also of no rows."""
    return (
        np.array([[row["x0"], row["y0"], row["x1"], row["y1"]] for row in rows], np.float64).reshape(-1, 4).clip(0, 1)
    )
