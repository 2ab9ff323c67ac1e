"""What of a table goes onto a page that is passed on: never a biometric column, names of actors only when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from artvision.contract import Kind, Missing, Privacy
from artvision.rows import Rows
from artvision.suite.columns import FIELDS, INPUTS, PLATE, suite_columns

MAIN = {
    "light.brightness": "brightness",
    "light.contrast": "contrast",
    "color.colorfulness": "colourfulness",
    "color.warmth": "warmth",
    "detail.sharpness": "sharpness",
    "composition.empty_share": "negative space",
    "face.count": "faces",
    "face.lead_height": "largest face",
    "shot.scale": "shot scale",
}  # what the overview shows and the pointer tells, under the name it has there
CELLS = (
    "asset_id", "title_id", "path", "content_sha256", "width", "height", "title", "artwork_type", "market", "language",
)  # fmt: skip
# Of `faces` only the boxes are shown.
STRUCTURED = ("missing", "faces", "palette", "canvases")
NAMED = ("actors", "cast")
SUITE = (*(field.name for field in FIELDS), PLATE.name)
STATES = {Missing.NOT_RUN: "r", Missing.NOT_APPLICABLE: "n", Missing.FAILED: "f", Missing.ABSTAINED: "a"}
SAID = {state: state.value.replace("_", " ") for state in Missing}


def read_table(rows: Rows, titles: Sequence[str] | None, *, names: bool) -> pa.Table:
    """One row an asset with what the page may show of it, its standing in the suite among it; `titles` None: all.

    An index knows that standing; for a run it is computed here, without plates.
    """
    fields = [name for name in _allowed(rows.contract, names=names) if name in rows.columns]
    wanted = list(dict.fromkeys([*CELLS, *STRUCTURED, *(NAMED if names else ()), *fields, *SUITE]))
    table = rows.table(wanted, titles)
    if "suite.order" in table.column_names:
        return table
    found = suite_columns(rows.table(INPUTS, titles))
    for name in found.column_names[1:]:
        table = table.append_column(name, found[name])
    return table


def read_embeddings(rows: Rows, titles: Sequence[str] | None) -> pa.Table:
    """`asset_id` and, where there are any, `embedding` of the rows of `read_table`; compared here, never shown."""
    return rows.table(["asset_id", "embedding"], titles)


def shown_fields(contract: Mapping[str, Any], table: pa.Table, *, names: bool) -> list[dict[str, Any]]:
    """What the columns of the table mean, in the contract's order: its fields, then those of the suite."""
    fields = _allowed(contract, names=names)
    computed = {field.name: asdict(field) | {"group": field.group} for field in FIELDS if field.name not in fields}
    return [field for name, field in (fields | computed).items() if name in table.column_names]


def states(table: pa.Table, fields: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, Missing]]:
    """Field -> row -> why the field has no value there. A suite's field is only ever not applicable."""
    found: dict[str, dict[int, Missing]] = {field["name"]: {} for field in fields}
    for row, entries in enumerate(table["missing"].to_pylist()):
        for entry in entries or ():
            if entry["field"] in found:
                found[entry["field"]][row] = Missing(entry["state"])
    for name in (field["name"] for field in fields if field["kind"] == Kind.SUITE):
        empty = table[name].is_null().to_numpy().nonzero()[0].tolist()
        found[name] = dict.fromkeys(empty, Missing.NOT_APPLICABLE)
    return found


def short(value: Any) -> Any:
    """A number to four digits: all that a page shows, and a third of the bytes."""
    return float(f"{value:.4g}") if isinstance(value, float) else int(value) if isinstance(value, bool) else value


def _allowed(contract: Mapping[str, Any], *, names: bool) -> dict[str, dict[str, Any]]:
    classes = {Privacy.NONE.value} | ({Privacy.PERSON.value} if names else set())
    return {field["name"]: field for field in contract["fields"] if field["privacy"] in classes}
