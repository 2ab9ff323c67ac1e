"""Means and deviations for scaling, fitted once on a named corpus and stored; never computed from what is exported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.errors import RunError, UsageError, one_line
from artvision.export.choice import ALL, EMBEDDING, Choice
from artvision.export.matrix import Matrix, read_matrix
from artvision.fingerprint import differences
from artvision.rows import open_rows
from artvision.writing.document import write_document

STATISTICS_FORMAT = 1
ABOUT_PEOPLE = "actors"  # the stage whose make changes with each gallery
# What of a fingerprint decides the meaning of a number; the rest, its last bits.
MAKE = ("contract", "stages")


@dataclass(frozen=True)
class Moments:
    """Of the known values of one slot: how many, their mean and standard deviation (population), lowest and highest."""

    count: int
    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True)
class Statistics:
    """What was fitted, on which corpus. `make` has contract and stages of the fingerprint it holds for."""

    corpus: str
    fitted: str
    rows: int
    run_id: str
    make: Mapping[str, Any]
    slots: Mapping[str, Moments]

    @property
    def sha256(self) -> str:
        """Checksum of the file's content: names these statistics in an export."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The content of the file."""
        plain = vars(self) | {"slots": {name: vars(moments) for name, moments in self.slots.items()}}
        return json.dumps({"artvision_statistics": STATISTICS_FORMAT} | plain, indent=1, ensure_ascii=False) + "\n"


def read_corpus(place: str | Path, *, person: bool = False) -> tuple[Matrix, dict[str, Any]]:
    """Every slot of the rows there, suite and embedding among them, and the `run.json` they come from."""
    rows = open_rows(place)
    blocks = (ALL, EMBEDDING) if EMBEDDING in rows.columns else (ALL,)
    return read_matrix(rows, Choice(blocks, suite=True, person=person)), rows.run.info


def fit(matrix: Matrix, corpus: str, run_info: Mapping[str, Any]) -> Statistics:
    """Moments of every slot over the rows in which it is known; a slot that never is has count 0 and deviation 0."""
    found: dict[str, Moments] = {}
    for place, slot in enumerate(matrix.slots):
        known = matrix.values[matrix.mask[:, place], place].astype(np.float64)
        found[slot.name] = _moments(known)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Statistics(corpus, now, len(matrix.values), str(run_info["run_id"]), make_of(run_info), found)


def _moments(known: NDArray[np.float64]) -> Moments:
    if not len(known):
        return Moments(0, 0.0, 0.0, 0.0, 0.0)
    low, high = float(known.min()), float(known.max())
    # Of equal values rounding makes a deviation that is none.
    spread = float(known.std()) if high > low else 0.0
    return Moments(len(known), float(known.mean()), spread, low, high)


def make_of(run_info: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's numbers mean: its contract and the stages with their weights."""
    return {name: run_info["fingerprint"][name] for name in MAKE}


def save(statistics: Statistics, path: Path) -> None:
    """Write the file in one step. Raises RunError where it cannot be written."""
    write_document(statistics.to_json(), path)


def read_statistics(path: Path) -> Statistics:
    """Read the file of `save`. Raises UsageError naming it."""
    way = "`artvision normalize fit RUN -o FILE --corpus NAME` makes one"
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        if loaded.pop("artvision_statistics") != STATISTICS_FORMAT:
            raise ValueError("of another format")
        slots = {name: Moments(**moments) for name, moments in loaded.pop("slots").items()}
        return Statistics(**loaded, slots=slots)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} holds no statistics ({one_line(error)}); {way}") from None


def require_same_make(statistics: Statistics, run_info: Mapping[str, Any], path: Path, *, person: bool = False) -> None:
    """Raise RunError where the statistics were fitted on numbers of another make than the run's.

    Only stages that ran on both sides are compared: of the others there is nothing to scale, or `apply` says so. What
    recognises people counts only where fields about people are exported.
    """
    before, now = dict(statistics.make), make_of(run_info)
    both = before["stages"].keys() & now["stages"].keys() - (set() if person else {ABOUT_PEOPLE})
    old, new = ({**made, "stages": {name: made["stages"][name] for name in both}} for made in (before, now))
    if changed := differences(old, new):
        lines = "\n  ".join(changed)
        raise RunError(
            f"{path} was fitted on numbers of another make; fit it anew on a run like this one "
            f"(`artvision normalize fit`):\n  {lines}"
        )
