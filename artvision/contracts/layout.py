"""Which slots of the dense vector moved, told once for fields that moved together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from artvision.contracts.change import Change, Level
from artvision.wording import counted

Described = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a field stands in both vectors: its first slot in A and in B."""

    field: str
    group: str
    width: int
    before: int
    after: int

    @property
    def shift(self) -> int:
        """Slots that it moved, to the end of the vector counted positive."""
        return self.after - self.before


def moves(a: Described, b: Described, shared: Mapping[str, str]) -> Iterator[Change]:
    """A change for each run of fields that follow one another in B and moved by as many slots.

    `shared` maps names in A to those in B. A field of an index has no slot; one that gains or loses its slot moved.
    """
    pairs = list(_pairs(a, b, shared))
    places = [
        Place(was["name"], was["group"], was["width"], was["index"], now["index"])
        for was, now in pairs
        if _in_vector(was) and _in_vector(now)
    ]
    for run in _runs(sorted(places, key=lambda place: place.after)):
        if run[0].shift:
            yield _moved(run)
    for was, now in pairs:
        if _in_vector(was) != _in_vector(now):
            yield _crossed(was, now)


def _pairs(a: Described, b: Described, shared: Mapping[str, str]) -> Iterator[tuple[Described, Described]]:
    new = {field["name"]: field for field in b["fields"]}
    for field in a["fields"]:
        if (after := shared.get(field["name"])) is not None:
            yield field, new[after]


def _in_vector(field: Described) -> bool:
    return field.get("index") is not None


def _runs(places: Iterable[Place]) -> list[list[Place]]:
    runs: list[list[Place]] = []
    for place in places:
        if runs and runs[-1][-1].shift == place.shift:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _moved(run: list[Place]) -> Change:
    first, last = run[0], run[-1]
    before = [first.before, last.before + last.width - 1]
    after = [first.after, last.after + last.width - 1]
    if before[0] == before[1]:
        text = f"slot {before[0]} -> {after[0]}"
    else:
        way = f"{counted(abs(first.shift), 'slot')} {'later' if first.shift > 0 else 'earlier'}"
        text = f"{counted(len(run), 'field')} {way}: slots {before[0]}–{before[1]} -> {after[0]}–{after[1]}"
    name = first.field if len(run) == 1 else f"{first.field} … {last.field}"
    group = first.group if first.group == last.group else ""
    return Change(Level.MAJOR, "moved", name, before, after, text, group, len(run))


def _crossed(was: Described, now: Described) -> Change:
    """A field that entered the vector is an append to it, one that left is missed there."""
    if _in_vector(now):
        level, text = Level.MINOR, f"enters the vector at slot {now['index']}"
    else:
        level, text = Level.MAJOR, "leaves the vector"
    return Change(level, "moved", was["name"], was.get("index"), now.get("index"), text, str(now.get("group", "")))
