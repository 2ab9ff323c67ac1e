"""Taking results back: rows of a finished run lose what one block says of them, and are computed again next time.

The row stays, as if the block's stage had not run: nulls, `not_run` in `missing` and the status column, fills in the
vector. The run is replaced in one step, as `extract` replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from artvision import ledger
from artvision.contract import Missing
from artvision.run import Run
from artvision.writing.commit import commit
from artvision.writing.staging import Staging


@dataclass(frozen=True)
class Block:
    """What is taken back: the stage, the group of its fields, and those of its columns that a run may have."""

    stage: str
    group: str
    columns: tuple[str, ...]


def withdraw(staging: Staging, run: Run, block: Block, asset_ids: set[str]) -> None:
    """Take the block's results of these assets out of `run`, on which `staging` is open; unfinished work is dropped."""
    staging.restart(run.info["fingerprint"])
    cells = dict(_emptied(run, block, asset_ids))
    entries = [
        replace(entry, depends_sha256=None) if entry.asset_id in asset_ids else entry
        for entry in ledger.from_table(run.ledger())
    ]
    contract = run.file("contract.json").read_text(encoding="utf-8")
    commit(staging, pq.read_schema(run.parts[0]), entries, cells, run.info, contract, jsonl=bool(run.info["extras"]))


def _emptied(run: Run, block: Block, asset_ids: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(asset_id, the cells that replace its own)."""
    fields = [field for field in run.contract["fields"] if field["group"] == block.group]
    names = [field["name"] for field in fields]
    columns = [name for name in (*names, *block.columns) if name in run.columns]
    gone = dict.fromkeys(columns) | {f"status.{block.stage}": "not_run"}
    for table in run.tables(["asset_id", "missing", "vector", "mask"]):
        wanted = pc.is_in(table["asset_id"], pa.array(sorted(asset_ids), pa.string()))
        for row in table.filter(wanted).to_pylist():
            yield row["asset_id"], gone | _without(row, fields)


def _without(row: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`missing`, `vector` and `mask` of a row in which these fields are not known."""
    names = {field["name"] for field in fields}
    missing = [item for item in row["missing"] if item["field"] not in names]
    missing += [{"field": field["name"], "state": Missing.NOT_RUN.value} for field in fields]
    vector, mask = list(row["vector"]), list(row["mask"])
    for field in fields:
        slots = range(field["index"], field["index"] + field["width"])
        for slot in slots:
            vector[slot], mask[slot] = field["fill"], False
    return {"missing": missing, "vector": vector, "mask": mask}
