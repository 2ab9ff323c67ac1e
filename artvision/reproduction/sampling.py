"""Which pictures are computed again: drawn by their ids, so that neither the order nor the layout of a run matters."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from artvision.damage import named
from artvision.errors import DecodeError
from artvision.image import read_bytes
from artvision.run import Run

KEY = "asset_id"


def draw(ids: Collection[str], size: int, seed: int) -> list[str]:
    """At most `size` ids (0: all) in the order of a hash of seed and id: the same for any order of `ids`."""

    def place(asset_id: str) -> bytes:
        return hashlib.sha256(f"{seed}:{asset_id}".encode()).digest()

    return heapq.nsmallest(size or len(ids), ids, key=place)


def rows_of(run: Run, ids: Collection[str]) -> list[dict[str, Any]]:
    """The whole rows of those assets, sorted by id; row groups without any of them are not read."""
    wanted, rows = pa.array(list(ids), pa.string()), []
    for part in run.parts:
        with named(part):
            file = pq.ParquetFile(part)
            for group in range(file.num_row_groups):
                drawn = pc.is_in(file.read_row_group(group, [KEY])[KEY], wanted)
                if pc.any(drawn).as_py():
                    rows += file.read_row_group(group).filter(drawn).to_pylist()
    return sorted(rows, key=lambda row: str(row[KEY]))


def all_ids(run: Run) -> list[str]:
    """Every asset id of the run."""
    return [asset_id for part in run.tables([KEY]) for asset_id in part[KEY].to_pylist()]


def standing(row: dict[str, Any]) -> str:
    """What became of the picture's file since: `same`, `changed` or `gone`."""
    try:
        found = hashlib.sha256(read_bytes(str(row["path"]))).hexdigest()
    except DecodeError:
        return "gone"
    return "same" if found == row["content_sha256"] else "changed"
