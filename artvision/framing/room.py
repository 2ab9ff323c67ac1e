"""How much is drawn in any box of a picture: one table of sums for all boxes of all canvases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.framing.box import WHOLE, Box, Boxes
from artvision.pixels.plane import Plane
from artvision.pixels.space import CALM, SPECK

# Of a face's width and height, on each side: hair and chin lie outside MTCNN's box; ours.
FACE_MARGIN = 0.2
STEEPEST = 100.0  # above 71, the steepest gradient of L*
# Gradient of a pixel of a face: lifts the mean of all 256² pixels above the steepest.
FACE = 1e7
# Worth of what no title may cover: outweighs every cell of a picture.
TAKEN = -1e6


class Window(NamedTuple):
    """A box in whole pixels: rows top..bottom, columns left..right, the last ones not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def core(self) -> Window:
        """The window without its outermost pixels, where an edge beside it shows; itself where nothing is left."""
        if min(self.height, self.width) < 3:
            return self
        return Window(self.top + 1, self.left + 1, self.bottom - 1, self.right - 1)


class Room:
    """Sums of the gradient over a picture in which faces, with a margin, are as steep as nothing drawn can be.

    `sums` (H + 1, W + 1) float64: of all pixels above and left. What lies outside of `shown` is as steep.
    """

    def __init__(self, gradient: Plane, faces: Boxes, shown: Box = WHOLE) -> None:
        self.shape = gradient.shape
        steep = np.full(self.shape, FACE)
        top, left, bottom, right = self.within(shown)
        steep[top:bottom, left:right] = gradient[top:bottom, left:right]
        for face in with_margin(faces):
            top, left, bottom, right = self.around(Box(*face))
            steep[top:bottom, left:right] = FACE
        self.sums = np.zeros((self.shape[0] + 1, self.shape[1] + 1))
        steep.cumsum(axis=0, out=self.sums[1:, 1:]).cumsum(axis=1, out=self.sums[1:, 1:])

    def within(self, box: Box) -> Window:
        """The pixels that lie in the box whole; possibly none."""
        high, wide = self.shape
        top, left = int(np.ceil(box.y0 * high - 1e-6)), int(np.ceil(box.x0 * wide - 1e-6))
        bottom, right = int(np.floor(box.y1 * high + 1e-6)), int(np.floor(box.x1 * wide + 1e-6))
        return Window(top, left, max(top, bottom), max(left, right))

    def around(self, box: Box) -> Window:
        """The pixels that the box touches."""
        high, wide = self.shape
        top, left = int(np.floor(box.y0 * high)), int(np.floor(box.x0 * wide))
        return Window(max(0, top), max(0, left), int(np.ceil(box.y1 * high)), int(np.ceil(box.x1 * wide)))

    def box(self, window: Window) -> Box:
        """The window as shares of the picture."""
        high, wide = self.shape
        return Box(window.left / wide, window.top / high, window.right / wide, window.bottom / high)

    def means(self, rows: range, columns: range) -> NDArray[np.float64]:
        """(R, C): mean gradient of the cells of equal size between R + 1 rows and C + 1 columns of pixels' edges."""
        corners = self.sums[rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step]
        bands = corners[1:] - corners[:-1]
        means: NDArray[np.float64] = (bands[:, 1:] - bands[:, :-1]) / (rows.step * columns.step)
        return means


def with_margin(faces: Boxes) -> Boxes:
    """(F, 4): the boxes, each wider and higher by the margin on every side."""
    margin = FACE_MARGIN * (faces[:, 2:] - faces[:, :2])
    return np.concatenate([faces[:, :2] - margin, faces[:, 2:] + margin], axis=1)


def worth(gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a cell or line of this mean gradient is worth to a title: 1 bare, 0 at the limit, −24 drawn on, a face −10⁶.

    The weights of `calm_rectangle`.
    """
    found: NDArray[np.float64] = np.maximum(1 - (gradient / CALM) ** 2, -SPECK)
    found[gradient > STEEPEST] = TAKEN
    return found
