"""What a change of one attribute of a field or column asks of the version: the table, with the reason of each row.

The measure is a consumer who was trained on the dense vector of A, and reads that of B by position, with A's fills and
ranges: what gives them other numbers without an error is major.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from artvision.contracts.change import Level

Rule = Callable[[Any, Any], Level]
RANGE = "range"  # `low` and `high`, judged together
PLACE = {"name", "group", "index", "width"}  # judged by `diff` and `layout`


def always(level: Level) -> Rule:
    """The same level whatever changed."""
    return lambda _before, _after: level


def grown(wider: Level, narrower: Level) -> Rule:
    """By whether a number became larger."""
    return lambda before, after: wider if after > before else narrower


def of_range(before: Sequence[float], after: Sequence[float]) -> Level:
    """Values beyond what was promised break a consumer who scales by the range; fewer values keep every promise."""
    return Level.MINOR if before[0] <= after[0] and after[1] <= before[1] else Level.MAJOR


def of_labels(before: Sequence[str], after: Sequence[str]) -> Level:
    """Labels appended are an append (what stands behind them in the vector moves by itself)."""
    return Level.MINOR if list(after[: len(before)]) == list(before) else Level.MAJOR


def of_direction(before: str, after: str) -> Level:
    """A reversal cannot be told from other words, and it is the worst a number can do unseen."""
    return Level.MAJOR if before and after else Level.PATCH


def of_calibrated(before: object, after: object) -> Level:
    """A score that stops being a probability takes a promise back; one that becomes one gives it."""
    return Level.MAJOR if before and not after else Level.MINOR


# Attribute -> kind of the change, level.
FIELD: Mapping[str, tuple[str, Rule]] = {
    "unit": ("re-united", always(Level.MAJOR)),
    "dtype": ("dtype", always(Level.MAJOR)),
    RANGE: ("range", of_range),
    "labels": ("labels", of_labels),
    # Stands in the vector: readers without the mask get other numbers.
    "fill": ("fill", always(Level.MAJOR)),
    # Either way somebody has to handle the column differently.
    "privacy": ("privacy", always(Level.MAJOR)),
    "higher": ("direction", of_direction),
    # The column holds, what it rests on does not.
    "kind": ("kind", always(Level.MINOR)),
    "tolerance": ("tolerance", grown(Level.MINOR, Level.PATCH)),
    "calibrated": ("calibration", of_calibrated),
    "evidence": ("evidence", always(Level.PATCH)),
    "meaning": ("text", always(Level.PATCH)),
    "source": ("text", always(Level.PATCH)),
}
COLUMN: Mapping[str, tuple[str, Rule]] = {
    "arrow": ("type", always(Level.MAJOR)),
    "privacy": ("privacy", always(Level.MAJOR)),
    "meaning": ("text", always(Level.PATCH)),
}
# Of a later artvision: seen, not understood.
UNKNOWN = ("attribute", always(Level.MINOR))


def attributes(described: Mapping[str, Any]) -> dict[str, Any]:
    """What a field or column says but for its name and place, with `low` and `high` as one."""
    found = {name: value for name, value in described.items() if name not in PLACE | {"low", "high"}}
    return found | ({RANGE: [described["low"], described["high"]]} if "low" in described else {})
