"""Where a value stands among those of its own group: rank and z-score, for all groups at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Groups = NDArray[np.int64]

# Beyond it a z-score says «far out» and no more; within n values none can pass √(n - 1) (Samuelson 1968).
MAX_Z = 5.0
FEWEST = 3  # values that make a z-score: of two it is always ±1


def ranks(values: Values, groups: Groups) -> Values:
    """Rank of each value in its group as a share: 0 lowest, 1 highest, ties averaged; NaN for NaN and in groups of one.

    (N,) values and group numbers -> (N,): (mean rank - 1) / (n - 1) over the n known values of the group.
    """
    result = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return result
    order = known[np.lexsort((values[known], groups[known]))]
    value, group = values[order], groups[order]
    starts, sizes, of = _runs(group[1:] != group[:-1])
    firsts, ties, tie_of = _runs((group[1:] != group[:-1]) | (value[1:] != value[:-1]))
    place = firsts[tie_of] + (ties[tie_of] - 1) / 2 - starts[of]
    result[order] = np.divide(place, sizes[of] - 1, out=np.full(len(order), np.nan), where=sizes[of] > 1)
    return result


def z_scores(values: Values, groups: Groups, noise: float) -> Values:
    """(value - mean) / standard deviation (of the population) in the group, clipped to ±MAX_Z.

    NaN for NaN, in groups of fewer than FEWEST known values, and where they spread (highest - lowest) no more than
    `noise`, what one picture at two sizes may differ by.
    """
    result = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return result
    order = known[np.argsort(groups[known], kind="stable")]
    value, group = values[order], groups[order]
    starts, sizes, of = _runs(group[1:] != group[:-1])
    spread = np.maximum.reduceat(value, starts) - np.minimum.reduceat(value, starts)
    off = value - (np.add.reduceat(value, starts) / sizes)[of]
    deviation = np.sqrt(np.add.reduceat(off * off, starts) / sizes)
    told = ((sizes >= FEWEST) & (spread > max(noise, 0.0)))[of]
    scores = np.divide(off, deviation[of], out=np.full(len(order), np.nan), where=told)
    result[order] = np.clip(scores, -MAX_Z, MAX_Z)
    return result


def _runs(changes: NDArray[np.bool_]) -> tuple[Groups, Groups, Groups]:
    """Of runs of equals: where each starts, how long it is, and for each position the number of its run."""
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    sizes = np.diff(np.append(starts, len(changes) + 1))
    return starts, sizes, np.repeat(np.arange(len(starts)), sizes)
