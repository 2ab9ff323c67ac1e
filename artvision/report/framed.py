"""What a page shows of canvases: the crops and title slots of a picture, each once, and which canvases they serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from artvision.framing.demand import BARE, LEGIBLE, Demand
from artvision.framing.telling import contrast, survivors

COLUMN = "canvases"
SERVES = (
    f"no face cut, the lead whole, a title slot {BARE:.0%} bare with a contrast of {LEGIBLE:g}; "
    "whether text may stand there is not counted"
)
SIDES = ("x0", "y0", "x1", "y1")
Row = Mapping[str, Any]


def canvas_ids(table: pa.Table) -> list[str]:
    """The canvases that the pictures were fitted to, in the order of their file; none where the stage did not run."""
    if COLUMN not in table.column_names or table[COLUMN].null_count == len(table):
        return []
    ids: list[str] = pc.unique(pc.struct_field(pc.list_flatten(table[COLUMN]), "canvas")).to_pylist()
    return ids


def framed(rows: Sequence[Row], ids: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of one picture; `of` are the places in `ids` of the canvases that have one crop, slot and fate.

    `lacks` is what keeps it from serving, by the least that an audit asks for unless told otherwise; absent: it serves.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        told = _told(row)
        found.setdefault(str(told), told | {"of": []})["of"].append(ids.index(row["canvas"]))
    return list(found.values())


def _told(row: Row) -> dict[str, Any]:
    demand, slot = Demand(), row["slot"]
    lacks = demand.lacks(row) or [f"its {unknown} are not known" for unknown in [demand.unknown(row)] if unknown]
    told = {"crop": _box(row), "faces": survivors(row, "faces"), "lacks": ", ".join(lacks)}
    if row["text_whole"] is not None:
        told["text"] = survivors(row, "text")
    if slot:
        told |= {"slot": _box(slot), "ink": slot["ink"], "room": f"{slot['emptiness']:.0%} bare, {contrast(slot)}"}
    return {name: value for name, value in told.items() if value}


def _box(row: Row) -> list[float]:
    return [round(row[side], 3) for side in SIDES]
