"""Labels meet the rows of a run: embeddings, truth, and the title that each picture belongs to."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from artvision.errors import RunError, UsageError
from artvision.rows import Rows, open_rows
from artvision.wording import counted, listed

NEEDED = ("asset_id", "title_id", "path", "content_sha256", "embedding")


@dataclass(frozen=True)
class Labelled:
    """Pictures that have both an embedding and a label, sorted by asset id.

    `embeddings` (N, D) float32; `truth` (N, names) float64, NaN where it is not known; `titles` (N,) int numbers a
    title, so that pictures of one never stand on both sides of a split; titles that share a file count as one.
    `unmatched`: keys of no row. `bare`: labelled pictures without an embedding.
    """

    names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    truth: NDArray[np.float64]
    titles: NDArray[np.intp]
    title_names: tuple[str, ...]
    contents: tuple[str, ...]
    unmatched: tuple[str, ...]
    bare: int

    @property
    def sha256(self) -> str:
        """Checksum of which content has which label; neither order nor place of the table matters."""
        lines = sorted(
            f"{content} {name}={label:g}"
            for content, row in zip(self.contents, self.truth, strict=True)
            for name, label in zip(self.names, row, strict=True)
            if not math.isnan(label)
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def remarks(self) -> list[str]:
        """What a person should know of labels and rows that did not meet."""
        told = []
        if self.unmatched:
            told.append(f"{counted(len(self.unmatched), 'label')} of no picture in the run: {listed(self.unmatched)}")
        if self.bare:
            told.append(f"{counted(self.bare, 'labelled picture')} left out: they have no embedding")
        return told


def open_embeddings(place: str | Path) -> Rows:
    """The rows of a run or an index. Raises RunError where they have no embeddings."""
    rows = open_rows(place)
    if "clip" not in rows.run.info["fingerprint"]["stages"]:
        raise RunError(f"{rows.called} has no embeddings: its run left out the stage clip; extract again with it")
    return rows


def join(rows: Rows, key: str, told: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> Labelled:
    """The labelled rows of a run or an index; a label of a title is that of all its pictures.

    Raises UsageError where there is no label, and naming an example of both sides where nothing meets.
    """
    if not told:
        raise UsageError("every label of the table is empty; fill in those of pictures that were judged")
    table = rows.table(list(NEEDED)).sort_by("asset_id")
    keys = table[key].to_pylist()
    named = table.filter(pa.array([name in told for name in keys], pa.bool_()))
    found = named.filter(named["embedding"].is_valid())
    if not len(found):
        ours, theirs = next(iter(told)), next((name for name in keys if name is not None), "nothing")
        raise UsageError(
            f"none of {counted(len(told), 'label')} is of a picture with an embedding in {rows.called}: {key} is "
            f"{ours!r} in the labels and {theirs!r} in the run"
        )
    contents = tuple(found["content_sha256"].to_pylist())
    title_names, titles = _families(found["title_id"].to_pylist(), contents)
    return Labelled(
        tuple(names),
        np.stack(found["embedding"].to_numpy(zero_copy_only=False)).astype(np.float32),
        np.array([[told[own].get(name, math.nan) for name in names] for own in found[key].to_pylist()], np.float64),
        titles,
        title_names,
        contents,
        tuple(sorted(set(told) - set(keys))),
        len(named) - len(found),
    )


def _families(titles: Sequence[str | None], contents: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """(names, (N,) number of each picture): its title, or its content where it has none, joined where a file is shared.

    A family is called by the first of its titles.
    """
    groups = [title or content for title, content in zip(titles, contents, strict=True)]
    names, title = np.unique(np.array(groups, str), return_inverse=True)
    content = len(names) + np.unique(np.array(contents, str), return_inverse=True)[1]
    count = int(content.max()) + 1
    family = connected_components(coo_array((np.ones(len(title)), (title, content)), (count, count)))[1]
    first = np.unique(family[: len(names)], return_index=True)[1]
    return tuple(names[first].tolist()), family[title].astype(np.intp)
