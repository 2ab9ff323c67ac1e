"""Catalogue columns that artvision does not know are carried through to the table, under their own names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from artvision.sources import Asset

# Any other value becomes text.
KEPT = (pa.bool_(), pa.int64(), pa.float64(), pa.string(), pa.list_(pa.string()))


def renamed(assets: Sequence[Asset], taken: Collection[str]) -> tuple[list[Asset], dict[str, str]]:
    """The assets with extra columns that would shadow one of ours as `catalog.<name>`, and what was renamed."""
    names = {name for asset in assets for name in asset.extra}
    changed = {name: _free(f"catalog.{name}", names) for name in sorted(names & set(taken))}
    if not changed:
        return list(assets), {}
    return [replace(asset, extra=_with_names(asset.extra, changed)) for asset in assets], changed


def extra_types(assets: Sequence[Asset]) -> dict[str, pa.DataType]:
    """Arrow type of each extra column; text where the values agree on nothing else that is kept."""
    names = dict.fromkeys(name for asset in assets for name in asset.extra)
    return {name: _common_type([asset.extra.get(name) for asset in assets]) for name in names}


def as_types(assets: Sequence[Asset], types: Mapping[str, pa.DataType]) -> list[Asset]:
    """The assets with extra values as text where their column is text."""
    words = {name for name, kind in types.items() if pa.types.is_string(kind)}
    return [replace(asset, extra=_with_text(asset.extra, words)) if asset.extra else asset for asset in assets]


def as_type(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A column of an earlier run under the type that all its rows share now."""
    if column.type == kind or not pa.types.is_string(kind):
        return column.cast(kind)
    return pa.chunked_array([pa.array([text_of(value) for value in column.to_pylist()], kind)])


def text_of(value: Any) -> str | None:
    """A catalogue value as text: JSON for what is neither text nor a date."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _free(name: str, names: Iterable[str]) -> str:
    """The name itself, or the first of its numbered forms that the catalogue does not use."""
    taken = set(names)
    return next(free for number in range(len(taken) + 1) if (free := name + f".{number}" * bool(number)) not in taken)


def _with_names(extra: Mapping[str, Any], changed: Mapping[str, str]) -> dict[str, Any]:
    return {changed.get(name, name): value for name, value in extra.items()}


def _with_text(extra: Mapping[str, Any], words: Collection[str]) -> dict[str, Any]:
    return {name: text_of(value) if name in words else value for name, value in extra.items()}


def _common_type(values: list[Any]) -> pa.DataType:
    try:
        kind = pa.array(values).type
    except (pa.ArrowException, OverflowError):
        return pa.string()
    return kind if kind in KEPT else pa.string()
