"""From labels and the embeddings of a run to the file that `extract --evidence` uses; no picture is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from artvision import __version__
from artvision.calibration.fitting import Bools, Doubles, temperature
from artvision.calibration.folds import deal
from artvision.calibration.gating import Rules, Tag, gates
from artvision.calibration.joining import Labelled, join, open_embeddings
from artvision.calibration.measuring import measure, shared_temperatures
from artvision.calibration.scoring import scores_of
from artvision.calibration.table import read_table
from artvision.calibration.tags import read_tags
from artvision.clip.evidence import FORMAT
from artvision.clip.mark import Mark
from artvision.clip.vocabulary import Vocabulary, choose_vocabulary
from artvision.searching.space import Space, open_space
from artvision.wording import listed
from artvision.writing.document import write_json

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Made:
    """The content of the file, and what a person should know of it."""

    document: dict[str, Any]
    remarks: tuple[str, ...]

    @property
    def offers(self) -> bool:
        """Whether any tag is offered; with a file of which none is, all would abstain."""
        return any(entry["offered"] for entry in self.document["tags"].values())

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all. Raises RunError where it cannot be written."""
        write_json(self.document, path)


def calibrate(
    labels: Path,
    run: str | Path,
    rules: Rules | None = None,
    *,
    vocabulary: str = "",
    model: str = "",
    begin: Callable[[int], Progress] = lambda _total: lambda _done: None,
) -> Made:
    """Measure and calibrate every tag that the table `labels` has, on the embeddings of a run or an index.

    `vocabulary` and `model` stand in for the run's own, `begin` is told how many tags there are. Raises UsageError for
    labels that cannot be read or joined, RunError for a run without embeddings or of another model.
    """
    rows, rules = open_embeddings(run), rules or Rules()
    info = rows.run.info
    read = choose_vocabulary(vocabulary or info["settings"]["vocabulary"])
    told = read_tags(read_table(labels), read)
    joined = join(rows, told.key, told.told, told.names)
    space = open_space(info, model)
    tags = tags_of(joined, scores_of(read, space, joined.embeddings), rules)
    document = _head(space, read, rules) | {"labels": _source(labels, joined)}
    document |= _measured(tags, rules, _standing(read, document["labels"]), begin(len(tags)))
    ignored = [f"no tags, so not used: the columns {listed(told.ignored)}"] if told.ignored else []
    return Made(document, (*space.notices, *joined.remarks, *ignored))


def tags_of(joined: Labelled, scores: dict[str, Doubles], rules: Rules) -> list[Tag]:
    """The labelled tags, each with the pictures that are labelled with it."""
    folds = deal(joined.title_names, joined.titles, rules.folds, rules.repeats)
    made = []
    for name, truth in zip(joined.names, joined.truth.T, strict=True):
        known = ~np.isnan(truth)
        if known.any():
            own = scores[name][known], truth[known] > 0, joined.titles[known], folds[:, known]
            made.append(Tag(name, *own))
    return made


def _measured(tags: list[Tag], rules: Rules, standing: Mapping[str, Any], step: Progress) -> dict[str, Any]:
    """`standing`: group -> what an entry of one of its tags stands on."""
    enough = [tag for tag in tags if not tag.lacks(rules)]
    temperatures = shared_temperatures(enough, rules)
    final = temperature(*_pooled(enough)) if enough else 1.0
    gate, found = gates(tags, rules), {}
    for tag in tags:
        own = measure(tag, gate[tag.name], rules, temperatures, final)
        found[tag.name] = own | standing[tag.name.partition(".")[0]]
        step(1)
    return {"temperature": round(final, 4), "tags": found}


def _pooled(tags: Iterable[Tag]) -> tuple[list[Doubles], list[Bools]]:
    return [tag.scores for tag in tags], [tag.truth for tag in tags]


def _head(space: Space, vocabulary: Vocabulary, rules: Rules) -> dict[str, Any]:
    mark = Mark.of(space.model.fingerprint())
    return {
        "evidence_format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "artvision": __version__,
        "model": mark.name,
        "weights_sha256": space.model.weights_sha256,
        "embedding_sha256": mark.sha256,
        "vocabulary_sha256": vocabulary.sha256,
        "rules": asdict(rules) | {"rule": rules.said},
    }


def _standing(vocabulary: Vocabulary, source: Mapping[str, Any]) -> dict[str, Any]:
    labels = {"labels": source["file"], "labels_sha256": source["sha256"]}
    return {group.name: labels | {"group_sha256": group.sha256} for group in vocabulary.groups}


def _source(labels: Path, joined: Labelled) -> dict[str, Any]:
    return {
        "file": labels.name,
        "sha256": joined.sha256,
        "pictures": len(joined.contents),
        "titles": len(joined.title_names),
    }
