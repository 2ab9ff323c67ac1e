"""Fits a linear layer: L2-penalised logistic or ridge regression, its strength by cross-validation, then calibrated.

Hoerl and Kennard 1970 (ridge); Platt 1999 (a slope and a shift on predictions out of fold). Needs scikit-learn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artvision.calibration.fitting import EXTRA, logistic
from artvision.calibration.folds import Folds
from artvision.clip.curve import Line
from artvision.extras import extra
from artvision.heads.head import CHANCE, RATING
from artvision.logistic import sigmoid

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """w · x + b for (N, D) rows; `strength` is the penalty that was chosen."""

    weights: Doubles
    bias: float
    strength: float

    def __call__(self, rows: Doubles) -> Doubles:
        """(N, D) -> (N,)."""
        return np.asarray(rows @ self.weights + self.bias)

    def stretched(self, slope: float, shift: float) -> Linear:
        """The layer whose answers are slope · answer + shift."""
        return Linear(self.weights * slope, self.bias * slope + shift, self.strength)


class Regression(ABC):
    """A kind of head: how it is fitted at one strength, what an answer costs, and how answers are calibrated."""

    kind: ClassVar[str]
    strengths: ClassVar[tuple[float, ...]]

    @abstractmethod
    def fit(self, rows: Doubles, labels: Doubles, strength: float) -> Linear:
        """At one strength, on rows of mean zero."""

    @abstractmethod
    def loss(self, answers: Doubles, labels: Doubles) -> float:
        """Mean loss of (N,) answers."""

    @abstractmethod
    def calibrated(self, answers: Doubles, labels: Doubles) -> tuple[float, float]:
        """(slope, shift) that calibrates answers out of fold."""


class Logistic(Regression):
    """For labels that are 0 or 1; an answer is a log-odds."""

    kind = CHANCE
    strengths = (0.1, 1.0, 10.0, 100.0, 1000.0)

    def fit(self, rows: Doubles, labels: Doubles, strength: float) -> Linear:
        """See `Regression.fit`; `strength` is scikit-learn's C, the inverse of the penalty.

        Labels that are all alike, as a fold may leave them, make a level layer with Laplace's chance.
        """
        if labels.min() == labels.max():
            level = float(np.log(len(labels) + 1))
            return Linear(np.zeros(rows.shape[1]), level if labels[0] > 0 else -level, strength)
        made: Any = extra("sklearn.linear_model", EXTRA).LogisticRegression(C=strength, max_iter=10_000)
        made.fit(rows, labels > 0)
        return Linear(made.coef_[0], float(made.intercept_[0]), strength)

    def loss(self, answers: Doubles, labels: Doubles) -> float:
        """Log loss."""
        return float(np.logaddexp(0, np.where(labels > 0, -answers, answers)).mean())

    def calibrated(self, answers: Doubles, labels: Doubles) -> tuple[float, float]:
        """Platt's, of which a slope below zero is 0."""
        line = logistic(sigmoid(answers), labels > 0, 1.0)
        return (line.slope, line.shift) if isinstance(line, Line) else (1.0, 0.0)


class Ridge(Regression):
    """For ratings; an answer is a rating."""

    kind = RATING
    strengths = (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01)

    def fit(self, rows: Doubles, labels: Doubles, strength: float) -> Linear:
        """See `Regression.fit`; `strength` is scikit-learn's alpha, the penalty."""
        made: Any = extra("sklearn.linear_model", EXTRA).Ridge(alpha=strength)
        made.fit(rows, labels)
        return Linear(made.coef_, float(made.intercept_), strength)

    def loss(self, answers: Doubles, labels: Doubles) -> float:
        """Mean squared error."""
        return float(np.mean((answers - labels) ** 2))

    def calibrated(self, answers: Doubles, labels: Doubles) -> tuple[float, float]:
        """Least squares; a slope below zero is 0."""
        spread = float(np.var(answers))
        slope = max(0.0, float(np.cov(answers, labels, bias=True)[0, 1]) / spread) if spread else 0.0
        return slope, float(labels.mean() - slope * answers.mean())


def regression_for(labels: Doubles) -> Regression:
    """Logistic where every label is 0 or 1, otherwise ridge."""
    return Logistic() if set(np.unique(labels).tolist()) <= {0.0, 1.0} else Ridge()


def fit(how: Regression, rows: Doubles, labels: Doubles, dealt: NDArray[np.intp]) -> Linear:
    """The calibrated layer of (N, D) rows. `dealt` (N,): the fold of each row, titles together.

    The strength is the one of the least loss out of fold; slope and shift are fitted on its answers out of fold, and
    folded into the layer.
    """
    middle = rows.mean(axis=0)
    centred = rows - middle
    tried = {strength: _out_of_fold(how, centred, labels, dealt, strength) for strength in how.strengths}
    best = min(tried, key=lambda strength: how.loss(tried[strength], labels))
    found = how.fit(centred, labels, best).stretched(*how.calibrated(tried[best], labels))
    return Linear(found.weights, found.bias - float(found.weights @ middle), best)


def answers_out_of_fold(how: Regression, rows: Doubles, labels: Doubles, outer: Folds, inner: Folds) -> Doubles:
    """(repeats, N) answers of layers that have seen nothing of a row's title, in strength and calibration neither."""
    answers = np.empty(outer.shape)
    for repeat, dealt in enumerate(outer):
        for fold in np.unique(dealt):
            seen = dealt != fold
            layer = fit(how, rows[seen], labels[seen], inner[repeat, seen])
            answers[repeat, ~seen] = layer(rows[~seen])
    return answers


def _out_of_fold(how: Regression, rows: Doubles, labels: Doubles, dealt: NDArray[np.intp], strength: float) -> Doubles:
    answers = np.empty(len(rows))
    for fold in np.unique(dealt):
        seen = dealt != fold
        answers[~seen] = how.fit(rows[seen], labels[seen], strength)(rows[~seen])
    return answers
