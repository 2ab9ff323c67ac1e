"""The rows of a page as JSON for its script: columns of numbers, short codes for what is missing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from artvision.contract import Missing
from artvision.report.chosen import MAIN, SAID, STATES, short, states
from artvision.report.framed import SERVES, canvas_ids, framed
from artvision.report.outcomes import stated_id
from artvision.report.suites import Suite
from artvision.report.thumbnails import Thumbnail

TOLD = ("name", "group", "unit", "meaning", "higher", "low", "high", "kind", "dtype", "labels", "calibrated")


def payload(
    table: pa.Table, fields: Sequence[Mapping[str, Any]], suites: Sequence[Suite], pictures: Sequence[Thumbnail]
) -> dict[str, Any]:
    """What the page's script reads; `table` has the assets of `suites` in their order, `pictures` one for each."""
    return {
        "fields": [{key: field[key] for key in TOLD} for field in fields],
        "main": [[name, label] for name, label in MAIN.items() if name in table.column_names],
        "states": {code: SAID[state] for state, code in STATES.items()},
        "suites": [[suite.title_id, suite.title, len(suite.rows)] for suite in suites],
        "canvases": canvas_ids(table),
        "serves": SERVES,
        "assets": assets(table, pictures),
        "values": values(table, fields),
    }


def assets(table: pa.Table, pictures: Sequence[Thumbnail]) -> list[dict[str, Any]]:
    """One object an asset: what the catalogue says, boxes and colours to draw. Of a path only the file's name."""
    named = {
        "type": "artwork_type", "market": "market", "lang": "language", "w": "width", "h": "height",
        "plate": "plate.id", "repeats": "repeats",
    }  # fmt: skip
    names = ("asset_id", "path", "faces", "palette", "canvases", "actors", "cast", *named.values())
    ids = canvas_ids(table)
    rows = table.select([name for name in names if name in table.column_names]).to_pylist()
    found = []
    for row, picture in zip(rows, pictures, strict=True):
        asset = {key: short(row.get(name)) for key, name in named.items()} | {
            "file": PurePath(row["path"]).name,
            "id": stated_id(row["asset_id"], row["path"]),
            "faces": [[short(face[side]) for side in ("x0", "y0", "x1", "y1")] for face in row.get("faces") or ()],
            "palette": [_swatch(color) for color in row.get("palette") or ()],
            "framed": framed(row.get("canvases") or (), ids),
            "actors": [[actor["face"], actor["name"]] for actor in row.get("actors") or () if actor["actor_id"]],
            "cast": row.get("cast") or [],
            "note": picture.note,
        }
        found.append({key: value for key, value in asset.items() if value not in (None, "", [])})
    return found


def values(table: pa.Table, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Field -> a value an asset: a number, the place of a category's label, or the code of what is missing.

    A field that is missing everywhere for one reason is that code alone.
    """
    missing = states(table, fields)
    found: dict[str, Any] = {}
    for field in fields:
        why, labels = missing[field["name"]], field["labels"]
        column = [
            _code(why.get(row)) if value is None else labels.index(value) if labels else short(value)
            for row, value in enumerate(table[field["name"]].to_pylist())
        ]
        one = isinstance(column[0], str) and column.count(column[0]) == len(column) if column else False
        found[field["name"]] = column[0] if one else column
    return found


def encoded(pictures: Sequence[Thumbnail]) -> list[str]:
    """The thumbnails as base64; empty where there is none."""
    return [b64encode(picture.webp).decode("ascii") for picture in pictures]


def _code(state: Missing | None) -> str:
    return STATES[state] if state is not None else ""


def _swatch(color: Mapping[str, Any]) -> list[Any]:
    return [f"#{color['r']:02x}{color['g']:02x}{color['b']:02x}", round(color["share"], 3), color["name"]]
