"""Which of the fields that are gone came back under another name."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from artvision.contracts.attributes import attributes

Described = Mapping[str, Any]
Named = Mapping[str, Described]


def renames(old: Named, new: Named) -> dict[str, str]:
    """Name in `old` -> name in `new`, one to one.

    Taken for one and the same: the only two that agree in everything, meaning too; and, where as many fields of a
    group went as came, those that follow each other in the same order and differ in the name alone, also inside the
    meaning (a tag's meaning quotes its label).
    """
    gone = {name: one for name, one in old.items() if name not in new}
    come = {name: one for name, one in new.items() if name not in old}
    found = dict(_unique(gone, come))
    left = {name: one for name, one in gone.items() if name not in found}
    free = {name: one for name, one in come.items() if name not in found.values()}
    return found | dict(_in_place(left, free))


def _unique(gone: Named, come: Named) -> Iterator[tuple[str, str]]:
    signatures: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, fields in enumerate((gone, come)):
        for name, one in fields.items():
            signatures[_signature(one)][side].append(name)
    for before, after in signatures.values():
        if len(before) == len(after) == 1:
            yield before[0], after[0]


def _in_place(gone: Named, come: Named) -> Iterator[tuple[str, str]]:
    groups = dict.fromkeys(one.get("group") for one in gone.values())
    for group in groups:
        before = [name for name, one in gone.items() if one.get("group") == group]
        after = [name for name, one in come.items() if one.get("group") == group]
        if len(before) == len(after):
            pairs = zip(before, after, strict=True)
            yield from ((a, b) for a, b in pairs if _nameless(gone[a]) == _nameless(come[b]))


def _signature(one: Described) -> str:
    """Everything but name, place and evidence, which is bound to a tag's words."""
    return json.dumps({**attributes(one), "evidence": None}, sort_keys=True)


def _nameless(one: Described) -> str:
    label = str(one["name"]).rsplit(".", 1)[-1]
    quoted = f"«{label.replace('_', ' ')}»"
    return _signature({**one, "meaning": str(one["meaning"]).replace(quoted, "«»")})
