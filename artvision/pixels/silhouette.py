"""Silhouettes: a dark and even shape before a bright ground."""

from __future__ import annotations

import numpy as np

from artvision.pixels.plane import Plane

BINS = 101  # one a unit of L*
# Share of the picture from which a dark shape counts in full; ours.
SMALL = 0.05


def silhouette(plane: Plane) -> float:
    """How far L* (H, W) is one dark, even shape before a bright ground, in [0, 1]; 0 for a uniform picture.

    Two classes by Otsu, «A threshold selection method», IEEE Trans. SMC 9(1), 1979: dark with mean d, deviation s and
    share p, light with mean m. The result is (m − d)/(m + d) × (1 − 2 s/(m − d)) × (2 b − 1) × min(1, p/0.05), each
    factor at least 0; b is the share of light along the top and the upper halves of both sides, for a shape may stand
    on something dark. Ours.
    """
    counts = np.bincount((plane + np.float32(0.5)).astype(np.intp).reshape(-1), minlength=BINS).astype(np.float64)
    limit = _otsu(counts)
    level, dark = np.arange(BINS), counts[: limit + 1]
    share = float(dark.sum() / counts.sum())
    if share in (0.0, 1.0):
        return 0.0
    below = float(level[: limit + 1] @ dark / dark.sum())
    above = float(level[limit + 1 :] @ counts[limit + 1 :] / counts[limit + 1 :].sum())
    gap = above - below
    spread = float(np.sqrt(((level[: limit + 1] - below) ** 2) @ dark / dark.sum()))
    upper = plane[: -(-len(plane) // 2)]
    sides = np.concatenate([upper[0], upper[:, 0], upper[:, -1]])
    backed = 2 * float((sides >= limit + 0.5).mean()) - 1
    return max(0.0, gap / (above + below) * (1 - 2 * spread / gap)) * max(0.0, backed) * min(1.0, share / SMALL)


def _otsu(counts: np.typing.NDArray[np.float64]) -> int:
    """The level up to which a tone is dark: the one that sets the two classes furthest apart."""
    level = np.arange(len(counts))
    share, mass = np.cumsum(counts) / counts.sum(), np.cumsum(counts * level) / counts.sum()
    apart = (mass[-1] * share - mass) ** 2 / np.maximum(share * (1 - share), 1e-12)
    return int(np.argmax(apart))
