"""Measure what names a shot: on labelled stills that nothing was fitted on, on turned ones, on counted people.

    python scripts/measure_shots.py stills STILLS.parquet WORK      face height, framing head, over the shoulder
    python scripts/measure_shots.py turned STILLS.parquet WORK      stills turned by known degrees: staging.dutch
    python scripts/measure_shots.py counts PEOPLE                   faces counted against people counted by eye

WORK is that of scripts/fit_shots.py. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import measuring
import numpy as np
from fit_shots import FACE, PIXELS, fitted
from labelled_stills import FRAMINGS, Still, read
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import f1_score, roc_auc_score

from artvision.image import SCORE_SIDE, Picture
from artvision.pixels import layout
from artvision.pixels.pyramid import Pyramid
from artvision.settings import Settings
from artvision.shots.camera import dutch
from artvision.shots.head import FAR, Head, heads
from artvision.stages.faces import Faces

Array = NDArray[np.float64]
BORDERS = (0.085, 0.205, 0.47, 0.92)  # between the labelled framings; shot.scale halves the middle two
ANATOMY = (0.05, 0.14, 0.33, 0.65)  # the same of the cut-offs that were not fitted
OVER = "Over The Shoulder"
DRAWS = 1000
TURNS = (-15, -8, -3, 3, 8, 15)
COUNTS = {"bbt1.jpg": 4, "bbt2.jpg": 3, "bbt3.jpg": 5, "bbt4.jpg": 6, "bbt5.jpg": 5, "longoria-cooper.jpg": 2}


def row(*cells: object) -> str:
    """A line of a Markdown table; floats with three digits."""
    return "| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |"


def scores(truth: NDArray[np.int64], told: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """Accuracy, mean share right of each class, macro-F1, share within one class."""
    classes = [float((told[truth == label] == label).mean()) for label in range(len(FRAMINGS))]
    f1 = float(f1_score(truth, told, average="macro", labels=range(len(FRAMINGS)), zero_division=0))
    return float((told == truth).mean()), float(np.mean(classes)), f1, float((abs(told - truth) <= 1).mean())


def confusion(truth: NDArray[np.int64], told: NDArray[np.int64]) -> list[str]:
    """Rows: what people say; columns: what is told."""
    counts = np.zeros((len(FRAMINGS),) * 2, int)
    np.add.at(counts, (truth, told), 1)
    head = [row("people say", *FRAMINGS), row(*["---"] * (len(FRAMINGS) + 1))]
    return head + [row(label, *line) for label, line in zip(FRAMINGS, counts.tolist(), strict=True)]


def by_height(stills: Sequence[Still], borders: Sequence[float]) -> NDArray[np.int64]:
    """Framings from the lead face's height."""
    heights = np.array([still.row["face.lead_height"] for still in stills])
    return len(FRAMINGS) - 1 - np.searchsorted(borders, heights, side="right")


def shares(head: Head, stills: Sequence[Still]) -> Array:
    """Probabilities (stills, labels)."""
    return np.stack([head.probabilities(still.columns) for still in stills])


def embedded(own: list[Still], held: list[Still], truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """What a logistic head on the starter's embedding tells of the stills held out."""
    from sklearn.linear_model import LogisticRegression

    given, other = (np.stack([np.asarray(still.row["embedding"]) for still in part]) for part in (own, held))
    centre, spread = given.mean(0), given.std(0) + 1e-9
    model = LogisticRegression(C=0.03, max_iter=5000, class_weight="balanced")
    model.fit(((given - centre) / spread).clip(-FAR, FAR), truth)
    told: NDArray[np.int64] = model.predict(((other - centre) / spread).clip(-FAR, FAR))
    return told


def framing(stills: list[Still]) -> list[str]:
    """Tables on the framing."""
    framed = [still for still in stills if still.shot in FRAMINGS]
    own, held = ([still for still in framed if still.fitted is part] for part in (True, False))
    truth = {id(still): FRAMINGS.index(still.shot) for still in framed}
    known, asked = (np.array([truth[id(still)] for still in part]) for part in (own, held))
    seen = [still for still in held if still.row["faces"]]
    facing = np.array([truth[id(still)] for still in seen])
    lines = [row("told by", "stills", "accuracy", "mean of classes", "macro-F1", "within one"), row(*["---"] * 6)]
    for name, borders in (("face height, anatomy", ANATOMY), ("face height, fitted: shot.scale", BORDERS)):
        lines.append(row(f"{name}; where there is a face", len(seen), *scores(facing, by_height(seen, borders))))
    fits = {"faces alone": ("nobody", *FACE), "pixels alone": PIXELS}
    for name, names in fits.items():
        told = shares(Head.of(fitted(own, names, FRAMINGS, known)), held).argmax(1)
        lines.append(row(f"head on {name}", len(held), *scores(asked, told)))
    probable = shares(heads()["framing"], held)
    best, sure = probable.argmax(1), probable.max(1) >= heads()["framing"].floor
    lines.append(row("**head on both: framing.label**", len(held), *scores(asked, best)))
    lines.append(row("where it does not abstain", int(sure.sum()), *scores(asked[sure], best[sure])))
    with_face = np.array([bool(still.row["faces"]) for still in held])
    lines.append(row("where there is a face", int(with_face.sum()), *scores(asked[with_face], best[with_face])))
    lines.append(row("where there is none", int((~with_face).sum()), *scores(asked[~with_face], best[~with_face])))
    unseen = np.array([not still.in_starter for still in held])
    told = embedded(own, [still for still in held if not still.in_starter], known)
    lines.append(
        row("starter's embedding, on stills that it never saw", int(unseen.sum()), *scores(asked[unseen], told))
    )
    lines.append(row("framing.label on the same", int(unseen.sum()), *scores(asked[unseen], best[unseen])))
    return [*lines, "", *confusion(asked, best), "", *reliability(probable, asked)]


def reliability(probable: Array, truth: NDArray[np.int64]) -> list[str]:
    """How often the best label is right, by its probability."""
    best, right = probable.max(1), probable.argmax(1) == truth
    lines = [row("probability of the label", "stills", "mean", "right"), row(*["---"] * 4)]
    for low, high in ((0.2, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        inside = (best >= low) & (best < high)
        lines.append(
            row(
                f"{low:g} to {min(1, high):g}",
                int(inside.sum()),
                float(best[inside].mean()),
                float(right[inside].mean()),
            )
        )
    return lines


def over_shoulder(stills: list[Still]) -> list[str]:
    """Areas under the curve of the head, with 95 % bootstrap intervals, against several others."""
    both = {still.frame for still in stills if still.shot == OVER}
    held = [still for still in stills if not still.fitted and still.row["faces"]]
    positive = [still for still in held if still.shot == OVER]
    others = [still for still in held if still.frame not in both]
    against = {
        "every other still with a face": others,
        "close-ups and mediums, of like size": [still for still in others if still.shot in {"close_up", "medium"}],
        "mediums": [still for still in others if still.shot == "medium"],
        "masters, of the same source": [still for still in others if still.shot == "Master"],
    }
    lines = [row("over the shoulder against", "stills", "AUC", "95 %"), row(*["---"] * 4)]
    head = heads()["over_shoulder"]
    yes = shares(head, positive)[:, 1]
    for name, other in against.items():
        no = shares(head, other)[:, 1]
        low, high = interval(yes, no)
        lines.append(row(name, f"{len(yes)} : {len(no)}", area(yes, no), f"{low:.3f} to {high:.3f}"))
    missed = sum(still.shot == OVER and not still.fitted for still in stills) - len(positive)
    return [*lines, "", f"{missed} of {missed + len(positive)} stills over a shoulder show no face that is found."]


def area(yes: Array, no: Array) -> float:
    """AUC."""
    return float(roc_auc_score([1] * len(yes) + [0] * len(no), np.concatenate([yes, no])))


def interval(yes: Array, no: Array) -> tuple[float, float]:
    """95 % of bootstrap draws, both sides drawn anew."""
    random = np.random.default_rng(0)
    drawn = [area(random.choice(yes, len(yes)), random.choice(no, len(no))) for _ in range(DRAWS)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def turned(stills: list[Still]) -> list[str]:
    """Held-out stills turned by known degrees, cut to what no border shows: error of the turn that is told."""
    found = [pair for still in stills[::3] if not still.fitted for pair in turns(still.picture)]
    lines = [row("turned stills", "told", "median error", "90 %", "within 3 degrees"), row(*["---"] * 5)]
    for at, name in enumerate(("composition.tilt", "staging.dutch")):
        errors = np.array([told[at] for told in found if told[at] is not None])
        figures = float(np.median(errors)), float(np.percentile(errors, 90)), float((errors <= 3).mean())
        lines.append(row(name, f"{len(errors)} of {len(found)}", *figures))
    return lines


def turns(picture: Picture) -> Iterator[tuple[float | None, float | None]]:
    """Errors in degrees of `composition.tilt` and `staging.dutch` for each of TURNS; None where nothing is told."""
    before, clear = tilt(turn(picture, 0))
    for degrees in TURNS:
        turned = turn(picture, degrees)
        after, axes = tilt(turned)
        if before is None or after is None:
            yield None, None
            continue
        error = abs(after - before - degrees)
        told = dutch(after, min(axes, clear), [], turned.derived(Pyramid.of, SCORE_SIDE).quarter)
        yield error, None if told is None else error


def tilt(picture: Picture) -> tuple[float | None, float]:
    """As `composition` has it."""
    return layout.tilt(picture.derived(Pyramid.of, SCORE_SIDE).quarter)


def turn(picture: Picture, degrees: float) -> Picture:
    """The picture turned clockwise, cut to the middle that every turn fills."""
    image = Image.fromarray(picture.pixels)
    side = int(min(image.size) / 1.3)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    whole = image.rotate(-degrees, Image.Resampling.BICUBIC)
    pixels = np.asarray(whole.crop((left, top, left + side, top + side)))
    return replace(picture, pixels=pixels, width=pixels.shape[1], height=pixels.shape[0], _kept={})


def counts(people: Path) -> list[str]:
    """Faces found against people who show a face, counted by eye; crops and portraits show one each."""
    stage = Faces(Settings())
    stage.setup("cpu")
    found = {path: stage.run([measuring.read(path)], {})[0].values["face.count"] for path in measuring.pictures(people)}
    lines = [row("pictures", "counted", "right"), row(*["---"] * 3)]
    for name, paths in {"crops of one face": "cast", "portraits": "portraits"}.items():
        own = [count for path, count in found.items() if paths in path.parts]
        lines.append(row(name, len(own), f"{sum(count == 1 for count in own)} of {len(own)}"))
    for path, count in found.items():
        if path.name in COUNTS:
            lines.append(row(path.name, COUNTS[path.name], f"{count} found"))
    return lines


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("stills", "turned", "counts"))
    parser.add_argument("source", type=Path)
    parser.add_argument("work", type=Path, nargs="?", default=Path("work"))
    arguments = parser.parse_args()
    if arguments.what == "counts":
        lines = counts(arguments.source)
    elif arguments.what == "turned":
        lines = turned(read(arguments.source, arguments.work))
    else:
        stills = read(arguments.source, arguments.work)
        lines = [*framing(stills), "", *over_shoulder(stills)]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
