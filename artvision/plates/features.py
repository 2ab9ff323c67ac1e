"""Local features of a picture: where they are, how large, and what they look like, also in the mirror."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.plates.opencv import cv2

# Features kept of a picture: matching costs their square; more brought no recall.
KEPT = 500
# Cells along the long side among which they are spread, else a title holds most of them.
CELLS = 6
# Contrast threshold of SIFT, half of OpenCV's default: scrims and soft skies keep features.
FAINT = 0.02
FAINTEST = 0.0075  # the same where that leaves few features, as in haze
# Features, below which there are too few for a picture and its variant to share six.
FEW = 100
BINS = 8  # orientations in a SIFT histogram


@dataclass(frozen=True, eq=False)
class Features:
    """N features: `points` (N, 2) float32 x, y in pixels, `sizes` (N,) float32 in pixels, `words` (N, 128) uint8."""

    points: NDArray[np.float32]
    sizes: NDArray[np.float32]
    words: NDArray[np.uint8]

    def mirrored(self, width: int) -> Features:
        """Those of the picture turned left to right, whose width is `width` pixels; nothing is computed anew."""
        words = self.words.reshape(-1, 4, 4, BINS)[:, :, ::-1]
        # A direction θ becomes 180° − θ.
        turned = words[..., (BINS // 2 - np.arange(BINS)) % BINS]
        points = np.column_stack([width - 1 - self.points[:, 0], self.points[:, 1]])
        return Features(points, self.sizes, np.ascontiguousarray(turned).reshape(-1, 4 * 4 * BINS))

    def rooted(self) -> NDArray[np.float32]:
        """Words as unit vectors (N, 128) whose products compare histograms by Hellinger's kernel.

        Source: Arandjelović & Zisserman, «Three things everyone should know to improve object retrieval», CVPR 2012.
        """
        words = self.words.astype(np.float32)
        rooted: NDArray[np.float32] = np.sqrt(words / np.maximum(words.sum(axis=1, keepdims=True), 1))
        return rooted


def features(grey: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> Features:
    """Up to 500 features of (H, W) uint8, spread over it; none where `hidden` (H, W) is true.

    SIFT (Lowe, IJCV 60(2), 2004) with upright histograms: artwork is cut and mirrored, hardly ever turned, and upright
    ones tell more apart.
    """
    sift, found = _detected(grey, hidden, FAINT)
    if len(found) < FEW:
        sift, found = _detected(grey, hidden, FAINTEST)
    chosen = _spread(found, max(grey.shape) / CELLS)
    for point in chosen:
        point.angle = 0.0
    kept, words = sift.compute(grey, chosen) if chosen else ((), None)
    points = np.array([point.pt for point in kept], np.float32).reshape(-1, 2)
    sizes = np.array([point.size for point in kept], np.float32)
    return Features(points, sizes, np.zeros((0, 128), np.uint8) if words is None else words.astype(np.uint8))


def _detected(
    grey: NDArray[np.uint8], hidden: NDArray[np.bool_], contrast: float
) -> tuple[cv2.Feature2D, list[cv2.KeyPoint]]:
    """SIFT of that contrast threshold, and what it finds where nothing is hidden."""
    sift = cv2.SIFT_create(0, 3, contrast)  # type: ignore[attr-defined]  # its stubs forget it
    height, width = grey.shape
    places = [(min(int(p.pt[0] + 0.5), width - 1), min(int(p.pt[1] + 0.5), height - 1), p) for p in sift.detect(grey)]
    return sift, [point for x, y, point in places if not hidden[y, x]]


def _spread(found: list[cv2.KeyPoint], side: float) -> list[cv2.KeyPoint]:
    """The strongest of each cell first, then the second of each, and so on; one of each place and size."""
    ordered = sorted(found, key=lambda point: (-point.response, point.pt, point.size))
    unique = list({(point.pt, point.size): point for point in ordered}.values())
    ranks: dict[tuple[int, int], int] = {}
    ranked = []
    for order, point in enumerate(unique):
        cell = int(point.pt[0] / side), int(point.pt[1] / side)
        ranks[cell] = ranks.get(cell, -1) + 1
        ranked.append((ranks[cell], order))
    return [unique[order] for _, order in sorted(ranked)[:KEPT]]
