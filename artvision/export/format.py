"""What an export format is: one file in `artvision/export/formats/`, found there by its class."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from pyarrow import csv

from artvision.export.choice import EMBEDDING
from artvision.export.matrix import Matrix
from artvision.rows import Rows


@dataclass(frozen=True)
class Export:
    """What a format writes: the matrix as it was asked for, the rows that it is of, and what `export.json` says of it.

    `titles`: ids of the titles that were wanted, None for all. `before`: the earlier export that this one replaces.
    """

    matrix: Matrix
    rows: Rows
    titles: Sequence[str] | None
    about: Mapping[str, Any]
    before: Path | None

    @property
    def text(self) -> str:
        """`about` as JSON on one line, for formats that keep a text with their data."""
        return json.dumps(self.about, ensure_ascii=False)


class Format(ABC):
    """One way to lay an export out in a folder."""

    name: ClassVar[str]
    summary: ClassVar[str]
    # The library that reads it, as a person would look for it.
    reader: ClassVar[str]
    # Chosen where the user chooses nothing; none: the whole tag vector.
    blocks: ClassVar[tuple[str, ...]] = ()
    as_is: ClassVar[bool] = False  # shows values as they are: no scale, no fill

    @abstractmethod
    def write(self, export: Export, folder: Path) -> None:
        """Write the files into an empty folder. `contract.json` and `export.json` are written for every format."""


def write_ids(export: Export, folder: Path, **more: pa.Array) -> None:
    """`ids.csv`: row number, asset id, title id and content hash of each row, then the columns of `more`."""
    keys = export.matrix.keys
    columns = {"row": pa.array(range(keys.num_rows), pa.int64())}
    columns |= {name: keys[name] for name in ("asset_id", "title_id", "content_sha256")} | more
    csv.write_csv(pa.table(columns), folder / "ids.csv")


def vector_table(export: Export) -> pa.Table:
    """Keys, `vector`, `mask` and, where it was chosen, `embedding`, as fixed-size lists: one column each."""
    matrix = export.matrix
    start, width = matrix.blocks.get(EMBEDDING, (len(matrix.slots), 0))
    rest = [place for place in range(len(matrix.slots)) if not start <= place < start + width]
    table = matrix.keys
    if rest:
        table = table.append_column("vector", _lists(matrix.values[:, rest], pa.float32()))
        if export.about["mask"] != "none":
            table = table.append_column("mask", _lists(matrix.mask[:, rest], pa.bool_()))
    if width:
        table = table.append_column(EMBEDDING, _lists(matrix.values[:, start : start + width], pa.float32()))
    return table


def computed_at(run_id: str) -> datetime:
    """When the row of that run id was computed, in UTC, to the second."""
    return datetime.strptime(run_id.split("-", maxsplit=1)[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _lists(values: Any, kind: pa.DataType) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel(), kind), values.shape[1])
