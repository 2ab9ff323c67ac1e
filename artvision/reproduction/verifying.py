"""A run verified: a seeded sample of its pictures is computed again here and compared with the stored rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from artvision.catalog import Asset
from artvision.errors import RunError
from artvision.film.still import Still
from artvision.record import Layout
from artvision.reporting import Reporter
from artvision.reproduction import sampling
from artvision.reproduction.comparing import Checked, Columns, columns_left_out
from artvision.reproduction.machine import ACTORS, Machine, machine_for
from artvision.run import Run
from artvision.wording import listed

CELLS = ("title_id", "title", "artwork_type", "market", "language")
AGAIN = "verify"  # run id of rows that are never written


@dataclass(frozen=True)
class Verified:
    """`changed` and `gone` are pictures that cannot be compared; `broken` maps those that cannot be computed any more.

    `without` has pictures whose actors were not compared, since those who may be named on them are others today.
    """

    machine: Machine
    drawn: int
    of: int
    compared: Sequence[str]
    changed: Sequence[str]
    gone: Sequence[str]
    broken: Mapping[str, str]
    without: Sequence[str]
    columns: Sequence[Checked]

    @property
    def differing(self) -> list[Checked]:
        """Columns with a difference, the violated ones first."""
        found = [one for one in self.columns if one.differing]
        return sorted(found, key=lambda one: not one.violating)

    @property
    def same(self) -> int:
        """Compared pictures without a violation."""
        wrong = {asset_id for one in self.columns for asset_id in one.violating}
        return len(set(self.compared) - wrong)

    @property
    def violations(self) -> list[str]:
        """What makes the check fail, a line each."""
        found = []
        if wrong := len(self.compared) - self.same:
            names = [one.name for one in self.columns if one.violating]
            found.append(f"{wrong} of {len(self.compared)} pictures have other numbers than stored ({listed(names)})")
        if self.broken:
            found.append(f"{len(self.broken)} pictures cannot be computed any more ({listed([*self.broken])})")
        if self.drawn and not (self.compared or self.broken):
            found.append("nothing could be verified: every picture that was drawn is changed or gone")
        elif all(stage.name in self.machine.skipped for stage in self.machine.engine.chosen):
            found.append("nothing could be verified: every stage was made otherwise than it would be here")
        return found

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        lists = ("compared", "changed", "gone", "without")
        return {
            "of": self.of,
            "drawn": self.drawn,
            "same": self.same,
            **{name: list(getattr(self, name)) for name in lists},
            "broken": dict(self.broken),
            "exact": self.machine.exact,
            "fingerprint": list(self.machine.differences),
            "stages_not_verified": dict(self.machine.skipped),
            "columns": [asdict(one) | {"worst": None if isnan(one.worst) else one.worst} for one in self.columns],
            "violations": self.violations,
        }


def verify(run: Run, *, sample: int = 32, seed: int = 0, reporter: Reporter) -> Verified:
    """Compute `sample` pictures of a run again (0: all) and compare. Raises what a run with its settings would."""
    machine = machine_for(run)
    if not (ids := sampling.all_ids(run)):
        raise RunError(f"{run.folder} has no rows: there is nothing to verify; its ledger says what failed")
    rows = sampling.rows_of(run, sampling.draw(ids, sample, seed))
    found: dict[str, list[dict[str, Any]]] = {"same": [], "changed": [], "gone": []}
    for row in rows:
        found[sampling.standing(row)].append(row)
    again, broken = _recomputed(machine, found["same"], reporter)
    without = _with_other_actors(run, machine, found["same"])
    columns = _compared(run, machine, found["same"], again, without)
    names = {kind: [str(row["asset_id"]) for row in some] for kind, some in found.items()}
    compared = [name for name in names["same"] if name in again]
    return Verified(machine, len(rows), len(ids), compared, names["changed"], names["gone"], broken, without, columns)


def _recomputed(
    machine: Machine, rows: Sequence[Mapping[str, Any]], reporter: Reporter
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """(asset id -> row, asset id -> why there is none)."""
    engine = machine.engine
    layout = Layout(engine.contract, engine.stages, {})
    again: dict[str, dict[str, Any]] = {}
    broken: dict[str, str] = {}
    reporter.begin(len(rows), 0, engine.where)
    try:
        for done in engine.compute([(_asset(row), None) for row in rows], AGAIN):
            again |= {row["asset_id"]: row for row in layout.table(done.records).to_pylist()}
            for entry in done.entries:
                reporter.advance(entry)
                if not entry.has_row:
                    broken[entry.asset_id] = str(entry.message)
    finally:
        reporter.end()
    return again, broken


def _compared(
    run: Run,
    machine: Machine,
    rows: Sequence[Mapping[str, Any]],
    again: Mapping[str, Mapping[str, Any]],
    without: Sequence[str],
) -> list[Checked]:
    """Every column over all rows; those in `without` lose the columns of the stage `actors` first."""
    engine, contract = machine.engine, run.contract
    checked: dict[str, Checked] = {}
    for some, skipped in (({*again} - {*without}, {*machine.skipped}), ({*without}, {*machine.skipped, ACTORS})):
        left_out = columns_left_out(engine.stages, skipped)
        columns = Columns(contract, engine.contract, left_out, checked, exact=machine.exact)
        for row in rows:
            if (name := str(row["asset_id"])) in some and name in again:
                columns.compare(row, again[name])
    return list(checked.values())


def _with_other_actors(run: Run, machine: Machine, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ids of pictures on which others may be named today than when the row was made."""
    if ACTORS in machine.skipped or all(stage.name != ACTORS for stage in machine.engine.chosen):
        return []
    ledger = run.ledger().select(["asset_id", "depends_sha256"]).to_pylist()
    made = {entry["asset_id"]: entry["depends_sha256"] for entry in ledger}
    return [str(row["asset_id"]) for row in rows if made.get(row["asset_id"]) != machine.engine.depends(_asset(row))]


def _asset(row: Mapping[str, Any]) -> Asset:
    """The input that the row was made of."""
    cells: dict[str, Any] = {name: row.get(name) for name in CELLS}
    still = Still.of(row.get("still"))
    return Asset(str(row["asset_id"]), str(row["path"]), **cells, cast=tuple(row.get("cast") or ()), still=still)
