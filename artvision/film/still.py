"""A still: where in which film it lies, and what its neighbours in time say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from artvision.film.address import moment, timecode


@dataclass(frozen=True)
class Still:
    """The lineage of a picture that was taken from a film.

    Times are seconds from the start of the film; `film_sha256` is of the film's bytes. `shot` counts from 1, and lies
    between `shot_start` and `shot_end`. `motion` is in L*, `stillness` a share; see `artvision.stages.video`.
    `duplicates` counts the shots that gave no still because they look like this one. What only a look through the whole
    film can say is None for a still that a person named.
    """

    film: str
    time: float
    timecode: str
    film_sha256: str | None = None
    length: float | None = None
    shot: int | None = None
    shot_start: float | None = None
    shot_end: float | None = None
    motion: float | None = None
    stillness: float | None = None
    duplicates: int | None = None

    @classmethod
    def named(cls, path: str) -> Still | None:
        """What the path of a still says by itself; None for the path of a plain picture."""
        found = moment(path)
        return cls(found.film, float(found.time), timecode(found.time)) if found else None

    @classmethod
    def of(cls, cells: Mapping[str, Any] | None) -> Still | None:
        """From the cells of a ledger or a row; None of None."""
        return cls(**cells) if cells else None


_ARROW = {"str": pa.string(), "float": pa.float64(), "int": pa.int32()}
STILL = pa.struct([(spec.name, _ARROW[str(spec.type).partition(" ")[0]]) for spec in fields(Still)])
