"""The Arrow schema of a contract's rows, each field with what the contract says of it in its metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from artvision.errors import UsageError
from artvision.record import ARROW, CATALOGUE, KEYS, MISSING

TOLD = ("meaning", "unit", "low", "high", "higher", "kind", "dtype", "labels", "tolerance", "fill", "source", "privacy")
BIOMETRIC = b"biometric"
# As Arrow prints them, as it reads them.
SHORT = {"float": "float32", "double": "float64", "halffloat": "float16"}
TOKEN = re.compile(r"[\w.]+|[<>:,\[\]]")


def schema_of(contract: Mapping[str, Any], rows: pa.Schema | None = None) -> pa.Schema:
    """The schema of the rows under a contract, without biometric columns, which are never exported.

    `rows` is the schema of rows that are there: its columns and their order stand, with what the contract says of
    them. Without it, the columns that every run has; those of a catalogue and of the stages' status are not known.
    """
    told = {one["name"]: one for part in ("fields", "columns") for one in contract[part]}
    columns = list(rows) if rows is not None else [pa.field(name, kind) for name, kind in _types(contract).items()]
    described = [_described(column, told.get(column.name, {})) for column in columns]
    about = {name: str(contract.get(name, "")) for name in ("contract_version", "contract_sha256")}
    kept = [column for column in described if column.metadata.get(b"privacy") != BIOMETRIC]
    return pa.schema(kept, metadata={f"artvision.{name}": value for name, value in about.items()})


def parse_type(text: str) -> pa.DataType:
    """The type that Arrow prints as `text`: names of plain types, lists, fixed-size lists and structs of them.

    pyarrow reads the names of plain types only. Raises UsageError for anything else.
    """
    tokens = TOKEN.findall(text)
    try:
        found = _type(tokens)
    except (IndexError, ValueError, KeyError):
        raise UsageError(f"{text!r} is no Arrow type that artvision writes") from None
    if tokens:
        raise UsageError(f"{text!r} goes on after its type: {''.join(tokens)}")
    return found


def _types(contract: Mapping[str, Any]) -> dict[str, pa.DataType]:
    width = contract["vector"]["width"]
    types = {**KEYS, **CATALOGUE} | {field["name"]: ARROW[field["dtype"]] for field in contract["fields"]}
    types |= {"missing": MISSING, "vector": pa.list_(pa.float32(), width), "mask": pa.list_(pa.bool_(), width)}
    return types | {column["name"]: parse_type(column["arrow"]) for column in contract["columns"]}


def _described(column: pa.Field, told: Mapping[str, Any]) -> pa.Field:
    about = {name: told[name] for name in TOLD if told.get(name) not in (None, "", [], ())}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in about.items()}
    return column.with_metadata({"privacy": "none", **_texts(column.metadata), **texts})


def _texts(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}


def _type(tokens: list[str]) -> pa.DataType:
    name = tokens.pop(0)
    if name == "struct":
        return pa.struct(_members(tokens))
    if name in ("list", "fixed_size_list"):
        (item,) = _members(tokens)
        if name == "list":
            return pa.list_(item)
        _expect(tokens, "[")
        width = int(tokens.pop(0))
        _expect(tokens, "]")
        return pa.list_(item, width)
    return pa.type_for_alias(SHORT.get(name, name))


def _members(tokens: list[str]) -> list[pa.Field]:
    """«<name: type, name: type not null>»."""
    _expect(tokens, "<")
    members = []
    while True:
        name = tokens.pop(0)
        _expect(tokens, ":")
        kind = _type(tokens)
        required = tokens[:2] == ["not", "null"]
        del tokens[: 2 * required]
        members.append(pa.field(name, kind, nullable=not required))
        if (after := tokens.pop(0)) == ">":
            return members
        if after != ",":
            raise ValueError(after)


def _expect(tokens: list[str], wanted: str) -> None:
    if tokens.pop(0) != wanted:
        raise ValueError(wanted)
