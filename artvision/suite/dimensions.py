"""The dimensions in which a suite can be complete. A new one is one entry here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from artvision.suite import look, people
from artvision.suite.axis import Axis, LeftOut, Row

GROUPS = ("style.", "tone.")  # blocks of tags that are read whole


@dataclass(frozen=True)
class Dimension:
    """How one dimension is read, from which columns (beside the GROUPS), and how a label reads in words.

    `wish`: in a list of wishes; `phrase`: after «this title lacks».
    """

    read: Callable[[Sequence[Row]], Axis | LeftOut]
    columns: tuple[str, ...]
    wish: Callable[[str], str] = "{}".format
    phrase: Callable[[str], str] = "{}".format


DIMENSIONS = {
    "lead": Dimension(people.lead, ("face.count", "medium.kind", "actors", "cast"), phrase=people.lead_phrase),
    "shot": Dimension(
        people.shot, ("face.count", "shot.scale", "medium.kind", "cast"), "{} shot".format, "a {} shot".format
    ),
    "palette": Dimension(look.palette, ("color.warmth", "light.brightness"), phrase="{} colours".format),
    "tone": Dimension(look.tone, ("light.low_key", "light.high_key"), phrase=look.tone_phrase),
    "text": Dimension(look.text, ("textless", "text.score"), phrase=look.text_phrase),
}


def can_meet(cell: dict[str, str]) -> bool:
    """Whether one picture can show these labels (dimension -> label) together; what cannot be is never asked for."""
    if {"lead", "shot"} <= cell.keys() and (cell["lead"] == people.NOBODY) != (cell["shot"] == people.NO_FACE):
        return False
    light = cell.get("palette", "").rpartition(" ")[2]
    return (light, cell.get("tone")) not in {("light", "low-key light"), ("dark", "high-key light"), ("light", "dark")}


def read_axes(rows: Sequence[Row]) -> tuple[tuple[Axis, ...], tuple[LeftOut, ...]]:
    """The dimensions that can be told of these rows, one an asset, and those that cannot."""
    found = [dimension.read(rows) for dimension in DIMENSIONS.values()]
    return (
        tuple(axis for axis in found if isinstance(axis, Axis)),
        tuple(axis for axis in found if isinstance(axis, LeftOut)),
    )
