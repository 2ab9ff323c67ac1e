"""The results as a table, in Markdown and on a terminal, and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from evaluation import Value, interval
from policies import ABLATIONS, IDS, MAIN
from trial import BEST, RANDOM

Trials = Sequence[Mapping[str, Mapping[str, Value]]]
NAMES = {"cold": "new titles", "warm": "titles with a past"}
COLORS = {
    RANDOM: "#9a9a9a",
    MAIN[0].name: "#c7a36b",
    MAIN[1].name: "#b5542d",
    MAIN[2].name: "#1f6f8b",
    MAIN[3].name: "#5b3f8c",
}


def table(trials: Trials, part: str) -> list[list[str]]:
    """Rows: policy, plays a visit by replay, doubly robust and in truth, and what it wins over artwork ids."""
    names = [RANDOM, *(policy.name for policy in (*MAIN, *ABLATIONS) if policy.name in trials[0][part]), BEST]
    return [[name, *_values(trials, part, name), _won(trials, part, name)] for name in names]


def markdown(trials: Trials) -> str:
    """Both tables."""
    texts = []
    for part, title in NAMES.items():
        head = [title, "replay", "doubly robust", "true", "over artwork ids (doubly robust)"]
        lines = [head, ["---"] * len(head), *table(trials, part)]
        texts.append("\n".join("| " + " | ".join(line) + " |" for line in lines))
    return "\n\n".join(texts)


def advantage(trials: Trials, part: str, name: str, kind: str = "robust") -> tuple[float, float]:
    """(mean, half width of the 95 % interval) of what a policy wins over artwork ids, seed by seed, in per cent."""
    pairs = [(getattr(trial[part][name], kind), getattr(trial[part][IDS.name], kind)) for trial in trials]
    return interval([100 * (own / other - 1) for own, other in pairs])


def picture(trials: Trials, curves: Sequence[Mapping[str, Sequence[float]]], bin_: int, path: Path) -> None:
    """Left: plays a visit on new titles. Right: how the choice gets better while a new title is visited."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
    names = [RANDOM, *(policy.name for policy in MAIN), BEST]
    for place, name in enumerate(reversed(names)):
        mean, half = interval([100 * trial["cold"][name].robust for trial in trials])
        left.barh(place, mean, xerr=half, color=COLORS.get(name, "#cfcfcf"), error_kw={"lw": 1.2, "capsize": 3})
    left.set_yticks(range(len(names)), list(reversed(names)))
    left.set_xlabel("plays a hundred visits, doubly robust, 95 % intervals over seeds")
    left.set_title("titles that nobody has seen yet", loc="left", fontsize=11)
    for name in curves[0]:
        series = 100 * np.array([curve[name] for curve in curves])
        middle, half = np.array([interval(column.tolist()) for column in series.T]).T
        visits = (np.arange(len(middle)) + 0.5) * bin_
        right.plot(visits, middle, color=COLORS[name], label=name, lw=2)
        right.fill_between(visits, middle - half, middle + half, color=COLORS[name], alpha=0.18, lw=0)
    right.axhline(0, color=COLORS[RANDOM], lw=1)
    right.set_xlabel("visits of each new title so far")
    right.set_ylabel("% of what a perfect choice would win")
    right.set_title("the same titles while the policies go on learning", loc="left", fontsize=11)
    right.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.08), fontsize=9)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _values(trials: Trials, part: str, name: str) -> list[str]:
    return [
        _shown(*interval([100 * getattr(trial[part][name], kind) for trial in trials]))
        for kind in ("replay", "robust", "true")
    ]


def _won(trials: Trials, part: str, name: str) -> str:
    if name in (IDS.name, BEST):
        return "-"
    mean, half = advantage(trials, part, name)
    return f"{mean:+.1f} % ± {half:.1f}" + (" *" if abs(mean) > half else "")


def _shown(mean: float, half: float) -> str:
    return f"{mean:.2f} ± {half:.2f}"
