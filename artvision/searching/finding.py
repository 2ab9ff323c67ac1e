"""Rows that answer a question: the filter in the table's SQL, names as people write them, the rows in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from artvision.cache import hash_file
from artvision.catalog import locate
from artvision.errors import GalleryError, UsageError
from artvision.gallery import normal_forms, read_gallery
from artvision.index.layout import NAMES
from artvision.index.store import one_of, quoted
from artvision.passes import Floats
from artvision.rows import ids_of_title, titles_of
from artvision.searching.query import Kind, Term
from artvision.settings import suggest
from artvision.wording import listed

if TYPE_CHECKING:
    from artvision.index.store import Index

COLUMNS = (
    "asset_id",
    "title_id",
    "path",
    "title",
    "artwork_type",
    "face.count",
    "shot.scale",
    "light.brightness",
    "tags",
)


@dataclass(frozen=True)
class Filter:
    """Which rows may answer: `where` in the table's SQL; names of actors who are all on it; titles, any of them.

    `without` is SQL for rows that are left out, because they are what was asked with.
    """

    where: str = ""
    actors: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    without: str = ""

    @property
    def shown(self) -> str:
        """What was asked for, for people."""
        parts = [f"where {self.where}"] * bool(self.where.strip())
        parts += [f"with {' and '.join(self.actors)}"] * bool(self.actors)
        return ", ".join(parts + [f"of {' or '.join(self.titles)}"] * bool(self.titles))


@dataclass(frozen=True)
class Hit:
    """One row of an answer; `score` is the cosine similarity in [-1, 1], None where a filter alone was given."""

    rank: int
    score: float | None
    row: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As a JSON object, the best-scored tag as its label."""
        cells = {name: value for name, value in self.row.items() if name != "tags"}
        return {"rank": self.rank, "score": self.score, **cells, "tag": best_tag(self.row)}


@dataclass(frozen=True)
class Answer:
    """The best rows, and how many pass the filter."""

    hits: list[Hit]
    passing: int


def find(index: Index, vector: Floats | None, filter_: Filter, limit: int) -> Answer:
    """At most `limit` rows, best first. Raises UsageError for a condition, an actor or a title the index knows not."""
    where = condition(index, filter_)
    rows = index.nearest(vector, where=where, limit=limit, columns=COLUMNS).to_pylist()
    return Answer([Hit(rank, row.pop("score"), row) for rank, row in enumerate(rows, 1)], index.count(where))


def condition(index: Index, filter_: Filter) -> str:
    """The filter as one condition in SQL; "" where there is none."""
    titles = _title_ids(index, filter_.titles)
    parts = []
    if filter_.where.strip():
        # alone first, so that a message quotes what was typed and no more
        index.nearest(None, where=filter_.where, limit=1, columns=["asset_id"])
        parts.append(f"({filter_.where})")
    parts += [_on_it(index, name) for name in filter_.actors]
    parts += [one_of("title_id", titles)] if titles else []
    parts += [f"NOT ({filter_.without})"] if filter_.without else []
    return " AND ".join(parts)


def unmeasured(index: Index, where: str) -> list[str]:
    """Columns that a condition speaks of and that have a value on no asset: their stage did not run."""
    spoken = [name for name in index.columns if re.search(rf"\b{re.escape(name)}\b", where)]
    return [name for name in spoken if not index.count(f"{name} IS NOT NULL")]


def without(term: Term) -> str:
    """SQL for the rows that the term itself is: the asset, or those of that file or of the same bytes elsewhere."""
    if term.kind is Kind.ASSET:
        return one_of("asset_id", [term.value])
    path = locate(term.value, "")
    own = one_of("path", list(dict.fromkeys([path, str(Path(path).resolve())])))
    with suppress(OSError):  # whatever name it has in the index: a link, a copy
        own += f" OR {one_of('content_sha256', [hash_file(Path(path))])}"
    return own


def best_tag(row: Mapping[str, Any]) -> str | None:
    """«sci fi 0.73»: the offered tag with the highest score, None where no tag is offered."""
    best = max(row.get("tags") or [], key=lambda tag: tag["score"], default=None)
    return best and f"{best['label'].replace('_', ' ')} {best['score']:.2f}"


def _on_it(index: Index, name: str) -> str:
    names = _spellings(index, name)
    return "(" + " OR ".join(f"array_has({NAMES}, {quoted(own)})" for own in names) + ")"


def _spellings(index: Index, name: str) -> Sequence[str]:
    """Names in the column that mean this one, which may be an alias or an id in the gallery of the index."""
    seen = _recognised(index)
    if not seen:
        raise UsageError(
            f"--actor {name}: nobody was recognised on artwork of this index; "
            "index with a gallery of enrolled actors: `artvision index … --actors GALLERY`"
        )
    wanted = normal_forms([name, *_in_gallery(index, name)])
    if found := [own for own in seen if normal_forms([own]) & wanted]:
        return found
    near = suggest(name, seen) or f"; it has {listed(seen)}"
    raise UsageError(f"--actor {name}: recognised on no artwork of this index{near}")


def _recognised(index: Index) -> list[str]:
    """Names of all actors recognised on artwork of the index."""
    table = index.table(["actors"])
    if not table.num_columns:
        return []
    faces = pc.list_flatten(table["actors"])
    known = faces.filter(pc.is_valid(pc.struct_field(faces, "actor_id")))
    return sorted(pc.unique(pc.struct_field(known, "name")).to_pylist())


def _in_gallery(index: Index, name: str) -> list[str]:
    """Names of the actors that the gallery of the index calls so; none where there is no gallery any more."""
    try:
        found = read_gallery(Path(index.info["settings"]["actors"])).find(name)
    except GalleryError:
        return []
    return [actor.name for actor in found]


def _title_ids(index: Index, titles: Sequence[str]) -> list[str]:
    """Ids of the titles that are given by id or name; one name of several titles is all of them."""
    if not titles:
        return []
    known = titles_of(index.table(["title_id", "title"]))
    found = {title: ids_of_title(known, title) for title in titles}
    for title in (title for title, ids in found.items() if not ids):
        near = suggest(title, [*known, *filter(None, known.values())]) or f"; it has {listed(sorted(known))}"
        raise UsageError(f"--title {title}: the index has no such title{near}")
    return list(dict.fromkeys(title_id for ids in found.values() for title_id in ids))
