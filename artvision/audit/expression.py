"""One condition of a policy, as DuckDB parses it: an expression over one row, and the columns it reads.

Only kinds of nodes that speak of the row itself are let through: no query, no window, no placeholder, no star.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from artvision.audit.known import Path
from artvision.errors import UsageError
from artvision.extras import extra
from artvision.index.store import QUOTED, checked

ALLOWED = {
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA",
    "OPERATOR",
}  # fmt: skip
WORDS = {
    "SUBQUERY": "a query inside a condition",
    "WINDOW": "a window function",
    "STAR": "a star",
    "PARAMETER": "a placeholder",
}
FIXED = ("enable_external_access", "autoinstall_known_extensions", "autoload_known_extensions")


@dataclass(frozen=True)
class Expression:
    """`sql` is DuckDB's; `paths` the columns it reads, in order."""

    sql: str
    paths: tuple[Path, ...]


def connect() -> Any:
    """A DuckDB connection in memory that reads no file, no variable and no network, and cannot be told to."""
    connection = extra("duckdb", "audit").connect()
    for name in (*FIXED, "python_enable_replacements"):
        connection.execute(f"SET {name} = false")
    connection.execute("SET lock_configuration = true")
    return connection


def parse(text: str, where: str) -> Expression:
    """The condition. Raises UsageError that begins with `where` for what is not one expression over one row."""
    sql = _paths_apart(_checked(text, where))
    connection = connect()
    tree, plain = _tree(connection, sql), _tree(connection, "true")
    if tree["error"]:
        raise UsageError(f"{where}: {text!r} is not understood: {tree['error_message']}")
    # E'\\'' hides a bracket from `checked`.
    if _without_columns(tree) != _without_columns(plain):
        raise UsageError(f"{where}: {text!r} is not one condition")
    nodes = [statement["node"] for statement in tree["statements"]]
    found = _paths(nodes[0]["select_list"][0], frozenset(), f"{where}: {text!r}")
    return Expression(sql, tuple(dict.fromkeys(found)))


def _tree(connection: Any, sql: str) -> dict[str, Any]:
    """How DuckDB reads a query for one expression."""
    found: dict[str, Any] = json.loads(
        connection.execute("SELECT json_serialize_sql(?)", [f"SELECT ({sql}\n)"]).fetchone()[0]
    )
    return found


def _without_columns(tree: dict[str, Any]) -> list[Any]:
    """What a query is beside its columns: tables, filters, groups, …; of the columns their number."""
    nodes = [statement["node"] for statement in tree["statements"]]
    return [node | {"select_list": len(node.get("select_list", ()))} for node in nodes]


def _checked(text: str, where: str) -> str:
    try:
        return checked(text)
    except UsageError as error:
        raise UsageError(str(error).replace("--where", f"{where}:", 1)) from None


def _paths_apart(text: str) -> str:
    """`"light.brightness"`, as the columns are listed, becomes a path; backticks become double quotes."""
    return QUOTED.sub(
        lambda found: found[0] if found[0][0] == "'" else ".".join(f'"{part}"' for part in found[0][1:-1].split(".")),
        text,
    )


def _paths(node: Any, bound: frozenset[str], where: str) -> Iterator[Path]:
    """Paths of columns below a node of the parsed tree, without the names that functions of lists bind."""
    if isinstance(node, list):
        for item in node:
            yield from _paths(item, bound, where)
    elif isinstance(node, dict):
        kind = node.get("class")
        if kind is not None and kind not in ALLOWED:
            raise UsageError(f"{where}: {WORDS.get(kind, kind.lower())} has no place in a condition")
        if kind == "COLUMN_REF":
            yield from [tuple(node["column_names"])] * (node["column_names"][0] not in bound)
        elif kind == "LAMBDA":
            names = {path[0] for path in _paths(node["lhs"], frozenset(), where)}
            yield from _paths(node["expr"], bound | names, where)
        else:
            for item in node.values():
                yield from _paths(item, bound, where)
