"""Which slots go into an export: blocks and fields by name; about people only on request, biometric never."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from artvision.contract import Kind, Privacy
from artvision.errors import UsageError
from artvision.rows import Rows
from artvision.settings import suggest
from artvision.suite.columns import FIELDS

EMBEDDING = "embedding"  # the column, and the block that it makes
ALL = "all"  # every block of the tag vector


@dataclass(frozen=True)
class Slot:
    """One column of the matrix. `column` is where its values stand in the rows; `label`: one-hot of that label.

    `part` is the position within an embedding, None for a scalar field.
    """

    name: str
    block: str
    column: str
    unit: str
    low: float
    high: float
    kind: str
    privacy: str
    fill: float = 0.0
    label: str = ""
    part: int | None = None


@dataclass(frozen=True)
class Choice:
    """What was asked for. Neither blocks nor fields: every block of the tag vector; `suite` adds those of the suite."""

    blocks: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    suite: bool = False
    person: bool = False

    def slots(self, rows: Rows) -> tuple[Slot, ...]:
        """The slots in the contract's order, each once, then suite and embedding.

        Raises UsageError for a name that is not there, and for one about people that was not asked for.
        """
        known = _fields(rows)
        wanted = self._wanted(list(dict.fromkeys(field["group"] for field in known)))
        fields = [field for field in known if field["group"] in wanted or field["name"] in self.fields]
        self._check_fields({field["name"]: field for field in known})
        allowed = [field for field in fields if self.person or field["privacy"] == Privacy.NONE]
        named = set(self.blocks) - {ALL, EMBEDDING}
        if hidden := sorted(named - {field["group"] for field in allowed}):
            raise UsageError(f"the block {hidden[0]} is about people: add --person to export it")
        slots = [slot for field in allowed for slot in _of_field(field)]
        return tuple(slots + (_of_embedding(rows) if EMBEDDING in self.blocks else []))

    def _wanted(self, groups: Sequence[str]) -> set[str]:
        for block in self.blocks:
            if block not in (*groups, ALL, EMBEDDING):
                raise UsageError(f"--blocks {block!r} is none of {', '.join((ALL, *groups, EMBEDDING))}")
        own = {field.group for field in FIELDS}
        every = ALL in self.blocks or not (self.blocks or self.fields)
        return set(self.blocks) | (set(groups) - own if every else set()) | (own if self.suite else set())

    def _check_fields(self, known: Mapping[str, Mapping[str, Any]]) -> None:
        for name in self.fields:
            if name not in known:
                raise UsageError(
                    f"--fields {name!r} is no field{suggest(name, known)}; `artvision schema show` has all"
                )
            if known[name]["privacy"] == Privacy.PERSON and not self.person:
                raise UsageError(f"{name} is about people: add --person to export it")


def blocks_of(slots: Iterable[Slot]) -> dict[str, tuple[int, int]]:
    """block -> (offset, width) in the matrix, in order."""
    names = [slot.block for slot in slots]
    return {block: (names.index(block), names.count(block)) for block in dict.fromkeys(names)}


def _fields(rows: Rows) -> list[dict[str, Any]]:
    """Fields in vector order, block by block, then those of the suite; biometric ones are not among them."""
    own = {field.name for field in FIELDS}
    base = [
        field
        for field in rows.contract["fields"]
        if field["name"] not in own and field["kind"] != Kind.SUITE and field["privacy"] != Privacy.BIOMETRIC
    ]
    in_vector = sorted(base, key=lambda field: field["index"])
    return in_vector + [asdict(field) | {"group": field.group} for field in FIELDS]


def _of_field(field: Mapping[str, Any]) -> list[Slot]:
    shared = {name: field[name] for name in ("unit", "low", "high", "kind", "privacy", "fill")}
    labels = [str(label) for label in field["labels"]] or [""]
    return [
        Slot(
            f"{field['name']}.{label}" if label else field["name"], field["group"], field["name"], label=label, **shared
        )
        for label in labels
    ]


def _of_embedding(rows: Rows) -> list[Slot]:
    kind = rows.kind(EMBEDDING) if EMBEDDING in rows.columns else pa.null()
    if not pa.types.is_fixed_size_list(kind):
        raise UsageError(f"{rows.called} has no embedding: its run was made without the stage clip")
    measured, nobody = Kind.MEASURED.value, Privacy.NONE.value
    return [
        Slot(f"{EMBEDDING}.{part}", EMBEDDING, EMBEDDING, "cosine", -1.0, 1.0, measured, nobody, part=part)
        for part in range(kind.list_size)
    ]
