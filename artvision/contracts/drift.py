"""How far the values of a field drifted between two sets of rows, and whether that is beyond limits and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from artvision.contracts import statistics
from artvision.contracts.policy import Limits
from artvision.contracts.statistics import Codes, Counts, Numbers

NEAR = 0.4  # of a limit: 0.1 of the customary 0.1 and 0.25 of PSI
FEWEST = 2  # rows of a distribution, whatever a policy says
# Missing without one of the four states: columns of an index.
UNSTATED = "unstated"


class Standing(StrEnum):
    """What became of a comparison."""

    TRIPPED = "tripped"
    NEAR = "near"
    # Beyond a limit, but no further than two samples of one population.
    NOISE = "within noise"
    STEADY = "steady"
    FEW = "too few rows"
    IGNORED = "ignored"


@dataclass(frozen=True, eq=False)
class Sample:
    """One side of a field: its column, a number for each row's title (-1 without), and missing rows by state."""

    values: pa.ChunkedArray
    titles: Codes
    states: Mapping[str, int]

    @property
    def missing(self) -> float:
        """Share of rows without a value."""
        return float(self.values.null_count / max(1, len(self.values)))

    @property
    def rates(self) -> dict[str, float]:
        """Share of rows by missing state."""
        stated = sum(self.states.values())
        counts = {**self.states, UNSTATED: max(0, self.values.null_count - stated)}
        return {state: count / max(1, len(self.values)) for state, count in counts.items() if count}


@dataclass(frozen=True)
class Measure:
    """One figure of one field: how large, its limit, the chance of it without a change (raw, then corrected)."""

    name: str
    value: float
    limit: float
    p_value: float
    corrected: float = 1.0

    @property
    def beyond_limit(self) -> bool:
        """Whether it is larger than the policy wants."""
        return self.value > self.limit

    @property
    def near(self) -> bool:
        """Whether it comes near its limit."""
        return self.value > NEAR * self.limit


@dataclass(frozen=True)
class Drift:
    """One field. `rows` are known values of A and B, `missing` shares, `states` shares by state."""

    field: str
    measures: tuple[Measure, ...]
    rows: tuple[int, int]
    missing: tuple[float, float]
    states: tuple[Mapping[str, float], Mapping[str, float]]
    standing: Standing = Standing.STEADY


def measure(name: str, field: Mapping[str, Any], a: Sample, b: Sample, limits: Limits) -> Drift:
    """PSI, KS (of numbers) and the difference of missing rates of one field. The standing is `judged` later."""
    rows = len(a.values) - a.values.null_count, len(b.values) - b.values.null_count
    found = Drift(name, (), rows, (a.missing, b.missing), (a.rates, b.rates))
    if limits.ignore:
        return replace(found, standing=Standing.IGNORED)
    measures, enough = [], max(FEWEST, limits.min_rows)
    if min(len(a.values), len(b.values)) >= enough:
        measures.append(_missing(a, b, limits))
    if min(rows) >= enough:
        measures += _shape(field, a, b, limits)
    return replace(found, measures=tuple(measures), standing=Standing.STEADY if measures else Standing.FEW)


def judged(drifts: Sequence[Drift], alpha: float, *, same_pictures: bool) -> list[Drift]:
    """Each drift with its standing, p-values corrected over all measures of all fields (Holm).

    `same_pictures`: both sides show the very same pictures, so nothing of a difference is chance and limits decide.
    A measure that could show nothing in any case (no row is missing on either side) does not count (Tarone 1990).
    """
    raw = [one.p_value for drift in drifts for one in drift.measures if one.p_value < 1]
    corrected = iter([0.0] * len(raw) if same_pictures else statistics.holm(raw))
    found = []
    for drift in drifts:
        measures = tuple(replace(one, corrected=next(corrected) if one.p_value < 1 else 1.0) for one in drift.measures)
        found.append(replace(drift, measures=measures, standing=_standing(drift.standing, measures, alpha)))
    return found


def _standing(before: Standing, measures: Sequence[Measure], alpha: float) -> Standing:
    if not measures:
        return before
    real = [one for one in measures if one.corrected <= alpha]
    if any(one.beyond_limit for one in real):
        return Standing.TRIPPED
    if any(one.beyond_limit for one in measures):
        return Standing.NOISE
    return Standing.NEAR if any(one.near for one in real) else Standing.STEADY


def _missing(a: Sample, b: Sample, limits: Limits) -> Measure:
    sizes = _effective((a, b), [np.asarray(pc.is_null(one.values)).astype(np.int64) for one in (a, b)])
    shares = a.missing, b.missing
    return Measure("missing", abs(shares[1] - shares[0]), limits.missing, statistics.proportions_p_value(shares, sizes))


def _shape(field: Mapping[str, Any], a: Sample, b: Sample, limits: Limits) -> list[Measure]:
    known = [_known(one) for one in (a, b)]
    if field["dtype"] in ("float32", "int32"):
        numbers = [_numbers(one.values) for one in known]
        inner = statistics.edges(numbers[0], statistics.bins_for(min(map(len, numbers))))
        codes = [np.searchsorted(inner, values) for values in numbers]
    else:
        labels = pc.unique(pa.chunked_array([*known[0].values.chunks, *known[1].values.chunks]))
        numbers = []
        codes = [np.asarray(pc.index_in(one.values, labels)).astype(np.int64) for one in known]
    sizes = _effective(known, codes)
    measures = [_psi(codes[0], codes[1], sizes, limits)]
    if numbers:
        distance = statistics.ks(numbers[0], numbers[1])
        measures.append(Measure("ks", distance, limits.ks, statistics.ks_p_value(distance, sizes)))
    return measures


def _psi(a: Codes, b: Codes, sizes: tuple[float, float], limits: Limits) -> Measure:
    width = int(max(a.max(), b.max())) + 1
    counts: list[Counts] = [np.bincount(codes, minlength=width) for codes in (a, b)]
    value = statistics.psi(counts[0], counts[1])
    used = int(((counts[0] + counts[1]) > 0).sum())
    return Measure("psi", value, limits.psi, statistics.psi_p_value(value, used, sizes))


def _effective(samples: Sequence[Sample], codes: Sequence[Codes]) -> tuple[float, float]:
    """How many independent rows each side is worth, given that pictures of one title resemble one another."""
    sizes = [len(own) / statistics.design_effect(own, one.titles) for one, own in zip(samples, codes, strict=True)]
    return sizes[0], sizes[1]


def _known(sample: Sample) -> Sample:
    valid = np.asarray(pc.is_valid(sample.values))
    return replace(sample, values=sample.values.drop_null(), titles=sample.titles[valid])


def _numbers(values: pa.ChunkedArray) -> Numbers:
    return np.asarray(values.cast(pa.float64()).to_numpy(), np.float64)
