"""Compaction: rows that stand and rows that are new become the parts of one run.

A part of the earlier run in which nothing changed keeps its file; of the others, rows that were superseded go,
and catalogue cells that changed are rewritten without computing anything again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from artvision import ledger
from artvision.damage import read_schema, read_table
from artvision.ledger import Entry
from artvision.run import Run, read_run
from artvision.writing.carry import as_type
from artvision.writing.staging import Staging, finish_commit, seal, write_table, write_text, writing_to

ROWS_PER_PART = 10_000


def commit(
    staging: Staging,
    schema: pa.Schema,
    entries: list[Entry],
    cells: Mapping[str, Mapping[str, Any]],
    info: dict[str, Any],
    contract: str,
    *,
    jsonl: bool,
) -> Run:
    """Make the staged work the run. `cells` has, by asset id, the catalogue cells of rows to be rewritten."""
    wanted = {entry.asset_id for entry in entries if entry.has_row}

    def write(target: Path) -> list[str]:
        return _write_parts(staging, schema, wanted, cells, target)

    return publish(staging, write, ledger.to_table(entries), info | {"rows": len(wanted)}, contract, jsonl=jsonl)


def publish(
    staging: Staging,
    write: Callable[[Path], list[str]],
    entries: pa.Table,
    info: dict[str, Any],
    contract: str,
    *,
    jsonl: bool,
) -> Run:
    """Make a new run of what `write` puts into the folder it is given; it returns the parts of the run, in order.

    Everything of the new run is built in one folder, whose renaming is the commit.
    """
    target = staging.path / "commit.tmp"
    with writing_to(staging.folder):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        parts = write(target)
        extras = _write_jsonl(staging.folder, target, parts) if jsonl else []
        write_table(entries, target / "ledger.parquet")
        write_text(contract, target / "contract.json")
        told = info | {"parts": parts, "extras": extras}
        write_text(json.dumps(told, indent=1) + "\n", target / "run.json")
        target.rename(staging.path / "commit")
        finish_commit(staging.folder)
    return read_run(staging.folder)


def merged_extra(staging: Staging, declared: set[str], extra: Mapping[str, pa.DataType]) -> dict[str, pa.DataType]:
    """Catalogue columns beyond the known ones: of this call, of the earlier run, and of unfinished work.

    A column that comes with two types becomes text.
    """
    files = [*(staging.base.parts if staging.base else []), *staging.chunks()]
    merged = dict(extra)
    for schema in (read_schema(file) for file in files):
        for column in schema:
            if column.name not in declared:
                known = merged.setdefault(column.name, column.type)
                merged[column.name] = known if known == column.type else pa.string()
    return merged


def first_free(folder: Path) -> int:
    """The number of the next part: names of parts are never used again."""
    return 1 + max((int(part.stem.removeprefix("part-")) for part in folder.glob("part-*.parquet")), default=-1)


class PartWriter:
    """Writes tables into `part-*.parquet` files of at most about `ROWS_PER_PART` rows."""

    def __init__(self, folder: Path, first: int, schema: pa.Schema) -> None:
        self.folder, self.number, self.schema = folder, first, schema
        self.names: list[str] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def write(self, table: pa.Table) -> None:
        """Append rows, conformed to the schema; empty tables leave no trace."""
        if table.num_rows:
            self._append(table)

    def write_none(self) -> None:
        """One part without rows, so that a run of failures still has its columns."""
        self._append(self.schema.empty_table())

    def _append(self, table: pa.Table) -> None:
        if self._writer is None:
            self.names.append(f"part-{self.number:05d}.parquet")
            self._writer = pq.ParquetWriter(self._partial, self.schema, compression="zstd", write_page_checksum=True)
        self._writer.write_table(conform(table, self.schema))
        self._rows += table.num_rows
        if self._rows >= ROWS_PER_PART:
            self._close()

    @property
    def _partial(self) -> Path:
        return self.folder / (self.names[-1] + ".tmp")

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            seal(self._partial, self.folder / self.names[-1])
            self._writer, self._rows, self.number = None, 0, self.number + 1


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows under `schema`: absent columns are null, differing types are cast."""
    arrays = [
        as_type(table[column.name], column.type)
        if column.name in table.column_names
        else pa.nulls(table.num_rows, column.type)
        for column in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def patch(table: pa.Table, cells: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """The table with the catalogue cells of some of its rows replaced."""
    ids = table["asset_id"].to_pylist()
    touched = {name for asset_id in ids for name in cells.get(asset_id, ())}
    for name in touched & set(table.column_names):
        index = table.column_names.index(name)
        old = table[name].to_pylist()
        new = [
            cells[asset_id].get(name) if asset_id in cells else value for asset_id, value in zip(ids, old, strict=True)
        ]
        table = table.set_column(index, table.field(index), pa.array(new, table.field(index).type))
    return table


def _write_parts(
    staging: Staging, schema: pa.Schema, wanted: set[str], cells: Mapping[str, Mapping[str, Any]], target: Path
) -> list[str]:
    latest = _latest_chunk(staging)
    base = staging.base.parts if staging.base else []
    kept: list[str] = []
    with PartWriter(target, first_free(staging.folder), schema) as writer:
        for part in base:
            ids = _ids(part)
            if set(ids) <= wanted - set(latest) - set(cells) and read_schema(part).equals(schema):
                kept.append(part.name)
            else:
                writer.write(_rows(part, schema, [name in wanted and name not in latest for name in ids], cells))
        for chunk in staging.chunks():
            writer.write(
                _rows(chunk, schema, [name in wanted and latest[name] == chunk for name in _ids(chunk)], cells)
            )
        if not kept and not writer.names:
            writer.write_none()
    return kept + writer.names


def _rows(file: Path, schema: pa.Schema, keep: list[bool], cells: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    return patch(conform(read_table(file), schema).filter(pa.array(keep, pa.bool_())), cells)


def _latest_chunk(staging: Staging) -> dict[str, Path]:
    """asset_id -> the last chunk that has its row: an input that changed between two tries stands in two."""
    return {asset_id: chunk for chunk in staging.chunks() for asset_id in _ids(chunk)}


def _ids(file: Path) -> list[str]:
    ids: list[str] = read_table(file, ["asset_id"])["asset_id"].to_pylist()
    return ids


def _write_jsonl(folder: Path, target: Path, parts: list[str]) -> list[str]:
    """The same rows as JSON lines, one file a part; nulls are written as null."""
    names = []
    for part in parts:
        name = part.replace(".parquet", ".jsonl")
        source = target / part if (target / part).exists() else folder / part
        if source.parent == target or not (folder / name).exists():
            _write_lines(source, target / name)
        names.append(name)
    return names


def _write_lines(part: Path, path: Path) -> None:
    partial = path.with_name(path.name + ".tmp")
    with partial.open("w", encoding="utf-8") as file:
        for batch in pq.ParquetFile(part).iter_batches(batch_size=256):
            file.writelines(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in batch.to_pylist())
    seal(partial, path)
