"""What scores are worth against labels: ranking, calibration error, a threshold, and what abstaining buys."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.contracts.statistics import edges

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

RESAMPLES = 1_000  # of a bootstrap
ROOM = 2_000_000  # weights of pictures in memory at once
TAILS = (0.025, 0.975)  # of a 95 % interval
BINS = 10
COVERAGES = tuple(round(step / 10, 1) for step in range(10, 0, -1))


class Ranking(NamedTuple):
    """A measure of order, AUC or a rank correlation, with its 95 % interval and its standard error."""

    auc: float
    low: float
    high: float
    error: float

    @property
    def p_value(self) -> float:
        """Chance of an AUC at least so high where the scores say nothing; 1 where it is no number.

        Normal on the scale of log-odds, where an AUC near 1 keeps its tail: Pepe, «The Statistical Evaluation of
        Medical Tests for Classification and Prediction», 2003, chapter 5.
        """
        from scipy.special import logit
        from scipy.stats import norm

        if not 0 < self.auc < 1 or not self.error > 0:
            return 0.0 if self.auc == 1 else 1.0
        return float(norm.sf(logit(self.auc) * self.auc * (1 - self.auc) / self.error))


def ranking(scores: Doubles, truth: Bools, titles: NDArray[np.intp], seed: int = 0) -> Ranking:
    """AUC of (N,) scores, with percentiles of a bootstrap over titles: pictures of one title are no separate witnesses.

    NaN where the labels are all alike. Efron and Tibshirani, «An Introduction to the Bootstrap», 1993, chapter 13.
    """
    return bootstrapped(lambda weights: aucs(scores, truth, weights), titles, seed)


def concordance(answers: Doubles, ratings: Doubles, titles: NDArray[np.intp], seed: int = 0) -> Ranking:
    """Spearman's rank correlation of (N,) answers and ratings, in the same way; NaN where either is constant."""
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(answers), rankdata(ratings)])
    return bootstrapped(lambda weights: _correlations(ranks, weights), titles, seed)


def bootstrapped(figure: Callable[[Doubles], Doubles], titles: NDArray[np.intp], seed: int) -> Ranking:
    """A figure of weights, (B, N) -> (B,), for all pictures and over resampled titles, (N,) numbers."""
    present = np.bincount(titles) > 0
    random, shares, drawn = np.random.default_rng(seed), present / present.sum(), []
    size = max(1, ROOM // len(titles))
    for done in range(0, RESAMPLES, size):
        times = random.multinomial(present.sum(), shares, size=min(size, RESAMPLES - done))
        drawn.append(figure(times[:, titles].astype(np.float64)))
    every, spread = float(figure(np.ones((1, len(titles))))[0]), np.concatenate(drawn)
    spread = spread[np.isfinite(spread)]
    if not len(spread):
        return Ranking(every, *[float("nan")] * 3)
    low, high = np.quantile(spread, TAILS)
    return Ranking(every, float(low), float(high), float(spread.std()))


def _correlations(ranks: Doubles, weights: Doubles) -> Doubles:
    """Weighted correlations of two rows of ranks, (2, N), for each row of `weights` (B, N)."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    one, other = (row - (shares @ row)[:, None] for row in ranks)
    spread = np.sqrt((shares * one**2).sum(axis=1) * (shares * other**2).sum(axis=1))
    return _ratio((shares * one * other).sum(axis=1), spread)


def aucs(scores: Doubles, truth: Bools, weights: Doubles) -> Doubles:
    """Weighted AUC, ties counting half, for each row of `weights` (B, N); NaN where a row lacks a class.

    The Mann-Whitney statistic over its maximum: Hanley and McNeil 1982, Radiology 143.
    """
    return _ratio(*pairs_won(scores, truth, weights))


def pairs_won(scores: Doubles, truth: Bools, weights: Doubles) -> tuple[Doubles, Doubles]:
    """((B,) weight of pairs of yes and no that the scores put right, ties counting half, (B,) weight of all pairs)."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    yes = np.add.reduceat(weights[:, order] * truth[order], starts, axis=1)
    no = np.add.reduceat(weights[:, order] * ~truth[order], starts, axis=1)
    below = np.cumsum(no, axis=1) - no / 2
    return (yes * below).sum(axis=1), yes.sum(axis=1) * no.sum(axis=1)


def _ratio(upper: Doubles, lower: Doubles) -> Doubles:
    """Quotients, (B,); NaN where there is nothing below."""
    return np.asarray(np.divide(upper, lower, out=np.full(len(upper), np.nan), where=lower > 0))


def calibration_error(chances: Doubles, truth: Bools) -> float:
    """ECE: mean distance between probability and frequency, over the bins of `reliability`."""
    return float(
        sum(count * abs(chance - share) for chance, share, count in reliability(chances, truth)) / len(chances)
    )


def reliability(chances: Doubles, truth: Bools) -> list[tuple[float, float, int]]:
    """(mean probability, frequency, pictures) of ten bins that hold as many pictures each, from the lowest.

    Bins of one width would put all of a rare tag into one (Nixon et al., «Measuring Calibration in Deep Learning»,
    CVPR workshops 2019). A probability that many pictures have, a step of an isotonic curve, has a bin for itself.
    """
    bins = np.searchsorted(edges(chances, BINS), chances, side="left")
    count = np.bincount(bins)
    used = count > 0
    sums = (np.bincount(bins, chances)[used], np.bincount(bins, truth)[used])
    means, shares = (total / count[used] for total in sums)
    return list(zip(means.tolist(), shares.tolist(), count[used].tolist(), strict=True))


def brier(chances: Doubles, truth: Bools) -> float:
    """Mean squared distance of probability and truth (Brier 1950)."""
    return float(np.mean((chances - truth) ** 2))


def log_loss(chances: Doubles, truth: Bools) -> float:
    """Mean of -log of the probability that was given to what is true; probabilities lie inside (0, 1)."""
    return float(-np.log(np.where(truth, chances, 1 - chances)).mean())


def best_threshold(chances: Doubles, truth: Bools, precision: float = 0.0) -> float:
    """The threshold of the highest F1, or the lowest with a `precision` (the most precise where none has it).

    It lies halfway to the next lower probability, so that no picture lies on it. Of several that tie the highest is
    taken.
    """
    levels, at = np.unique(chances, return_inverse=True)
    hits = np.cumsum(np.bincount(at, truth)[::-1])[::-1]
    called = np.cumsum(np.bincount(at)[::-1])[::-1]
    precise = hits / called
    if precision and (precise >= precision).any():
        best = int(np.argmax(precise >= precision))
    else:
        worth = precise if precision else 2 * hits / (called + truth.sum())
        best = len(worth) - 1 - int(np.argmax(worth[::-1]))
    return float(levels[0] / 2 if best == 0 else (levels[best - 1] + levels[best]) / 2)


def doubt(chances: Doubles, thresholds: Doubles | float) -> Doubles:
    """What a decision is expected to cost, (N,) in [0, 1]: (1 - p) / (1 - t) of a yes, p / t of a no.

    A threshold t says what mistakes are worth: a false yes 1 / (1 - t), a miss 1 / t (Elkan, «The Foundations of
    Cost-Sensitive Learning», IJCAI 2001). At the threshold it is 1.
    """
    return np.where(chances >= thresholds, (1 - chances) / (1 - np.asarray(thresholds)), chances / thresholds)


def band(chances: Doubles, threshold: float, coverage: float) -> tuple[float, float]:
    """Between which probabilities to abstain so that at least a share `coverage` of the pictures has an answer.

    The ends are the nearest probabilities on either side that have one, or those as doubtful as the last of them.
    """
    doubts = doubt(chances, threshold)
    most = np.sort(doubts)[max(1, ceil(coverage * len(chances))) - 1]
    answered = chances[doubts <= most]
    below, above = answered[answered < threshold], answered[answered >= threshold]
    low, high = most * threshold, 1 - most * (1 - threshold)
    return float(below.max(initial=low)), float(above.min(initial=high))


def coverage_risk(chances: Doubles, truth: Bools, thresholds: Doubles) -> list[tuple[float, float]]:
    """(coverage, risk): the least mean cost of decisions when at least this share of the pictures has an answer.

    The least doubtful are answered first. The risk never rises as the coverage falls: whoever may answer fewer may
    answer as many. El-Yaniv and Wiener, «On the Foundations of Noise-free Selective Classification», JMLR 2010.
    """
    yes = chances >= thresholds
    costs = np.where(yes, ~truth / (1 - thresholds), truth / thresholds)
    order = np.argsort(doubt(chances, thresholds), kind="stable")
    risks = np.cumsum(costs[order]) / np.arange(1, len(order) + 1)
    least = np.minimum.accumulate(risks[::-1])[::-1]
    return [(share, float(least[max(1, ceil(share * len(least))) - 1])) for share in COVERAGES]
