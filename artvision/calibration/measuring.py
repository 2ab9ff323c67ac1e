"""What one tag is worth: its ranking, its best curve by cross-validation, and every figure out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.calibration.figures import (
    band,
    best_threshold,
    brier,
    calibration_error,
    coverage_risk,
    log_loss,
    ranking,
)
from artvision.calibration.fitting import METHODS, Bools, Doubles, Fit, temperature
from artvision.calibration.folds import Folds
from artvision.clip.curve import Curve
from artvision.errors import UsageError
from artvision.wording import counted

DIGITS = 4  # of figures that are kept
GAIN = 0.001  # of log loss, by which a curve with more freedom must win


@dataclass(frozen=True)
class Rules:
    """When a tag is offered, and how it is judged.

    `margin`: what the lower end of the 95 % interval of its AUC must have over 0.5; `least`: positives, and negatives,
    that it needs; `folds` and `repeats` of the cross-validation by title; `coverage`: share of pictures that are
    answered at least; `precision`: what the threshold aims at, 0 for the highest F1. Raises UsageError for what cannot
    be meant.
    """

    margin: float = 0.05
    least: int = 15
    folds: int = 5
    repeats: int = 4
    coverage: float = 0.9
    precision: float = 0.0

    def __post_init__(self) -> None:
        for name, low, high in (("margin", 0, 0.5), ("least", 2, 10**9), ("folds", 2, 100), ("repeats", 1, 100)):
            if not low <= getattr(self, name) <= high:
                raise UsageError(f"--{name} {getattr(self, name)} is not between {low} and {high}")
        if not 0 <= self.precision <= 1:
            raise UsageError(f"--precision {self.precision:g} is no share; 0 takes the threshold of the highest F1")
        if not 0 < self.coverage <= 1:
            raise UsageError(f"--coverage {self.coverage:g} is no share above 0 and up to 1")

    @property
    def said(self) -> str:
        """For people, and for the file."""
        return (
            f"offered from {self.least} positives and negatives, in {self.folds} titles each, where the lower end of "
            f"the 95 % interval of the AUC is above {0.5 + self.margin:g}"
        )


@dataclass(frozen=True)
class Tag:
    """Scores and labels of one tag: (N,) scores in [0, 1], (N,) truth, (N,) title numbers, (repeats, N) folds."""

    name: str
    scores: Doubles
    truth: Bools
    titles: NDArray[np.intp]
    folds: Folds

    def lacks(self, rules: Rules) -> str:
        """What it has too few of to be measured; empty where it has enough."""
        for side, what in ((True, "positives"), (False, "negatives")):
            titles = self.titles[self.truth == side]
            if len(titles) < rules.least:
                return f"{len(titles)} {what}, {rules.least} are needed"
            if (count := len(np.unique(titles))) < rules.folds:
                return f"{what} in {counted(count, 'title')}, {rules.folds} are needed"
        return ""


@dataclass(frozen=True)
class OutOfFold:
    """What fits say of pictures whose titles they have not seen: (repeats, N) probabilities and thresholds."""

    chances: Doubles
    thresholds: Doubles

    def mean(self, figure: Any, truth: Bools) -> float:
        """A figure of (probabilities, truth), over the repeats."""
        return float(np.mean([figure(row, truth) for row in self.chances]))


def shared_temperatures(tags: Sequence[Tag], rules: Rules) -> Doubles:
    """(repeats, folds) temperatures of the model, each without the titles of its fold."""
    found = np.ones((rules.repeats, rules.folds))
    for repeat, fold in np.ndindex(found.shape) if tags else ():
        kept = [tag.folds[repeat] != fold for tag in tags]
        pairs = [(tag.scores[keep], tag.truth[keep]) for tag, keep in zip(tags, kept, strict=True)]
        found[repeat, fold] = temperature([scores for scores, _ in pairs], [truth for _, truth in pairs])
    return found


def out_of_fold(tag: Tag, fit: Fit, temperatures: Doubles, precision: float = 0.0) -> OutOfFold:
    """Fit without each fold, curve and threshold alike, and judge that fold."""
    chances, thresholds = np.empty((2, *tag.folds.shape))
    for repeat, dealt in enumerate(tag.folds):
        for fold in np.unique(dealt):
            seen, judged = dealt != fold, dealt == fold
            curve = fit(tag.scores[seen], tag.truth[seen], temperatures[repeat, fold])
            chances[repeat, judged] = curve(tag.scores[judged])
            thresholds[repeat, judged] = best_threshold(curve(tag.scores[seen]), tag.truth[seen], precision)
    return OutOfFold(chances, thresholds)


def measure(tag: Tag, rules: Rules, temperatures: Doubles, final: float) -> dict[str, Any]:
    """The entry of a tag in the file; `final` is the temperature of the model on all labels."""
    found = ranking(tag.scores, tag.truth, tag.titles)
    few = tag.lacks(rules)
    why = few or ("" if found.low > 0.5 + rules.margin else f"its AUC may be {found.low:.2f}")
    entry: dict[str, Any] = {
        "positives": int(tag.truth.sum()),
        "negatives": int((~tag.truth).sum()),
        **_rounded(found._asdict()),
        "offered": not why,
        "why": why,
        **_rounded(
            {"ece_before": calibration_error(tag.scores, tag.truth), "brier_before": brier(tag.scores, tag.truth)}
        ),
    }
    if few:
        return entry
    tried = {name: out_of_fold(tag, fit, temperatures, rules.precision) for name, fit in METHODS.items()}
    losses = {name: one.mean(log_loss, tag.truth) for name, one in tried.items()}
    method = simplest(losses)
    curve = METHODS[method](tag.scores, tag.truth, final)
    return entry | {"log_loss": _rounded(losses)} | _judged(tag, tried[method]) | _decided(tag, curve, rules)


def simplest(losses: Mapping[str, float]) -> str:
    """The method to take, of losses from the simplest method on: each next one has to be better by `GAIN`."""
    best = next(iter(losses))
    for name, loss in losses.items():
        best = name if loss < losses[best] - GAIN else best
    return best


def _judged(tag: Tag, found: OutOfFold) -> dict[str, Any]:
    """Figures out of fold: means over the repeats."""
    called = found.chances >= found.thresholds
    hits, calls = (called & tag.truth).sum(), called.sum()
    risks = np.mean(
        [coverage_risk(row, tag.truth, cut) for row, cut in zip(found.chances, found.thresholds, strict=True)], axis=0
    )
    return _rounded(
        {
            "ece": found.mean(calibration_error, tag.truth),
            "brier": found.mean(brier, tag.truth),
            "precision": float(hits / calls) if calls else 0.0,
            "recall": float(hits / (tag.truth.sum() * len(called))),
        }
    ) | {"coverage_risk": [[round(value, DIGITS) for value in pair] for pair in risks.tolist()]}


def _decided(tag: Tag, curve: Curve, rules: Rules) -> dict[str, Any]:
    """Curve, threshold and band, from all labels: what a run uses, unrounded."""
    chances = curve(tag.scores)
    threshold = best_threshold(chances, tag.truth, rules.precision)
    ends = band(chances, threshold, rules.coverage) if rules.coverage < 1 else (threshold, threshold)
    return {"method": curve.method, "threshold": threshold, "band": list(ends), "curve": curve.describe()}


def _rounded(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: round(value, DIGITS) if np.isfinite(value) else None for name, value in figures.items()}
