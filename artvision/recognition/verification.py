"""What labelled pairs say of an embedder: shares with their intervals, and the ROC curve's area."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAIL = 0.025  # left out on either side of an interval: 95 % confidence


@dataclass(frozen=True)
class Pair:
    """Two pictures, whether they show one person, and the line of the list that says so (`pairs.csv:7`)."""

    a: Path
    b: Path
    same: bool
    where: str


@dataclass(frozen=True)
class Scored:
    """A pair and the likeness of the most prominent face of each picture, in [0, 1]."""

    pair: Pair
    score: float


@dataclass(frozen=True)
class Unused:
    """A pair that says nothing: the picture to blame, and why."""

    where: str
    path: str
    reason: str


@dataclass(frozen=True)
class Figure:
    """A share in [0, 1] with the interval that holds it with 95 % confidence; `reason` says why there is none.

    The interval takes pairs for independent. Pairs that share pictures are not, so theirs is somewhat too narrow.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verification:
    """What the pairs say of an embedder: those that were scored, those that were of no use, figures at a threshold.

    `data_sha256` names the data, not its place: it covers the labels and the bytes of the pictures of the scored pairs,
    in no order, so a copied folder or a sorted list has the same one.
    """

    threshold: float
    scored: tuple[Scored, ...]
    unused: tuple[Unused, ...]
    data_sha256: str

    @cached_property
    def genuine(self) -> NDArray[np.float64]:
        """Scores of pairs of one person, (pairs,), in the list's order."""
        return np.array([item.score for item in self.scored if item.pair.same], np.float64)

    @cached_property
    def impostor(self) -> NDArray[np.float64]:
        """Scores of pairs of two people, (pairs,), in the list's order."""
        return np.array([item.score for item in self.scored if not item.pair.same], np.float64)

    @property
    def true_positive_rate(self) -> Figure:
        """Share of pairs of one person that are taken for one (score at least the threshold)."""
        return _share(self.genuine >= self.threshold, "pair of one person")

    @property
    def false_positive_rate(self) -> Figure:
        """Share of pairs of two people that are taken for one: the false-match rate of a single comparison."""
        return _share(self.impostor >= self.threshold, "pair of two people")

    @property
    def accuracy(self) -> Figure:
        """Share of pairs told right; it depends on how many there are of each kind."""
        right = np.concatenate([self.genuine >= self.threshold, self.impostor < self.threshold])
        return _share(right, "pair")

    @property
    def auc(self) -> Figure:
        """Area under the ROC curve: the chance that a pair of one person scores above one of two, ties counting half.

        The Mann-Whitney statistic over its maximum (Hanley and McNeil 1982, Radiology 143); no threshold enters.
        """
        most = len(self.genuine) * len(self.impostor)
        if not most:
            return Figure(None, reason=f"no usable pair of {'two people' if len(self.genuine) else 'one person'}")
        ordered = np.sort(self.impostor)
        below, not_above = (np.searchsorted(ordered, self.genuine, side).sum() for side in ("left", "right"))
        return Figure(float(below + not_above) / 2 / most)

    def describe(self) -> dict[str, Any]:
        """JSON form: counts, figures, the score of every pair, and what was of no use."""
        figures = ("accuracy", "true_positive_rate", "false_positive_rate", "auc")
        return {
            "threshold": self.threshold,
            "pairs": len(self.scored) + len(self.unused),
            "used": len(self.scored),
            "genuine": len(self.genuine),
            "impostor": len(self.impostor),
            **{name: asdict(getattr(self, name)) for name in figures},
            "scores": [
                {"a": str(item.pair.a), "b": str(item.pair.b), "same": item.pair.same, "score": item.score}
                for item in self.scored
            ],
            "unused": [asdict(item) for item in self.unused],
            "data_sha256": self.data_sha256,
        }


def _share(right: NDArray[np.bool_], what: str) -> Figure:
    """Share of True with its exact interval, by quantiles of the beta distribution (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    hits, count = int(right.sum()), len(right)
    if not count:
        return Figure(None, reason=f"no usable {what}")
    low = float(betaincinv(hits, count - hits + 1, TAIL)) if hits else 0.0
    high = float(betaincinv(hits + 1, count - hits, 1 - TAIL)) if hits < count else 1.0
    return Figure(hits / count, low, high)
