"""What calibrated tags and trained heads are worth on pictures that neither was fitted on.

`measure_heads.py CATALOG RUN WORK`: CATALOG has title_id and genres joined by `|`, RUN is a run over it under the
starter. Posters that the starter was trained on are left out; the others are split into a fit and a held-out half by
the hash of their title. Labels go to WORK. Reported of the held-out half: tags and heads as they come from the fit
half, random tags (none should be offered), and what calibration and heads cost a picture.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from starter.corpus import genre_label, part_of

from artvision.calibration.figures import brier, calibration_error, ranking
from artvision.calibration.folds import deal
from artvision.calibration.gating import Rules, Tag, gates
from artvision.calibration.make import calibrate
from artvision.calibration.scoring import scores_of
from artvision.clip.evidence import read_calibration
from artvision.clip.vocabulary import read_vocabulary
from artvision.errors import CheckError, UsageError
from artvision.heads.training import Wish, train
from artvision.run import Run, read_run
from artvision.searching.space import open_space

RANDOM_TAGS = 200
Labels = dict[str, dict[str, int]]  # title -> tag -> 0 or 1


def labelled(catalog: Path) -> Labels:
    """Genres of the titles that the starter was not trained on, as tags of the bundled vocabulary."""
    known = next(group for group in read_vocabulary().groups if group.name == "genre").labels
    with catalog.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["genres"] and part_of(row["title_id"].encode())]
    held = {row["title_id"]: {genre_label(name) for name in row["genres"].split("|")} for row in rows}
    return {title: {f"genre.{name}": int(name in genres) for name in known} for title, genres in held.items()}


def halves(labels: Labels) -> tuple[Labels, Labels]:
    """(fit, held out), by the hash of the title."""
    first = {title for title in labels if hashlib.sha256(f"half {title}".encode()).digest()[0] < 128}
    return {t: labels[t] for t in labels if t in first}, {t: labels[t] for t in labels if t not in first}


def write(labels: Labels, path: Path) -> Path:
    """As `artvision calibrate` reads them."""
    names = list(next(iter(labels.values())))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title_id", *names])
        writer.writerows([title, *own.values()] for title, own in labels.items())
    return path


def rows_of(run: Run, labels: Labels) -> tuple[list[str], NDArray[np.float32]]:
    """(titles, (N, D) embeddings) of the labelled pictures."""
    table = run.table(["title_id", "embedding"])
    table = table.filter(pa.compute.is_in(table["title_id"], pa.array(list(labels))))
    return table["title_id"].to_pylist(), np.stack(table["embedding"].to_numpy(zero_copy_only=False))


def tags(run: Run, held: Labels, evidence: Path) -> dict[str, Any]:
    """Figures of the offered tags on the held-out half."""
    titles, embeddings = rows_of(run, held)
    raw = scores_of(read_vocabulary(), open_space(run.info), embeddings)
    found, shares = read_calibration(evidence).evidence, {}
    for tag, entry in found.tags.items():
        decision = found.decision(tag)
        if decision is None:
            continue
        truth = np.array([held[title][tag] for title in titles], bool)
        chances = decision.curve(raw[tag])
        low, high = decision.band
        answers, called = ~((low < chances) & (chances < high)), chances >= decision.threshold
        order = ranking(raw[tag], truth, np.arange(len(truth)))
        shares[tag] = {
            "method": entry["method"],
            "auc_promised": entry["auc"],
            "auc": order.auc,
            "ece_before": calibration_error(raw[tag], truth),
            "ece": calibration_error(chances, truth),
            "ece_promised": entry["ece"],
            "brier_before": brier(raw[tag], truth),
            "brier": brier(chances, truth),
            "answers": answers.mean(),
            "precision_promised": entry["precision"],
            "precision": truth[called].mean(),
            "recall_promised": entry["recall"],
            "recall": called[truth].mean(),
            "error": (called != truth).mean(),
            "error_answered": (called != truth)[answers].mean(),
        }
    return shares


def random_tags(count: int) -> dict[str, int]:
    """Of tags on `count` pictures whose scores are drawn: how many reach the margin, and how many are offered."""
    random, rules, own = np.random.default_rng(0), Rules(repeats=1), np.arange(count)
    folds = deal(list(map(str, own)), own, rules.folds, rules.repeats)
    rare = np.maximum(rules.least / count, (0.02, 0.1, 0.3, 0.5))
    tags = [
        Tag(f"x{at}", random.random(count), random.permutation(own < rare[at % 4] * count), own, folds)
        for at in range(RANDOM_TAGS)
    ]
    found = gates(tags, rules).values()
    reached = sum(gate.ranking.low > 0.5 + rules.margin for gate in found)
    return {"pictures": count, "tags": RANDOM_TAGS, "reached": reached, "offered": sum(not gate.why for gate in found)}


def heads(run: Path, fit: Path, held: Labels) -> dict[str, Any]:
    """AUC and ECE of a head a genre on the held-out half, beside those that training promised."""
    titles, embeddings = rows_of(read_run(run), held)
    found: dict[str, Any] = {}
    for tag in next(iter(held.values())):
        try:
            head, _ = train(fit, run, Wish(tag.partition(".")[2], column=tag), repeats=1)
        except (CheckError, UsageError) as error:
            found[tag] = str(error)
            continue
        truth = np.array([held[title][tag] for title in titles], bool)
        chances = np.array([head.value(row) for row in embeddings])
        figures = head.facts["figures"]
        found[tag] = {
            "auc_promised": figures["value"],
            "auc": ranking(chances, truth, np.arange(len(truth))).auc,
            "ece_promised": figures["ece"],
            "ece": calibration_error(chances, truth),
            "us": round(1e6 * seconds(partial(head.value, embeddings[0])), 1),
        }
    return found


def seconds(work: Callable[[], Any], count: int = 2000) -> float:
    """Of one call, in one thread."""
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count


def rounded(value: Any) -> Any:
    """Three digits, for people."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return round(float(value), 3) if isinstance(value, float | np.floating) else value


def means(found: dict[str, Any]) -> dict[str, float]:
    """Over what has figures."""
    entries = [entry for entry in found.values() if isinstance(entry, dict)]
    names = [name for name, value in entries[0].items() if not isinstance(value, str)] if entries else []
    return {"count": len(entries)} | {name: float(np.mean([entry[name] for entry in entries])) for name in names}


def main() -> None:
    """Parse, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("catalog", "run", "work"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    fit, held = halves(labelled(arguments.catalog))
    path, run = write(fit, arguments.work / "fit.csv"), read_run(arguments.run)
    evidence = arguments.work / "evidence.json"
    calibrate(path, arguments.run).write(evidence)
    of_tags, of_heads = tags(run, held, evidence), heads(arguments.run, path, held)
    answer = {
        "titles": {"fit": len(fit), "held_out": len(held)},
        "tags": means(of_tags),
        "heads": means(of_heads),
        "by_tag": of_tags,
        "by_head": of_heads,
        "random": [random_tags(count) for count in (30, 100, len(fit))],
    }
    print(json.dumps(rounded(answer), indent=1))


if __name__ == "__main__":
    main()
