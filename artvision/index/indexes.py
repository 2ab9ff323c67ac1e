"""Scalar and vector indexes of the table, and the search that uses them: exact where that is quick, else by IVF_SQ.

An approximate index only proposes: what it proposes is scored again from the stored vectors, so that an asset has one
score, however it was found. Figures: `scripts/bench.py --index`, 1,000,000 rows of 512 dimensions on 2 busy cores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

KEY = "asset_id"
VECTOR = "embedding"
ROW = "_rowid"
SCORE = pa.field("score", pa.float32())

# An id is looked up in 1 ms instead of 20-30 ms of 1,000,000 rows. A filter on a field needs no index: one column of
# numbers is scanned in 5-8 ms, while an index of each field would be rewritten whenever an asset is added.
KEYS = (KEY, "title_id")
KEY_ROWS = 20_000  # below, a lookup without an index takes a millisecond or two

# All vectors of 50,000 rows are compared in 0.2-0.3 s; with a filter, the same up to 5,000 rows scattered over a
# large table, because those are read one by one. An index is for what is more.
VECTOR_ROWS = 50_000
SCATTERED_ROWS = 5_000

PARTITION = 8192  # rows to a partition: Lance's own target for IVF
# Of the partitions: recall@10 0.999 even where vectors form no clusters; a sixth gives 0.97.
PROBED = 1 / 3
# What a filter leaves lies farther away: of 1 % of the rows, a third finds 0.975.
PROBED_FILTERED = 2 / 3
LEAST_PROBED = 40
# Candidates for each row asked for: without, the quantiser's error costs 4-6 % of the neighbours.
PROPOSED = 3
# And this many more, for a short list and for equal pictures at its end.
SPARE = 16
# Times the rows it was trained on: new kinds of pictures lie in partitions that are not theirs.
OUTGROWN = 2.0
# Each addition is a part of its own, and a search probes every part.
MOST_PARTS = 8


def build_indexes(table: Any, rows: int) -> list[str]:
    """Build the indexes that `rows` warrant and extend those there are; what was built anew, for people.

    `table` is a LanceDB table at its latest version, and is there again afterwards. Nothing new is nothing done.
    """
    table.optimize()  # adds new rows to what is there, joins small files
    built = _index_keys(table) if rows >= KEY_ROWS else []
    if rows >= VECTOR_ROWS and VECTOR in table.schema.names:
        built += _index_vectors(table, rows)
    return built


def search(
    table: Any,
    vector: NDArray[np.float32] | None,
    *,
    where: str = "",
    limit: int = 20,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """The `limit` rows nearest to `vector` (D,) among those that meet `where`, nearest first, equals by asset id.

    `columns` may be paths into structs (None: all columns). `score` float32 in [-1, 1] is the cosine similarity to
    the unit vectors stored; rows without one are left out. Without `vector`: rows by asset id, `score` null. Exact but
    where a vector index is worth while (see above). Raises ValueError for a `where` that the table does not understand.
    """
    if vector is None:
        found = _first(table, where, limit)
    else:
        unit = np.asarray(vector, np.float64) / max(float(np.linalg.norm(vector)), np.finfo(np.float64).tiny)
        found = _nearest(table, unit, where, limit)
    return _with_columns(table, found, columns)


def _index_keys(table: Any) -> list[str]:
    from lancedb.index import BTree

    there = {column for index in table.list_indices() for column in index.columns}
    missing = [name for name in KEYS if name in table.schema.names and name not in there]
    for name in missing:
        table.create_index(name, config=BTree())
    return [f"lookup by {name}" for name in missing]


def _index_vectors(table: Any, rows: int) -> list[str]:
    """Train a vector index, or leave the one there is, with its parts joined when they are many."""
    from lancedb.index import IvfSq

    before = _trained(table)
    if before and rows < OUTGROWN * max(before.values()):
        _join_parts(table, max(before, key=before.__getitem__))
        return []
    config = IvfSq(distance_type="cosine", target_partition_size=PARTITION)
    table.create_index(VECTOR, config=config, name=f"{VECTOR}_{rows}")
    for name in before.keys() - {f"{VECTOR}_{rows}"}:
        table.drop_index(name)
    return [f"nearest vectors of {rows} rows"]


def _trained(table: Any) -> dict[str, int]:
    """Name of each vector index -> rows it was trained on, which are its name's end: the library does not keep them."""
    names = [index.name for index in table.list_indices() if index.columns == [VECTOR]]
    return {name: int(name.rpartition("_")[2]) for name in names}


def _join_parts(table: Any, name: str) -> None:
    parts = table.index_stats(name).num_indices
    if parts > MOST_PARTS:
        table.to_lance().optimize.optimize_indices(num_indices_to_merge=parts, index_names=[name])
        table.checkout_latest()


def _first(table: Any, where: str, limit: int) -> pa.Table:
    """The first rows by asset id, with a null score."""
    keys = table.to_lance().to_table(columns=[KEY], filter=where or None, with_row_id=True)
    first = keys.take(pc.select_k_unstable(keys, limit, [(KEY, "ascending")]))
    return first.append_column(SCORE, pa.nulls(len(first), SCORE.type))


def _nearest(table: Any, unit: NDArray[np.float64], where: str, limit: int) -> pa.Table:
    """The nearest rows to `unit` (D,), found in the way that suits how many meet `where`."""
    trained = max(_trained(table).values(), default=0)
    matching = table.count_rows(where or None)
    if trained and matching > (SCATTERED_ROWS if where else VECTOR_ROWS):
        found = _leading(_scored(_proposed(table, unit, where, limit, trained), unit), limit)
        # Else the filter leaves too few in the partitions probed.
        if len(found) >= min(limit, matching):
            return found
    return _exact(table, unit, where, limit)


def _exact(table: Any, unit: NDArray[np.float64], where: str, limit: int) -> pa.Table:
    """The nearest of all rows that meet `where`, read in batches, so that only those that lead are held."""
    scanner = table.to_lance().scanner(columns=[KEY, VECTOR], filter=where or None, with_row_id=True)
    leading = _scored(scanner.projected_schema.empty_table(), unit)
    for batch in scanner.to_batches():
        leading = _leading(pa.concat_tables([leading, _scored(pa.table(batch), unit)]), limit)
    return leading


def _proposed(table: Any, unit: NDArray[np.float64], where: str, limit: int, trained: int) -> pa.Table:
    """Candidates of the vector index with their vectors, from the partitions nearest to `unit` (D,)."""
    share = PROBED_FILTERED if where else PROBED
    probed = max(LEAST_PROBED, math.ceil(share * trained / PARTITION))
    query = table.search(unit.astype(np.float32), vector_column_name=VECTOR).distance_type("cosine")
    # A higher maximum is always spent in full: lance-format/lance#5637.
    query = query.nprobes(probed)
    query = query.where(where, prefilter=True) if where else query
    return query.select([KEY, VECTOR, "_distance"]).with_row_id(True).limit(PROPOSED * limit + SPARE).to_arrow()


def _scored(rows: pa.Table, unit: NDArray[np.float64]) -> pa.Table:
    """Rows that have a vector, with the cosine similarity of vector and `unit` (D,) in place of the vector.

    Summed in float64: in float32 a sum depends on where in its batch a row stands, and equal pictures would not tie.
    """
    rows = rows.filter(pc.is_valid(rows[VECTOR]))
    vectors = rows[VECTOR].combine_chunks().flatten().to_numpy().reshape(len(rows), len(unit))
    scores = pa.array((vectors @ unit).astype(np.float32))
    return rows.select([KEY, ROW]).append_column(SCORE, scores)


def _leading(rows: pa.Table, limit: int) -> pa.Table:
    return rows.sort_by([("score", "descending"), (KEY, "ascending")]).slice(0, limit)


def _with_columns(table: Any, found: pa.Table, columns: Sequence[str] | None) -> pa.Table:
    """The found rows in their order, with the columns asked for and their score."""
    names = list(table.schema.names if columns is None else columns)
    query = table.take_row_ids(found[ROW].to_pylist()).with_row_id()
    rows = query.select([name for name in names if name != ROW]).to_arrow()
    rows = rows.take(pc.index_in(found[ROW], rows[ROW]))
    return rows.select(names).append_column(SCORE, found["score"])
