"""Held-out evidence: areas under the ROC curve with bootstrap intervals, and which tags they allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artvision.calibration.figures import Ranking, aucs, bootstrapped, pairs_won

MARGIN = 0.05
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


def stratified_aucs(scores: np.ndarray, truth: np.ndarray, strata: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of (yes, no) pairs of the same stratum that scores (N,) rank rightly, for each row of `weights` (B, N).

    Strata (N,) keep posters from being compared with stills. NaN where no pair exists.
    """
    owned = [strata == stratum for stratum in np.unique(strata)]
    parts = [pairs_won(scores[own], truth[own], weights[:, own]) for own in owned]
    won, pairs = (np.sum(side, axis=0) for side in zip(*parts, strict=True))
    return np.asarray(np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0))


def stratified_auc(scores: np.ndarray, truth: np.ndarray, strata: np.ndarray | None = None) -> float:
    """Of all pictures, each counting once; one stratum where none are given."""
    strata = np.zeros(len(scores), int) if strata is None else strata
    return float(stratified_aucs(scores, truth, strata, np.ones((1, len(scores))))[0])


def figure(scores: np.ndarray, truth: np.ndarray, seed: int, strata: np.ndarray | None = None) -> Figure:
    """AUC with its interval over bootstrap samples of pictures, each of which is a title of its own."""
    strata = np.zeros(len(scores), int) if strata is None else strata
    alone = np.arange(len(scores))
    found = bootstrapped(lambda weights: stratified_aucs(scores, truth, strata, weights), alone, seed)
    positives = int(truth.sum())
    return Figure(found.auc, found.low, found.high, positives, len(truth) - positives)


def macro_figure(scores: np.ndarray, truth: np.ndarray, seed: int) -> Ranking:
    """Macro-AUC over the columns of scores and truth (N, L), with its interval; columns share each resample."""

    def macro(weights: np.ndarray) -> np.ndarray:
        return np.asarray(np.nanmean([aucs(*pair, weights) for pair in zip(scores.T, truth.T, strict=True)], axis=0))

    return bootstrapped(macro, np.arange(len(scores)), seed)
