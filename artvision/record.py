"""What the stages said of a picture, checked against the contract and laid out as an Arrow row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artvision.contract import Contract, Field, Missing, highest
from artvision.errors import DefinitionError
from artvision.stages.base import Result, Stage, Value

ARROW = {"float32": pa.float32(), "int32": pa.int32(), "bool": pa.bool_(), "category": pa.string()}
# Share of a range: far below float32, and above what sums of a million float64 lose.
ROUNDING = 1e-12
MISSING = pa.list_(pa.struct([("field", pa.string()), ("state", pa.string())]))
CATALOGUE = {
    "title": pa.string(),
    "artwork_type": pa.string(),
    "market": pa.string(),
    "language": pa.string(),
    "cast": pa.list_(pa.string()),
}
KEYS = {
    "asset_id": pa.string(),
    "title_id": pa.string(),
    "path": pa.string(),
    "content_sha256": pa.string(),
    "run_id": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "format": pa.string(),
}


class Status(StrEnum):
    """What became of a stage for one picture; the column `status.<stage>`."""

    OK = "ok"
    FAILED = "failed"
    NOT_RUN = "not_run"


MISSING_FOR = {Status.FAILED: Missing.FAILED, Status.NOT_RUN: Missing.NOT_RUN}


@dataclass(frozen=True)
class Record:
    """One picture: `keys` and catalogue cells, and per stage its result, or the message of its failure."""

    cells: Mapping[str, Any]
    results: Mapping[str, Result]
    failures: Mapping[str, str]


def check(fields: Iterable[Field], result: Result) -> Result:
    """The result if it keeps what its stage declared, numbers beyond their range by rounding put on its end.

    Raises ValueError naming the field.
    """
    declared = {field.name: field for field in fields}
    if odd := set(declared) ^ set(result.values):
        raise ValueError(f"fields declared and filled differ: {', '.join(sorted(odd))}")
    return replace(result, values={name: _checked(declared[name], value) for name, value in result.values.items()})


def dense(contract: Contract, values: Mapping[str, Value]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(vector, mask), each (contract width,): float32 with fills, and True where the value is known."""
    numbers = [_slot(field, slot, values[field.name]) for field, slot in contract.slots]
    mask = np.array([number is not None for number in numbers], dtype=np.bool_)
    fills = [
        field.fill if number is None else number for (field, _), number in zip(contract.slots, numbers, strict=True)
    ]
    return np.array(fills, dtype=np.float32), mask


class Layout:
    """The columns of a run's table: keys, catalogue, extra columns of the catalogue, then what stages declare."""

    def __init__(self, contract: Contract, stages: Sequence[Stage], extra: Mapping[str, pa.DataType]) -> None:
        self.contract = contract
        self.fields = {stage.name: [field.name for field in stage.fields()] for stage in stages}
        self.extra = extra
        types = self._types()
        # An index makes a struct of each group: beside a column of that name one of the two would lose its path in SQL.
        if taken := sorted(set(contract.groups) & (set(types) - set(extra))):
            raise DefinitionError(f"a group of fields is called like a column of every row, {taken[0]!r}: rename it")
        self.schema = pa.schema([self._arrow_field(name, kind) for name, kind in types.items()])

    def table(self, records: Sequence[Record]) -> pa.Table:
        """One row a record, in order."""
        rows = [self._row(record) for record in records]
        arrays = [
            _array([row.get(name) for row in rows], kind)
            for name, kind in zip(self.schema.names, self.schema.types, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    @cached_property
    def privacy(self) -> dict[str, str]:
        """Name of a column -> its privacy class; one that repeats or explains fields is of the highest among theirs."""
        of_field = {field.name: field.privacy for field in self.contract.fields}
        status = {f"status.{stage}": highest(of_field[name] for name in names) for stage, names in self.fields.items()}
        joint = dict.fromkeys(("missing", "vector", "mask"), highest(of_field.values()))
        return self.contract.privacy | {name: found.value for name, found in (status | joint).items()}

    def _arrow_field(self, name: str, kind: pa.DataType) -> pa.Field:
        """Each column carries its privacy class, so that it survives a copy of the file."""
        return pa.field(name, kind, metadata={"privacy": self.privacy.get(name, "none")})

    def _types(self) -> dict[str, pa.DataType]:
        width = len(self.contract.slots)
        types = {**KEYS, **CATALOGUE, **self.extra}
        types |= {f"status.{stage}": pa.string() for stage in self.fields}
        types |= {field.name: ARROW[field.dtype] for field in self.contract.fields}
        types |= {"missing": MISSING, "vector": pa.list_(pa.float32(), width), "mask": pa.list_(pa.bool_(), width)}
        return types | {column.name: column.arrow for column in self.contract.columns}

    def _row(self, record: Record) -> dict[str, Any]:
        values: dict[str, Value] = {}
        row = dict(record.cells)
        for stage, fields in self.fields.items():
            status = _status(stage, record)
            row[f"status.{stage}"] = status.value
            values |= (
                record.results[stage].values if status is Status.OK else dict.fromkeys(fields, MISSING_FOR[status])
            )
            row |= record.results[stage].columns if status is Status.OK else {}
        row["vector"], row["mask"] = dense(self.contract, values)
        row["missing"] = [
            {"field": name, "state": value.value} for name, value in values.items() if isinstance(value, Missing)
        ]
        return row | {name: None if isinstance(value, Missing) else value for name, value in values.items()}


def _status(stage: str, record: Record) -> Status:
    if stage in record.results:
        return Status.OK
    return Status.FAILED if stage in record.failures else Status.NOT_RUN


def _checked(field: Field, value: Value) -> Value:
    if isinstance(value, Missing):
        return value
    if isinstance(value, str):
        if value not in field.labels:
            raise ValueError(f"{field.name} = {value!r} is none of {', '.join(field.labels) or 'its (no) labels'}")
        return value
    slack = ROUNDING * (field.high - field.low)
    if not (math.isfinite(value) and field.low - slack <= value <= field.high + slack):
        raise ValueError(f"{field.name} = {value!r} is outside [{field.low:g}, {field.high:g}]")
    return value if field.low <= value <= field.high else min(max(value, field.low), field.high)


def _slot(field: Field, slot: str, value: Value) -> float | None:
    if isinstance(value, Missing):
        return None
    return float(slot == f"{field.name}.{value}") if field.labels else float(value)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """An Arrow array; numpy rows of a fixed-size list are joined at once, for they are most of the bytes."""
    if pa.types.is_fixed_size_list(kind) and values and all(isinstance(value, np.ndarray) for value in values):
        return pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate(values), kind.value_type), kind.list_size)
    return pa.array(values, kind)
