"""A CREATE TABLE for the rows of a contract, with ranges and labels as checks and meanings as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import pyarrow as pa

from artvision.contracts.bounds import stored_range, told

KEY = "asset_id"
REQUIRED = ("path", "content_sha256")


class Dialect(StrEnum):
    """Whose lists and structs are written; all else is standard SQL."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"


def create_table(schema: pa.Schema, table: str, dialect: Dialect = Dialect.DUCKDB) -> str:
    """CREATE TABLE and COMMENT ON COLUMN statements. A list of structs is JSONB in PostgreSQL, which has none."""
    columns = ",\n".join("  " + _column(column, dialect) for column in schema)
    comments = "".join(f"COMMENT ON COLUMN {_name(table)}.{line};\n" for line in _comments(schema))
    version = (schema.metadata or {}).get(b"artvision.contract_version", b"").decode()
    return f"-- one row an asset, contract {version}\nCREATE TABLE {_name(table)} (\n{columns}\n);\n{comments}"


def _column(column: pa.Field, dialect: Dialect) -> str:
    parts = [_name(column.name), _type(column.type, dialect)]
    if column.name == KEY:
        parts.append("PRIMARY KEY")
    elif column.name in REQUIRED:
        parts.append("NOT NULL")
    if check := _check(column.name, told(column.metadata)):
        parts.append(f"CHECK ({check})")
    return " ".join(parts)


def _check(name: str, about: Mapping[str, Any]) -> str:
    """The field's promise; a null passes every check."""
    if about["dtype"] == "category":
        return f"{_name(name)} IN ({', '.join(map(_text, about['labels']))})"
    if about["dtype"] in ("float32", "int32"):
        low, high = stored_range(about)
        return f"{_name(name)} BETWEEN {low!r} AND {high!r}"
    return ""


def _comments(schema: pa.Schema) -> Iterator[str]:
    for column in schema:
        about = told(column.metadata)
        unit = f" [{about['unit']}]" if about["unit"] else ""
        privacy = f" (privacy: {about['privacy']})" if about["privacy"] != "none" else ""
        if words := f"{about['meaning']}{unit}{privacy}".strip():
            yield f"{_name(column.name)} IS {_text(words)}"


def _type(kind: pa.DataType, dialect: Dialect) -> str:
    if pa.types.is_struct(kind):
        if dialect is Dialect.POSTGRES:
            return "JSONB"
        return f"STRUCT({', '.join(f'{_name(member.name)} {_type(member.type, dialect)}' for member in kind)})"
    if pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = _type(kind.value_type, dialect)
        width = str(kind.list_size) if pa.types.is_fixed_size_list(kind) else ""
        return inner if inner == "JSONB" else f"{inner}[{width}]"
    return _plain(kind)


def _plain(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_integer(kind):
        return "INTEGER" if kind.bit_width <= 32 else "BIGINT"
    if pa.types.is_floating(kind):
        return "REAL" if kind.bit_width <= 32 else "DOUBLE PRECISION"
    return "TEXT"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
