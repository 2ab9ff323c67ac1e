"""Fit what names a shot on labelled film stills: cut-offs of the face's height, and the heads of artvision/data/shots.toml.

    python scripts/fit_shots.py STILLS.parquet WORK [--write]

WORK keeps the unpacked stills and their run, so that a second call starts at once. Without --write nothing is changed.
What was held out is measured by scripts/measure_shots.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cut_offs(heights: NDArray[np.float64], ranks: NDArray[np.int64], classes: int) -> list[float]:
    """The smallest height of each class above the lowest, so that the mean share of each class told right is largest.

    `heights` (N,) with `ranks` (N,) in 0..classes - 1, 0 the lowest class. Exact: dynamic programming over the sorted heights.
    """
    order = np.argsort(heights, kind="stable")
    high, rank = heights[order], ranks[order]
    worth = np.eye(classes)[rank] / np.bincount(ranks, minlength=classes).clip(1)
    total = np.concatenate([np.zeros((1, classes)), np.cumsum(worth, 0)])
    distinct = np.concatenate([[True], high[1:] > high[:-1], [True]])
    best, cuts = np.where(distinct, total[:, 0], -np.inf), []
    for label in range(1, classes):
        gain = best - total[:, label]
        first = np.maximum.accumulate(gain)
        where = np.where(gain == first, np.arange(len(gain)), 0)
        cuts.append(np.maximum.accumulate(where))
        best = np.where(distinct, first + total[:, label], -np.inf)
    return _thresholds(high, cuts)


def _thresholds(high: NDArray[np.float64], cuts: Sequence[NDArray[np.int64]]) -> list[float]:
    """Half way between the neighbours of each cut, walked back from the last."""
    at, found = len(high), []
    for cut in reversed(cuts):
        at = int(cut[at])
        low, up = high[max(0, at - 1)], high[min(at, len(high) - 1)]
        found.append(float((low + up) / 2))
    return found[::-1]
