"""From a table of labels and the embeddings of a run to a head, with figures out of fold; no picture is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision import __version__
from artvision.calibration.figures import (
    Ranking,
    best_threshold,
    brier,
    calibration_error,
    concordance,
    log_loss,
    ranking,
)
from artvision.calibration.fitting import floor_of
from artvision.calibration.folds import deal
from artvision.calibration.joining import Labelled, join, open_embeddings
from artvision.calibration.table import Table, agreed, is_empty, number, read_table, yes_or_no
from artvision.clip.mark import Mark
from artvision.clip.vocabulary import refuse_about_people, require_word
from artvision.errors import CheckError, UsageError
from artvision.heads.fitting import Doubles, Regression, answers_out_of_fold, fit, regression_for
from artvision.heads.head import CHANCE, Head
from artvision.logistic import sigmoid
from artvision.searching.space import open_space
from artvision.settings import suggest

LEAST = 20  # labelled pictures, and of yes and no each
# What the lower end of AUC has over 0.5, of a rank correlation over 0.
MARGIN = 0.05


@dataclass(frozen=True)
class Wish:
    """What the head is to be called and said of: name, meaning, domain, column of the labels.

    Without a name it is called as the column, without a column it learns the only one.
    """

    name: str = ""
    meaning: str = ""
    domain: str = ""
    column: str = ""

    def __post_init__(self) -> None:
        if self.name:
            require_word(self.name, f"--name {self.name}")
        for text in (self.meaning, self.domain, self.column):
            refuse_about_people(text, f"head {self.name!r}")


def train(
    labels: Path, run: str | Path, wish: Wish, *, folds: int = 5, repeats: int = 2, model: str = ""
) -> tuple[Head, tuple[str, ...]]:
    """(the head, what a person should know). Labels that are all 0 or 1 make probabilities, others a rating.

    Raises UsageError for labels that cannot be read, joined or fitted, CheckError where the head does not beat chance
    out of fold.
    """
    rows = open_embeddings(run)
    table = read_table(labels)
    column = _column(table, wish)
    wish = replace(wish, name=wish.name or column)
    joined = join(rows, table.key, _labels(table, column), (column,))
    space = open_space(rows.run.info, model)
    truth, how = joined.truth[:, 0], regression_for(joined.truth[:, 0])
    _require_enough(truth, joined, how, folds, f"{labels}: {column}")
    dealt = deal(joined.title_names, joined.titles, folds, 2 * repeats)
    vectors = joined.embeddings.astype(np.float64)
    answers = answers_out_of_fold(how, vectors, truth, dealt[:repeats], dealt[repeats:])
    ends = _range(how.kind, truth)
    figures = figures_of(how.kind, answers, truth, joined.titles, dealt[0], ends)
    _require_worth(wish.name, how.kind, figures)
    layer = fit(how, vectors, truth, dealt[0])
    fitting = {"folds": folds, "repeats": repeats, "strength": layer.strength}
    head = Head(
        wish.name,
        how.kind,
        wish.meaning or f"{column}, learned from {len(truth):,} labelled pictures",
        wish.domain or labels.stem,
        Mark.of(space.model.fingerprint()),
        layer.weights,
        layer.bias,
        *ends,
        _facts(labels, column, joined, figures, fitting),
    )
    return head, (*space.notices, *joined.remarks)


def _require_worth(name: str, kind: str, figures: dict[str, Any]) -> None:
    what, chance = ("AUC", 0.5) if kind == CHANCE else ("rank correlation", 0.0)
    # Of a constant answer it is no number.
    if not figures["low"] > chance + MARGIN:
        raise CheckError(
            f"the head {name} does not beat chance: {what} out of fold {figures['value']:.2f}, at least "
            f"{figures['low']:.2f} (95 %); nothing was written, give more or clearer labels"
        )


def _range(kind: str, truth: Doubles) -> tuple[float, float]:
    """Never surer than the labels allow, never beyond the best and the worst of them."""
    floor = floor_of(len(truth))
    return (floor, 1 - floor) if kind == CHANCE else (float(truth.min()), float(truth.max()))


def figures_of(
    kind: str,
    answers: Doubles,
    truth: Doubles,
    titles: NDArray[np.intp],
    dealt: NDArray[np.intp],
    ends: tuple[float, float],
) -> dict[str, Any]:
    """What the answers out of fold, (repeats, N), are worth: order in the first repeat, dealt so, means over all.

    They are judged as the head would give them, inside `ends`.
    """
    order = within_folds(answers[0], dealt)
    if kind != CHANCE:
        given = np.clip(answers, *ends)
        error = np.abs(given - truth).mean()
        explained = 1 - ((given - truth) ** 2).mean() / truth.var()
        return _rounded(_interval(concordance(order, truth, titles)) | {"mean_error": error, "r2": explained})
    chances, yes = np.clip(sigmoid(answers), *ends), truth > 0
    told = {
        name: np.mean([figure(row, yes) for row in chances])
        for name, figure in (("ece", calibration_error), ("brier", brier), ("log_loss", log_loss))
    }
    found = _interval(ranking(order, yes, titles))
    return _rounded(found | told | {"threshold": best_threshold(chances[0], yes)})


def _interval(found: Ranking) -> dict[str, Any]:
    return {"value": found.auc, "low": found.low, "high": found.high}


def within_folds(answers: Doubles, dealt: NDArray[np.intp]) -> Doubles:
    """(N,) ranks of answers within their fold, as shares.

    Layers of several folds differ in level, and the lower one belongs to the fold whose positives were left out: pooled
    answers of a worthless head have an AUC below 0.5 (Forman and Scholz 2010, SIGKDD Explorations 12).
    """
    from scipy.stats import rankdata

    order = np.empty(len(answers))
    for fold in np.unique(dealt):
        own = dealt == fold
        order[own] = rankdata(answers[own]) / own.sum()
    return order


def _column(table: Table, wish: Wish) -> str:
    if wish.column:
        if wish.column not in table.columns:
            raise UsageError(f"{table.path}: no column {wish.column!r}{suggest(wish.column, table.columns)}")
        return wish.column
    if wish.name in table.columns:
        return wish.name
    if len(table.columns) != 1:
        raise UsageError(f"{table.path}: say with --label which of {', '.join(table.columns) or 'no columns'} to learn")
    refuse_about_people(table.columns[0], f"{table.path}: line 1")
    return table.columns[0]


def _labels(table: Table, column: str) -> dict[str, dict[str, float]]:
    """Key -> label; words for yes and no are read as such where the first label is one."""
    first = next((line.cells[column] for line in table.lines if not is_empty(line.cells.get(column))), None)
    read = yes_or_no if str(first).strip().lower() in {"yes", "no", "true", "false"} else number
    return agreed([(line, {column: read(line.cells.get(column), line.where, column)}) for line in table.lines])


def _require_enough(truth: Doubles, joined: Labelled, how: Regression, folds: int, where: str) -> None:
    if truth.min() == truth.max():
        raise UsageError(f"{where}: every label is {truth[0]:g}, so there is nothing to learn")
    sides: Sequence[tuple[Any, str]] = [(np.isfinite(truth), "labelled pictures")]
    if how.kind == CHANCE:
        sides = [(truth > 0, "pictures with 1"), (truth <= 0, "pictures with 0")]
    for side, what in sides:
        titles = len(np.unique(joined.titles[side]))
        if side.sum() < LEAST or titles < 2 * folds:
            raise UsageError(
                f"{where}: {int(side.sum())} {what} in {titles} titles; at least {LEAST}, in {2 * folds} titles, are "
                "needed"
            )


def _facts(
    labels: Path, column: str, joined: Labelled, figures: dict[str, Any], fitting: dict[str, Any]
) -> dict[str, Any]:
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "artvision": __version__,
        "labels": {
            "file": labels.name,
            "column": column,
            "sha256": joined.sha256,
            "pictures": len(joined.contents),
            "titles": len(joined.title_names),
        },
        "fitting": fitting,
        "figures": figures,
    }


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: round(float(value), 4) for name, value in figures.items()}
