"""Fit what names a shot on labelled film stills: cut-offs of the face's height, and artvision/data/shots.toml.

    python scripts/fit_shots.py STILLS.parquet WORK [--write]

WORK keeps the unpacked stills and their run, so that a second call starts at once. Without --write nothing is changed.
What was held out is measured by scripts/measure_shots.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from labelled_stills import FRAMINGS, Still, data_sha256, evidence_of, read
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from artvision.shots.evidence import EVIDENCE
from artvision.shots.head import FAR, FILE

Array = NDArray[np.float64]
FACE = (
    "faces",
    "face_height",
    "face_height_squared",
    "face_area",
    "face_beside",
    "face_y",
    "face_score",
)
BESIDE = tuple(name for name in EVIDENCE if name.startswith("beside_"))
PIXELS = tuple(name for name in EVIDENCE if name not in {*FACE, *BESIDE, "nobody"})
LAYOUT = (
    "focus_y", "spread", "centering", "symmetry_x", "empty_share", "clutter", "shallow_focus", "balance_y",
)  # fmt: skip
SHOULDER = (*(name for name in FACE if name not in {"face_area", "face_y"}), *BESIDE, *LAYOUT)
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)  # inverse weights of the squared coefficients that are tried
RIGHT = 0.8  # share of the labels told that shall be right, by which the floor is chosen


def cut_offs(heights: Array, ranks: NDArray[np.int64], classes: int) -> list[float]:
    """The smallest height of each class above the lowest, so that the mean share of each class told right is largest.

    `heights` (N,) with `ranks` (N,) in 0..classes - 1, 0 the lowest. Exact: dynamic programming over sorted heights.
    """
    order = np.argsort(heights, kind="stable")
    high, rank = heights[order], ranks[order]
    worth = np.eye(classes)[rank] / np.bincount(ranks, minlength=classes).clip(1)
    total = np.concatenate([np.zeros((1, classes)), np.cumsum(worth, 0)])
    between = np.concatenate([[True], high[1:] > high[:-1], [True]])
    best, cuts = np.where(between, total[:, 0], -np.inf), []
    for label in range(1, classes):
        gain = best - total[:, label]
        first = np.maximum.accumulate(gain)
        cuts.append(np.maximum.accumulate(np.where(gain == first, np.arange(len(gain)), 0)))
        best = np.where(between, first + total[:, label], -np.inf)
    return _thresholds(high, cuts)


def _thresholds(high: Array, cuts: list[NDArray[np.int64]]) -> list[float]:
    """Half way between the neighbours of each cut, walked back from the last; infinite where none is above."""
    edges = np.concatenate([high[:1], (high[1:] + high[:-1]) / 2, [np.inf]])
    at, found = len(high), []
    for cut in reversed(cuts):
        at = int(cut[at])
        found.append(float(edges[at]))
    return found[::-1]


def scale(stills: list[Still]) -> list[float]:
    """Cut-offs between the five labelled framings, smallest first, on the stills of the fitted part with a face."""
    seen = [still for still in stills if still.fitted and still.shot in FRAMINGS and still.row["faces"]]
    ranks = np.array([len(FRAMINGS) - 1 - FRAMINGS.index(still.shot) for still in seen])
    return cut_offs(np.array([still.row["face.lead_height"] for still in seen]), ranks, len(FRAMINGS))


def fitted(stills: list[Still], names: tuple[str, ...], labels: tuple[str, ...], truth: NDArray[np.int64]) -> Any:
    """The entry of a head: centres, spreads and weights by evidence, bias, floor; fitted on all of `stills`."""
    given = np.stack([evidence_of(still, names) for still in stills])
    centre, spread = np.nanmean(given, 0), np.nanstd(given, 0) + 1e-6
    standard = np.nan_to_num((given - centre) / spread).clip(-FAR, FAR)
    folds, frames = GroupKFold(5), [still.frame for still in stills]
    tried = {}
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=5000, class_weight="balanced")
        shares = cross_val_predict(model, standard, truth, cv=folds, groups=frames, method="predict_proba")
        tried[strength] = float(np.log(shares[np.arange(len(truth)), truth]).mean()), shares
    strength = max(tried, key=lambda each: tried[each][0])
    model = LogisticRegression(C=strength, max_iter=5000, class_weight="balanced").fit(standard, truth)
    weights, bias = model.coef_.T, model.intercept_
    if len(labels) == 2:  # one column of weights stands for the second label; the first has none
        weights, bias = np.hstack([0 * weights, weights]), np.array([0.0, *bias])
    rows = {
        name: {"centre": float(c), "spread": float(s), "weights": w.tolist()}
        for name, c, s, w in zip(names, centre, spread, weights, strict=True)
    }
    return {
        "labels": labels,
        "floor": floor(tried[strength][1], truth),
        "bias": bias.tolist(),
        "strength": strength,
        "weights": rows,
    }


def floor(shares: Array, truth: NDArray[np.int64]) -> float:
    """The lowest probability of the best label from which on a share RIGHT of the labels told are right."""
    best, right = shares.max(1), shares.argmax(1) == truth
    told = (at for at in np.arange(0.2, 0.95, 0.01) if (sure := right[best >= at]).size and sure.mean() >= RIGHT)
    return round(float(next(told, 0.95)), 2)


def fit(stills: list[Still]) -> dict[str, Any]:
    """Both heads, on the fitted part."""
    own = [still for still in stills if still.fitted]
    framed = [still for still in own if still.shot in FRAMINGS]
    shoulder = {still.frame for still in own if still.shot == "Over The Shoulder"}
    seen = [
        still
        for still in own
        if still.row["faces"] and (still.shot == "Over The Shoulder" or still.frame not in shoulder)
    ]
    return {
        "framing": fitted(
            framed, ("nobody", *FACE, *PIXELS), FRAMINGS, np.array([FRAMINGS.index(still.shot) for still in framed])
        ),
        "over_shoulder": fitted(
            seen,
            SHOULDER,
            ("other", "over_shoulder"),
            np.array([int(still.shot == "Over The Shoulder") for still in seen]),
        ),
    }


def written(heads: dict[str, Any], sha256: str, count: int) -> str:
    """The text of shots.toml."""
    lines = [
        "# What names a shot: linear heads over columns of a run, fitted by scripts/fit_shots.py, and measured on what",
        "# was held out by scripts/measure_shots.py (docs/benchmarks.md). A row of weights has a number a label;",
        "# evidence is standardised by centre and spread first. The labels are those of CinemaNet's stills.",
        "",
        "[corpus]",
        f'sha256 = "{sha256}" # of the table of stills',
        f"fitted_on = {count} # stills, frames that are nearly the same counted apart",
    ]
    for name, head in heads.items():
        lines += [
            "",
            f"[head.{name}]",
            f"labels = {list(head['labels'])}".replace("'", '"'),
            f"floor = {head['floor']}",
        ]
        lines += [f"strength = {head['strength']}", f"bias = {_numbers(head['bias'])}", "", f"[head.{name}.weights]"]
        for evidence, row in head["weights"].items():
            centre, spread = _numbers([row["centre"], row["spread"]])[1:-1].split(", ")
            lines.append(
                f"{evidence} = {{ centre = {centre}, spread = {spread}, weights = {_numbers(row['weights'])} }}"
            )
    return "\n".join(lines) + "\n"


def _numbers(values: list[float]) -> str:
    return "[" + ", ".join(repr(float(f"{value:.5g}")) for value in values) + "]"


def main() -> None:
    """Parse, fit, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stills", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    stills = read(arguments.stills, arguments.work)
    print("cut-offs of the face's height:", ", ".join(f"{height:.3f}" for height in scale(stills)))
    text = written(fit(stills), data_sha256(arguments.stills), sum(still.fitted for still in stills))
    if arguments.write:
        FILE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
