"""Which entry stands for an input that several runs have: the same picture once, a contradiction never."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from artvision.errors import RunError
from artvision.ledger import SCHEMA, Outcome
from artvision.run import Run
from artvision.writing.commit import conform

MUST_AGREE = {
    "content_sha256": "with another picture",
    "catalogue_sha256": "with other catalogue cells",
    "depends_sha256": "with other actors to recognise, or from another look through its film",
}

Line = Mapping[str, Any]  # a row of a ledger, with the number of its run


def joined(runs: Sequence[Run]) -> tuple[pa.Table, list[set[str]]]:
    """(all entries, each id once; for each run the ids whose rows another run has).

    Ledgers stay Arrow tables: only entries that stand in several runs become objects. Raises RunError where two runs
    have different rows for one id.
    """
    tables = [conform(run.ledger(), SCHEMA) for run in runs]
    whole = pa.concat_tables(tables)
    at = pa.array((number for number, table in enumerate(tables) for _ in range(table.num_rows)), pa.int32())
    times = whole.group_by("asset_id").aggregate([([], "count_all")])
    several = times.filter(pc.greater(times["count_all"], 1))["asset_id"]
    dropped: list[set[str]] = [set() for _ in runs]
    if not len(several):
        return whole, dropped
    doubled = pc.is_in(whole["asset_id"], several)
    lines = whole.append_column("run", at).append_column("line", pa.array(range(whole.num_rows))).filter(doubled)
    gone: set[int] = set()
    for line in _superseded(lines.to_pylist(), runs):
        dropped[line["run"]].add(line["asset_id"])
        gone.add(line["line"])
    keep = pa.array((number not in gone for number in range(whole.num_rows)), pa.bool_())
    return whole.filter(keep), dropped


def _superseded(lines: Iterable[Line], runs: Sequence[Run]) -> Iterable[Line]:
    """The lines for which another one stands."""
    ordered = sorted(lines, key=lambda line: (line["asset_id"], *_rank(line)))
    for _, group in groupby(ordered, key=lambda line: line["asset_id"]):
        stands, *others = group
        for line in others:
            if line["has_row"]:
                _refuse_contradiction(stands, line, runs)
            yield line


def _rank(line: Line) -> tuple[int, int]:
    """What succeeded before what failed with a row, what failed, and what was skipped; then the order of the runs."""
    outcome = Outcome(line["status"])
    failed = 1 if line["has_row"] else 2
    return {Outcome.OK: 0, Outcome.FAILED: failed, Outcome.SKIPPED: 3}[outcome], line["run"]


def _refuse_contradiction(one: Line, other: Line, runs: Sequence[Run]) -> None:
    for name, how in MUST_AGREE.items():
        if one[name] != other[name]:
            folders = f"{runs[one['run']].folder} and {runs[other['run']].folder}"
            raise RunError(
                f"{one['asset_id']!r} stands in {folders}, {how} in each; state an asset_id for both in a catalogue, "
                "or extract one of the runs again"
            )
