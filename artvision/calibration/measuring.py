"""What one tag is worth: its best curve by cross-validation, and every figure out of fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from artvision.calibration.figures import (
    band,
    best_threshold,
    brier,
    calibration_error,
    coverage_risk,
    log_loss,
    reliability,
)
from artvision.calibration.fitting import METHODS, Bools, Doubles, Fit, temperature
from artvision.calibration.gating import Gate, Rules, Tag
from artvision.clip.curve import Curve

DIGITS = 4  # of figures that are kept
GAIN = 0.001  # of log loss, by which a curve with more freedom must win


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


def measure(tag: Tag, gate: Gate, rules: Rules, temperatures: Doubles, final: float) -> dict[str, Any]:
    """The entry of a tag in the file; `final` is the temperature of the model on all labels."""
    found = gate.ranking
    entry: dict[str, Any] = {
        "positives": int(tag.truth.sum()),
        "negatives": int((~tag.truth).sum()),
        **_rounded({"auc": found.auc, "low": found.low, "high": found.high, "p_value": gate.p_value}),
        "offered": not gate.why,
        "why": gate.why,
        **_rounded(
            {"ece_before": calibration_error(tag.scores, tag.truth), "brier_before": brier(tag.scores, tag.truth)}
        ),
    }
    if tag.lacks(rules):
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
    """Figures out of fold: means over the repeats; the reliability is that of the first."""
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
    ) | {"coverage_risk": _rows(risks.tolist()), "reliability": _rows(reliability(found.chances[0], tag.truth))}


def _rows(points: Iterable[Iterable[float]]) -> list[list[float]]:
    return [[round(value, DIGITS) for value in point] for point in points]


def _decided(tag: Tag, curve: Curve, rules: Rules) -> dict[str, Any]:
    """Curve, threshold and band, from all labels: what a run uses, unrounded."""
    chances = curve(tag.scores)
    threshold = best_threshold(chances, tag.truth, rules.precision)
    ends = band(chances, threshold, rules.coverage) if rules.coverage < 1 else (threshold, threshold)
    return {"method": curve.method, "threshold": threshold, "band": list(ends), "curve": curve.describe()}


def _rounded(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: round(value, DIGITS) if np.isfinite(value) else None for name, value in figures.items()}
