"""Parquet files one at a time. pyarrow's `read_table` would load its machinery for folders of them first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def read_parquet(source: Path | Any, columns: Sequence[str] | None = None) -> pa.Table:
    """The table in a file (or an open one), or those columns of it. Raises OSError and pyarrow's errors."""
    with pq.ParquetFile(source) as file:
        return file.read(columns=list(columns) if columns is not None else None)
