"""Two runs, indexes or contracts compared: what was declared, what changed, what drifted, what of it is a violation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from artvision.contract import Kind
from artvision.contracts.change import Level
from artvision.contracts.declaring import SHA256, Declaration
from artvision.contracts.diff import by_name, compare, shared_fields
from artvision.contracts.drift import Drift, Standing, judged, measure
from artvision.contracts.policy import Policy, unmatched
from artvision.contracts.reading import Side, open_side
from artvision.fingerprint import differences
from artvision.index.store import Index
from artvision.suite.columns import PLATE
from artvision.wording import listed


@dataclass(frozen=True)
class Comparison:
    """`drifts` is None where a side has no rows; `same_pictures`: both show the very same files."""

    a: Side
    b: Side
    declaration: Declaration
    fingerprint: Sequence[str]
    drifts: Sequence[Drift] | None
    same_pictures: bool
    notices: Sequence[str]

    @property
    def tripped(self) -> list[Drift]:
        """Fields beyond a limit and beyond chance."""
        return [drift for drift in self.drifts or () if drift.standing is Standing.TRIPPED]

    @property
    def violations(self) -> list[str]:
        """What makes the comparison fail, a line each."""
        found = self.declaration.violations
        if names := [drift.field for drift in self.tripped]:
            found.append(f"{len(names)} fields drifted beyond their limits: {listed(names)}")
        return found

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        told = self.declaration
        return {
            "a": _side(self.a),
            "b": _side(self.b),
            "contract": {
                "declared": told.declared,
                "needed": told.needed,
                "seen": told.seen,
                "backwards": told.backwards,
                "changes": [asdict(change) for change in told.changes],
            },
            "fingerprint": list(self.fingerprint),
            "same_pictures": self.same_pictures,
            "drift": None if self.drifts is None else [asdict(drift) for drift in self.drifts],
            "notices": list(self.notices),
            "violations": self.violations,
        }


def compare_places(a: str | Path, b: str | Path, policy: Policy) -> Comparison:
    """Compare what lies in two places. Raises RunError or UsageError where one of them cannot be read."""
    one, other, left_out = _alike(open_side(a), open_side(b))
    changes = compare(one.contract, other.contract)
    declaration = Declaration(one.contract, other.contract, changes, Level(policy.declared), Level(policy.allow))
    same, drifts = False, None
    if one.rows is not None and other.rows is not None:
        same = bool(one.contents) and one.contents == other.contents
        drifts = judged(measured(one, other, policy), policy.alpha, same_pictures=same)
    before, after = one.fingerprint, other.fingerprint
    changed = differences(before, after) if before is not None and after is not None else []
    return Comparison(one, other, declaration, changed, drifts, same, left_out + _notices(one, other, policy))


def measured(a: Side, b: Side, policy: Policy) -> list[Drift]:
    """The drift of every field that both contracts and both tables have, in the order of A; not judged yet."""
    shared, fields = shared_fields(a.contract, b.contract), by_name(a.contract["fields"])
    shared = {name: after for name, after in shared.items() if _has(a, name) and _has(b, after)}
    pairs = zip(a.samples([*shared]), b.samples([*shared.values()]), strict=True)
    return [measure(name, fields[name], old, new, policy.of(name)) for (name, old), (_, new) in pairs]


def _alike(a: Side, b: Side) -> tuple[Side, Side, list[str]]:
    """Both sides; where one alone is an index, that one without the columns that only an index has, and a notice."""
    if isinstance(a.rows, Index) == isinstance(b.rows, Index):
        return a, b, []
    sides = [
        replace(side, contract=_of_run(side.contract)) if isinstance(side.rows, Index) else side for side in (a, b)
    ]
    return sides[0], sides[1], ["only one side is an index: what it says of suites and plates is left out"]


def _of_run(contract: dict[str, Any]) -> dict[str, Any]:
    fields = [field for field in contract["fields"] if field.get("kind") != Kind.SUITE]
    columns = [column for column in contract["columns"] if column["name"] != PLATE.name]
    return {**contract, "fields": fields, "columns": columns}


def _has(side: Side, name: str) -> bool:
    return side.rows is not None and name in side.rows.columns


def _notices(a: Side, b: Side, policy: Policy) -> list[str]:
    found = [f"{side.place} is a contract without rows: drift is not measured" for side in (a, b) if side.rows is None]
    names = [field["name"] for side in (a, b) for field in side.contract["fields"]]
    return found + [f"the policy's fields {pattern!r} match no field" for pattern in unmatched(policy, names)]


def _side(side: Side) -> dict[str, Any]:
    told = {"contract_version": side.contract["contract_version"], SHA256: side.contract.get(SHA256)}
    return {"place": str(side.place), **told, "rows": None if side.rows is None else len(side.titles)}
