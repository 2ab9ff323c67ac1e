"""One title at a look: how different its pictures are, what they cover and lack, which to show first, what repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from artvision.suite.axis import Axis, LeftOut, Row
from artvision.suite.columns import PLATE, embeddings
from artvision.suite.coverage import Coverage
from artvision.suite.dimensions import DIMENSIONS, GROUPS, read_axes
from artvision.suite.diversity import diversity
from artvision.suite.gap import Gap, find_gap
from artvision.suite.people import NO_FACE
from artvision.suite.selection import Pick, Repeat, greedy_order, repeats
from artvision.suite.similarity import MAX_PAIRED, similarities


@dataclass(frozen=True)
class Suite:
    """A title's pictures, by asset id; `picks` and `repeated` count in `assets`.

    `diversity` in [0, 1] takes one picture a plate, the first; None where no picture has an embedding, or so many have
    that they are not compared.
    """

    title_id: str
    title: str | None
    assets: tuple[str, ...]
    plates: tuple[str | None, ...]
    diversity: float | None
    picks: tuple[Pick, ...]
    repeated: tuple[Repeat, ...]
    coverage: Coverage
    left_out: tuple[LeftOut, ...]

    @cached_property
    def gap(self) -> Gap | None:
        """What to commission next."""
        return find_gap(self.coverage)

    @property
    def worth(self) -> float | None:
        """The number of pictures with nothing in common that are as different: 1 / (1 - diversity)."""
        return None if self.diversity is None else 1 / max(1 - self.diversity, 1e-9)

    def reason(self, step: int) -> str:
        """In a word or two why a picture stands at this step (from 0) of the order."""
        index = self.picks[step].index
        for repeat in self.repeated:
            if repeat.index == index:
                return f"repeats {self.assets[repeat.of]}"
        if not step:
            return "most like all the others" if len(self.picks) > 1 else "the only picture"
        before = [pick.index for pick in self.picks[:step]]
        new = [label for axis in self.coverage.axes if (label := _first(axis, index, before)) not in {None, NO_FACE}]
        return f"first: {', '.join(map(str, new))}" if new else "differs from those above"


def needed(columns: Sequence[str]) -> list[str]:
    """Those of a run's or an index's columns from which a suite is read."""
    wanted = {"asset_id", "title_id", "title", "embedding", PLATE.name}
    wanted |= {column for dimension in DIMENSIONS.values() for column in dimension.columns}
    return [name for name in columns if name in wanted or name.startswith(GROUPS)]


def each_suite(table: pa.Table) -> Iterator[Suite]:
    """The titles of a table of rows, by title id; rows without a title belong to none."""
    table = table.filter(table["title_id"].is_valid()).sort_by([("title_id", "ascending"), ("asset_id", "ascending")])
    titles = table["title_id"].to_pylist()
    for title_id, group in groupby(range(len(titles)), key=titles.__getitem__):
        places = list(group)
        yield overview(title_id, table.slice(places[0], len(places)))


def overview(title_id: str, table: pa.Table) -> Suite:
    """The suite of one title's rows, with the columns that `needed` names."""
    table = table.sort_by("asset_id")
    rows: list[Row] = table.drop_columns(["embedding"] if "embedding" in table.column_names else []).to_pylist()
    axes, left_out = read_axes(rows)
    plates = tuple(row.get(PLATE.name) for row in rows)
    return Suite(
        title_id=title_id,
        title=next((row["title"] for row in rows if row.get("title")), None),
        assets=tuple(row["asset_id"] for row in rows),
        plates=plates,
        **_compared(table, plates),
        coverage=Coverage(axes),
        left_out=left_out,
    )


def _compared(table: pa.Table, plates: Sequence[str | None]) -> dict[str, Any]:
    vectors, known = embeddings(table)
    places = np.flatnonzero(known)
    if not 0 < len(places) <= MAX_PAIRED:
        return {"diversity": None, "picks": (), "repeated": ()}
    of = [plates[place] for place in places.tolist()]
    alike = similarities(vectors[known], of)
    picks = greedy_order(alike)
    found = repeats(alike, [pick.index for pick in picks], of)
    alone = [at for at, plate in enumerate(of) if plate is None or plate not in of[:at]]
    return {
        "diversity": diversity(vectors[known][alone]),
        "picks": tuple(Pick(int(places[pick.index]), pick.gain, pick.reached) for pick in picks),
        "repeated": tuple(
            Repeat(int(places[one.index]), int(places[one.of]), one.similarity, one.same_plate) for one in found
        ),
    }


def _first(axis: Axis, index: int, before: Sequence[int]) -> str | None:
    """The picture's label where none of those before has it."""
    label = axis.values[index]
    return label if label in axis.labels and label not in {axis.values[other] for other in before} else None
