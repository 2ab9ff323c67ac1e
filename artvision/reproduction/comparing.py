"""Stored and recomputed rows, column by column: the same bytes, or within what the contract promises."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from artvision.contract import Contract, Field
from artvision.stages.base import Stage

Row = Mapping[str, Any]
# Given, not computed.
NOT_OF_PIXELS = frozenset({"run_id", "path", "asset_id", "title_id", "content_sha256"})
# Of a field's range: allowed on another machine where the contract states no tolerance.
UNSTATED = 0.01
# Of embeddings on another machine; other weights or preprocessing land far below.
COSINE = 0.999


@dataclass
class Checked:
    """One column over all compared rows. `worst` is the largest difference, NaN where values cannot be subtracted.

    `limit` None: on another machine nothing is promised, so a difference is shown and not judged.
    """

    name: str
    limit: float | None
    unit: str = ""
    rows: int = 0
    worst: float = 0.0
    differing: list[str] = field(default_factory=list)
    violating: list[str] = field(default_factory=list)

    def add(self, asset_id: str, difference: float) -> None:
        """Count one row; `difference` is 0 for equal values, NaN for such as cannot be subtracted."""
        self.rows += 1
        if difference == 0:
            return
        self.differing.append(asset_id)
        if self.limit is not None and not difference <= self.limit:
            self.violating.append(asset_id)
        if math.isnan(difference) or difference > self.worst:
            self.worst = difference


class Columns:
    """What is compared: the columns that both the run and this machine have, without those of skipped stages.

    `exact`: every value must be the same; otherwise numbers may differ by their field's tolerance, embeddings by an
    angle, and labels, states and lists are only shown. `stored` is the run's contract, `contract` this machine's;
    results are counted in `checked`.
    """

    def __init__(
        self,
        stored: Mapping[str, Any],
        contract: Contract,
        left_out: set[str],
        checked: dict[str, Checked],
        *,
        exact: bool,
    ) -> None:
        self.exact = exact
        self.fields = {one.name: one for one in contract.fields if one.name not in left_out}
        self.left_out = left_out
        self._slots = _shared_slots(stored["vector"]["slots"], contract, self.fields)
        self.checked = checked

    def compare(self, stored: Row, again: Row) -> None:
        """Count one picture."""
        asset_id = str(stored["asset_id"])
        for name in again:
            if name in stored and name not in self.left_out and name not in NOT_OF_PIXELS:
                old, new = self._narrowed(name, stored[name]), self._narrowed(name, again[name], again=True)
                self._column(name, old).add(asset_id, self._difference(old, new))

    def _narrowed(self, name: str, value: Any, *, again: bool = False) -> Any:
        """A joint column reduced to the fields that are compared."""
        if name == "missing" and value is not None:
            return sorted((one["field"], one["state"]) for one in value if one["field"] in self.fields)
        if name in ("vector", "mask") and value is not None:
            return [value[place] for place in self._slots[again]]
        return value

    def _difference(self, old: Any, new: Any) -> float:
        if old == new:
            return 0.0
        if _is_number(old) and _is_number(new):
            return abs(float(new) - float(old))
        if _is_vector(old) and _is_vector(new) and len(old) == len(new):
            return _largest(old, new) if self.exact else _angle(old, new)
        return math.nan

    def _column(self, name: str, value: Any) -> Checked:
        if name not in self.checked:
            known = self.fields.get(name)
            self.checked[name] = Checked(name, self._limit(known, name, value), _unit(known))
        return self.checked[name]

    def _limit(self, known: Field | None, name: str, value: Any) -> float | None:
        if self.exact:
            return 0.0
        if known is not None and not known.labels and known.dtype != "bool":
            return known.tolerance or UNSTATED * (known.high - known.low)
        return 1 - COSINE if name not in ("vector", "mask") and _is_vector(value) else None


def columns_left_out(stages: Sequence[Stage], skipped: Collection[str]) -> set[str]:
    """Fields, columns and status of the stages that are not compared."""
    return {name for stage in stages if stage.name in skipped for name in _filled(stage)}


def _filled(stage: Stage) -> Iterator[str]:
    yield f"status.{stage.name}"
    yield from (one.name for one in stage.fields())
    yield from (one.name for one in stage.columns())


def _shared_slots(
    stored: Sequence[str], contract: Contract, fields: Mapping[str, Field]
) -> tuple[list[int], list[int]]:
    """(places in the stored vector, places in the new one) of the slots that both have of the compared fields."""
    places = {slot: at for at, slot in enumerate(stored)}
    both = [
        (places[slot], at) for at, (one, slot) in enumerate(contract.slots) if slot in places and one.name in fields
    ]
    return [old for old, _ in both], [new for _, new in both]


def _unit(known: Field | None) -> str:
    return known.unit if known else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, float) for one in value)


def _largest(old: Sequence[float], new: Sequence[float]) -> float:
    return float(np.abs(np.asarray(old, np.float64) - np.asarray(new, np.float64)).max())


def _angle(old: Sequence[float], new: Sequence[float]) -> float:
    a, b = np.asarray(old, np.float64), np.asarray(new, np.float64)
    return max(0.0, float(1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))))
