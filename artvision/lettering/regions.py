"""From lines that were found to regions of text: which finds to believe, what share they cover, where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.lettering import BELIEVED, FEWEST, SLENDER, TALLEST

# x0, y0, x1, y1 as shares of width and height.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    """One find of the detector, as the reader read it.

    `corners` (4, 2) float, pixels from the top left one clockwise, of a picture of `size` (width, height); `found` and
    `read` are the networks' scores in [0, 1]; `text` may be empty, and is not kept beyond the stage.
    """

    corners: NDArray[np.float64]
    size: tuple[int, int]
    found: float
    text: str
    read: float

    @property
    def box(self) -> Box:
        """Smallest upright box around the line."""
        shares = (self.corners / self.size).clip(0, 1)
        (x0, y0), (x1, y1) = shares.min(axis=0).tolist(), shares.max(axis=0).tolist()
        return x0, y0, x1, y1

    @property
    def height(self) -> float:
        """Height of the line, share of the picture's height: the shorter side of the slanted box."""
        return min(1.0, min(self._edges) / self.size[1])

    @property
    def score(self) -> float:
        """How surely this is text, in [0, 1]: the reader's score of what it read, or the detector's of a slender line.

        The detector also takes faces and whole frames for text, with scores up to 0.86; the reader cannot read those.
        A script it does not know cannot be read either, and is told from a face by its shape.
        """
        signs = sum(sign.isalnum() for sign in self.text)
        slender = self.height <= TALLEST and max(self._edges) >= SLENDER * min(self._edges)
        return max(self.read if signs >= FEWEST else 0.0, self.found if slender else 0.0)

    @property
    def _edges(self) -> tuple[float, float]:
        first, second, _, last = self.corners
        return float(np.hypot(*(second - first))), float(np.hypot(*(last - first)))


def believed(lines: Sequence[Line]) -> list[Line]:
    """The lines that count as text, the highest first."""
    kept = [line for line in lines if line.score >= BELIEVED]
    return sorted(kept, key=lambda line: (-line.height, line.box))


def covered(boxes: Sequence[Box]) -> tuple[float, float, float]:
    """(share of the picture under at least one box, x and y of the centre of what is covered); nan of nothing.

    Exact: the boxes' sides cut the picture into cells, each of which is covered or not.
    """
    edges = np.array(boxes, np.float64).reshape(-1, 4)
    xs, ys = np.unique(edges[:, [0, 2]]), np.unique(edges[:, [1, 3]])
    under = np.zeros((max(len(ys) - 1, 0), max(len(xs) - 1, 0)), bool)
    for x0, y0, x1, y1 in edges:
        under[np.searchsorted(ys, y0) : np.searchsorted(ys, y1), np.searchsorted(xs, x0) : np.searchsorted(xs, x1)] = 1
    areas = np.outer(np.diff(ys), np.diff(xs)) * under
    share = float(areas.sum())
    if not share:
        return 0.0, float("nan"), float("nan")
    x = float((areas.sum(axis=0) * (xs[1:] + xs[:-1])).sum() / 2 / share)
    y = float((areas.sum(axis=1) * (ys[1:] + ys[:-1])).sum() / 2 / share)
    return share, x, y
