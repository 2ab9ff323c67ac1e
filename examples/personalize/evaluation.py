"""What a policy is worth, estimated from a log of other choices: replay and doubly robust; and with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from logs import Log
from numpy.typing import NDArray
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from world import CANDIDATES, Floats, Ints, World

PARTS = 16  # directions of the vectors that the reward model sees
FOLDS = 2


@dataclass(frozen=True)
class Value:
    """Plays a visit: by replay, doubly robust, and true, which only a simulation knows."""

    replay: float
    robust: float
    true: float


def value(log: Log, chosen: Ints, expected: Floats) -> Value:
    """The value of showing `chosen` (n,); `expected` (n, CANDIDATES): rewards that a model expects."""
    rows = np.arange(len(chosen))
    true = float(log.chance[rows, chosen].mean())
    return Value(replay(log, chosen), doubly_robust(log, chosen, expected), true)


def replay(log: Log, chosen: Ints) -> float:
    """Mean reward of the visits at which the log shows what the policy would; the log must be uniform.

    Li, Chu, Langford and Wang 2011, «Unbiased offline evaluation of contextual-bandit-based news article
    recommendation algorithms», WSDM.
    """
    if not np.allclose(log.propensity, 1 / CANDIDATES):
        raise ValueError("replay needs a log in which every artwork was as likely")
    same = log.action == chosen
    return float(log.reward[same].mean())


def doubly_robust(log: Log, chosen: Ints, expected: Floats) -> float:
    """Mean of q(x, a*) + 1[a = a*] (r - q(x, a)) / p. Unbiased where either q or the propensities p are right.

    Dudík, Langford and Li 2011, «Doubly robust policy evaluation and learning», ICML.
    """
    rows = np.arange(len(chosen))
    off = (log.action == chosen) * (log.reward - expected[rows, log.action]) / log.propensity
    return float((expected[rows, chosen] + off).mean())


def expected_rewards(world: World, log: Log, vectors: Floats, rng: np.random.Generator) -> Floats:
    """(n, CANDIDATES): a reward model's guess, each fold's by a model that was fitted on the other folds."""
    seen, art = _members(log), world.titles[log.title]
    found = np.zeros((len(log.title), CANDIDATES))
    fold = rng.integers(0, FOLDS, len(log.title))
    for number in range(FOLDS):
        own, others = fold == number, fold != number
        shown = art[others, log.action[others]]
        model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
        model.fit(np.hstack([seen[others], vectors[shown]]), log.reward[others])
        for place in range(CANDIDATES):
            rows = np.hstack([seen[own], vectors[art[own, place]]])
            found[own, place] = model.predict_proba(rows)[:, 1]
    return found


def directions(values: NDArray[np.float32]) -> Floats:
    """(N, PARTS): the rows along the directions in which they differ most."""
    centred = values.astype(np.float64) - values.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ axes[:PARTS].T)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """(mean, half width of the 95 % interval) over independent repetitions; Student's t."""
    found = np.asarray(values, np.float64)
    if len(found) < 2:
        return float(found.mean()), float("nan")
    half = stats.t.ppf(0.975, len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found))
    return float(found.mean()), float(half)


def _members(log: Log) -> Floats:
    """Segment and shown genres as flags, which the reward model may look at; the favourite actor is left out."""
    own = log.members
    width = int(own.shown_likes.max()) + 1
    genres = np.zeros((len(log.title), width))
    for column in own.shown_likes.T:
        genres[np.arange(len(column)), column] = 1
    return np.hstack([np.eye(int(own.segment.max()) + 1)[own.segment], genres])
