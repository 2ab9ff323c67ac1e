"""What is figure in a picture and what is ground, and how light, detailed and coloured each of the two is.

The figure is heads and shoulders where faces are known, else what stands out. Between the two lies what is neither for
certain: hair and hats, the body below the shoulders, the border of what stands out. It counts for neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels
from artvision.pixels.borders import SHARP, Bars
from artvision.pixels.color import to_lab
from artvision.pixels.grid import Grid, second_difference
from artvision.pixels.plane import Plane

Kind = TypeVar("Kind", bound=np.generic)
# x0, y0, x1, y1 as shares of the picture.
Box = tuple[float, float, float, float]

# In heights of a face from chin to hairline, which is 1/10 of a body: the head from chin to crown is 1/8, the breast
# lies 1/4 below the crown (Vitruvius, De architectura III.1), the shoulders are 1/4 wide (Leonardo, Accademia 228).
HEAD = 10 / 8
SHOULDERS = 10 / 4
# Head and shoulders times this hold hair, hats and what boxes err by; ours.
LOOSE = 1.5
# Times its mean: saliency of an object in Hou & Zhang 2007; the ramp around it is ours.
STANDS_OUT = 3.0
# Share of the picture below which figure or ground is too small to be compared; ours.
LEAST = 0.01
# Of a bar's length at whose inner edge the picture must begin; else a shape stands on plain ground; ours.
BEGINS = 0.4
_EVERY = 4  # one pixel in 4 × 4 is enough for a mean of colours
_CROWD = 12  # faces that make up a figure at most


@dataclass(frozen=True, eq=False)
class Parts:
    """Weights in [0, 1] of figure and ground at half of the canonical size, each (H, W) float32."""

    figure: Plane
    ground: Plane

    @property
    def comparable(self) -> bool:
        """Whether there is enough of both."""
        return min(share(self.figure), share(self.ground)) >= LEAST


class Look(NamedTuple):
    """Mean L*, standard deviation of L*, log10(1 + variance of the Laplacian of L*), mean C*ab of a part."""

    brightness: float
    contrast: float
    sharpness: float
    chroma: float


def share(weights: Plane) -> float:
    """Part of the picture that has these weights, 0..1."""
    return float(weights.sum(dtype=np.float64)) / weights.size


def heads_and_shoulders(boxes: Sequence[Box], shape: tuple[int, ...], bars: Bars) -> Parts:
    """The people whose face `boxes` these are, against the rest of a picture of `shape` (H, W) without its bars.

    A head is the ellipse around its box grown to HEAD about the chin; shoulders are the upper half of a disc, SHOULDERS
    wide, whose top is the chin. What lies below the shoulders, and near both, is neither figure nor ground.
    """
    height, width = shape
    y, x = (np.arange(height, dtype=np.float32)[:, None] + 0.5), (np.arange(width, dtype=np.float32) + 0.5)
    figure, near = np.zeros(shape, bool), _outside(shape, bars)
    for x0, y0, x1, y1 in boxes[:_CROWD]:
        middle, chin, face = (x0 + x1) / 2 * width, y1 * height, (y1 - y0) * height
        radii = np.array([(x1 - x0) * width, face]) * HEAD / 2
        reach = SHOULDERS / 2 * face
        head = ((x - middle) / radii[0]) ** 2 + ((y - chin + radii[1]) / radii[1]) ** 2
        bust = ((x - middle) ** 2 + (y - chin - reach) ** 2) / reach**2
        figure |= (head <= 1) | ((bust <= 1) & (y < chin + reach))
        near |= (head <= LOOSE**2) | (bust <= LOOSE**2) | ((abs(x - middle) <= LOOSE * reach) & (y > chin + reach))
    return Parts(figure.astype(np.float32), (~(near | figure)).astype(np.float32))


def standing_out(salient: Grid, shape: tuple[int, ...], bars: Bars) -> Parts:
    """Where saliency on (N, N) cells is three times its mean or more, against where it is at most its mean.

    Between 2 and 4 times the mean a cell counts in part, so that a cell at the limit decides nothing.
    """
    height, width = shape
    times = salient / max(float(salient.mean()), 1e-12)
    rows, columns = np.arange(height) * len(salient) // height, np.arange(width) * len(salient) // width
    figure, ground = np.clip((times - STANDS_OUT + 1) / 2, 0, 1), np.clip(2 - times, 0, 1)
    inside = ~_outside(shape, bars)
    parts = (cells.astype(np.float32)[rows[:, None], columns] * inside for cells in (figure, ground))
    return Parts(*parts)


def look(weights: Plane, half: Plane, bend: Plane, chroma: Plane) -> Look:
    """How a part of L* `half` (H, W) looks; `bend` is its Laplacian, `chroma` (⌈H/2⌉, ⌈W/2⌉) the picture's C*ab."""
    brightness, contrast = _moments(half, weights)
    _, detail = _moments(bend, weights)
    return Look(brightness, contrast, float(np.log10(1 + detail**2)), _moments(chroma, weights[::2, ::2])[0])


def bend(half: Plane) -> Plane:
    """Laplacian of L* (H, W), same shape."""
    found = second_difference(half, 0)
    found += second_difference(half, 1)
    return found


def chroma(pixels: Pixels) -> Plane:
    """C*ab of every fourth pixel of every fourth row of (H, W, 3), (⌈H/4⌉, ⌈W/4⌉)."""
    lab = to_lab(np.ascontiguousarray(pixels[::_EVERY, ::_EVERY]))
    found: Plane = np.hypot(lab.a, lab.b)
    return found


def true_bars(half: Plane, bars: Bars) -> Bars:
    """Those of a picture's uniform bands, L* (H, W), that are bars or frames, and not the plain ground of a shape.

    Beyond a bar the picture begins along its whole length, beyond plain ground only where the shape is.
    """
    sides = (half, half[::-1], half.T, half.T[::-1])
    return Bars(*(depth if _begins(side, depth) else 0.0 for side, depth in zip(sides, bars, strict=True)))


def _begins(plane: Plane, depth: float) -> bool:
    """Whether the row behind a band that is `depth` of (H, W) deep differs from it along BEGINS of its length."""
    # The row that mixes band and picture is left out, as is the next, which resampling still touches.
    behind = plane[min(int(np.ceil(depth * len(plane))) + 1, len(plane) - 1)]
    return bool((abs(behind - plane[0].mean()) > SHARP).mean() >= BEGINS)


def within(plane: NDArray[Kind], bars: Bars) -> NDArray[Kind]:
    """The part of (H, W) that bars leave, without rows that they cover in part; all of it where they leave nothing."""
    height, width = plane.shape
    top, bottom, left, right = (
        math.ceil(depth * size) for depth, size in zip(bars, (height, height, width, width), strict=True)
    )
    inner = plane[top : height - bottom, left : width - right]
    return inner if inner.size else plane


def _outside(shape: tuple[int, ...], bars: Bars) -> NDArray[np.bool_]:
    """What letterbox bars and frames cover, (H, W)."""
    outside = np.ones(shape, bool)
    within(outside, bars)[...] = False
    return outside


def _moments(plane: Plane, weights: Plane) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    whole = max(float(weights.sum(dtype=np.float64)), 1e-9)
    mean = float(np.einsum("ij,ij->i", plane, weights).sum(dtype=np.float64)) / whole
    square = float(np.einsum("ij,ij,ij->i", plane, plane, weights).sum(dtype=np.float64)) / whole
    return mean, float(np.sqrt(max(0.0, square - mean**2)))
