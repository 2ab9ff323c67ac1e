"""The rows of several runs as the parts of one, read and written piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from artvision.record import CATALOGUE
from artvision.run import Run
from artvision.writing.commit import ROWS_PER_PART, PartWriter, first_free

ROWS_AT_ONCE = ROWS_PER_PART // 4  # what is in memory


def united(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """Every column of all runs; runs of one contract differ in carried ones alone, and of two types text stands."""
    found = {field.name: field for field in schemas[0]}
    for field in (field for schema in schemas[1:] for field in schema):
        known = found.setdefault(field.name, field)
        if known.type != field.type:
            found[field.name] = known.with_type(pa.string())
    names = list(schemas[0].names)
    # Where a run has its carried columns.
    place = names.index(list(CATALOGUE)[-1]) + 1
    names[place:place] = [name for name in found if name not in schemas[0].names]
    return pa.schema([found[name] for name in names])


def write_parts(
    runs: Sequence[Run], dropped: Sequence[Collection[str]], schema: pa.Schema, folder: Path, target: Path
) -> list[str]:
    """Write the rows of all runs, but for each those with ids in `dropped`, to `target`, as parts of the run `folder`.

    Returns their names.
    """
    with PartWriter(target, first_free(folder), schema) as writer:
        for run, ids in zip(runs, dropped, strict=True):
            gone = pa.array(sorted(ids), pa.string())
            for part in run.parts:
                for batch in pq.ParquetFile(part).iter_batches(ROWS_AT_ONCE):
                    table = pa.Table.from_batches([batch])
                    writer.write(table.filter(pc.invert(pc.is_in(table["asset_id"], gone))))
        if not writer.names:
            writer.write_none()
    return writer.names
