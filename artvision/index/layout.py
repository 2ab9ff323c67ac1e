"""Run columns as the index keeps them: a group of fields is one struct, so that `light.brightness > 50` is plain SQL.

A column of the table must have no dot in its name; a path into a struct is read back under the dotted name. A column
of the catalogue whose name the index needs itself stands in the struct `catalog`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, count

import pyarrow as pa
import pyarrow.compute as pc

from artvision.suite.columns import FIELDS, PLATE

STAMP = "row_sha256"  # of what made a row, to tell whether it still stands
NAMES = "actor_names"  # of recognised actors, for `array_has(actor_names, '…')`
OWN = (STAMP, NAMES)
STRAY = "catalog"
# Names that the library, or an answer, uses itself.
LANCE = ("_rowid", "_rowaddr", "_distance", "score")

# Column, and the name in its struct; empty where the column is no struct.
Place = tuple[str, str]


def nested(table: pa.Table, found: Mapping[str, Place] | None = None) -> pa.Table:
    """The flat table with one struct a group; `found`: the places of its columns in a larger one."""
    arrays: dict[str, pa.ChunkedArray | pa.StructArray] = {}
    inner: dict[str, dict[str, str]] = {}
    for name, (group, member) in (places(table.column_names) if found is None else found).items():
        if member:
            inner.setdefault(group, {})[member] = name
        else:
            arrays[group] = table[name]
    for group, members in inner.items():
        columns = [table[name].combine_chunks() for name in members.values()]
        fields = [pa.field(member, table.schema.field(name).type) for member, name in members.items()]
        rows = pa.StructArray.from_arrays(columns, fields=fields) if table.num_rows else pa.array([], pa.struct(fields))
        arrays[group] = rows
    return pa.table(arrays)


def places(names: Sequence[str]) -> dict[str, Place]:
    """Flat name -> its place; no two names have one place, whatever a catalogue calls its columns."""
    bare = [name.strip(".") for name in names]
    groups = {_clean(name.split(".", 1)[0]) for name in bare if "." in name} | {STRAY}
    found: dict[str, Place] = {}
    for name in names:
        group, member = (_clean(part) for part in name.strip(".").partition(".")[::2])
        place = (group, member) if member or group not in {*groups, *LANCE} else (STRAY, group)
        found[name] = _free(place, set(found.values()))
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
    ours = {*OWN, PLATE.name, *(field.name for field in FIELDS)}
    table = table.rename_columns([f"{STRAY}.{name}" if name in ours else name for name in table.column_names])
    for name in more.column_names:
        if name != "asset_id":
            table = table.append_column(name, more[name].take(order))
    own = pa.array([stamps[asset_id] for asset_id in table["asset_id"].to_pylist()], pa.string())
    return table.append_column(NAMES, actor_names(table)).append_column(STAMP, own)


def _clean(name: str) -> str:
    """A name without what a path in SQL is made of."""
    return name.replace(".", "_").replace("`", "_")


def _free(place: Place, taken: set[Place]) -> Place:
    """The place, or the first numbered one beside it that is not taken."""
    group, member = place
    numbered = ((group, f"{member}_{number}") if member else (f"{group}_{number}", "") for number in count(2))
    return next(other for other in chain([place], numbered) if other not in taken)
