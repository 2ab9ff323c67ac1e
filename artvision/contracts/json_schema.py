"""A JSON Schema (draft 2020-12) of one row, as the JSON lines of a run have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from artvision.contract import Missing
from artvision.contracts.bounds import stored_range, told

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REQUIRED = ("asset_id", "path", "content_sha256")
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def json_schema(schema: pa.Schema, *, closed: bool) -> dict[str, Any]:
    """The schema of one row; null stands where a value is missing. `closed`: there are no other columns."""
    about = {key.decode().removeprefix("artvision."): value.decode() for key, value in (schema.metadata or {}).items()}
    return {
        "$schema": DRAFT,
        "title": f"one asset, contract {about.get('contract_version', '')}",
        "$comment": f"contract_sha256 {about.get('contract_sha256', '')}",
        "type": "object",
        "properties": {column.name: _property(column) for column in schema},
        "required": [column.name for column in schema if closed or column.name in REQUIRED],
        "additionalProperties": not closed,
    }


def _property(column: pa.Field) -> dict[str, Any]:
    if column.name == "content_sha256":
        return dict(SHA256)
    if column.name in REQUIRED:
        return {"type": "string"}
    about = told(column.metadata)
    plain = _of_field(about) if about["dtype"] else _of_type(column.type)
    if column.name == "missing":
        plain["items"]["properties"]["state"] = {"enum": [state.value for state in Missing]}
    words = f"{about['meaning']} [{about['unit']}]" if about["unit"] else about["meaning"]
    return _nullable(plain) | ({"description": words} if words else {}) | {"x-privacy": about["privacy"]}


def _of_field(about: Mapping[str, Any]) -> dict[str, Any]:
    if about["dtype"] == "category":
        return {"enum": list(about["labels"])}
    if about["dtype"] == "bool":
        return {"type": "boolean"}
    low, high = stored_range(about)
    return {"type": "integer" if about["dtype"] == "int32" else "number", "minimum": low, "maximum": high}


def _of_type(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_struct(kind):
        inner = {member.name: _nullable(_of_type(member.type)) for member in kind}
        return {"type": "object", "properties": inner, "required": list(inner), "additionalProperties": False}
    if pa.types.is_fixed_size_list(kind):
        length = {"minItems": kind.list_size, "maxItems": kind.list_size}
        return {"type": "array", "items": _of_type(kind.value_type), **length}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"type": "array", "items": _of_type(kind.value_type)}
    if pa.types.is_boolean(kind):
        return {"type": "boolean"}
    if pa.types.is_integer(kind):
        return {"type": "integer"}
    return {"type": "number" if pa.types.is_floating(kind) else "string"}


def _nullable(plain: dict[str, Any]) -> dict[str, Any]:
    if "enum" in plain:
        return {**plain, "enum": [*plain["enum"], None]}
    return {**plain, "type": [plain["type"], "null"]}
