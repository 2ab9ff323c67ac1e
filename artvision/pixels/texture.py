"""How many kinds of fine structure a picture has: local binary patterns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.plane import Plane

# L*: a neighbour that differs by less is like the pixel, or noise would be texture; ours.
NOTICED = np.float32(1)
# The eight neighbours, around.
_RING = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
KINDS = 10


def _kinds() -> NDArray[np.uint8]:
    """Pattern (256) -> its kind: how many neighbours are lighter if they lie side by side, else the tenth."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    changes = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(changes <= 2, bits.sum(axis=1), KINDS - 1).astype(np.uint8)


_KIND = _kinds()


def pattern_entropy(plane: Plane) -> float:
    """Entropy of the rotation-invariant uniform patterns of L* (H, W), over its most; 0..1, 0 for a uniform picture.

    Source: Ojala, Pietikäinen & Mäenpää, «Multiresolution gray-scale and rotation invariant texture classification
    with local binary patterns», IEEE TPAMI 24(7), 2002, LBP^riu2 of 8, 1 on the pixel grid.
    """
    found, _ = _patterns(plane)
    return _entropy(found) if found.size else 0.0


def structure_entropy(plane: Plane) -> float | None:
    """The same of the pixels that some neighbour differs from; None where there is none.

    It says how varied the structure is, and not how much of it there is, which edge density tells.
    """
    found, structured = _patterns(plane)
    return _entropy(found[structured]) if structured.any() else None


def _patterns(plane: Plane) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(kind of each pixel, whether a neighbour differs) of (H, W) within its border, (H - 2, W - 2)."""
    height, width = plane.shape
    inner = plane[1 : max(1, height - 1), 1 : max(1, width - 1)]
    pattern, structured = np.zeros(inner.shape, np.uint8), np.zeros(inner.shape, bool)
    for bit, (down, right) in enumerate(_RING if inner.size else ()):
        step = plane[down : down + height - 2, right : right + width - 2] - inner
        lighter = step > NOTICED
        pattern |= lighter.view(np.uint8) << np.uint8(bit)
        structured |= lighter
        structured |= step < -NOTICED
    return _KIND[pattern], structured


def _entropy(kinds: NDArray[np.uint8]) -> float:
    counts = np.bincount(kinds.reshape(-1), minlength=KINDS)
    p = counts[counts > 0] / kinds.size
    return max(0.0, float(-(p * np.log2(p)).sum()) / float(np.log2(KINDS)))
