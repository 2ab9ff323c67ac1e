"""Forgetting an actor: templates leave the gallery, what runs derived from them is taken back.

Reaches the gallery, what lies beside it, the cache, and the runs that were noted or named; not copies made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from artvision.errors import ArtvisionError, GalleryError
from artvision.gallery import Actor, changing, known_runs, read_gallery, write_gallery
from artvision.run import STAGING, find_run
from artvision.settings import suggest
from artvision.writing.staging import open_staging
from artvision.writing.withdraw import Block, withdraw

BLOCK = Block("actors", "actor", ("actors", "actor_vectors"))
WORK = f"{STAGING}/chunk-*[0-9].parquet"


@dataclass(frozen=True)
class Who:
    """Whom to look for in runs: by `ids`; where the gallery no longer knows the id, also by `names` as they stand."""

    ids: list[str]
    names: list[str]


@dataclass(frozen=True)
class Traces:
    """What a run had of an actor: `rows` taken back, `vectors` of their face; or the `problem` that kept it."""

    folder: Path
    rows: int = 0
    vectors: tuple[NDArray[np.float32], ...] = ()
    problem: str = ""


def remove(path: Path, name: str) -> list[Actor]:
    """Take those called `name` out of the gallery file; the entries removed, none where it has no such person.

    Raises GalleryError where several people answer to the name.
    """
    with changing(path):
        gallery = read_gallery(path)
        found = gallery.find(name)
        if len(found) > 1:
            ids = ", ".join(actor.actor_id for actor in found)
            raise GalleryError(f"{path}: {len(found)} people are called {name!r}; name one by its id: {ids}")
        if found:
            write_gallery(gallery.without(found[0].actor_id), path)
    return found


def unknown_name(path: Path, name: str) -> GalleryError:
    """The error for a name that neither the gallery nor a known run has."""
    known = [text for actor in read_gallery(path).actors for text in (actor.actor_id, *actor.names)]
    return GalleryError(
        f"{path} and its runs know no {name!r}{suggest(name, known)}; `artvision actors list -g {path}`"
    )


def runs_of(path: Path, named: Iterable[Path]) -> list[Path]:
    """Run folders that the gallery knows of, and those named, each once; those that are gone are left out."""
    folders = dict.fromkeys(folder.resolve() for folder in (*known_runs(path), *named))
    return [folder for folder in folders if folder.is_dir()]


def take_back(folder: Path, who: Who) -> Traces:
    """Take what a run says of an actor back, finished or not; the rows are computed again by the next `extract`.

    A run that is being written, or cannot be read, is a `problem` and not an error: the others must be done.
    """
    try:
        run = find_run(folder)
        parts = run.parts if run else []
        rows = {part: _naming(part, who) for part in (*parts, *folder.glob(WORK))}
        if not any(rows.values()):
            return Traces(folder)
        vectors = tuple(vector for part in rows for vector in _vectors(part, who))
        _rewrite(folder, {name for part in parts for name in rows[part]})
        return Traces(folder, len({name for names in rows.values() for name in names}), vectors)
    except (ArtvisionError, OSError, pa.ArrowException) as error:
        return Traces(folder, problem=" ".join(str(error).split()))


def _rewrite(folder: Path, asset_ids: set[str]) -> None:
    run = find_run(folder)
    with open_staging(folder, run.info["fingerprint"] if run else {}, overwrite=run is None) as staging:
        if staging.base is not None:
            withdraw(staging, staging.base, BLOCK, asset_ids)
        else:  # a first run that was interrupted: nothing of it is finished
            staging.discard()


def _naming(part: Path, who: Who) -> set[str]:
    """Ids of the assets whose row names the actor."""
    if "actors" not in pq.read_schema(part).names:
        return set()
    table = pq.read_table(part, columns=["asset_id", "actors"], partitioning=None)
    column = table["actors"].combine_chunks()
    faces = pc.list_flatten(column)
    hits = pc.is_in(pc.struct_field(faces, "actor_id"), pa.array(who.ids, pa.string()))
    hits = pc.or_(hits, pc.is_in(pc.struct_field(faces, "name"), pa.array(who.names, pa.string())))
    rows = pc.list_parent_indices(column).filter(hits)
    return set(table["asset_id"].take(rows).to_pylist())


def _vectors(part: Path, who: Who) -> list[NDArray[np.float32]]:
    if "actor_vectors" not in pq.read_schema(part).names:
        return []
    rows = pq.read_table(part, columns=["actors", "actor_vectors"], partitioning=None).to_pylist()
    named = {face["actor_id"] for row in rows for face in row["actors"] or () if face["name"] in who.names}
    stored = (item for row in rows for item in row["actor_vectors"] or ())
    kept = [item for item in stored if item["actor_id"] in {*who.ids, *named}]
    return [np.asarray(item["vector"], np.float32) for item in kept]
