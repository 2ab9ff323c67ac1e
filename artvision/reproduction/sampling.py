"""Which pictures are computed again: drawn by their ids, so that neither the order nor the layout of a run matters."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
    """The whole rows of those assets, part by part, sorted by id."""
    wanted = pa.array(list(ids), pa.string())
    rows = [row for part in run.tables() for row in part.filter(pc.is_in(part[KEY], wanted)).to_pylist()]
    return sorted(rows, key=lambda row: str(row[KEY]))


def all_ids(run: Run) -> list[str]:
    """Every asset id of the run."""
    return list(_ids(run))


def _ids(run: Run) -> Iterator[str]:
    for part in run.tables([KEY]):
        yield from part[KEY].to_pylist()


def standing(row: dict[str, Any]) -> str:
    """What became of the picture's file since: `same`, `changed` or `gone`."""
    try:
        found = hashlib.sha256(read_bytes(str(row["path"]))).hexdigest()
    except DecodeError:
        return "gone"
    return "same" if found == row["content_sha256"] else "changed"
