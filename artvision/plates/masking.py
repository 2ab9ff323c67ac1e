"""Where type was laid on a picture, from its pixels: what it covers must not decide about the plate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from artvision.image import Pixels
from artvision.plates.opencv import cv2

Mask = NDArray[np.bool_]

# Grey levels between the thresholds at which letters are looked for.
LEVELS = 24
EDGE = 32  # grey levels that the border of a letter crosses at once
CRISP = 0.65  # of a letter that stays when the threshold rises by that much
HEIGHTS = (0.018, 0.4)  # of the long side: letters
WIDEST = 8.0  # width against height: a word written in one stroke, as in Arabic
FILL = (0.1, 0.95)  # ink in the box of a letter
# Times that a letter may be taller than its neighbour: a dot or an i beside a capital.
KIN = 3.5
LEVEL = 0.6  # of the lower letter that must stand beside the higher one
GAP = 1.2  # heights to the next letter
# Heights by which letters may reach into each other, as slanting ones do.
OVER = 0.3
SAME_INK = 24.0  # grey levels between the inks of neighbours
ROW = 3  # letters in a row
# Grey levels of the second derivative: more than compression leaves.
DETAIL = 16
# Of the picture: with less detail elsewhere, all that is like a letter is taken for type.
BARE = 0.01
# Of the long side: what is hidden around letters, for shadow and blur.
ROUND = 0.012


class Letter(NamedTuple):
    """A candidate: its box left, top, right, bottom in pixels, its mean ink 0..255, and itself within the box."""

    box: tuple[int, int, int, int]
    ink: float
    shape: Mask


def text_mask(pixels: Pixels) -> Mask:
    """(H, W) bool of (H, W, 3) uint8: true on and around type.

    Letters are crisp connected regions, in rows of three or more that are alike in height, line and ink: the marks by
    which Epshtein et al., «Detecting text in natural scenes with stroke width transform», CVPR 2010, and Neumann &
    Matas, «Real-time scene text localization and recognition», CVPR 2012, group theirs. Ours is coarser: rows of
    windows are type to it, and a single sign is only where the picture has hardly any other detail.
    """
    rows, signs = np.zeros((2, *pixels.shape[:2]), np.uint8)
    # White, black, colour stand out in one.
    low, high, green = pixels.min(axis=2), pixels.max(axis=2), pixels[..., 1]
    for plane in (low, high, green, 255 - low, 255 - high, 255 - green):
        found = [letter for level in range(LEVELS, 256 - LEVELS, LEVELS) for letter in letters(plane, level)]
        _draw(found, signs)
        _draw([found[index] for index in in_rows(found)], rows)
    rows, signs = _around(rows), _around(signs | rows)
    detail = cv2.Laplacian(pixels, cv2.CV_16S).max(axis=2) > DETAIL
    return signs if (detail & ~signs).mean() < BARE else rows


def _draw(found: list[Letter], mask: NDArray[np.uint8]) -> None:
    """Set the pixels of letters in (H, W)."""
    for letter in found:
        left, top, right, bottom = letter.box
        mask[top:bottom, left:right] |= letter.shape


def _around(mask: NDArray[np.uint8]) -> Mask:
    """What is set, what lies between, and a rim."""
    side = 2 * round(ROUND * max(mask.shape)) + 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((2 * side + 1, 2 * side + 1), np.uint8))
    return np.asarray(cv2.dilate(joined, np.ones((side, side), np.uint8))) > 0


def letters(plane: NDArray[np.uint8], level: int) -> Iterator[Letter]:
    """Connected regions of (H, W) uint8 above `level` that have a letter's size and a crisp border."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((plane > level).astype(np.uint8), connectivity=4)
    _, _, width, height, area = stats.T.astype(float)
    core = np.bincount(labels[plane > min(level + EDGE, 254)], minlength=count)
    low, high = (share * max(plane.shape) for share in HEIGHTS)
    least, most = (share * width * height for share in FILL)
    good = (height >= low) & (height <= high) & (width <= WIDEST * height)
    good &= (area >= least) & (area <= most) & (core >= CRISP * area)
    for index in np.flatnonzero(good[1:]) + 1:  # the first is the ground
        x, y, w, h = (int(value) for value in stats[index, :4])
        shape = labels[y : y + h, x : x + w] == index
        yield Letter((x, y, x + w, y + h), float(plane[y : y + h, x : x + w][shape].mean()), shape)


def in_rows(found: list[Letter]) -> NDArray[np.intp]:
    """Places of candidates in a row with at least two others; a letter found at two thresholds counts twice."""
    if len(found) < ROW:
        return np.zeros(0, np.intp)
    left, top, right, bottom = np.array([letter.box for letter in found], float).T
    inks, height = np.array([letter.ink for letter in found]), bottom - top
    lower, higher = np.minimum.outer(height, height), np.maximum.outer(height, height)
    beside = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    gap = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    kin = (higher <= KIN * lower) & (beside >= LEVEL * lower) & (gap <= GAP * higher) & (gap > -OVER * higher)
    kin &= np.abs(np.subtract.outer(inks, inks)) <= SAME_INK
    _, row = connected_components(kin, directed=False)
    return np.flatnonzero(np.bincount(row)[row] >= ROW)
