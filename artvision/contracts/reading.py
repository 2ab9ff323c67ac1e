"""What a person names on the command line as A or B: a run, an index, or a contract file, which has no rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from artvision.contract import parse_version
from artvision.contracts.drift import Sample
from artvision.contracts.statistics import Codes
from artvision.errors import UsageError, one_line
from artvision.index.store import Index
from artvision.rows import Rows, RunRows, open_rows
from artvision.stores.snapshot import local_run
from artvision.suite.columns import title_codes

# Columns that are read together: a Parquet file is opened once for them, and memory holds no more.
AT_ONCE = 16


@dataclass(frozen=True)
class Side:
    """One side of a comparison. `rows` is None where only a contract was named."""

    place: Path
    contract: dict[str, Any]
    rows: Rows | None = None

    @property
    def fingerprint(self) -> dict[str, Any] | None:
        """What the numbers depend on; an index repeats that of its run."""
        if self.rows is None:
            return None
        info = self.rows.info if isinstance(self.rows, Index) else self.rows.run.info
        return dict(info["fingerprint"])

    @property
    def schema(self) -> pa.Schema | None:
        """Names and types of the rows' columns; None without rows."""
        if self.rows is None:
            return None
        if isinstance(self.rows, Index):
            return pa.schema([(name, self.rows.kind(name)) for name in self.rows.columns])
        return self.rows.run.schema if self.rows.run.parts else None

    @cached_property
    def titles(self) -> Codes:
        """(N,): a number for each row's title, -1 where it has none."""
        return title_codes(self._read(["title_id"])["title_id"])

    @cached_property
    def contents(self) -> Counter[str]:
        """Checksums of the pictures."""
        return Counter(self._read(["content_sha256"])["content_sha256"].to_pylist())

    @cached_property
    def states(self) -> dict[str, Counter[str]]:
        """Field -> rows by missing state."""
        found: dict[str, Counter[str]] = {}
        for part in self._missing():
            pairs = pc.list_flatten(part)
            counted = pa.table({"field": pc.struct_field(pairs, 0), "state": pc.struct_field(pairs, 1)})
            for row in counted.group_by(["field", "state"]).aggregate([([], "count_all")]).to_pylist():
                found.setdefault(row["field"], Counter())[row["state"]] += row["count_all"]
        return found

    def samples(self, names: Sequence[str]) -> Iterator[tuple[str, Sample]]:
        """(name, sample) of fields that the rows have, a few columns at a time."""
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            table = self._read(some)
            for name in some:
                yield name, Sample(table[name], self.titles, self.states.get(name, {}))

    def _read(self, columns: Sequence[str]) -> pa.Table:
        if self.rows is None:
            raise UsageError(f"{self.place} is a contract and has no rows; name its run")
        return self.rows.table(columns)

    def _missing(self) -> Iterator[pa.Array]:
        """The lists of missing fields: of a run part by part, for they are long."""
        tables = self.rows.run.tables(["missing"]) if isinstance(self.rows, RunRows) else [self._read(["missing"])]
        for table in tables:
            yield from table["missing"].chunks


def open_side(named: str | Path) -> Side:
    """A run or an index in a folder or a store, or a `contract.json`. RunError, or UsageError for another file."""
    place = local_run(named)
    if place.is_dir() or not place.exists():
        rows = open_rows(place)
        return Side(place, _checked(rows.contract, place), rows)
    try:
        loaded = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{place} is no contract: {one_line(error)}; name a run, an index or a contract.json"
        ) from None
    return Side(place, _checked(loaded, place))


def _checked(contract: Any, place: Path) -> dict[str, Any]:
    """The contract itself if it is one that can be compared."""
    try:
        parse_version(contract["contract_version"])
        names = [one["name"] for part in ("fields", "columns") for one in contract[part]]
        whole = all(isinstance(name, str) for name in names) and "width" in contract["vector"]
        whole = whole and all({"dtype", "unit", "low", "high"} <= field.keys() for field in contract["fields"])
    except (TypeError, KeyError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise UsageError(f"{place} holds no contract of artvision; `artvision schema show --json` writes one")
    return dict(contract)
