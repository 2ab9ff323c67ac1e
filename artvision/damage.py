"""Reading the files of a run: one that is damaged or gone is one line that names it and the way out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from artvision.errors import RunError, one_line

WORK = "chunk-"  # files of work in progress begin so


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn what a library says of the damaged file `path` into a RunError."""
    try:
        yield
    except (OSError, pa.ArrowException, ValueError) as error:
        raise RunError(f"{path} is damaged or gone ({one_line(error)}); {_way_out(path)}") from None


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a Parquet file, its checksums compared. Raises RunError.

    Not pyarrow's function of this name, which first loads what reads whole folders of files.
    """
    with named(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns=list(columns) if columns else None)


def read_schema(path: Path) -> pa.Schema:
    """The columns of a Parquet file. Raises RunError."""
    with named(path):
        return pq.read_schema(path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises RunError."""
    with named(path):
        loaded = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(loaded, dict):
            raise ValueError("not a JSON object")
        return loaded


def _way_out(path: Path) -> str:
    if path.name.startswith(WORK):
        both = path.parent / f"{path.name.partition('.')[0]}.*"
        return f"remove {both} and run the same command again: its pictures are computed anew"
    return "bring it back from a copy, or make the run anew with --overwrite"
