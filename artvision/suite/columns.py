"""The suite's columns: what an asset is among the others of its title, since the choice is made within a title.

Read are `title_id`, `embedding` and the measured fields of RANKED, all of privacy class none, so the columns are, too;
actors, casts and face boxes are not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from artvision.contract import Column, Field, Kind
from artvision.suite.selection import greedy_order
from artvision.suite.similarity import MAX_PAIRED, similarities
from artvision.suite.standing import FEWEST, MAX_Z, ranks, z_scores


@dataclass(frozen=True)
class Ranked:
    """A field that is compared within the title; `more`: what a high one is.

    `noise`: its tolerance in the contract; 0 for a count, of which one more or less is what is to be told.
    """

    column: str
    noise: float
    more: str


RANKED = {
    "brightness": Ranked("light.brightness", 0.1, "brighter"),
    "contrast": Ranked("light.contrast", 0.1, "more contrast"),
    "colorfulness": Ranked("color.colorfulness", 0.3, "more colourful"),
    "chroma": Ranked("color.chroma", 0.2, "more saturated"),
    "warmth": Ranked("color.warmth", 0.01, "warmer"),
    "sharpness": Ranked("detail.sharpness", 0.05, "sharper"),
    "clutter": Ranked("composition.clutter", 0.01, "more cluttered"),
    "empty_share": Ranked("composition.empty_share", 0.03, "more negative space"),
    "face_count": Ranked("face.count", 0, "more faces"),
    "face_area": Ranked("face.lead_area", 0.02, "a larger lead face"),
}
_Z = f"in standard deviations from the title's mean; at least {FEWEST} values that differ"


def _field(name: str, meaning: str, unit: str, high: float, source: str, higher: str, **more: Any) -> Field:
    return Field(name, meaning, unit, more.pop("low", 0), high, source, higher, Kind.SUITE, **more)


_SUITE = (
    _field("suite.size", "assets of the title", "assets", 1e7, "count", "more", low=1, dtype="int32", fill=1),
    _field(
        "suite.order",
        "place in the order to show first",
        "place",
        MAX_PAIRED,
        "greedy facility location, Nemhauser et al. 1978, Math. Programming 14",
        "later",
        low=1,
        dtype="int32",
        fill=MAX_PAIRED,
    ),
    _field(
        "suite.novelty",
        "1 - mean cosine to the title's other assets, where negative 0; of one plate 1",
        "distance",
        1,
        "distance-based item novelty, Vargas & Castells 2011, RecSys",
        "more novel",
    ),
    _field(
        "suite.redundancy",
        "cosine to the nearest other asset of the title, where negative 0; of one plate 1",
        "cosine",
        1,
        "similarity to the nearest, Carbonell & Goldstein 1998, SIGIR",
        "nearer to a repetition",
    ),
)
_RANKS = tuple(
    _field(
        f"rank.{name}",
        f"rank of {one.column} in the title: 0 lowest, 1 highest; ties averaged",
        "share",
        1,
        "fractional rank",
        one.more,
        fill=0.5,
    )
    for name, one in RANKED.items()
)
_SCORES = tuple(
    _field(f"z.{name}", f"{one.column} {_Z}", "z-score", MAX_Z, "z-score", one.more, low=-MAX_Z)
    for name, one in RANKED.items()
)
FIELDS = (*_SUITE, *_RANKS, *_SCORES)
PLATE = Column("plate.id", "plate that assets of one background share; null where alone", pa.string())
INPUTS = ("asset_id", "title_id", "embedding", *(field.column for field in RANKED.values()))


def suite_columns(table: pa.Table, plates: Mapping[str, str] | None = None) -> pa.Table:
    """`asset_id`, the FIELDS and `plate.id` for each row, in the table's order.

    Columns of INPUTS that the table lacks leave theirs null; so do rows without a title, and for order, novelty and
    redundancy rows without an embedding and titles of more than MAX_PAIRED of them. A lone asset has order 1 and no
    novelty or redundancy. `plates`: asset id -> plate id.
    """
    assets = table["asset_id"].to_pylist()
    titles = title_codes(table["title_id"])
    shared = [(plates or {}).get(asset) for asset in assets]
    found = _pairwise(table, assets, titles, shared) | _standings(table, titles)
    arrays = {field.name: _array(found[field.name], field.dtype) for field in FIELDS}
    return pa.table({"asset_id": pa.array(assets, pa.string()), **arrays, PLATE.name: pa.array(shared, pa.string())})


def title_codes(titles: pa.ChunkedArray) -> NDArray[np.int64]:
    """A number a title; -1 for rows without one."""
    codes = pc.index_in(titles, pc.unique(titles.drop_null()))
    numbers: NDArray[np.int64] = pc.fill_null(codes, -1).to_numpy().astype(np.int64)
    return numbers


def _standings(table: pa.Table, titles: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    found: dict[str, NDArray[np.float64]] = {}
    for name, field in RANKED.items():
        values = np.full(len(titles), np.nan)
        if field.column in table.column_names:
            values = np.asarray(
                table[field.column].cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64
            ).copy()
            values[titles < 0] = np.nan
        found |= {f"rank.{name}": ranks(values, titles), f"z.{name}": z_scores(values, titles, field.noise)}
    return found


def _pairwise(
    table: pa.Table, assets: Sequence[str], titles: NDArray[np.int64], plates: Sequence[str | None]
) -> dict[str, NDArray[np.float64]]:
    """Size, order, novelty, redundancy; rows of a title by asset id, so that the order of rows decides nothing."""
    found = {f"suite.{name}": np.full(len(titles), np.nan) for name in ("size", "order", "novelty", "redundancy")}
    vectors, known = embeddings(table)
    rows = np.array(sorted(np.flatnonzero(titles >= 0).tolist(), key=lambda row: (titles[row], assets[row])), np.int64)
    for group in np.split(rows, np.flatnonzero(np.diff(titles[rows])) + 1):
        found["suite.size"][group] = len(group)
        paired = group[known[group]]
        if 0 < len(paired) <= MAX_PAIRED:
            for name, values in _of_title(vectors[paired], [plates[row] for row in paired.tolist()]).items():
                found[name][paired] = values
    return found


def _of_title(vectors: NDArray[np.float32], plates: Sequence[str | None]) -> dict[str, NDArray[np.float64]]:
    alike = similarities(vectors, plates)
    order = np.empty(len(alike))
    order[[pick.index for pick in greedy_order(alike)]] = np.arange(1, len(alike) + 1)
    if len(alike) < 2:
        return {"suite.order": order}
    others = (alike.sum(axis=1) - 1) / (len(alike) - 1)
    np.fill_diagonal(alike, -1.0)
    return {
        "suite.order": order,
        "suite.novelty": np.clip(1 - others, 0, 1),
        "suite.redundancy": alike.max(axis=1),
    }


def embeddings(table: pa.Table) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """((N, D), (N,)): embeddings, and which rows have one; rows without have zeros, a table without has D = 0."""
    if "embedding" not in table.column_names or not table.num_rows:
        return np.zeros((table.num_rows, 0), np.float32), np.zeros(table.num_rows, np.bool_)
    column = table["embedding"].combine_chunks()
    known = np.asarray(column.is_valid())
    flat = np.asarray(column.drop_null().flatten(), np.float32)
    vectors = np.zeros((len(known), column.type.list_size), np.float32)
    vectors[known] = flat.reshape(-1, column.type.list_size)
    return vectors, known


def _array(values: NDArray[np.float64], dtype: str) -> pa.Array:
    kind = pa.int32() if dtype == "int32" else pa.float32()
    return pa.array(values, pa.float64(), from_pandas=True).cast(kind)
