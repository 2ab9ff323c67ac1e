"""Fits the curves from scores to probabilities. Needs scikit-learn, which a run does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.clip.curve import Curve, Line, Steps, Temperature, log_odds
from artvision.extras import extra

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Fit = Callable[[Doubles, Bools, float], Curve]

EXTRA = "heads"
HOTTEST = 100.0  # the highest temperature tried, and one over the lowest
# Pictures of the tag's frequency that are added to each step of an isotonic curve.
PRIOR = 2.0
# Inverse strength of the penalty that keeps two parameters finite where one score divides the classes.
WEAK = 1e6


def temperature(scores: Sequence[Doubles], truths: Sequence[Bools]) -> float:
    """The one number by which to divide the log-odds of all tags: the least mean log loss, each tag counting alike."""
    from scipy.optimize import minimize_scalar

    signed = [np.where(truth, 1, -1) * log_odds(one) for one, truth in zip(scores, truths, strict=True)]

    def loss(logarithm: float) -> float:
        return float(np.mean([np.logaddexp(0, -one / np.exp(logarithm)).mean() for one in signed]))

    limit = float(np.log(HOTTEST))
    return float(np.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x))


def tempered(scores: Doubles, _: Bools, temperature: float) -> Curve:
    """The temperature of the model."""
    return Temperature(floor_of(len(scores)), 1 / temperature)


def logistic(scores: Doubles, truth: Bools, temperature: float) -> Curve:
    """A slope and a shift of the log-odds; the temperature where the labels are all alike."""
    if truth.all() or not truth.any():
        return tempered(scores, truth, temperature)
    made: Any = extra("sklearn.linear_model", EXTRA).LogisticRegression(C=WEAK)
    made.fit(log_odds(scores)[:, None], truth)
    # A score that points the wrong way says nothing.
    if (slope := float(made.coef_[0, 0])) <= 0:
        return Line(floor_of(len(scores)), 0.0, float(log_odds(np.array([truth.mean()]))[0]))
    return Line(floor_of(len(scores)), slope, float(made.intercept_[0]))


def isotonic(scores: Doubles, truth: Bools, _: float) -> Curve:
    """The rising line of least squares, each step drawn to the tag's frequency as by two pictures more.

    Unshrunk, the one picture with the highest score would say that all like it are right (m-estimate: Cestnik 1990).
    """
    line: Any = extra("sklearn.isotonic", EXTRA).IsotonicRegression(out_of_bounds="clip")
    logits = log_odds(scores)
    step = np.unique(line.fit_transform(logits, truth.astype(np.float64)), return_inverse=True)[1]
    counts, hits = np.bincount(step), np.bincount(step, truth)
    drawn = (hits + PRIOR * truth.mean()) / (counts + PRIOR)
    level = line.fit_transform(np.arange(len(drawn)), drawn, sample_weight=counts)
    line.fit(logits, level[step])
    return Steps(floor_of(len(scores)), tuple(line.X_thresholds_.tolist()), tuple(line.y_thresholds_.tolist()))


def floor_of(count: int) -> float:
    """The least probability that `count` labels can speak for: 1 / (n + 2), Laplace's rule of succession."""
    return 1 / (count + 2)


METHODS: dict[str, Fit] = {Temperature.method: tempered, Line.method: logistic, Steps.method: isotonic}
