"""How far two samples are apart, and whether that is more than two samples of one population would be.

No effect is judged by its size alone: PSI of two halves of a small run exceeds its customary limits by chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
Codes = NDArray[np.int64]

BINS = 10  # deciles, as is customary for PSI
# Fewer bins where there are fewer rows: below this the chi-square of PSI no longer holds.
ROWS_A_BIN = 10
SMOOTHING = (
    # Rows added to every bin: an empty one would make PSI infinite (half a row: Haldane 1955, Anscombe 1956).
    0.5
)


def edges(values: Numbers, bins: int) -> Numbers:
    """Inner edges (E,) of at most `bins` bins of equal count, fixed on these values; a bin includes its upper edge.

    A value at which several quantiles meet (a share that is mostly 0) has a bin for itself.
    """
    quantiles = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    found, times = np.unique(quantiles, return_counts=True)
    return np.unique(np.concatenate([found, np.nextafter(found[times > 1], -np.inf)]))


def bins_for(rows: int) -> int:
    """How many bins samples of which the smaller has so many rows can bear: 2 to BINS."""
    return int(np.clip(rows // ROWS_A_BIN, 2, BINS))


def psi(a: Counts, b: Counts) -> float:
    """Population stability index of two histograms (B,): sum of (q - p) ln(q / p) over bins that either side uses.

    The symmetric divergence of Kullback and Leibler 1951 (Jeffreys); the name is credit scoring's. 0 for equal shares.
    """
    used = (a + b) > 0
    p, q = (_smoothed(counts[used]) for counts in (a, b))
    return float(((q - p) * np.log(q / p)).sum())


def psi_p_value(value: float, bins: int, rows: tuple[float, float]) -> float:
    """Chance of a PSI at least as large without any change, `bins` being used and `rows` the sizes of both samples.

    PSI / (1/n + 1/m) is about chi-square with bins - 1 degrees of freedom: Yurdakul 2018, "Statistical properties of
    population stability index", Western Michigan University.
    """
    return float(stats.chi2.sf(value / (1 / rows[0] + 1 / rows[1]), bins - 1)) if bins > 1 else 1.0


def ks(a: Numbers, b: Numbers) -> float:
    """Largest distance of two empirical distribution functions, 0..1 (Kolmogorov-Smirnov)."""
    return float(stats.ks_2samp(a, b, method="asymp").statistic)


def ks_p_value(value: float, rows: tuple[float, float]) -> float:
    """Chance of a KS at least as large without any change; too cautious where values repeat."""
    size = max(1, round(rows[0] * rows[1] / (rows[0] + rows[1])))
    return float(stats.kstwo.sf(value, size))


def proportions_p_value(shares: tuple[float, float], rows: tuple[float, float]) -> float:
    """Chance that two samples of one population differ at least so much in a share: two-sided, pooled z-test."""
    pooled = (shares[0] * rows[0] + shares[1] * rows[1]) / (rows[0] + rows[1])
    if not 0 < pooled < 1:
        return 1.0
    spread = np.sqrt(pooled * (1 - pooled) * (1 / rows[0] + 1 / rows[1]))
    return float(2 * stats.norm.sf(abs(shares[0] - shares[1]) / spread))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted so that the chance of any false alarm among them stays below the level (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values, np.float64)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return [float(value) for value in adjusted]


def design_effect(codes: Codes, titles: Codes) -> float:
    """How many rows tell as much as one independent row: at least 1, from how alike the rows of a title are.

    1 + (m - 1) ICC (Kish 1965) with m the size-weighted mean title and the intraclass correlation of the one-way
    analysis of variance, summed over the indicators of `codes` (N,), the bin of each row. `titles` (N,) numbers the
    title of each row, negative where it has none. With a single title likeness cannot be told from the population: 1.
    """
    alone = titles.max(initial=0) + 1 + np.arange(len(titles))
    titles = np.unique(np.where(titles < 0, alone, titles), return_inverse=True)[1]
    rows, groups = len(titles), int(titles.max(initial=-1)) + 1
    if groups < 2 or groups == rows:
        return 1.0
    sizes = np.bincount(titles).astype(np.float64)
    between = within = 0.0
    for code in np.unique(codes):
        hits = np.bincount(titles, codes == code, groups)
        between += float((hits**2 / sizes).sum() - hits.sum() ** 2 / rows)
        within += float((hits - hits**2 / sizes).sum())
    between, within = between / (groups - 1), within / (rows - groups)
    mean = (rows - (sizes**2).sum() / rows) / (groups - 1)
    variance = between + (mean - 1) * within
    likeness = (between - within) / variance if variance > 0 else 0.0
    return max(1.0, 1 + (float((sizes**2).sum()) / rows - 1) * likeness)


def _smoothed(counts: Counts) -> Numbers:
    padded = counts.astype(np.float64) + SMOOTHING
    return padded / float(padded.sum())
