"""A table that says something of pictures: one column joins it to a run, the others are labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artvision.catalog import READERS, locate
from artvision.errors import UsageError

# The first that a table has joins it.
KEYS = ("asset_id", "content_sha256", "path", "title_id")
# A column with gaps comes out of pandas as 1.0.
YES, NO = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")
UNKNOWN = math.nan


@dataclass(frozen=True)
class Line:
    """One line of the table: `key` as the run writes it, the cells by column, and where it stands (`labels.csv:7`)."""

    key: str
    cells: Mapping[str, Any]
    where: str


@dataclass(frozen=True)
class Table:
    """A table of labels. `key` is the column that joins, `columns` are the others."""

    path: Path
    key: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(path: Path) -> Table:
    """A CSV, TSV, JSON lines or Parquet table. Raises UsageError naming file, line and column."""
    if path.suffix.lower() not in READERS:
        raise UsageError(f"{path}: labels are read from {', '.join(READERS)}")
    columns, rows = READERS[path.suffix.lower()](path)
    if not columns:
        raise UsageError(f"{path} is empty; labels have a column of {', '.join(KEYS)}, and a row a picture or title")
    if doubled := sorted({name for name in columns if columns.count(name) > 1}):
        raise UsageError(f"{path}: line 1: the column {doubled[0]!r} occurs twice; rename one of them")
    key = next((name for name in KEYS if name in columns), "")
    if not key:
        raise UsageError(f"{path}: line 1: no column joins it to a run; give one of {', '.join(KEYS)}")
    if not rows:
        raise UsageError(f"{path}: there is no line in it; each names a picture or a title, and its labels")
    lines = [_line(path, key, number, cells) for number, cells in rows]
    return Table(path, key, tuple(name for name in columns if name not in KEYS), tuple(lines))


def yes_or_no(value: Any, where: str, column: str) -> float:
    """1.0 or 0.0 of a cell, `UNKNOWN` of an empty one. Raises UsageError for anything else."""
    if is_empty(value):
        return UNKNOWN
    text = str(value).strip().lower()
    if text not in YES + NO:
        raise UsageError(f"{where}: {column} is {value!r}; write 1 or 0, and nothing where it is not known")
    return float(text in YES)


def number(value: Any, where: str, column: str) -> float:
    """A finite number of a cell, `UNKNOWN` of an empty one. Raises UsageError for anything else."""
    if is_empty(value):
        return UNKNOWN
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise UsageError(f"{where}: {column} is {value!r}, which is no number")
    return found


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing."""
    return value is None or value != value or not str(value).strip()  # noqa: PLR0124 - NaN


def agreed(pairs: Sequence[tuple[Line, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """Key -> column -> label, of lines with what they say. Raises UsageError where two lines contradict each other."""
    told: dict[str, dict[str, float]] = {}
    first: dict[tuple[str, str], Line] = {}
    for line, labels in pairs:
        for column, label in labels.items():
            if math.isnan(label):
                continue
            other = first.setdefault((line.key, column), line)
            if told.setdefault(line.key, {}).setdefault(column, label) != label:
                raise UsageError(
                    f"{other.where} and {line.where} label {column} of {line.key} differently; correct one"
                )
    return told


def _line(path: Path, key: str, number: int, cells: Mapping[str, Any]) -> Line:
    where = f"{path}:{number}"
    if is_empty(cells.get(key)):
        raise UsageError(f"{where}: {key} is empty, so the line says nothing of any picture")
    name = str(cells[key]).strip()
    return Line(locate(name, str(path.parent)) if key == "path" else name, cells, where)
