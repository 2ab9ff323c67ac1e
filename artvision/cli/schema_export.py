"""`artvision schema export`: the contract as JSON Schema, SQL or Arrow, for those who check or store the rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artvision.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

EXAMPLES = """
[bold]Examples[/bold]

artvision schema export run -f json-schema -o row.schema.json  [dim]for a validator[/dim]

artvision schema export run -f sql | duckdb art.duckdb         [dim]a table with checks and comments[/dim]

artvision schema export -f arrow -o contract.arrow             [dim]the contract of this installation[/dim]
"""
FORMATS = ("json-schema", "sql", "arrow")


def export(
    place: Annotated[
        str | None, typer.Argument(help="A run, an index or a contract.json; without one, of this installation.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", "-f", help=", ".join(FORMATS))] = "json-schema",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; without one, to stdout.")] = None,
    table: Annotated[str, typer.Option(help="SQL: name of the table.")] = "artwork",
    dialect: Annotated[str, typer.Option(help="SQL: duckdb or postgres.")] = "duckdb",
) -> None:
    """Write the columns of a contract, without biometric ones, in a form that other tools read."""
    from artvision.cache import write_atomic
    from artvision.console import Console
    from artvision.errors import UsageError

    schema, closed = _schema(place)
    content = _content(schema, format_, table, dialect, closed=closed)
    if out is None:
        if format_ == "arrow" and sys.stdout.isatty():
            raise UsageError("an Arrow schema is no text for a terminal: name a file with -o")
        sys.stdout.buffer.write(content)
        return
    try:
        write_atomic(out, content)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}; name another file with -o") from None
    Console().say(f"{out}: {len(schema)} columns as {format_}")


def _content(schema: pa.Schema, format_: str, table: str, dialect: str, *, closed: bool) -> bytes:
    import json

    from artvision.contracts.json_schema import json_schema
    from artvision.contracts.sql import Dialect, create_table
    from artvision.errors import UsageError
    from artvision.settings import suggest

    if dialect not in list(Dialect):
        raise UsageError(f"--dialect {dialect!r} is none of {', '.join(Dialect)}{suggest(dialect, Dialect)}")
    if format_ == "json-schema":
        return (json.dumps(json_schema(schema, closed=closed), indent=2, ensure_ascii=False) + "\n").encode()
    if format_ == "sql":
        return create_table(schema, table, Dialect(dialect)).encode()
    if format_ == "arrow":
        return schema.serialize().to_pybytes()  # type: ignore[no-any-return]  # pyarrow has no types
    raise UsageError(f"--format {format_!r} is none of {', '.join(FORMATS)}{suggest(format_, FORMATS)}")


def _schema(place: str | None) -> tuple[pa.Schema, bool]:
    """(columns, whether there are no others)."""
    from artvision.contracts.arrow import schema_of
    from artvision.contracts.reading import open_side
    from artvision.record import Layout
    from artvision.stages import contract_of, create

    if place is None:
        every = create(Settings())[0]
        contract = contract_of(every)
        return schema_of(contract.described, Layout(contract, every, {}).schema), False
    side = open_side(place)
    found = schema_of(side.contract, side.schema)
    # Not where a biometric column is left out.
    return found, side.schema is not None and len(found) == len(side.schema)
