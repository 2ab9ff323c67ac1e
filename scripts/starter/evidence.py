"""Held-out evidence: areas under the ROC curve with bootstrap intervals, and which tags they allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

MARGIN = 0.05
DRAWS = 1000
LEAST = 15  # positives and negatives below which no figure is written


@dataclass(frozen=True)
class Figure:
    """An area under the ROC curve with its 95 % bootstrap interval."""

    auc: float
    low: float
    high: float
    positives: int
    negatives: int

    @property
    def offered(self) -> bool:
        """Whether the tag beats chance by the margin."""
        return self.low > 0.5 + MARGIN


def stratified_auc(scores: np.ndarray, truth: np.ndarray, strata: np.ndarray | None = None) -> float:
    """Share of (positive, negative) pairs of the same stratum that scores (N,) rank rightly; ties count half.

    Within a stratum it is the Mann–Whitney statistic (Hanley and McNeil 1982, 10.1148/radiology.143.1.7063747).
    Strata (N,) keep posters from being compared with stills. NaN where no pair exists.
    """
    strata = np.zeros(len(scores), int) if strata is None else strata
    parts = [_pairs_won(scores[strata == stratum], truth[strata == stratum]) for stratum in np.unique(strata)]
    pairs = sum(part[1] for part in parts)
    return float(sum(part[0] for part in parts) / pairs) if pairs else float("nan")


def _pairs_won(scores: np.ndarray, truth: np.ndarray) -> tuple[float, int]:
    positives = int(truth.sum())
    won = rankdata(scores)[truth].sum() - positives * (positives + 1) / 2
    return float(won), positives * (len(truth) - positives)


def resamples(count: int, seed: int) -> np.ndarray:
    """Indices (DRAWS, count) of bootstrap samples of pictures."""
    return np.random.default_rng(seed).integers(0, count, (DRAWS, count))


def figure(scores: np.ndarray, truth: np.ndarray, seed: int, strata: np.ndarray | None = None) -> Figure:
    """AUC with the 2.5th and 97.5th percentile over bootstrap samples of pictures."""
    strata = np.zeros(len(scores), int) if strata is None else strata
    draws = [stratified_auc(scores[i], truth[i], strata[i]) for i in resamples(len(scores), seed)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    positives = int(truth.sum())
    return Figure(stratified_auc(scores, truth, strata), float(low), float(high), positives, len(truth) - positives)


def macro_figure(scores: np.ndarray, truth: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Macro-AUC over the columns of scores and truth (N, L), with its 95 % interval; columns share each resample."""

    def macro(index: np.ndarray) -> float:
        return float(np.nanmean([stratified_auc(scores[index, i], truth[index, i]) for i in range(scores.shape[1])]))

    draws = [macro(index) for index in resamples(len(scores), seed)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return macro(np.arange(len(scores))), float(low), float(high)
