"""Reading canvases from TOML. A mistake is an error of one line that names the file, the canvas and the key.

```toml
version = "1.0.0"
[canvases.my-tile]         # the id, as it stands in the column `canvases`
name = "Tile"
service = "My service"
aspect = "16:9"
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artvision.bundled import data_text
from artvision.errors import UsageError
from artvision.framing.box import Box
from artvision.framing.canvas import Canvas, Corner, Frame, Title, cornered
from artvision.keys import Key, read_keys
from artvision.toml_file import TomlFile, parse_toml, read_toml

BUNDLED = "bundled canvases"
ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
ASPECT = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)\Z")
WIDEST = 20.0  # width over height, or the other way round

WIDEST_BAND = 0.45  # of a side: two bands leave a tenth
FILE = {"version": Key(str, "version of the file"), "canvases": Key(dict, "the canvases, [canvases.ID]")}
CANVAS = {
    "name": Key(str, "what the service calls it"),
    "service": Key(str, "whose canvas it is"),
    "aspect": Key(str, "width:height, such as 16:9"),
    "top": Key(float, "unsafe band along the top, share of the height", 0.0, 0.0, WIDEST_BAND),
    "bottom": Key(float, "unsafe band along the bottom, share of the height", 0.0, 0.0, WIDEST_BAND),
    "left": Key(float, "unsafe band along the left, share of the width", 0.0, 0.0, WIDEST_BAND),
    "right": Key(float, "unsafe band along the right, share of the width", 0.0, 0.0, WIDEST_BAND),
    "badge": Key(Corner, "corner that a badge may cover", Corner.NONE),
    "badge_width": Key(float, "width of the badge's area, share of the width", 0.0, 0.0, 0.9),
    "badge_height": Key(float, "height of the badge's area, share of the height", 0.0, 0.0, 0.9),
    "title": Key(Title, "whether the artwork carries the title: required, forbidden (textless), free", Title.FREE),
    "slot_width": Key(float, "least width of a title, share of the width", 0.4, 0.02, 1.0),
    "slot_height": Key(float, "least height of a title, share of the height", 0.12, 0.02, 1.0),
    "source": Key(str, "public page that says so", ""),
    "checked": Key(bool, "whether somebody read it there", False),
    "ours": Key(list, "keys that the source does not give, and that are ours", ()),
}


@dataclass(frozen=True)
class Canvases:
    """All canvases of a file, in its order; `sha256` is of its text."""

    source: str
    sha256: str
    canvases: tuple[Canvas, ...]


def read_canvases(path: str = "") -> Canvases:
    """The canvases in a file, or the bundled ones. Raises UsageError naming what is wrong in it."""
    return _canvases(read_toml(Path(path), "--canvases")) if path else parse(data_text("canvases.toml"), BUNDLED)


def parse(text: str, source: str) -> Canvases:
    """The canvases that a text says; `source` names it in messages."""
    return _canvases(parse_toml(text, source))


def _canvases(file: TomlFile) -> Canvases:
    tables = read_keys(file.tables, FILE, file.source)["canvases"]
    if not tables:
        raise UsageError(f"{file.source}: there is no [canvases.ID]")
    made = tuple(_canvas(name, table, f"{file.source}: canvas {name}") for name, table in tables.items())
    return Canvases(file.source, file.sha256, made)


def _canvas(name: str, table: Any, where: str) -> Canvas:
    if not ID.match(name):
        raise UsageError(f"{where}: an id is lower case letters, digits and hyphens")
    if not isinstance(table, dict):
        raise UsageError(f"{where} is not a table: write [canvases.{name}]")
    values = read_keys(table, CANVAS, where)
    for key in values["ours"]:
        if key not in CANVAS:
            raise UsageError(f"{where}: ours names {key!r}, which is no key")
    told = {key: values[key] for key in ("name", "service", "title", "source", "checked")}
    return Canvas(name, shape=values["aspect"], frame=_frame(values, where), ours=tuple(values["ours"]), **told)


def _frame(values: Mapping[str, Any], where: str) -> Frame:
    badge = cornered(values["badge"], values["badge_width"], values["badge_height"])
    if (badge is None) != (not values["badge_width"] * values["badge_height"]):
        raise UsageError(
            f"{where}: badge names a corner, badge_width and badge_height its size: give all three or none"
        )
    safe = Box(values["left"], values["top"], 1 - values["right"], 1 - values["bottom"])
    slot = values["slot_width"], values["slot_height"]
    for key, least, room in zip(("slot_width", "slot_height"), slot, (safe.width, safe.height), strict=True):
        if least > room:
            raise UsageError(f"{where}: {key} {least:g} is more than the {room:g} that the unsafe bands leave")
    return Frame(_aspect(values["aspect"], where), safe, badge, slot)


def _aspect(text: str, where: str) -> float:
    found = ASPECT.match(text)
    if not found or not float(found[1]) or not float(found[2]):
        raise UsageError(f"{where}: aspect must be width:height such as 16:9, not {text!r}")
    aspect = float(found[1]) / float(found[2])
    if not 1 / WIDEST <= aspect <= WIDEST:
        raise UsageError(f"{where}: aspect {text} is beyond {WIDEST:g}:1")
    return aspect
