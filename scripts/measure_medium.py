"""Fit the weights of the stage medium to posters that somebody has labelled by eye, and measure them on others.

    python scripts/measure_medium.py fit LABELS FOLDER              weights and limits, the content of data/medium.toml
    python scripts/measure_medium.py held LABELS FOLDER [STILLS]    the shipped weights on the labels kept back
    python scripts/measure_medium.py embedding LABELS FOLDER        a head on the starter's embedding, the same way
    python scripts/measure_medium.py faces LABELS FOLDER            what becomes of the faces found on illustrations

LABELS is a CSV file of two columns: the stem of a .webp file in FOLDER, and p (photograph), i (illustration) or u
(unsure, left out). A label is kept back where the SHA-256 of the stem, as a number, leaves 3 or 4 when divided by 5.
STILLS is a folder of photographs.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import extracted, pictures, read, ready
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from artvision.contract import Missing
from artvision.detection import SURE
from artvision.image import SCORE_SIDE
from artvision.pixels.medium import ILLUSTRATION, shipped, signs
from artvision.pixels.pyramid import Pyramid

PRECISION = 0.9  # of the label illustration, on the labels for fitting
MISSED = 0.1  # of the illustrations there, that may be called photographs
STRENGTH = 0.1  # of the fit: the inverse of the penalty on the weights
DRAWS = 2000
KINDS = ("illustration", "photograph")

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]  # True for an illustration


def labelled(labels: Path, *, held: bool) -> tuple[list[str], Truth]:
    """(stems, what they are) of the labels kept back or of the others, without the unsure ones."""
    with labels.open(encoding="utf-8", newline="") as file:
        sure = [(stem, word) for stem, word in csv.reader(file) if word in {"p", "i"}]
    own = [(stem, word) for stem, word in sure if (int(hashlib.sha256(stem.encode()).hexdigest(), 16) % 5 > 2) == held]
    return [stem for stem, _ in own], np.array([word == "i" for _, word in own])


def model() -> Pipeline:
    """Standardised values, logistic regression with a ridge; both classes weigh the same."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=5000))


def unseen(values: Floats, truth: Truth) -> Floats:
    """The score of each row by a model that was fitted without it."""
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    scores: Floats = cross_val_predict(model(), values, truth, cv=folds, method="predict_proba")[:, 1]
    return scores


def limits(scores: Floats, truth: Truth) -> tuple[float, float]:
    """(the least score from which PRECISION are illustrations, the one below which MISSED of them lie)."""
    order = np.argsort(-scores)
    right = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    return float(scores[order[np.flatnonzero(right >= PRECISION)[-1]]]), float(np.quantile(scores[truth], MISSED))


def seen(paths: Iterable[Path]) -> list[dict[str, float]]:
    """Signs of each picture."""
    return [signs(read(path).derived(Pyramid.of, SCORE_SIDE)) for path in paths]


def fit(labels: Path, folder: Path) -> str:
    """All labels that are not kept back; the limits from tenfold cross-validation; figures on those kept back."""
    stems, truth = labelled(labels, held=False)
    rows = seen(folder / f"{stem}.webp" for stem in stems)
    values = np.array([list(row.values()) for row in rows])
    scores = unseen(values, truth)
    upper, lower = limits(scores, truth)
    scaler, judge = (step for _, step in model().fit(values, truth).steps)
    others, other_truth = labelled(labels, held=True)
    unknown = np.array([list(row.values()) for row in seen(folder / f"{stem}.webp" for stem in others)])
    worth = judged(model().fit(values, truth).predict_proba(unknown)[:, 1], other_truth, upper, lower)
    weights = zip(rows[0], scaler.mean_, scaler.scale_, judge.coef_[0], strict=True)
    lines = [
        f"bias = {judge.intercept_[0]:.4f}",
        "\n[limits]",
        f"illustration = {upper:.3f}",
        f"photograph = {lower:.3f}",
        "\n[fitted]",
        f'labels = "{hashlib.sha256(labels.read_bytes()).hexdigest()}"',
        f"photographs = {int((~truth).sum())}",
        f"illustrations = {int(truth.sum())}",
        f"auc = {roc_auc_score(truth, scores):.3f}",
        "\n[kept_back]",
        *(f"{name} = {worth[name]}" for name in ("photographs", "illustrations", "auc", "interval")),
        *(f"{kind}_{name} = {worth[kind][name]}" for kind in KINDS for name in ("precision", "recall")),
        "\n[signs]",
        *(f"{name} = [{mean:.5g}, {scale:.5g}, {weight:.4f}]" for name, mean, scale, weight in weights),
    ]
    return "\n".join(lines)


def interval(scores: Floats, truth: Truth) -> list[float]:
    """95 % of the AUC when each class is drawn anew."""
    random = np.random.default_rng(0)
    own, others = scores[truth], scores[~truth]
    draws = [
        roc_auc_score(
            np.sort(truth), np.concatenate([random.choice(others, len(others)), random.choice(own, len(own))])
        )
        for _ in range(DRAWS)
    ]
    return [round(float(edge), 3) for edge in np.quantile(draws, (0.025, 0.975))]


def judged(scores: Floats, truth: Truth, upper: float, lower: float) -> dict[str, Any]:
    """AUC, and what the labels say with both limits."""
    return {
        "photographs": int((~truth).sum()),
        "illustrations": int(truth.sum()),
        "auc": round(float(roc_auc_score(truth, scores)), 3),
        "interval": interval(scores, truth),
        "illustration": right(scores >= upper, truth),
        "photograph": right(scores <= lower, ~truth),
        "abstained": int(((scores < upper) & (scores > lower)).sum()),
    }


def right(said: Truth, true: Truth) -> dict[str, Any]:
    """How often a label is given, and how often rightly."""
    both = int((said & true).sum())
    return {
        "said": int(said.sum()),
        "precision": round(both / max(1, int(said.sum())), 3),
        "recall": round(both / int(true.sum()), 3),
    }


def held(labels: Path, folder: Path, stills: Path | None) -> dict[str, Any]:
    """The shipped weights on the labels kept back; and what they call stills, every sixth."""
    judge, (stems, truth) = shipped(), labelled(labels, held=True)
    scores = np.array([judge.score(row) for row in seen(folder / f"{stem}.webp" for stem in stems)])
    found = judged(scores, truth, judge.illustration, judge.photograph)
    if stills:
        kinds = [judge.kind(judge.score(row)) or "abstained" for row in seen(pictures(stills, 6))]
        found["stills"] = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    return found


def embedding(labels: Path, folder: Path) -> dict[str, Any]:
    """A logistic head on the embedding of the starter."""
    parts = [labelled(labels, held=part) for part in (False, True)]
    clip = ready("clip")
    own, new = (
        np.array([extracted(clip, read(folder / f"{stem}.webp"))["clip"].columns["embedding"] for stem in stems])
        for stems, _ in parts
    )
    (_, truth), (_, other) = parts
    upper, lower = limits(unseen(own, truth), truth)
    return judged(model().fit(own, truth).predict_proba(new)[:, 1], other, upper, lower)


def faces(labels: Path, folder: Path) -> dict[str, Any]:
    """Of the labels kept back, by label and by what the stage calls them: finds, sure ones, no answer now."""
    stems, truth = labelled(labels, held=True)
    alone, both, rows = ready("faces"), ready("medium,faces"), []
    for stem, drawn in zip(stems, truth, strict=True):
        picture = read(folder / f"{stem}.webp")
        before, after = extracted(alone, picture)["faces"], extracted(both, picture)
        scores = [face["score"] for face in before.columns["faces"]]
        called = after["medium"].values["medium.kind"] == ILLUSTRATION
        silent = after["faces"].values["face.count"] is Missing.NOT_APPLICABLE
        rows.append(
            {
                "drawn": drawn,
                "called": called,
                "found": bool(scores),
                "sure": max(scores, default=0) >= SURE,
                "silent": silent,
            }
        )
    return {
        "labelled illustration": counted([row for row in rows if row["drawn"]]),
        "labelled photograph": counted([row for row in rows if not row["drawn"]]),
        "called illustration": counted([row for row in rows if row["called"]]),
    }


def counted(rows: Sequence[dict[str, bool]]) -> dict[str, int]:
    """How many pictures have finds, sure finds, and no answer any more."""
    return {"pictures": len(rows)} | {name: sum(row[name] for row in rows) for name in ("found", "sure", "silent")}


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("fit", "held", "embedding", "faces"))
    parser.add_argument("labels", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("stills", type=Path, nargs="?")
    given = parser.parse_args()
    if given.what == "fit":
        print(fit(given.labels, given.folder))
        return
    found = held(given.labels, given.folder, given.stills) if given.what == "held" else None
    print(
        json.dumps(found or {"embedding": embedding, "faces": faces}[given.what](given.labels, given.folder), indent=1)
    )


if __name__ == "__main__":
    main()
