"""What lies below a prefix or matches a pattern, under names and in the order that a walked folder would give."""

from __future__ import annotations

import glob

from artvision.stores.names import name_of
from artvision.stores.objects import Listed, objects_below
from artvision.stores.schemes import scheme_of

# POSIX path below what was asked for, and the object.
Named = tuple[str, Listed]


def is_pattern(uri: str) -> bool:
    """Whether it holds signs of a glob; in a web address `?` is none."""
    return scheme_of(uri).lists and glob.has_magic(uri)


def is_address(uri: str) -> bool:
    """Whether it can only mean one object: a web address, but for those of folders."""
    return not scheme_of(uri).lists and not uri.endswith("/")


def listed(uri: str) -> tuple[list[Named], list[str]]:
    """(the objects that a prefix, a pattern or the key of one object means, places left out as hidden).

    Raises DecodeError and StoreError where the store does not tell.
    """
    exact = objects_below(uri)  # a key may hold brackets
    found = _matching(uri) if is_pattern(uri) and not exact else [(_below(item.uri, uri), item) for item in exact]
    shown: list[Named] = []
    hidden: dict[str, None] = {}
    for name, item in sorted(found, key=lambda pair: _as_walked(pair[0])):
        if place := _hidden(name):
            hidden[item.uri.removesuffix(name) + place] = None
        else:
            shown.append((name, item))
    return shown, list(hidden)


def _matching(pattern: str) -> list[Named]:
    """Objects that match, by their names; of prefixes that match, what lies below."""
    objects, prefixes = objects_below(pattern, pattern=True), []
    if "**" not in pattern:  # which matches the objects below by itself
        prefixes = [item for item in objects if item.stamp.bytes is None]
    inside = [(_below(item.uri, prefix.uri), item) for prefix in prefixes for item in objects_below(prefix.uri)]
    return [(name_of(item.uri), item) for item in objects if item.stamp.bytes is not None] + inside


def _below(uri: str, prefix: str) -> str:
    head = prefix.rstrip("/") + "/"
    return uri.removeprefix(head) if uri.startswith(head) else name_of(uri)


def _hidden(name: str) -> str:
    """The part of a path that ends with its first name after a dot, or an empty text."""
    parts = name.split("/")
    first = next((place for place, part in enumerate(parts) if part.startswith(".")), None)
    return "" if first is None else "/".join(parts[: first + 1])


def _as_walked(path: str) -> list[tuple[bool, str]]:
    """By name, files before the folders beside them."""
    *folders, name = path.split("/")
    return [*((True, folder) for folder in folders), (False, name)]
