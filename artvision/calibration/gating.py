"""Which tags are offered: enough labels, an AUC that beats chance by a margin, and that not by trying many tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artvision.calibration.figures import TAILS, Bools, Doubles, Ranking, ranking
from artvision.calibration.folds import Folds
from artvision.contracts.statistics import holm
from artvision.errors import UsageError
from artvision.wording import counted

ALPHA = TAILS[0]  # the chance that any tag is offered where none says anything


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
            f"offered from {self.least} positives and negatives, in {self.folds} titles each, where the 95 % interval "
            f"of the AUC lies above {0.5 + self.margin:g} and luck with so many tags has a chance below {ALPHA:.1%}"
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
        for side, what in ((True, "positive"), (False, "negative")):
            titles = self.titles[self.truth == side]
            if len(titles) < rules.least:
                return f"{counted(len(titles), what)}, {rules.least} are needed"
            if (count := len(np.unique(titles))) < rules.folds:
                return f"{what}s in {counted(count, 'title')}, {rules.folds} are needed"
        return ""


@dataclass(frozen=True)
class Gate:
    """What decides whether a tag is offered: its ranking, its p-value beside the other tags', and `why` it is not.

    `why` is empty where the tag is offered.
    """

    ranking: Ranking
    p_value: float
    why: str


def gates(tags: Sequence[Tag], rules: Rules) -> dict[str, Gate]:
    """Tag -> its gate. P-values are Holm's over all tags with enough labels, and 1 where there are too few."""
    found = {tag.name: ranking(tag.scores, tag.truth, tag.titles) for tag in tags}
    few = {tag.name: tag.lacks(rules) for tag in tags}
    judged = [name for name, lack in few.items() if not lack]
    together = dict(zip(judged, holm([found[name].p_value for name in judged]), strict=True))
    return {
        name: Gate(one, together.get(name, 1.0), few[name] or _weakness(one, together[name], rules))
        for name, one in found.items()
    }


def _weakness(found: Ranking, p_value: float, rules: Rules) -> str:
    if not found.low > 0.5 + rules.margin:
        return f"its AUC may be {found.low:.2f}"
    return "" if p_value < ALPHA else f"of so many tags one may reach its AUC by chance (p {p_value:.2f})"
