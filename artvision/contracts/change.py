"""One change between two contracts, and how much of a version step it calls for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from artvision.contract import parse_version


class Level(StrEnum):
    """What a change asks of the version. Semantic Versioning 2.0.0, for readers of the table and of the vector."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """0 for none to 3 for major."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Change:
    """`field` is the name in A (in B where it is new), `group` its block; `before` and `after` are JSON values.

    `text` says it in words without the name. `fields` counts how many fields one change stands for: a run of fields
    that moved together is one.
    """

    level: Level
    kind: str
    field: str
    before: Any
    after: Any
    text: str
    group: str = ""
    fields: int = 1


def highest_level(levels: Iterable[Level]) -> Level:
    """The largest of several levels; none of none."""
    return max(levels, key=lambda level: level.rank, default=Level.NONE)


def step(before: str, after: str) -> Level:
    """The first part of the version that differs, whichever is later; «1.0» stands for 1.0.0."""
    old, new = [[*parse_version(version), 0, 0, 0][:3] for version in (before, after)]
    levels = (Level.MAJOR, Level.MINOR, Level.PATCH)
    return next((levels[part] for part in range(3) if old[part] != new[part]), Level.NONE)
