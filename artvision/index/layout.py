"""Run columns as the index keeps them: a group of fields is one struct, so that `light.brightness > 50` is plain SQL.

A column of the table must have no dot in its name; a path into a struct is read back under the dotted name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

STAMP = "row_sha256"  # of what made a row, to tell whether it still stands
NAMES = "actor_names"  # of recognised actors, for `array_has(actor_names, '…')`
OWN = (STAMP, NAMES)
STRAY = "catalog"  # takes a catalogue's column whose name is that of a group


def nested(table: pa.Table, without: Sequence[str] = ()) -> pa.Table:
    """The flat table with one struct a group, but for the columns `without`."""
    kept = [name for name in table.column_names if name not in without]
    arrays: dict[str, pa.ChunkedArray | pa.StructArray] = {}
    inner: dict[str, dict[str, str]] = {}
    for name, (group, member) in places(kept).items():
        if member:
            inner.setdefault(group, {})[member] = name
        else:
            arrays[name] = table[name]
    for group, members in inner.items():
        columns = [table[name].combine_chunks() for name in members.values()]
        fields = [pa.field(member, table.schema.field(name).type) for member, name in members.items()]
        arrays[group] = pa.StructArray.from_arrays(columns, fields=fields) if table.num_rows else _no_rows(fields)
    return pa.table(arrays)


def places(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Flat name -> (column, name in its struct; empty where the column is no struct)."""
    groups = {name.split(".", 1)[0] for name in names if "." in name}
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        group, _, member = name.partition(".")
        if member:
            found[name] = group, member.replace(".", "_")
        else:
            found[name] = (STRAY, name) if name in groups else (name, "")
    return found


def flat_names(schema: pa.Schema) -> list[str]:
    """Names under which the table's columns are read: `light.brightness` for a struct's members, without our own."""
    names: list[str] = []
    for column in schema:
        if column.name in OWN:
            continue
        inner = [f"{column.name}.{member.name}" for member in column.type] if pa.types.is_struct(column.type) else []
        names += inner or [column.name]
    return names


def actor_names(table: pa.Table) -> pa.Array:
    """list<string>: the recognised actors of each row of the flat table; null where nobody was looked for."""
    if "actors" not in table.column_names:
        return pa.nulls(table.num_rows, pa.list_(pa.string()))
    rows = table["actors"].to_pylist()
    names = [None if row is None else sorted({face["name"] for face in row if face["actor_id"]}) for row in rows]
    return pa.array(names, pa.list_(pa.string()))


def joined(table: pa.Table, more: pa.Table, stamps: Mapping[str, str]) -> pa.Table:
    """The rows with the columns of `more` (same asset ids, any order) and the index's own, flat."""
    order = pc.index_in(table["asset_id"], more["asset_id"])
    for name in more.column_names:
        if name != "asset_id":
            table = table.append_column(name, more[name].take(order))
    own = pa.array([stamps[asset_id] for asset_id in table["asset_id"].to_pylist()], pa.string())
    return table.append_column(NAMES, actor_names(table)).append_column(STAMP, own)


def _no_rows(fields: Sequence[pa.Field]) -> pa.Array:
    return pa.array([], pa.struct(fields))
