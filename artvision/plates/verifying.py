"""Whether two pictures show one plate: aligned, what is textured must look alike wherever no type was laid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.plates.aligning import REMEMBERED, Alignment, alignments
from artvision.plates.masking import Mask
from artvision.plates.opencv import cv2
from artvision.plates.sketch import Sketch

Plane = NDArray[np.float32]
Places = tuple[slice, slice]

# Pixels at 192, sigmas: the detail that is compared; slower light falls alike in every sky.
BAND = (1.0, 5.0)
# Pixels at 192: sigma of the window of a local correlation, a face's eye on a poster.
WINDOW = 2.5
# Pixels at 192: the rim of the overlap, where windows reach outside, is not asked.
EDGE = 7
# Pixels at 192 between the places that are asked, about a window's reach.
STEP = 3
GRID = (slice(STEP // 2, None, STEP),) * 2  # those places
EVERYWHERE = (slice(None),) * 2
# Grey levels: less is compression, or the bend where a scrim begins.
TEXTURE = 3.0
# Local correlation: detail of different pictures reaches it at 2 to 5 % of places.
AGREES = 0.6
# The frame is parted into 8 × 8 cells to see how far agreement reaches.
SPREAD = 8

# Of textured places that must agree; different plates under one title reached 0.31.
SHARE = 0.45
# Where a mask would have hidden too much: a title of half of the picture stays below.
SHARE_UNMASKED = 0.55
OVERLAP = 0.3  # of the smaller picture that both must show
# Of the overlap where texture must agree: nothing is joined on emptiness.
AREA = 0.03
# Of the 8 × 8 cells which that texture must reach: no badge or face alone.
CELLS = 0.06


class Evidence(NamedTuple):
    """What was found under one alignment.

    `matches` features agree; `overlap` is the part of the smaller picture that both show; `share` of the textured
    places in it agree, `area` of all its places do, and they reach `cells` of the frame's 8 × 8. `masked`: the type of
    both is known and left out. Shares in [0, 1]; `overlap` by rounding up to 1.02.
    """

    matches: int
    overlap: float
    share: float
    area: float
    cells: float
    masked: bool

    @property
    def enough(self) -> bool:
        """Whether it says one plate."""
        share = SHARE if self.masked else SHARE_UNMASKED
        return self.share >= share and self.overlap >= OVERLAP and self.area >= AREA and self.cells >= CELLS


def same_plate(one: Sketch, other: Sketch) -> bool:
    """Whether both show one plate, as they are or one of them mirrored."""
    return any(found.enough for found in looks(one, other))


def looks(one: Sketch, other: Sketch) -> Iterator[Evidence]:
    """The evidence of each way in which `one` may lie over `other`, then over its mirror image."""
    yield from (measured(one, other, alignment) for alignment in alignments(one.features, other.features))
    turned = _mirrored(other)
    yield from (measured(one, turned, alignment) for alignment in alignments(one.features, turned.features))


_mirrored = lru_cache(REMEMBERED)(Sketch.mirrored)


def measured(one: Sketch, other: Sketch, alignment: Alignment) -> Evidence:
    """What agrees under an alignment; compared in the frame of the picture that shows the plate smaller."""
    if alignment.scale.prod() < 1:
        one, other, alignment = other, one, alignment.inverse()
    matrix = _matrix(one, other, alignment)
    inside, text = _masks(one, other, matrix)
    known = (inside & ~text).astype(np.float32)
    first, second = _bands([one.grey.astype(np.float32), _warped(one, other, matrix)], known)
    correlation, strength = _correlation(first, second, known)
    places = cv2.erode(inside.astype(np.uint8), np.ones((EDGE, EDGE), np.uint8), borderValue=0)[GRID] > 0
    textured = places & ~text[GRID] & (strength > TEXTURE)
    agree = np.zeros(inside.shape, np.float32)
    agree[GRID] = textured & (correlation > AGREES)
    shown = min(inside.size, other.grey.size / float(matrix[0, 0] * matrix[1, 1]))
    return Evidence(
        alignment.matches,
        float(inside.sum() / shown),
        float(agree.sum() / max(1, textured.sum())),
        float(agree.sum() / max(1, places.sum())),
        float((cv2.resize(agree, (SPREAD, SPREAD), interpolation=cv2.INTER_AREA) > 0).mean()),
        one.masked and other.masked,
    )


def _matrix(one: Sketch, other: Sketch, alignment: Alignment) -> NDArray[np.float64]:
    """(2, 3): from pixels of one grey copy to those of the other."""
    to_one = np.array(one.grey.shape[::-1]) / one.size
    to_other = np.array(other.grey.shape[::-1]) / other.size
    scale, shift = alignment.scale * to_other / to_one, alignment.shift * to_other
    return np.column_stack([np.diag(scale), shift])


def _warped(one: Sketch, other: Sketch, matrix: NDArray[np.float64]) -> Plane:
    """`other` in the frame of `one`, (h, w) float32, softened by as much as it shrinks, against aliases."""
    grey = other.grey.astype(np.float32)
    sigma = 0.5 * max(0.0, float(matrix[0, 0] * matrix[1, 1]) - 1) ** 0.5
    soft = cv2.GaussianBlur(grey, (0, 0), sigma) if sigma > 0.2 else grey
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = one.grey.shape[::-1]
    return np.asarray(cv2.warpAffine(soft, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _masks(one: Sketch, other: Sketch, matrix: NDArray[np.float64]) -> tuple[Mask, Mask]:
    """(h, w) bool in the frame of `one`: where both are, and where either has type."""
    both = np.dstack([np.ones(other.text.shape, np.uint8), other.text.astype(np.uint8)])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(both, matrix, one.grey.shape[::-1], flags=flags) > 0
    return laid[..., 0], laid[..., 1] | one.text


def _bands(greys: Sequence[Plane], known: Plane) -> list[Plane]:
    """The detail between two blurs, of what is known (h, w) 0 or 1: type must not shine into its surroundings."""
    fine, coarse = (_means(greys, known, sigma) for sigma in BAND)
    return [above - below for above, below in zip(fine, coarse, strict=True)]


def _correlation(one: Plane, other: Plane, known: Plane) -> tuple[Plane, Plane]:
    """At the places of the grid: local correlation of two planes in [−1, 1], and the larger of their local standard
    deviations, where known.
    """
    planes = one, other, one * one, other * other, one * other
    mean_one, mean_other, square_one, square_other, both = _means(planes, known, WINDOW, GRID)
    var_one = np.maximum(square_one - mean_one**2, 0)
    var_other = np.maximum(square_other - mean_other**2, 0)
    product = both - mean_one * mean_other
    return product / np.sqrt(np.maximum(var_one * var_other, 1e-6)), np.sqrt(np.maximum(var_one, var_other))


def _means(planes: Sequence[Plane], known: Plane, sigma: float, places: Places = EVERYWHERE) -> list[Plane]:
    """The Gaussian mean of the known pixels around each (normalised convolution, Knutsson & Westin, CVPR 1993)."""
    weight, *sums = (cv2.GaussianBlur(plane, (0, 0), sigma)[places] for plane in (known, *(p * known for p in planes)))
    return [np.asarray(total / np.maximum(weight, 1e-3), np.float32) for total in sums]
