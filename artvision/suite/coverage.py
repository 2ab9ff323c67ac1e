"""What a suite shows of what it could show, and what one more picture would add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray

from artvision.suite.axis import Axis
from artvision.suite.dimensions import can_meet

Cells = NDArray[np.bool_]
# (name of the axis, its labels), axis by axis.
Labels = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Part:
    """Some of the axes: which combinations of their labels are possible, which shown; the other axes have length 1."""

    axes: tuple[int, ...]
    possible: Cells
    shown: Cells

    @property
    def share(self) -> float:
        """Possible combinations that are shown, in [0, 1]."""
        return float(self.shown.sum() / self.possible.sum())


@dataclass(frozen=True)
class Coverage:
    """Combinatorial coverage of a suite over its axes.

    Every set of t axes has a share, combinations of their labels shown over possible; coverage is the mean share over
    the sets of t axes, averaged over t = 1 … all. It counts combinations, so a duplicate changes nothing; a picture
    never lowers it; it is 1 only where every possible cell has a picture. Source: Kuhn, Mendoza, Kacker, Lei,
    «Combinatorial coverage measurement», ICSTW 2013; the average over t is ours.
    """

    axes: tuple[Axis, ...]

    @property
    def value(self) -> float:
        """In [0, 1]; 0 where there is no axis."""
        return sum(self._weight(part) * part.share for part in self.parts)

    @property
    def cells(self) -> tuple[int, int]:
        """(shown, possible) cells of all axes together; (0, 0) where there is no axis."""
        return (int(self.parts[-1].shown.sum()), int(self.parts[-1].possible.sum())) if self.parts else (0, 0)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every set of axes, single ones first, all of them last."""
        possible = possible_cells(tuple((axis.name, axis.labels) for axis in self.axes))
        every = range(len(self.axes))
        return tuple(
            self._part(axes, possible) for size in range(1, len(self.axes) + 1) for axes in combinations(every, size)
        )

    def gains(self) -> NDArray[np.float64]:
        """What a picture in each cell would add to the coverage, one axis an array axis; 0 in impossible cells."""
        gain = np.zeros([len(axis.labels) for axis in self.axes])
        for part in self.parts:
            gain += self._weight(part) / part.possible.sum() * (part.possible & ~part.shown)
        return np.where(self.parts[-1].possible, gain, 0.0)

    def cell(self, place: Sequence[int]) -> dict[str, str]:
        """Axis -> label of a cell."""
        return {axis.name: axis.labels[at] for axis, at in zip(self.axes, place, strict=True)}

    def unseen(self, place: Sequence[int]) -> list[dict[str, str]]:
        """The smallest combinations of a cell's labels that no picture shows; none where the cell has a picture."""
        size = len(self.axes) + 1
        found: list[dict[str, str]] = []
        for part in self.parts:
            if len(part.axes) > size:
                break
            here = tuple(at if axis in part.axes else 0 for axis, at in enumerate(place))
            if not part.shown[here]:
                size = len(part.axes)
                found.append({self.axes[axis].name: self.axes[axis].labels[place[axis]] for axis in part.axes})
        return found

    def _part(self, axes: tuple[int, ...], possible: Cells) -> Part:
        others = tuple(axis for axis in range(len(self.axes)) if axis not in axes)
        allowed: Cells = np.any(possible, axis=others, keepdims=True)
        shown = np.zeros_like(allowed)
        told = self._places[(self._places[:, axes] >= 0).all(axis=1)]
        told[:, others] = 0
        shown[tuple(told.T)] = True
        return Part(axes, allowed, shown & allowed)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """(assets, axes): which label of each axis a picture shows; -1 for none of them."""
        places = [
            [axis.labels.index(value) if value in axis.labels else -1 for value in axis.values] for axis in self.axes
        ]
        return np.array(places, np.int64).T

    def _weight(self, part: Part) -> float:
        total, size = len(self.axes), len(part.axes)
        return 1.0 / (total * comb(total, size))


@lru_cache(maxsize=512)
def possible_cells(labels: Labels) -> Cells:
    """True where one picture can show the labels together; one array axis an axis."""
    names = [name for name, _ in labels]
    cells = product(*(choices for _, choices in labels))
    flags = [can_meet(dict(zip(names, cell, strict=True))) for cell in cells]
    return np.array(flags).reshape([len(choices) for _, choices in labels])
