"""What pictures without their text say of each tag: how far it moved, how often it turned, beside the control."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.textblind.looking import Seen, Tags

HALF = 0.5  # threshold of a tag that is not calibrated


@dataclass(frozen=True)
class Change:
    """One tag of one picture, as it is and without text."""

    asset_id: str
    tag: str
    before: float
    after: float


@dataclass(frozen=True)
class Blindness:
    """One tag over all pictures with text on which it answers both times.

    `moved` and `control`: mean absolute change without the text, and without as much of something else; `drift`: mean
    change without the text, with its sign; `flips` and `control_flips`: shares of pictures on which the tag crossed its
    `threshold`; `silenced`: share of pictures on which it answered before and abstains without the text.
    """

    tag: str
    pictures: int
    threshold: float
    moved: float
    control: float
    drift: float
    flips: float
    control_flips: float
    silenced: float


def compare(seen: Sequence[Seen], thresholds: Mapping[str, float]) -> list[Blindness]:
    """Every tag that answers on some picture, the one that moves most beyond its control first."""
    names = [tag for tag in seen[0].plain if any(one.plain[tag] is not None for one in seen)] if seen else []
    found = [_blindness(tag, seen, thresholds.get(tag, HALF)) for tag in names]
    return sorted(found, key=lambda one: (one.control - one.moved, one.tag))


def largest(seen: Sequence[Seen], count: int) -> list[Change]:
    """The changes of single tags that are largest; at most one a picture, so that many pictures are named."""
    changes = []
    for one in seen:
        both = [
            Change(one.asset_id, tag, before, after)
            for tag, before in one.plain.items()
            if before is not None and (after := one.blind[tag]) is not None
        ]
        changes += sorted(both, key=lambda change: -abs(change.after - change.before))[:1]
    return sorted(changes, key=lambda change: -abs(change.after - change.before))[:count]


def _blindness(tag: str, seen: Sequence[Seen], threshold: float) -> Blindness:
    blind, control = _pairs(tag, seen, lambda one: one.blind), _pairs(tag, seen, lambda one: one.control)
    answered = sum(one.plain[tag] is not None for one in seen)
    moved, other = blind[:, 1] - blind[:, 0], control[:, 1] - control[:, 0]
    return Blindness(
        tag,
        len(blind),
        threshold,
        _mean(np.abs(moved)),
        _mean(np.abs(other)),
        _mean(moved),
        _mean((blind[:, 0] >= threshold) != (blind[:, 1] >= threshold)),
        _mean((control[:, 0] >= threshold) != (control[:, 1] >= threshold)),
        1 - len(blind) / answered,
    )


def _pairs(tag: str, seen: Sequence[Seen], other: Callable[[Seen], Tags]) -> NDArray[np.float64]:
    """(N, 2) float64: the tag before and after, on pictures where it answers both times."""
    pairs = [(one.plain[tag], other(one)[tag]) for one in seen]
    return np.array([pair for pair in pairs if None not in pair], np.float64).reshape(-1, 2)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else 0.0
