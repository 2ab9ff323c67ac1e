"""Fields become a contract: the machine-readable list of what every column and vector slot means.

A `Field` is a scalar column and one or more slots of the dense vector; a `Column` is structured (embedding, faces).
Versioning: rename, remove, reorder, re-unit = major; append = minor; text = patch.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

import pyarrow as pa

from artvision.errors import DefinitionError

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


class Kind(StrEnum):
    """How a field comes to be known."""

    MEASURED = "measured"
    DETECTED = "detected"
    ZERO_SHOT = "zero-shot"
    LEARNED = "learned"
    CATALOGUE = "catalogue"
    SUITE = "suite"


class Privacy(StrEnum):
    """Who a column is about. `biometric` is never written unless asked, and never exported."""

    NONE = "none"
    PERSON = "person"
    BIOMETRIC = "biometric"


def highest(classes: Iterable[Privacy]) -> Privacy:
    """The most sensitive of several classes; `none` of none."""
    return max(classes, key=list(Privacy).index, default=Privacy.NONE)


class Missing(StrEnum):
    """Why a field has no value; the four are never confused."""

    NOT_RUN = "not_run"
    NOT_APPLICABLE = "not_applicable"
    FAILED = "failed"
    ABSTAINED = "abstained"


@dataclass(frozen=True)
class Field:
    """One scalar column, declared beside the code that computes it.

    `low` and `high` close the range; `tolerance` is the largest difference between two resolutions of the same
    art (absolute, in `unit`); `fill` stands in the dense vector where the value is missing. A `category` has
    `labels` and becomes one slot a label (one-hot).
    """

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    source: str
    higher: str = ""
    kind: Kind = Kind.MEASURED
    dtype: Literal["float32", "int32", "bool", "category"] = "float32"
    labels: tuple[str, ...] = ()
    tolerance: float = 0.0
    fill: float = 0.0
    privacy: Privacy = Privacy.NONE
    calibrated: bool = True
    evidence: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise DefinitionError(f"field name {self.name!r} must be group.name in lower snake case")
        if not self.low <= self.high:
            raise DefinitionError(f"field {self.name}: range [{self.low}, {self.high}] is empty")
        if (self.dtype == "category") != bool(self.labels):
            raise DefinitionError(f"field {self.name}: labels belong to a category, and a category needs them")

    @property
    def group(self) -> str:
        """The part before the dot: one block of the dense vector."""
        return self.name.split(".", 1)[0]

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the vector slots this field fills."""
        return tuple(f"{self.name}.{label}" for label in self.labels) or (self.name,)


@dataclass(frozen=True)
class Column:
    """One structured column: an embedding, or a list of structs."""

    name: str
    meaning: str
    arrow: pa.DataType
    privacy: Privacy = Privacy.NONE


@dataclass(frozen=True)
class Declared:
    """What one stage brings: its name, the contract version since which it does, fields and columns.

    `revised` is the version in which what is said of them last changed; empty where it never did.
    """

    stage: str
    since: str
    fields: tuple[Field, ...]
    columns: tuple[Column, ...] = ()
    revised: str = ""


@dataclass(frozen=True)
class Contract:
    """All fields and columns of a run, in order, with the layout of the dense vector.

    A group belongs to one stage, so that a stage that is added later only appends; the version is that of the
    latest stage or revision.
    """

    fields: tuple[Field, ...]
    columns: tuple[Column, ...]
    version: str

    @classmethod
    def of(cls, declared: Iterable[Declared]) -> Contract:
        """Join what stages declare. A name or a group claimed twice names both stages."""
        owners: dict[str, str] = {}
        declared = list(declared)
        for item in declared:
            names = [f.name for f in item.fields] + [column.name for column in item.columns]
            for name in [*names, *dict.fromkeys(f"{f.group}.*" for f in item.fields)]:
                if name in owners:
                    raise DefinitionError(f"{name!r} is claimed by the stages {owners[name]} and {item.stage}")
                owners[name] = item.stage
        fields = tuple(f for item in declared for f in item.fields)
        columns = tuple(column for item in declared for column in item.columns)
        versions = [version for item in declared for version in (item.since, item.revised) if version]
        return cls(fields, columns, max(versions, key=parse_version, default="1.0.0"))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Block names in vector order: first appearance of each group."""
        return tuple(dict.fromkeys(field.group for field in self.fields))

    @cached_property
    def slots(self) -> tuple[tuple[Field, str], ...]:
        """(field, slot name) for each position of the dense vector, block by block."""
        ordered = (field for group in self.groups for field in self.fields if field.group == group)
        return tuple((field, slot) for field in ordered for slot in field.slots)

    @cached_property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """group -> (offset, width) in the dense vector."""
        names = [field.group for field, _ in self.slots]
        return {group: (names.index(group), names.count(group)) for group in self.groups}

    @cached_property
    def privacy(self) -> dict[str, str]:
        """Name of a field or column -> its privacy class."""
        fields = {field.name: field.privacy.value for field in self.fields}
        return fields | {column.name: column.privacy.value for column in self.columns}

    def describe(self) -> dict[str, Any]:
        """JSON form, without the checksum."""
        offsets = {slot: index for index, (_, slot) in enumerate(self.slots)}
        fields = [
            asdict(field) | {"group": field.group, "index": offsets[field.slots[0]], "width": len(field.slots)}
            for field in self.fields
        ]
        columns = [{**vars(column), "arrow": str(column.arrow)} for column in self.columns]
        blocks = [{"group": group, "offset": start, "width": width} for group, (start, width) in self.blocks.items()]
        return {
            "contract_version": self.version,
            "fields": fields,
            "columns": columns,
            "vector": {"width": len(self.slots), "blocks": blocks, "slots": [slot for _, slot in self.slots]},
        }

    @cached_property
    def sha256(self) -> str:
        """Checksum of the JSON form; two runs with the same checksum can be mixed."""
        return hashlib.sha256(json.dumps(self.describe(), sort_keys=True).encode()).hexdigest()

    @property
    def described(self) -> dict[str, Any]:
        """The content of `contract.json`."""
        return self.describe() | {"contract_sha256": self.sha256}

    def to_json(self) -> str:
        """The text of `contract.json`."""
        return json.dumps(self.described, indent=1, ensure_ascii=False) + "\n"


def parse_version(text: str) -> tuple[int, ...]:
    """«1.10.0» as numbers that sort."""
    return tuple(int(number) for number in text.split("."))
