"""How many kinds of fine structure a picture has: local binary patterns."""

from __future__ import annotations

import numpy as np

from artvision.pixels.plane import Plane

NOTICED = 1.0  # L*: a neighbour that is lighter by less is as light as the pixel, or noise would be texture; ours
_RING = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))  # the eight neighbours, around
KINDS = 10


def _kinds() -> np.typing.NDArray[np.uint8]:
    """Pattern (256) -> its kind: how many neighbours are lighter if they lie side by side, else the tenth."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    changes = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(changes <= 2, bits.sum(axis=1), KINDS - 1).astype(np.uint8)


_KIND = _kinds()


def pattern_entropy(plane: Plane) -> float:
    """Entropy of the rotation-invariant uniform patterns of 8 neighbours of L* (H, W), over its most; 0..1.

    0 where every pixel has the same surroundings. Source: Ojala, Pietikäinen & Mäenpää, «Multiresolution gray-scale and
    rotation invariant texture classification with local binary patterns», IEEE TPAMI 24(7), 2002, LBP^riu2 of 8, 1 on
    the pixel grid.
    """
    height, width = plane.shape
    if min(height, width) < 3:
        return 0.0
    middle = plane[1:-1, 1:-1] + np.float32(NOTICED)
    pattern = np.zeros(middle.shape, np.uint8)
    for bit, (down, right) in enumerate(_RING):
        lighter = plane[down : down + height - 2, right : right + width - 2] > middle
        pattern |= lighter.view(np.uint8) << np.uint8(bit)
    counts = np.bincount(_KIND[pattern].reshape(-1), minlength=KINDS)
    p = counts[counts > 0] / pattern.size
    return max(0.0, float(-(p * np.log2(p)).sum()) / float(np.log2(KINDS)))
