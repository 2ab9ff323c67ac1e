"""Forgetting an actor: templates leave the gallery, what runs derived from them is taken back.

First the templates go and only the names stay, as somebody being forgotten, who is matched no more; then every run is
done; the names go last, so that an interrupted or hindered forgetting can be taken up by the same command.
Reaches the gallery, what lies beside it, the cache, and the runs that were noted or named; not copies made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from artvision.damage import read_table
from artvision.errors import GalleryError, UsageError
from artvision.gallery import Actor, changing, normal_forms, read_gallery, same_name, write_gallery
from artvision.index import forgetting as index
from artvision.recognition.register import known_runs
from artvision.run import STAGING, find_run
from artvision.settings import suggest
from artvision.writing.staging import alone_in, open_staging, sweep
from artvision.writing.withdraw import Block, withdraw

BLOCK = Block("actors", "actor", ("actors", "actor_vectors"))
WORK = f"{STAGING}/chunk-*[0-9].parquet"


@dataclass(frozen=True)
class Who:
    """Whom to look for in runs: by `actor_id`, and by `names` (see `same_name`) under ids that are nobody else's.

    `others` are the ids of the people who stay in the gallery.
    """

    actor_id: str
    names: frozenset[str]
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Traces:
    """What a run had of an actor: `rows` taken back, `vectors` of their face; or the `problem` that kept it."""

    folder: Path
    rows: int = 0
    vectors: tuple[NDArray[np.float32], ...] = ()
    problem: str = ""


def begin(path: Path, name: str) -> tuple[Actor | None, Who]:
    """Take the templates of the one called `name` out of the gallery file: (the entry as it was, whom to look for).

    None where the gallery has no such person; runs may still name them. Raises GalleryError where several people
    answer to the name.
    """
    # Before anything is made beside a gallery that is not there.
    read_gallery(path)
    with changing(path):
        gallery = read_gallery(path)
        found = gallery.find(name)
        if len(found) > 1:
            ids = ", ".join(actor.actor_id for actor in found)
            raise GalleryError(f"{path}: {len(found)} people are called {name!r}; name one by its id: {ids}")
        others = frozenset(actor.actor_id for actor in gallery.actors if actor not in found)
        if not found:
            return None, Who(name, frozenset(normal_forms([name])), others)
        (actor,) = found
        if not actor.leaving:
            bare = np.zeros((0, gallery.width), np.float32)
            write_gallery(gallery.with_actors([replace(actor, templates=bare, portraits=(), leaving=True)]), path)
    return actor, Who(actor.actor_id, frozenset(normal_forms(actor.names)), others)


def finish(path: Path, actor: Actor) -> None:
    """Take the names out too: every run is done."""
    with changing(path):
        write_gallery(read_gallery(path).without(actor.actor_id), path)


def unknown_name(path: Path, name: str) -> GalleryError:
    """The error for a name that neither the gallery nor a known run has."""
    known = [text for actor in read_gallery(path).actors for text in (actor.actor_id, *actor.names)]
    return GalleryError(
        f"{path} and its runs know no {name!r}{suggest(name, known)}; `artvision actors list -g {path}`"
    )


def runs_of(path: Path, named: Iterable[Path]) -> list[Path]:
    """Folders of runs and indexes that the gallery knows of, and those `named`, each once; indexes last.

    Raises UsageError where there is neither.
    """
    for folder in named:
        if not ((folder / "run.json").exists() or (folder / STAGING).exists() or index.is_index(folder)):
            raise UsageError(f"--run {folder}: there is no run and no index")
    folders = dict.fromkeys(folder.resolve() for folder in (*known_runs(path), *named))
    # An index repeats what its run says: runs are done first.
    return sorted(folders, key=index.is_index)


def take_back(folder: Path, who: Who) -> Traces:
    """Take what a run says of an actor back, finished or not; the rows are computed again by the next `extract`.

    A run that is gone, is being written, or cannot be read, is a `problem` and not an error: the others must be done.
    """
    if not folder.is_dir():
        return Traces(folder, problem="is not there; was it moved, or is its disk away? If it was deleted: --deleted")
    try:
        if index.is_index(folder):
            return Traces(folder, index.take_back(folder, partial(_naming, who=who)))
        with alone_in(folder):
            sweep(folder)
        run = find_run(folder)
        parts = run.parts if run else []
        rows = {part: _naming_part(part, who) for part in (*parts, *folder.glob(WORK))}
        if not any(rows.values()):
            return Traces(folder)
        vectors = tuple(vector for part in rows for vector in _vectors(part, who))
        _rewrite(folder, {name for part in parts for name in rows[part]})
        return Traces(folder, len({name for names in rows.values() for name in names}), vectors)
    except Exception as error:  # in whatever way one run is damaged, the others must be done
        return Traces(folder, problem=f"{type(error).__name__}: {' '.join(str(error).split())}")


def _rewrite(folder: Path, asset_ids: set[str]) -> None:
    run = find_run(folder)
    with open_staging(folder, run.info["fingerprint"] if run else {}, overwrite=run is None) as staging:
        if staging.base is not None:
            withdraw(staging, staging.base, BLOCK, asset_ids)
        else:  # a first run that was interrupted: nothing of it is finished
            staging.discard()


def _naming_part(part: Path, who: Who) -> set[str]:
    names = [name for name in ("asset_id", "actors") if name in pq.read_schema(part).names]
    return _naming(read_table(part, names), who)


def _naming(table: pa.Table, who: Who) -> set[str]:
    """Ids of the assets whose row names the actor."""
    if "actors" not in table.column_names:
        return set()
    column = table["actors"].combine_chunks()
    ids = pa.array(sorted(_ids(column, who)), pa.string())
    hits = pc.is_in(pc.struct_field(pc.list_flatten(column), "actor_id"), ids)
    rows = pc.list_parent_indices(column).filter(hits)
    return set(table["asset_id"].take(rows).to_pylist())


def _ids(column: pa.Array, who: Who) -> set[str]:
    """The ids under which the person stands in a column `actors`: a renamed one is still the same person."""
    faces = pc.list_flatten(column)
    table = pa.table({name: pc.struct_field(faces, name) for name in ("actor_id", "name")})
    pairs = table.group_by(["actor_id", "name"]).aggregate([]).to_pylist()
    named = {pair["actor_id"] for pair in pairs if pair["actor_id"] and same_name(pair["name"]) in who.names}
    return {who.actor_id} | (named - who.others)


def _vectors(part: Path, who: Who) -> list[NDArray[np.float32]]:
    if "actor_vectors" not in pq.read_schema(part).names:
        return []
    table = read_table(part, ["actors", "actor_vectors"])
    ids = _ids(table["actors"].combine_chunks(), who)
    stored = (item for own in table["actor_vectors"].to_pylist() for item in own or ())
    return [np.asarray(item["vector"], np.float32) for item in stored if item["actor_id"] in ids]
