"""From values as they are to values as a model wants them: fill, scale, and what the mask becomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from artvision.contract import Kind
from artvision.errors import UsageError
from artvision.export.choice import EMBEDDING, Slot
from artvision.export.matrix import Matrix
from artvision.export.recipe import Fill, MaskPolicy, Recipe, Scale
from artvision.export.statistics import Moments, Statistics
from artvision.suite.standing import MAX_Z
from artvision.wording import listed


def apply(matrix: Matrix, recipe: Recipe, statistics: Statistics | None) -> Matrix:
    """The matrix as the recipe wants it. Raises UsageError where it needs statistics, or a slot that they lack."""
    needs = recipe.scale is not Scale.NONE or recipe.filled is Fill.MEAN
    moments = _moments(matrix, recipe, statistics) if needs else []
    values = matrix.values.astype(np.float64)
    if recipe.filled is Fill.MEAN:
        values = np.where(matrix.mask, values, [one.mean for one in moments])
    if recipe.scale is not Scale.NONE:
        values = _z_scored(values, matrix.slots, moments, recipe.scale)
    if recipe.filled is Fill.ZERO:
        values = np.where(matrix.mask, values, 0.0)
    if recipe.scale is Scale.UNIT:
        for block, (start, width) in matrix.blocks.items():
            if block != EMBEDDING:
                values[:, start : start + width] = _unit(values[:, start : start + width])
    scaled = replace(matrix, values=values.astype(np.float32))
    return _with_mask(scaled) if recipe.mask is MaskPolicy.APPEND else scaled


def _moments(matrix: Matrix, recipe: Recipe, statistics: Statistics | None) -> list[Moments]:
    if statistics is None:
        what = f"--scale {recipe.scale}" if recipe.scale is not Scale.NONE else "--fill mean"
        raise UsageError(
            f"{what} needs --statistics FILE: `artvision normalize fit RUN -o FILE --corpus NAME` makes one"
        )
    if lacking := [slot.name for slot in matrix.slots if slot.name not in statistics.slots]:
        raise UsageError(
            f"the statistics of {statistics.corpus!r} lack {listed(lacking, 1)}; fit them anew on such rows"
        )
    found = [statistics.slots[slot.name] for slot in matrix.slots]
    unfit = [place for place, one in enumerate(found) if not one.count and matrix.mask[:, place].any()]
    if unfit:
        name = matrix.slots[unfit[0]].name
        raise UsageError(
            f"no picture of {statistics.corpus!r} had a value of {name}; fit the statistics anew on such rows"
        )
    return found


def _z_scored(
    values: NDArray[np.float64], slots: tuple[Slot, ...], moments: list[Moments], scale: Scale
) -> NDArray[np.float64]:
    kept = [bool(slot.label) or (scale is Scale.UNIT and slot.block == EMBEDDING) for slot in slots]
    mean = np.where(kept, 0.0, [one.mean for one in moments])
    std = np.where(kept, 1.0, [one.std for one in moments])
    scores = np.divide(values - mean, std, out=np.zeros_like(values), where=std > 0)
    return np.where(kept, values, np.clip(scores, -MAX_Z, MAX_Z))


def _unit(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of length 1; a row of zeros stays one."""
    length = np.linalg.norm(block, axis=1, keepdims=True)
    rows: NDArray[np.float64] = np.divide(block, length, out=np.zeros_like(block), where=length > 0)
    return rows


def _with_mask(matrix: Matrix) -> Matrix:
    """One slot more a column: 1 where it is known."""
    first: dict[str, int] = {}
    for place, slot in enumerate(matrix.slots):
        first.setdefault(slot.column, place)
    added = tuple(
        Slot(f"known.{name}", "known", name, "flag", 0, 1, Kind.MEASURED.value, matrix.slots[place].privacy)
        for name, place in first.items()
    )
    known = matrix.mask[:, list(first.values())]
    values = np.concatenate([matrix.values, known.astype(np.float32)], axis=1)
    mask = np.concatenate([matrix.mask, np.ones_like(known)], axis=1)
    return Matrix(values, mask, matrix.slots + added, matrix.keys)
