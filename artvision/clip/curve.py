"""From a tag's score to the chance that the tag is right: curves that calibration fits and a run applies.

Temperature scaling divides the log-odds by one number a model (Guo et al., «On Calibration of Modern Neural Networks»,
ICML 2017; for zero-shot CLIP LeVine et al. 2023, arXiv 2303.12748), logistic calibration adds a slope and a shift a tag
(Platt 1999), isotonic calibration is a rising line through the data (Zadrozny and Elkan, KDD 2002).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artvision.logistic import sigmoid

Doubles = NDArray[np.float64]

# How near 0 or 1 a score may come before its log-odds are cut.
NEVER_SURE = 1e-12
# Log-odds, and steps of them, in which a curve is searched for its steepest part.
FARTHEST, GRID = 20.0, 4_000


@dataclass(frozen=True)
class Curve(ABC):
    """A rising map of log-odds to probabilities. `floor` in (0, 0.5): nothing is surer than the labels allow."""

    method: ClassVar[str]
    floor: float

    def __call__(self, scores: Doubles) -> Doubles:
        """(N,) scores in [0, 1] -> (N,) probabilities in [floor, 1 - floor]."""
        return np.clip(self._probability(log_odds(scores)), self.floor, 1 - self.floor)

    @abstractmethod
    def _probability(self, logits: Doubles) -> Doubles:
        """(N,) log-odds -> (N,) probabilities."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """JSON form, that `curve_of` reads."""

    def moved_by(self, step: float) -> float:
        """How far the probability moves at most when the log-odds of a score move by `step`."""
        logits = np.linspace(-FARTHEST, FARTHEST, GRID + 1)
        return float((self(sigmoid(logits + step)) - self(sigmoid(logits))).max())


@dataclass(frozen=True)
class Line(Curve):
    """sigmoid(slope · log-odds + shift); without a shift it is a temperature of 1 / slope."""

    slope: float
    shift: float = 0.0
    method: ClassVar[str] = "logistic"

    def _probability(self, logits: Doubles) -> Doubles:
        return sigmoid(self.slope * logits + self.shift)

    def describe(self) -> dict[str, Any]:
        """See `Curve.describe`."""
        return {"method": self.method, "floor": self.floor, "slope": self.slope, "shift": self.shift}


@dataclass(frozen=True)
class Temperature(Line):
    """A `Line` whose slope all tags of the model share."""

    method: ClassVar[str] = "temperature"


@dataclass(frozen=True)
class Steps(Curve):
    """Straight lines between the points (`logits`, `chances`), both rising; level beyond them."""

    logits: tuple[float, ...]
    chances: tuple[float, ...]
    method: ClassVar[str] = "isotonic"

    def _probability(self, logits: Doubles) -> Doubles:
        return np.interp(logits, self.logits, self.chances)

    def describe(self) -> dict[str, Any]:
        """See `Curve.describe`."""
        points = {"logits": list(self.logits), "chances": list(self.chances)}
        return {"method": self.method, "floor": self.floor, **points}


def log_odds(scores: Doubles) -> Doubles:
    """log(s / (1 - s)) of (N,) scores in [0, 1], finite."""
    inside = np.clip(scores, NEVER_SURE, 1 - NEVER_SURE)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def curve_of(content: Mapping[str, Any]) -> Curve:
    """The curve that `describe` told of. Raises ValueError, KeyError or TypeError where the content is none."""
    floor = float(content["floor"])
    if not 0 < floor < 0.5:
        raise ValueError(f"floor {floor} is not between 0 and 0.5")
    if content["method"] == Steps.method:
        logits, chances = (np.asarray(content[name], np.float64) for name in ("logits", "chances"))
        if logits.shape != chances.shape or not len(logits) or (np.diff(logits) < 0).any():
            raise ValueError("an isotonic curve needs as many chances as logits, and these in order")
        return Steps(floor, tuple(logits.tolist()), tuple(chances.tolist()))
    kinds: dict[str, type[Line]] = {kind.method: kind for kind in (Line, Temperature)}
    return kinds[content["method"]](floor, float(content["slope"]), float(content["shift"]))
