"""The drift policy: a TOML file with limits, for all fields and for those whose names match a pattern."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from artvision.contracts.change import Level
from artvision.errors import UsageError
from artvision.settings import suggest
from artvision.toml_file import read_toml


def limit(default: Any, text: str, source: str) -> Any:
    """A field of a policy with what it means and where its default comes from."""
    return dataclasses.field(default=default, metadata={"text": text, "source": source})


@dataclass(frozen=True)
class Limits:
    """What a field may do between two runs before it counts as drift."""

    psi: float = limit(
        0.25, "population stability index", "credit scoring's «significant shift»; 0.1 is «some» (Siddiqi 2006)"
    )
    ks: float = limit(0.2, "Kolmogorov-Smirnov distance", "what PSI 0.25 is for a normal shifted by half a deviation")
    missing: float = limit(0.05, "difference of the shares of rows without a value", "ours")
    min_rows: int = limit(50, "rows on either side below which nothing is judged", "five bins of ten rows")
    ignore: bool = limit(False, "leave these fields out", "ours")


@dataclass(frozen=True)
class Policy:
    """Limits for all fields, those for patterns in the file's order (a later one wins), and what may change."""

    limits: Limits = field(default_factory=Limits)
    patterns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alpha: float = limit(0.01, "chance of a false alarm in the whole comparison", "one night job in a hundred at most")
    allow: str = limit("major", "largest change of the contract that passes, declared or not", "ours")
    declared: str = limit("none", "a change up to this level needs no step of the version", "ours")

    def of(self, name: str) -> Limits:
        """The limits of one field."""
        found = self.limits
        for pattern, own in self.patterns.items():
            if fnmatchcase(name, pattern):
                found = replace(found, **own)
        return found


LIMITS = {one.name: one for one in dataclasses.fields(Limits)}
RULES = {one.name: one for one in dataclasses.fields(Policy) if one.metadata}
FIELDS = "fields"


def read_policy(path: Path) -> Policy:
    """The policy in a TOML file. Raises UsageError naming the file for what it cannot mean."""
    loaded = read_toml(path, "--policy").tables
    patterns = loaded.pop(FIELDS, {})
    if not (isinstance(patterns, dict) and all(isinstance(own, dict) for own in patterns.values())):
        raise UsageError(f'{path}: limits of some fields stand in a table of their own, as [fields."light.*"]')
    own = {name: loaded.pop(name) for name in list(loaded) if name in RULES}
    limits = Limits(**_checked(path, loaded, [*LIMITS, *RULES, FIELDS]))
    for pattern, some in patterns.items():
        _checked(path, some, [*LIMITS], f"[fields.{pattern!r}] ")
    return Policy(limits, patterns, **_rules(path, own))


def unmatched(policy: Policy, names: list[str]) -> list[str]:
    """Patterns that match no field: written wrongly, or of fields that are gone."""
    return [pattern for pattern in policy.patterns if not any(fnmatchcase(name, pattern) for name in names)]


def _checked(path: Path, given: Mapping[str, Any], known: list[str], where: str = "") -> Mapping[str, Any]:
    for name, value in given.items():
        if name not in LIMITS:
            raise UsageError(f"{path}: {where}there is no {name!r}{suggest(name, known)}")
        default = LIMITS[name].default
        if isinstance(default, bool):
            right = isinstance(value, bool)
        else:
            right = isinstance(value, int if isinstance(default, int) else int | float) and not isinstance(value, bool)
            right = right and value >= 0
        if not right:
            kind = "true or false" if isinstance(default, bool) else "a number from 0"
            raise UsageError(f"{path}: {where}{name} = {value!r} must be {kind}")
    return given


def _rules(path: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "alpha":
            if isinstance(value, bool) or not (isinstance(value, int | float) and 0 < value < 1):
                raise UsageError(f"{path}: alpha = {value!r} must be a chance between 0 and 1")
            found[name] = float(value)
        elif value not in list(Level):
            raise UsageError(f"{path}: {name} = {value!r} is none of {', '.join(Level)}")
        else:
            found[name] = value
    return found
