"""A run as a person first wants to see it: a few rows with the telling columns, and the palette in colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from artvision.run import Run

HEAD = ("asset", "faces", "shot", "L*", "palette", "tag")
RIGHT = ("faces", "L*")
COLUMNS = (
    "asset_id",
    "face.count",
    "shot.scale",
    "framing.label",
    "light.brightness",
    "palette",
    "tags",
    "actors",
)


def preview(run: Run, limit: int, *, in_color: bool) -> tuple[tuple[str, ...], list[list[Any]]]:
    """(head, the first rows, at most `limit`); without colour the palette is told by its first name.

    Where actors were looked for, they have a column.
    """
    for table in run.tables([name for name in COLUMNS if name in run.columns]):
        rows = table.slice(0, limit).to_pylist()
        named = any(row.get("actors") is not None for row in rows)
        head = (*HEAD, "actors") if named else HEAD
        return head, [_row(row, in_color)[: len(head)] for row in rows]
    return HEAD, []


def swatches(palette: Sequence[Mapping[str, Any]], cells: int = 8) -> Text:
    """A bar of coloured cells, each colour as wide as its share."""
    text = Text()
    for color in palette:
        width = max(1, round(color["share"] * cells))
        text.append(" " * width, style=f"on rgb({color['r']},{color['g']},{color['b']})")
    return text


def _row(row: Mapping[str, Any], in_color: bool) -> list[Any]:
    palette = row.get("palette") or []
    best = max(row.get("tags") or [], key=lambda tag: tag["score"], default=None)
    return [
        row["asset_id"],
        _number(row.get("face.count"), "d"),
        # Framings know faceless art too.
        (row.get("shot.scale") or row.get("framing.label") or "-").replace("_", " "),
        _number(row.get("light.brightness"), ".0f"),
        swatches(palette) if in_color else palette[0]["name"] if palette else "-",
        f"{best['label'].replace('_', ' ')} {best['score']:.2f}" if best else "-",
        names(row.get("actors") or []),
    ]


def names(actors: Sequence[Mapping[str, Any]]) -> str:
    """«Uma Thurman 0.83, 2 unknown» for the rows of the column `actors`."""
    known = [f"{actor['name']} {actor['score']:.2f}" for actor in actors if actor["actor_id"]]
    unknown = len(actors) - len(known)
    return ", ".join([*known, f"{unknown} unknown"] if unknown else known) or "-"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
