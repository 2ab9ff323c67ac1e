"""What changed between two contracts, each change with its level.

A field is known by its name. One that is gone and one that is new are taken for a rename where they agree in everything
but the name; a machine cannot tell that from a replacement, and both are major.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artvision.contracts.attributes import COLUMN, FIELD, RANGE, UNKNOWN, Rule, attributes
from artvision.contracts.change import Change, Level
from artvision.contracts.layout import moves
from artvision.contracts.renaming import renames

Described = Mapping[str, Any]
# Too long to be shown before and after.
TEXTS = ("meaning", "source", "evidence")


def compare(a: Described, b: Described) -> list[Change]:
    """Every change from contract A to contract B, the heaviest first, each level in the order of A."""
    old, new = by_name(a["fields"]), by_name(b["fields"])
    renamed = renames(old, new)
    shared = {name: renamed.get(name, name) for name in old if renamed.get(name, name) in new}
    changes = [*_gone(old, shared), *_come(new, shared, a), *_renamed(old, renamed)]
    # Renames differ in nothing else.
    for name in (before for before, after in shared.items() if before == after):
        changes += _differences(old[name], new[name], FIELD)
    changes += moves(a, b, shared)
    changes += _columns(by_name(a["columns"]), by_name(b["columns"]))
    return sorted(changes, key=lambda change: -change.level.rank)


def shared_fields(a: Described, b: Described) -> dict[str, str]:
    """Name in A -> name in B of the fields that both have and that may be compared: same unit, type and labels."""
    old, new = by_name(a["fields"]), by_name(b["fields"])
    renamed = renames(old, new)
    pairs = {name: renamed.get(name, name) for name in old if renamed.get(name, name) in new}
    same = ("unit", "dtype", "labels")
    return {
        before: after
        for before, after in pairs.items()
        if all(old[before].get(key) == new[after].get(key) for key in same)
    }


def by_name(described: Sequence[Described]) -> dict[str, Described]:
    """Name -> what the contract says of it, in order."""
    return {str(one["name"]): one for one in described}


def _gone(old: Mapping[str, Described], shared: Mapping[str, str]) -> Iterator[Change]:
    for name, one in old.items():
        if name not in shared:
            yield Change(Level.MAJOR, "removed", name, _brief(one), None, f"{_brief(one)} is gone", _group(one))


def _come(new: Mapping[str, Described], shared: Mapping[str, str], a: Described) -> Iterator[Change]:
    known = {*shared.values()}
    for name, one in new.items():
        if name not in known:
            where = "" if one.get("index") is None else f", slot {one['index']}"
            end = one.get("index") is not None and one["index"] < a["vector"]["width"]
            text = f"{_brief(one)} is new{where}{': inside the vector, not at its end' if end else ''}"
            yield Change(Level.MINOR, "added", name, None, _brief(one), text, _group(one))


def _renamed(old: Mapping[str, Described], renamed: Mapping[str, str]) -> Iterator[Change]:
    for before, after in renamed.items():
        text = f"renamed to {after}: nothing but the name differs"
        yield Change(Level.MAJOR, "renamed", before, before, after, text, _group(old[before]))


def _columns(old: Mapping[str, Described], new: Mapping[str, Described]) -> Iterator[Change]:
    renamed = renames(old, new)
    for name, one in old.items():
        if name in new:
            yield from _differences(one, new[name], COLUMN)
        elif name not in renamed:
            text = f"the column {one['arrow']} is gone"
            yield Change(Level.MAJOR, "removed", name, one["arrow"], None, text)
    for name, one in new.items():
        if name not in old and name not in renamed.values():
            yield Change(Level.MINOR, "added", name, None, one["arrow"], f"the column {one['arrow']} is new")
    yield from _renamed(old, renamed)


def _differences(old: Described, new: Described, rules: Mapping[str, tuple[str, Rule]]) -> Iterator[Change]:
    before, after = attributes(old), attributes(new)
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if _plain(was) != _plain(now):
            kind, rule = rules.get(name, UNKNOWN)
            level = rule(was, now) if None not in (was, now) or name == "evidence" else Level.MINOR
            yield Change(level, kind, str(old["name"]), was, now, _said(name, was, now), _group(old))


def _said(name: str, before: Any, after: Any) -> str:
    if name in TEXTS:
        return f"{name} has other words" if name != "evidence" else "other evidence"
    if name == "labels":
        gone, come = [x for x in before if x not in after], [x for x in after if x not in before]
        said = [f"{verb} {', '.join(some)}" for verb, some in (("without", gone), ("with", come)) if some]
        return f"labels {' and '.join(said) or 'in another order'}"
    return f"{name} {_shown(name, before)} -> {_shown(name, after)}"


def _shown(name: str, value: Any) -> str:
    if name == RANGE and value is not None:
        return f"{value[0]:g}…{value[1]:g}"
    return "unstated" if value in (None, "") else f"{value:g}" if isinstance(value, float) else str(value)


def _brief(one: Described) -> str:
    return f"{one['dtype']} in {one['unit']}"


def _group(one: Described) -> str:
    return str(one.get("group", one["name"])).split(".", 1)[0]


def _plain(value: Any) -> str:
    """As JSON has it, so that a tuple in memory equals a list that was read."""
    return json.dumps(value, sort_keys=True)
